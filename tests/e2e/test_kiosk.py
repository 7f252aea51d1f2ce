"""The kiosk in a real browser, by touch alone: from the first screen to the printed ticket, and nothing left behind."""

import gzip
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from referrals import devices
from referrals.lifecycle import SYSTEM
from referrals.store import make_engine, session
from tests.e2e.test_desk import an_account, sign_in
from tests.e2e.test_page import SHOTS, browser
from tests.services import Product, wait_until

__all__ = ["browser"]
SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
ALL_SIZES = {"phone": (390, 844), "desktop": (1280, 800), **SIZES}
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
QUESTION = "老板拖欠工资不给怎么办"
PLACE = "泰山区公共法律服务大厅"
BUDGET = 100_000  # bytes, compressed
_numbers = count(1)


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    """Of a kiosk registered at the desk."""
    database = make_engine(f"sqlite:///{product.var / 'fazhu.db'}")
    with session(database) as db:
        made = devices.add(db, SYSTEM, PLACE)
    database.dispose()
    return made


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, product: Product, token: str) -> Iterator[Opened]:
    """Opens a registered kiosk in a browser of its own."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def told(page: Page) -> Page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda r: None if r.url.startswith((product.url, "data:")) else errors.append(r.url))
        return page

    def open_one(name: str = "portrait", register: bool = True, clock: bool = False, **options: Any) -> Page:
        width, height = ALL_SIZES[name]
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", has_touch=True, **options
        )
        contexts.append(context)
        page = told(context.new_page())
        page.name = name  # type: ignore[attr-defined]
        if clock:
            page.clock.install()
        page.goto(f"{product.url}/kiosk" + (f"#token={token}" if register else ""))
        if register:
            expect(page.locator("#place")).to_have_text(PLACE, timeout=15_000)
            expect(page.locator("#attract")).to_be_visible()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(params=list(SIZES))
def kiosk(request: pytest.FixtureRequest, opened: Opened) -> Page:
    return opened(request.param)


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"kiosk-{page.name}-{name}.png")  # type: ignore[attr-defined]


def tap(page: Page, name: str, within: str = "body") -> None:
    page.locator(within).get_by_role("button", name=name, exact=True).last.tap()


def open_way(page: Page, title: str) -> None:
    """From wherever one is to a way from the home screen."""
    if page.locator("#start").is_visible():
        page.locator("#start").tap()
    else:
        tap(page, "首页")
    page.locator("#home button", has_text=title).tap()


def choose(page: Page, title: str) -> None:
    replies = page.locator("#log .turn:not(.mine)").count()
    tap(page, title, "#choices")
    answered(page, replies)


def press(page: Page, keys: str) -> None:
    replies = page.locator("#log .turn:not(.mine)").count()
    for key in keys:
        tap(page, key, "#pad")
    tap(page, "确定", "#pad")
    answered(page, replies)


def answered(page: Page, replies: int) -> None:
    expect(page.locator("#log .turn:not(.mine)").nth(replies)).to_be_visible()
    expect(page.locator("#situations")).to_be_enabled()


def ask(page: Page) -> None:
    open_way(page, "说说您的事")
    choose(page, QUESTION)


def printed(page: Page) -> str:
    """What stands on the paper."""
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    shoot(page, f"print-{next(_numbers)}")
    page.emulate_media(media="screen")
    return shown


def conversation(page: Page) -> str:
    """Its id, from the last message's answer."""
    with page.expect_response("**/api/v1/kiosk/messages") as caught:
        page.get_by_label("您想说的话").fill("谢谢")
        tap(page, "发送")
    found: str = caught.value.json()["session_id"]
    expect(page.locator("#situations")).to_be_enabled()
    return found


def is_kept(product: Product, session_id: str) -> bool:
    return httpx.get(f"{product.url}/api/v1/chat/sessions/{session_id}", trust_env=False).status_code == 200


