"""A citizen and a lawyer, each in a browser: from the conversation to the ticket, live, and to the rated reply."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_page import SIZES, browser, choose, say, shoot
from tests.services import ROOT, Product

__all__ = ["browser"]
PASSWORD = "梧桐叶落满了整条长街我慢慢走"


def an_account(product: Product, login: str, name: str, role: str, *more: str) -> str:
    """Made as an administrator makes the first one; its one-time password."""
    program = [sys.executable, "-W", "ignore", "-m", "referrals.staff", "add", login, name, role, *more]
    made = subprocess.run(program, cwd=ROOT, env=product.environment, check=True, timeout=60, capture_output=True)
    return made.stdout.decode().split("一次性密码：")[1].split("（")[0]


@pytest.fixture(params=list(SIZES))
def two(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[tuple[Page, Page]]:
    """The citizen's page and the lawyer's."""
    width, height = SIZES[request.param]
    contexts = [browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN") for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    errors: list[str] = []
    for page, who in zip(pages, ("citizen", "lawyer"), strict=True):
        page.name = f"{request.param}-desk-{who}"  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield pages[0], pages[1]
    for context in contexts:
        context.close()
    assert errors == []


def register(page: Page) -> tuple[str, str]:
    say(page, "转人工")
    choose(page, "同意")
    for said in ("老板拖欠我三个月工资不给", "泰山区", "王女士", "13000000000", "律师咨询"):
        say(page, said)
    choose(page, "提交")
    text = page.locator(".turn.handoff").last.inner_text()
    found = re.search(r"编号：(\S+)\s+查询码：(\d{6})", text)
    assert found, text
    return found[1], found[2]


def sign_in(page: Page, product: Product, login: str, one_time: str) -> None:
    page.goto(f"{product.url}/desk")
    for password in (one_time, PASSWORD):
        page.get_by_label("账号").fill(login)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        if password == one_time:
            page.get_by_label("原来的密码").fill(one_time)
            page.get_by_label("新密码").fill(PASSWORD)
            page.get_by_label("再输一次").fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="改密码").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def test_a_lawyer_joins_answers_and_is_rated(two: tuple[Page, Page], product: Product) -> None:
    citizen, lawyer = two
    login = f"chen-{citizen.name.split('-')[0]}"  # type: ignore[attr-defined]
    one_time = an_account(product, login, "陈律师", "worker", "--service", "lawyer", "--title", "律师")
    citizen.goto(product.url)
    code, pin = register(citizen)

    sign_in(lawyer, product, login, one_time)
    lawyer.goto(f"{product.url}/desk/tickets/{code}")
    take = lawyer.locator(".steps").get_by_role("button", name=re.compile("认领|签收"))  # the rounds may be quicker
    take.click()
    expect(lawyer.get_by_text("13000000000", exact=True)).to_be_visible()
    lawyer.get_by_role("button", name="加入对话").click()
    lawyer.get_by_label("对群众说").fill("您好，我是陈律师，工资条还在吗？")
    lawyer.get_by_role("button", name="发送").click()
    expect(citizen.get_by_text("工资条还在吗")).to_be_visible(timeout=15_000)
    say(citizen, "还在，一共三个月的")
    expect(lawyer.locator("ol.messages")).to_contain_text("还在，一共三个月的", timeout=15_000)
    assert citizen.locator(".turn.answer").count() == 0  # the machine keeps silent
    shoot(citizen, "live")
    shoot(lawyer, "live")
    lawyer.get_by_role("button", name="离开").click()

    lawyer.goto(f"{product.url}/desk/tickets/{code}")
    reply = lawyer.locator('form[action$="/steps/reply"]')
    reply.get_by_label("告诉群众").fill("可以申请劳动仲裁，不收费，带上工资条。")
    reply.get_by_role("button", name="回复").click()
    expect(lawyer.get_by_role("heading", name="给群众的答复")).to_be_visible()
    shoot(lawyer, "replied")

    citizen.goto(f"{product.url}/ticket")
    citizen.get_by_label("工单编号").fill(code)
    citizen.get_by_label("查询码").fill(pin)
    citizen.get_by_role("button", name="查询").click()
    expect(citizen.get_by_role("main")).to_contain_text("带上工资条")
    shoot(citizen, "answered")
