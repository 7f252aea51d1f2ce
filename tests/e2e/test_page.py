"""The chat page in a real browser, from the first question to the ticket's status. Saves screenshots."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.services import Product

ROOT = Path(__file__).parent.parent.parent
SHOTS = ROOT / "var" / "screenshots"
QUESTION = "老板拖欠我三个月工资不给怎么办"
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "chromium is missing: ops/test-packages installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=list(SIZES))
def page(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Page]:
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    opened = context.new_page()
    opened.errors = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))  # type: ignore[attr-defined]
    outside: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((product.url, "data:")) else outside.append(r.url))
    opened.name = request.param  # type: ignore[attr-defined]
    opened.goto(product.url)
    yield opened
    assert opened.errors == []  # type: ignore[attr-defined]
    assert outside == []
    context.close()


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{page.name}-{name}.png")  # type: ignore[attr-defined]


def say(page: Page, text: str) -> None:
    before = page.locator(".turn.mine").count()
    page.get_by_label("您想问的事").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".turn.mine")).to_have_count(before + 1)
    expect(page.locator("#send")).to_be_enabled()


def choose(page: Page, title: str) -> None:
    page.locator(".choices button:enabled").get_by_text(title, exact=True).last.click()
    expect(page.locator("#send")).to_be_enabled()


def test_from_the_question_to_the_tickets_status(page: Page) -> None:
    shoot(page, "1-welcome")
    say(page, QUESTION)
    answer = page.locator(".turn.answer").last
    expect(answer).to_contain_text("接下来可以")
    expect(answer.locator(".who")).to_contain_text("机器")
    shoot(page, "2-answer")

    answer.locator(".cites button").first.click()
    article = page.get_by_role("dialog")
    expect(article).to_contain_text("现行有效")
    assert len(page.locator("#article-text").inner_text()) > 20
    shoot(page, "3-article")
    page.keyboard.press("Escape")
    expect(article).to_be_hidden()

    choose(page, "转人工")
    for answer_text in ("同意", "就用刚才说的", "泰山区", "匿名", "不留电话", "法律援助"):
        choose(page, answer_text)
    expect(page.locator(".turn.form").last).to_contain_text("请核对")
    shoot(page, "4-check")
    choose(page, "提交")
    ticket = page.locator(".turn.handoff").last
    expect(ticket).to_contain_text(re.compile(r"工单编号：370900-\d{8}-A\d{4}-.\n查询码：\d{6}"))
    shoot(page, "5-ticket")
    choose(page, "查工单")
    expect(page.locator(".turn.notice").last).to_contain_text("已受理")
    shoot(page, "6-status")

    page.reload()
    expect(page.locator(".turn.mine").first).to_contain_text(QUESTION)
    expect(page.locator(".turn.notice").last).to_contain_text("已受理")


def test_markup_stays_text(page: Page) -> None:
    words = '<img src=x onerror="document.title=1"><b>老板</b>'
    say(page, words)
    expect(page.locator(".turn.mine .bubble").last).to_have_text(words)
    page.reload()
    expect(page.locator(".turn.mine .bubble").last).to_have_text(words)
    assert page.title() == "法助 · 法律咨询"
    assert page.locator("#log img, #log b").count() == 0


def test_danger_is_seen_and_can_be_called(page: Page) -> None:
    say(page, "我老公正在打我，快救救我")
    urgent = page.locator(".turn.urgent")
    expect(urgent.locator("a[href='tel:110']").first).to_be_visible()
    shoot(page, "7-urgent")


def test_a_lost_connection_is_told_and_the_message_arrives_once(page: Page) -> None:
    say(page, "你好")
    page.context.set_offline(True)
    page.get_by_label("您想问的事").fill("谢谢")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_contain_text("重新连接")
    shoot(page, "8-offline")
    page.context.set_offline(False)
    expect(page.locator(".turn.smalltalk").last).to_contain_text("不客气", timeout=10_000)
    expect(page.locator(".turn.mine").get_by_text("谢谢")).to_have_count(1)


def test_ending_erases_the_conversation(page: Page) -> None:
    say(page, QUESTION)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="结束").click()
    expect(page.locator("#state")).to_contain_text("内容已删除")
    expect(page.locator(".turn.mine")).to_have_count(0)
    page.reload()
    expect(page.locator(".turn.mine")).to_have_count(0)


def test_everything_can_be_reached_by_keyboard_and_has_a_name(page: Page) -> None:
    say(page, QUESTION)
    page.locator(".turn.answer").wait_for()
    names = page.evaluate(
        "() => [...document.querySelectorAll('button, textarea, a')].map(e => e.labels?.[0]?.textContent || e.textContent)"
    )
    assert all(name.strip() for name in names)
    seen = set()
    page.get_by_label("您想问的事").focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        seen.add(page.evaluate("document.activeElement.textContent.slice(0, 20)"))
    assert any(name.startswith("《") for name in seen)
    assert "结束" in seen


def test_the_page_fits_its_window(page: Page) -> None:
    say(page, QUESTION)
    page.locator(".turn.answer").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(
        "() => [...document.querySelectorAll('button')].filter(b => b.offsetParent && b.offsetHeight < 40).map(b => b.textContent)"
    )
    assert small == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_legal_aid_check_from_the_list_to_a_referral_in_the_chat(page: Page) -> None:
    page.get_by_role("link", name="办事指引").click()
    assert fits(page)
    shoot(page, "20-guides")
    page.get_by_role("link", name="看看能不能申请法律援助").first.click()
    shoot(page, "21-guide-question")
    small = page.evaluate(
        "() => [...document.querySelectorAll('main button')].filter(b => b.offsetHeight < 60).map(b => b.textContent)"
    )
    assert small == [] and fits(page)
    page.get_by_role("button", name="受到家庭暴力、虐待或者遗弃").click()
    page.get_by_role("button", name="没有，或者不清楚").click()
    expect(page.get_by_role("heading", name="请核对一下")).to_be_visible()
    shoot(page, "22-guide-check")
    page.get_by_role("link", name="没问题，看结果").click()
    expect(page.get_by_label("结果", exact=True)).to_contain_text("不看收入")
    assert fits(page)
    shoot(page, "23-guide-result")
    page.get_by_role("button", name="把这些转给工作人员").click()
    expect(page.locator(".turn.form").last).to_contain_text("您同意登记吗")
    choose(page, "同意")
    expect(page.locator(".turn.form").last).to_contain_text("看看能不能申请法律援助")
    shoot(page, "24-guide-referral")


def test_a_paper_written_in_the_chat_is_downloaded(page: Page) -> None:
    say(page, "写一张借条")
    for _ in range(40):
        last = page.locator(".turn").last
        if "请核对一下" in last.inner_text():
            break
        for title in ("跳过", "不是", "没有"):
            if last.get_by_role("button", name=title, exact=True).count():
                choose(page, title)
                break
        else:
            asked = last.inner_text()
            say(page, "50000" if "多少元" in asked else "2026年3月1日" if "天" in asked else "1")
    shoot(page, "25-paper-check")
    choose(page, "没问题")
    with page.expect_download() as started:
        page.get_by_role("link", name="下载（Word 文件）").click()
    assert started.value.suggested_filename == "写一张借条.docx"


def test_the_institutions_page_fits_and_filters(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/institutions?service=legal_aid")
    expect(page.locator(".place-card").first).to_contain_text("示例数据")
    assert fits(page)
    shoot(page, "26-institutions")