def test_from_the_first_touch_to_the_printed_ticket_and_back_to_it(kiosk: Page) -> None:
    shoot(kiosk, "1-attract")
    kiosk.locator("#start").tap()
    shoot(kiosk, "2-home")
    open_way(kiosk, "说说您的事")
    choose(kiosk, QUESTION)
    answer = kiosk.locator(".turn.answer").last
    expect(answer).to_contain_text("接下来可以")
    shoot(kiosk, "3-answer")
    answer.locator(".picks button").first.tap()
    expect(kiosk.locator("#article-source")).to_contain_text("现行有效")
    shoot(kiosk, "4-article")
    tap(kiosk, "看完了，关闭")
    answer.get_by_role("button", name="打印").tap()
    paper = printed(kiosk)
    assert QUESTION in paper and "法律依据" in paper and PLACE in paper and "12348" in paper
    assert "首页" not in paper

    for title in ("转人工", "同意", "就用刚才说的", "泰山区"):
        choose(kiosk, title)
    shoot(kiosk, "5-name")
    tap(kiosk, "王", "#pad")
    replies = kiosk.locator("#log .turn:not(.mine)").count()
    tap(kiosk, "王女士", "#pad")
    answered(kiosk, replies)
    shoot(kiosk, "6-phone")
    press(kiosk, "13000000000")
    choose(kiosk, "法律援助")
    expect(kiosk.locator(".turn.form").last).to_contain_text("电话：13000000000")
    choose(kiosk, "提交")
    shoot(kiosk, "7-ticket")
    told = kiosk.locator(".turn.handoff").last.inner_text()
    code, pin = re.findall(r"工单编号：(\S+)\s+查询码：(\d{6})", told)[0]
    with kiosk.expect_response("**/ticket/qr/*"):
        tap(kiosk, "打印编号和查询码")
    expect(kiosk.locator("#paper")).to_contain_text(code)
    ticket = printed(kiosk)
    assert code in ticket and pin in ticket and PLACE in ticket and "12348" in ticket
    assert not re.search("王女士|13000000000|拖欠", ticket)
    kiosk.emulate_media(media="print")
    assert kiosk.locator("#paper img").bounding_box()
    assert len(re.findall(rb"/Type\s*/Page\b", kiosk.pdf())) == 1
    kiosk.emulate_media(media="screen")

    open_way(kiosk, "查工单")
    expect(kiosk.locator("#pad .letters")).to_be_visible()
    shoot(kiosk, "8-code")
    press(kiosk, code.replace("-", ""))
    press(kiosk, pin)
    expect(kiosk.locator(".turn.notice").last).to_contain_text("已受理")
    assert pin not in kiosk.locator(".turn.mine").last.inner_text()
    shoot(kiosk, "9-status")


def test_a_calculation_is_made_by_pressing_only(opened: Opened) -> None:
    kiosk = opened()
    open_way(kiosk, "算一算")
    shoot(kiosk, "10-sums")
    kiosk.locator("#guides").get_by_role("button", name="算加班费").tap()
    expect(kiosk.locator("#situations")).to_be_enabled()
    for _ in range(12):
        if kiosk.locator(".turn.answer").count():
            break
        if kiosk.locator("#pad .keys").is_visible():
            press(kiosk, "12")
        else:
            choose(kiosk, kiosk.locator("#choices button").first.inner_text())
    expect(kiosk.locator(".turn.answer").last).to_contain_text("元")
    shoot(kiosk, "11-sum")


def left_behind(page: Page) -> dict[str, Any]:
    """Everything a browser keeps, and what stands in the page."""
    kept: dict[str, Any] = page.evaluate(
        """async () => ({
          local: Object.keys(localStorage), session: Object.keys(sessionStorage),
          databases: (await indexedDB.databases()).map((one) => one.name), cookies: document.cookie,
          cached: (await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat(),
          page: document.documentElement.outerHTML,
          fields: [...document.querySelectorAll("input, textarea")].map((field) => field.value).join(""),
        })"""
    )
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")
    return kept | {"history": [entry["url"] for entry in history["entries"]]}


