"""Interviews as pages, asked as a browser without JavaScript asks them."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from channels.notebook import COOKIE
from knowledge_base.interviews.course import applying
from knowledge_base.interviews.model import interviews
from tests.channels.gateway import gateway, say
from tests.knowledge_base.test_interviews import walk

__all__ = ["gateway"]


@pytest.fixture
def browser(gateway: TestClient) -> Iterator[TestClient]:
    gateway.cookies.clear()
    yield gateway
    gateway.cookies.clear()


def fill(browser: TestClient, id: str, fixed: dict[str, str] | None = None) -> dict[str, str]:
    answers = walk(interviews()[id], fixed or {})
    for step, answer in answers.items():
        page = browser.get(f"/guides/{id}").text
        assert f'name="step" value="{step}"' in page
        response = browser.post(
            f"/guides/{id}", data={"step": step, "answer": answer or "跳过"}, follow_redirects=False
        )
        assert response.status_code == 303 and response.headers["location"] == f"/guides/{id}"
    return answers


def test_everything_is_listed_by_kind(browser: TestClient) -> None:
    text = browser.get("/guides").text
    assert text.index("办事指引</h2>") < text.index("算一算</h2>") < text.index("写材料</h2>")
    for one in interviews().values():
        assert f'href="/guides/{one.id}"' in text and one.title in text


@pytest.mark.parametrize("id", ["legal-aid", "severance", "iou"])
def test_from_the_first_question_to_the_outcome(browser: TestClient, id: str) -> None:
    fill(browser, id)
    check = browser.get(f"/guides/{id}").text
    assert "请核对一下" in check
    result = browser.get(f"/guides/{id}/result").text
    for step in applying(interviews()[id], walk(interviews()[id], {})):
        assert step.label in result
    assert "没有经过律师审核" in result and "把这些转给工作人员" in result


def test_each_question_has_one_heading_and_a_name_for_its_field(browser: TestClient) -> None:
    for id, interview in interviews().items():
        page = browser.get(f"/guides/{id}").text
        assert page.count("<h1") == 1 and interview.steps[0].ask in page
        assert 'aria-labelledby="ask"' in page


def test_an_answer_that_cannot_be_read_is_asked_again_and_kept_in_the_field(browser: TestClient) -> None:
    first = interviews()["late-interest"].steps[0]
    response = browser.post("/guides/late-interest", data={"step": first.id, "answer": "<b>很多"})
    assert response.status_code == 422
    assert 'role="alert"' in response.text and "&lt;b&gt;很多" in response.text


def test_leaving_and_returning_keeps_the_answers_and_clearing_does_not(browser: TestClient) -> None:
    first = interviews()["late-interest"].steps[0]
    browser.post("/guides/late-interest", data={"step": first.id, "answer": "50000"})
    assert "填过，接着填" in browser.get("/guides").text
    assert f'value="{first.id}"' not in browser.get("/guides/late-interest").text
    assert 'value="50000"' in browser.get(f"/guides/late-interest?step={first.id}").text
    browser.post("/guides/clear")
    assert f'value="{first.id}"' in browser.get("/guides/late-interest").text


def test_the_cookie_is_for_these_pages_only_and_unreadable_to_scripts(browser: TestClient) -> None:
    first = interviews()["late-interest"].steps[0]
    response = browser.post("/guides/late-interest", data={"step": first.id, "answer": "50000"}, follow_redirects=False)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for attribute in ("HttpOnly", "Path=/guides", "SameSite=strict"):
        assert attribute in cookie


def test_a_change_at_the_end_comes_back_to_the_end(browser: TestClient) -> None:
    answers = fill(browser, "late-interest")
    first = next(iter(answers))
    assert "50" not in browser.get("/guides/late-interest").text.split("请核对一下")[1].split("</dd>")[0]
    browser.post("/guides/late-interest", data={"step": first, "answer": "50000"})
    assert "50,000元" in browser.get("/guides/late-interest").text


def test_the_outcome_waits_for_the_answers(browser: TestClient) -> None:
    for page in ("result", "paper.docx"):
        response = browser.get(f"/guides/iou/{page}", follow_redirects=False)
        assert response.status_code == 303 and response.headers["location"] == "/guides/iou"


def test_a_paper_is_a_word_file(browser: TestClient) -> None:
    fill(browser, "iou")
    response = browser.get("/guides/iou/paper.docx")
    assert response.content[:2] == b"PK" and "filename*=UTF-8''" in response.headers["content-disposition"]


def test_a_referral_begins_with_what_was_answered(browser: TestClient) -> None:
    fill(browser, "legal-aid", {"matter": "violence"})
    response = browser.post("/guides/legal-aid/refer", follow_redirects=False)
    match = re.fullmatch(r"/#session=([\w-]+)", response.headers["location"])
    assert match
    turn = say(browser, "同意", match[1])
    assert "看看能不能申请法律援助" in turn["replies"][-1]["text"]


@pytest.mark.parametrize("path", ["/guides/nothing", "/guides/nothing/result"])
def test_what_is_not_there(browser: TestClient, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 404 or "没有这一项" in response.text


def test_a_paper_from_a_conversation_is_downloaded_from_it(browser: TestClient) -> None:
    answers = walk(interviews()["iou"], {})
    turn = say(browser, interviews()["iou"].title)
    session = turn["session_id"]
    for answer in answers.values():
        turn = say(browser, answer or "跳过", session)
    turn = say(browser, "没问题", session)
    [link] = turn["replies"][-1]["links"]
    assert browser.get(link["url"]).content[:2] == b"PK"
    assert browser.get(link["url"].replace(session, "x" * 32)).status_code == 404


def test_the_conversation_can_be_kept(browser: TestClient) -> None:
    turn = say(browser, "老板拖欠工资不给怎么办")
    response = browser.get(f"/api/v1/chat/sessions/{turn['session_id']}/report.docx")
    assert response.content[:2] == b"PK"
    assert browser.get(f"/api/v1/chat/sessions/{'x' * 32}/report.docx").status_code == 404