def test_nobody_there_is_asked_once_more_and_then_all_is_forgotten(opened: Opened, product: Product) -> None:
    kiosk = opened(clock=True)
    ask(kiosk)
    tap(kiosk, "大字")
    kiosk.evaluate("sessionStorage.x = localStorage.y = 'secret'; indexedDB.open('z'); caches.open('w')")
    went = conversation(kiosk)
    kiosk.get_by_label("您想说的话").fill("我叫王女士")
    still = kiosk.get_by_role("alertdialog", name="还在吗？")
    kiosk.clock.fast_forward(74_000)
    expect(still).to_be_hidden()
    kiosk.clock.fast_forward(3_000)
    expect(still).to_be_visible()
    shoot(kiosk, "20-still-there")
    assert kiosk.locator("#still-said").inner_text()
    tap(kiosk, "继续用")
    expect(kiosk.locator("#still-said")).to_have_text("")
    kiosk.clock.fast_forward(70_000)
    expect(still).to_be_hidden()
    assert is_kept(product, went)

    kiosk.clock.fast_forward(8_000)
    expect(still).to_be_visible()
    with kiosk.expect_navigation():
        kiosk.clock.fast_forward(16_000)
    expect(kiosk.locator("#attract")).to_be_visible()
    assert not is_kept(product, went)
    left = left_behind(kiosk)
    assert left["local"] == ["fazhu-device"]
    assert left["session"] == [] and left["databases"] == [] and left["cookies"] == "" and left["fields"] == ""
    assert {path for path in left["cached"] if not path.startswith("/static/kiosk")} <= {
        "/kiosk",
        "/kiosk/answers.json",
    }
    assert QUESTION not in left["page"] and "王女士" not in left["page"] and went not in left["page"]
    assert set(left["history"]) <= {"about:blank", f"{product.url}/kiosk"}
    assert "large" not in (kiosk.locator("html").get_attribute("class") or "")
    kiosk.go_back()
    assert QUESTION not in kiosk.content()


def test_the_end_button_forgets_at_once(opened: Opened, product: Product) -> None:
    kiosk = opened()
    ask(kiosk)
    went = conversation(kiosk)
    tap(kiosk, "结束")
    tap(kiosk, "不，接着用")
    expect(kiosk.locator(".turn.answer").first).to_be_attached()
    tap(kiosk, "结束")
    shoot(kiosk, "21-ending")
    with kiosk.expect_navigation():
        tap(kiosk, "结束并清除")
    expect(kiosk.locator("#attract")).to_be_visible()
    assert not is_kept(product, went)


def are_kept(page: Page) -> None:
    """The answers to browse have come after the first screen."""
    look = "caches.match('/kiosk/answers.json').then((found) => Boolean(found))"
    wait_until(lambda: bool(page.evaluate(look)), 10, "answers to browse")


def test_without_a_network_answers_are_there_and_nothing_said_is_lost_or_sent_unasked(opened: Opened) -> None:
    kiosk = opened("landscape")
    ask(kiosk)
    are_kept(kiosk)
    kiosk.context.set_offline(True)
    expect(kiosk.get_by_role("status").filter(has_text="离线")).to_be_visible()
    mine = kiosk.locator(".turn.mine").count()
    kiosk.get_by_label("您想说的话").fill("谢谢")
    tap(kiosk, "发送")
    unsent = kiosk.locator(".turn.unsent")
    expect(unsent).to_contain_text("还没有发出去")
    expect(unsent).to_contain_text("12348")
    shoot(kiosk, "30-offline")
    kiosk.context.set_offline(False)
    expect(kiosk.locator("#state")).to_contain_text("再发一次")
    expect(unsent).to_have_count(1)
    tap(kiosk, "再发一次")
    expect(kiosk.locator(".turn.smalltalk").last).to_contain_text("不客气")
    expect(kiosk.locator(".turn.mine")).to_have_count(mine + 1)

    kiosk.context.set_offline(True)
    tap(kiosk, "结束")
    with kiosk.expect_navigation():
        tap(kiosk, "结束并清除")
    open_way(kiosk, "常见问题")
    for name in ("劳动纠纷", "拖欠工资"):
        tap(kiosk, name, "#shelves")
    shoot(kiosk, "31-browse")
    kiosk.locator("#shelves .tiles button").first.tap()
    expect(kiosk.locator("#shelves")).to_contain_text("法律依据：《")
    shoot(kiosk, "32-offline-answer")
    tap(kiosk, "首页")
    open_way(kiosk, "常见问题")
    kiosk.get_by_label("打几个字找问题").fill("押金不退")
    tap(kiosk, "找")
    expect(kiosk.locator("#shelves .tiles button").first).to_contain_text("押金")


def test_what_was_said_without_a_network_is_forgotten_once_it_is_back(opened: Opened, product: Product) -> None:
    kiosk = opened(clock=True)
    ask(kiosk)
    went = conversation(kiosk)
    are_kept(kiosk)
    kiosk.context.set_offline(True)
    tap(kiosk, "结束")
    with kiosk.expect_navigation():
        tap(kiosk, "结束并清除")
    assert is_kept(product, went)
    kiosk.context.set_offline(False)
    kiosk.clock.fast_forward(11_000)
    wait_until(lambda: not is_kept(product, went), 5, "forgotten")


def test_a_phone_goes_on_with_the_conversation(opened: Opened, browser: Browser, product: Product) -> None:
    kiosk = opened(clock=True)
    ask(kiosk)
    went = conversation(kiosk)
    with kiosk.expect_response("**/handover") as offered:
        tap(kiosk, "转到手机")
    expect(kiosk.locator("#handover-left")).to_contain_text("有效")
    shoot(kiosk, "40-handover")
    phone = browser.new_page()
    phone.goto(offered.value.json()["url"])
    phone.get_by_role("button", name="接过来").click()
    expect(phone.locator(".turn.mine").first).to_contain_text(QUESTION)
    kiosk.clock.run_for(4_000)
    expect(kiosk.locator("#handover-left")).to_contain_text("已经转到手机上了")
    shoot(kiosk, "41-taken")
    with kiosk.expect_navigation():
        kiosk.clock.run_for(11_000)
    expect(kiosk.locator("#attract")).to_be_visible()
    assert QUESTION not in kiosk.content()
    assert is_kept(product, went)
    phone.close()


def test_who_ends_before_the_kiosk_has_noticed_loses_nothing_on_the_phone(opened: Opened, product: Product) -> None:
    kiosk = opened()
    ask(kiosk)
    went = conversation(kiosk)
    with kiosk.expect_response("**/handover") as offered:
        tap(kiosk, "转到手机")
    taken = {"token": offered.value.json()["url"].split("continue=")[1]}
    httpx.post(f"{product.url}/api/v1/chat/handovers", json=taken, trust_env=False).raise_for_status()
    tap(kiosk, "不转了，关闭")
    tap(kiosk, "结束")
    with kiosk.expect_navigation():
        tap(kiosk, "结束并清除")
    expect(kiosk.locator("#attract")).to_be_visible()
    assert is_kept(product, went)


def test_a_lawyer_in_the_conversation_is_heard_at_the_kiosk(opened: Opened, browser: Browser, product: Product) -> None:
    one_time = an_account(product, "lin-kiosk", "林律师", "worker", "--service", "lawyer", "--title", "律师")
    kiosk = opened()
    ask(kiosk)
    for title in ("转人工", "同意", "就用刚才说的", "泰山区", "匿名", "不留电话", "律师咨询", "提交"):
        choose(kiosk, title)
    code = re.findall(r"工单编号：(\S+)", kiosk.locator(".turn.handoff").last.inner_text())[0]
    lawyer = browser.new_page()
    sign_in(lawyer, product, "lin-kiosk", one_time)
    lawyer.goto(f"{product.url}/desk/tickets/{code}")
    lawyer.locator(".steps").get_by_role("button", name=re.compile("认领|签收")).click()
    lawyer.get_by_role("button", name="加入对话").click()
    lawyer.get_by_label("对群众说").fill("您好，工资条还在吗？")
    lawyer.get_by_role("button", name="发送").click()
    expect(kiosk.locator(".turn.worker")).to_contain_text("工资条还在吗", timeout=15_000)
    kiosk.get_by_label("您想说的话").fill("工资条还在，一共三个月的")
    tap(kiosk, "发送")
    expect(kiosk.locator("#state")).to_contain_text("林律师")
    expect(lawyer.locator("ol.messages")).to_contain_text("一共三个月的", timeout=15_000)
    shoot(kiosk, "45-lawyer")
    lawyer.close()


def test_a_machine_that_is_not_registered_says_how(opened: Opened, token: str) -> None:
    kiosk = opened(register=False)
    expect(kiosk.get_by_role("heading", name="这台自助机还没有登记")).to_be_visible()
    expect(kiosk.locator("#setup")).to_contain_text("12348")
    shoot(kiosk, "50-setup")
    kiosk.get_by_label("密钥").fill("wrong")
    tap(kiosk, "登记这台机器")
    expect(kiosk.get_by_role("alert")).to_contain_text("还没有登记")
    kiosk.get_by_label("密钥").fill(token)
    tap(kiosk, "登记这台机器")
    expect(kiosk.locator("#place")).to_have_text(PLACE)


def test_the_token_stands_nowhere_but_in_its_store(opened: Opened, token: str) -> None:
    kiosk = opened()
    assert token not in kiosk.url and token not in kiosk.content()
    assert kiosk.evaluate("Object.entries(localStorage)") == [["fazhu-device", token]]


SMALL = """(smallest) => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
  .filter((one) => !one.closest(".visually-hidden") && parseFloat(getComputedStyle(one).fontSize) < smallest)
  .map((one) => `${one.textContent.slice(0, 20)} ${getComputedStyle(one).fontSize}`)"""
TARGETS = """() => [...document.querySelectorAll("button, input, textarea, a")].filter((one) => one.checkVisibility())
  .map((one) => [one.textContent || one.id, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 60 || box.height < 60).map(([name, box]) => `${name} ${box.width}x${box.height}`)"""


def test_everything_is_large_enough_to_read_and_to_touch(kiosk: Page) -> None:
    def look(view: str, smallest: int) -> None:
        assert kiosk.evaluate(SMALL, smallest) == [], view
        assert kiosk.evaluate(TARGETS) == [], view
        assert kiosk.evaluate("document.documentElement.scrollWidth <= innerWidth"), view

    look("attract", 18)
    kiosk.locator("#start").tap()
    for smallest in (18, 30):
        look("home", smallest)
        for title in ("办事指引", "算一算", "找机构", "常见问题", "普法小知识", "说说您的事"):
            open_way(kiosk, title)
            look(title, smallest)
        if smallest == 18:
            choose(kiosk, QUESTION)
        else:
            choose(kiosk, "转人工")
            shoot(kiosk, "60-large")
        look("talk", smallest)
        open_way(kiosk, "说说您的事")
        tap(kiosk, "数字键盘")
        look("pad", smallest)
        tap(kiosk, "改用打字")
        tap(kiosk, "首页")
        if smallest == 18:
            tap(kiosk, "大字")
            shoot(kiosk, "61-large-home")


def test_the_way_to_the_first_answer_is_light(browser: Browser, product: Product, token: str) -> None:
    context = browser.new_context(service_workers="block", locale="zh-CN", has_touch=True)
    kiosk = context.new_page()
    loaded: list[Response] = []
    kiosk.on("response", lambda response: loaded.append(response))
    kiosk.goto(f"{product.url}/kiosk#token={token}")
    expect(kiosk.locator("#place")).to_have_text(PLACE)
    ask(kiosk)
    kiosk.wait_for_load_state("networkidle")
    sizes = {
        response.url: len(gzip.compress(response.body(), 6))
        for response in loaded
        if response.status == 200 and not response.url.endswith("/answers.json")  # which may wait
    }
    context.close()
    assert any(url.endswith("/kiosk.js") for url in sizes) and any(url.endswith("/messages") for url in sizes)
    assert sum(sizes.values()) < BUDGET, sizes


PUBLIC = (
    "/",
    "/statutes",
    "/statutes/民法典/1079",
    "/guides",
    "/guides/legal-aid",
    "/institutions",
    "/ticket",
    "/tips",
)


def faults(page: Page) -> list[str]:
    """Serious and critical findings of axe, each with its place."""
    found: list[str] = page.evaluate(
        """async () => (await axe.run({resultTypes: ["violations"]})).violations
          .filter((one) => ["serious", "critical"].includes(one.impact))
          .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`)"""
    )
    return found


@pytest.mark.parametrize("size", ["phone", "desktop", "portrait"])
def test_axe_finds_nothing_serious_on_the_public_pages(browser: Browser, product: Product, size: str) -> None:
    width, height = ALL_SIZES[size]
    # Axe is put into the page from outside, which the page itself rightly forbids.
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", bypass_csp=True)
    page = context.new_page()
    found: dict[str, list[str]] = {}
    for path in PUBLIC:
        response = page.goto(f"{product.url}{path}")
        if path == "/tips" and response and response.status == 404:
            continue
        page.add_script_tag(path=AXE)
        found[path] = faults(page)
    context.close()
    assert {path: told for path, told in found.items() if told} == {}


@pytest.mark.parametrize("size", ["portrait", "landscape"])
def test_axe_finds_nothing_serious_at_the_kiosk(opened: Opened, size: str) -> None:
    kiosk = opened(size, bypass_csp=True)
    kiosk.add_script_tag(path=AXE)
    found: dict[str, list[str]] = {"attract": faults(kiosk)}
    ask(kiosk)
    found["answer"] = faults(kiosk)
    tap(kiosk, "常见情形")
    found["picker"] = faults(kiosk)
    tap(kiosk, "不选了，关闭")
    tap(kiosk, "数字键盘")
    found["pad"] = faults(kiosk)
    for title in ("找机构", "常见问题", "普法小知识", "办事指引"):
        open_way(kiosk, title)
        found[title] = faults(kiosk)
    tap(kiosk, "结束")
    found["ending"] = faults(kiosk)
    assert {view: told for view, told in found.items() if told} == {}
