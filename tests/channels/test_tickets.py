"""The citizen's side of a ticket: the API and the page, used as a browser without JavaScript uses it."""

import io
import re
from collections.abc import Iterator
from html import unescape
from itertools import count

import pytest
import segno
from fastapi.testclient import TestClient
from sqlalchemy import select

from referrals.intake import Draft
from referrals.lifecycle import Actor
from referrals.models import Message, Rating, Ticket
from referrals.store import engine, session
from referrals.tickets import Origin, Receipt, create
from referrals.work import Told, take_step
from tests.channels.gateway import gateway
from tests.referrals.desk import a_person

__all__ = ["gateway"]

REPLY = "可以先申请劳动仲裁。"
_turns = count(1)


@pytest.fixture
def receipt(gateway: TestClient) -> Receipt:
    draft = Draft(True, "老板拖欠工资三个月", "泰山区", "王女士", "13000000000", "lawyer", True)
    return create(draft, Origin("citizens", str(next(_turns))))


@pytest.fixture
def lawyer(receipt: Receipt) -> Actor:
    """In charge of the ticket."""
    person = a_person(engine())
    take_step(receipt.code, "claim", person)
    return person


@pytest.fixture
def answered(receipt: Receipt, lawyer: Actor) -> Receipt:
    take_step(receipt.code, "reply", lawyer, Told(note=REPLY))
    return receipt


def wrong(receipt: Receipt) -> str:
    return "000000" if receipt.pin != "000000" else "000001"


class Api:
    def __init__(self, gateway: TestClient, receipt: Receipt) -> None:
        self._gateway = gateway
        self._url, self._pin = f"/api/v1/tickets/{receipt.code}", receipt.pin

    def get(self, what: str = ""):  # type: ignore[no-untyped-def]
        return self._gateway.get(self._url + what, params={"secret": self._pin})

    def post(self, what: str, **body: object):  # type: ignore[no-untyped-def]
        return self._gateway.post(self._url + what, json={"secret": self._pin, **body})

    def delete(self):  # type: ignore[no-untyped-def]
        return self._gateway.delete(self._url, params={"secret": self._pin})


@pytest.fixture
def api(gateway: TestClient, receipt: Receipt) -> Api:
    return Api(gateway, receipt)


class Form:
    """The page of a ticket, whose forms carry code and PIN."""

    def __init__(self, gateway: TestClient, receipt: Receipt) -> None:
        self._gateway, self._receipt = gateway, receipt

    def post(self, do: str = "", path: str = "/ticket", **fields: str):  # type: ignore[no-untyped-def]
        known = {"code": self._receipt.code, "pin": self._receipt.pin, "do": do}
        return self._gateway.post(path, data=known | fields)


@pytest.fixture
def form(gateway: TestClient, receipt: Receipt) -> Form:
    return Form(gateway, receipt)


def said(receipt: Receipt) -> list[str]:
    with session() as db:
        return list(db.scalars(select(Message.text).join(Ticket).where(Ticket.code == receipt.code)))


# The API


def test_the_view_tells_reply_waiting_and_grade(api: Api, receipt: Receipt, lawyer: Actor) -> None:
    assert (api.get().json()["result"], api.get().json()["waiting"], api.get().json()["rating"]) == ("", False, None)
    take_step(receipt.code, "ask_citizen", lawyer, Told(note="哪天入职？"))
    assert api.get().json()["waiting"] is True
    take_step(receipt.code, "reply", lawyer, Told(note=REPLY))
    assert api.get().json()["result"] == REPLY and api.get().json()["waiting"] is False


def test_a_grade_is_given_once_after_the_answer(api: Api, answered: Receipt) -> None:
    given = api.post("/rating", grade=5, comment="很有帮助")
    assert given.status_code == 200 and given.json()["rating"] == 5
    again = api.post("/rating", grade=1)
    assert again.status_code == 409 and "已经评价过" in again.json()["error"]["message"]


def test_no_grade_before_the_answer(api: Api) -> None:
    assert api.post("/rating", grade=5).status_code == 409


@pytest.mark.parametrize("grade", [0, 6, "满意", None])
def test_grades_go_from_one_to_five(api: Api, answered: Receipt, grade: object) -> None:
    assert api.post("/rating", grade=grade).status_code == 422


def test_a_ticket_is_urged_once_a_day(api: Api) -> None:
    assert "已催办。" in [event["note"] for event in api.post("/steps", step="urge").json()["events"]]
    again = api.post("/steps", step="urge")
    assert again.status_code == 409 and "今天已经催办" in again.json()["error"]["message"]


def test_what_is_asked_for_is_supplied(api: Api, receipt: Receipt, lawyer: Actor) -> None:
    assert api.post("/steps", step="supplement", text="三月入职").status_code == 409
    take_step(receipt.code, "ask_citizen", lawyer, Told(note="哪天入职？"))
    assert api.post("/steps", step="supplement", text="  ").status_code == 409
    assert api.post("/steps", step="supplement", text="三月入职").json()["waiting"] is False
    assert said(receipt) == ["三月入职"]


def test_withdrawn_and_done_again(api: Api) -> None:
    assert api.post("/steps", step="withdraw").json()["status"] == "已办结"
    assert "理由" in api.post("/steps", step="reopen").json()["error"]["message"]
    assert api.post("/steps", step="reopen", text="又拖欠了").json()["status"] == "已受理"


@pytest.mark.parametrize("step", ["close", "assign", "claim", ""])
def test_staffs_steps_are_not_the_citizens(api: Api, step: str) -> None:
    assert api.post("/steps", step=step, text="x").status_code == 422


def test_everything_is_exported_and_deleted(api: Api, answered: Receipt) -> None:
    assert api.get("/export").json()["工单"]["称呼"] == "王女士"
    assert api.delete().status_code == 204
    assert api.get().json()["result"] == ""
    assert "王女士" not in api.get("/export").text and "13000000000" not in api.get("/export").text


def test_nothing_happens_without_the_pin(gateway: TestClient, answered: Receipt) -> None:
    url, pin = f"/api/v1/tickets/{answered.code}", wrong(answered)
    tried = [
        gateway.get(f"{url}/export", params={"secret": pin}),
        gateway.delete(url, params={"secret": pin}),
        gateway.post(f"{url}/rating", json={"secret": pin, "grade": 5}),
        gateway.post(f"{url}/steps", json={"secret": pin, "step": "urge"}),
    ]
    assert [response.status_code for response in tried] == [404] * 4
    gateway.delete(url, params={"secret": pin})
    locked = Api(gateway, answered).delete()
    assert locked.status_code == 429 and locked.headers["Retry-After"]
    with session() as db:
        ticket = db.scalar(select(Ticket).filter_by(code=answered.code))
        assert ticket and ticket.contact_name == "王女士" and db.get(Rating, ticket.id) is None


# The page


def test_the_page_asks_for_code_and_pin_in_the_body(gateway: TestClient) -> None:
    text = gateway.get("/ticket").text
    assert '<form method="post" action="/ticket"' in text and text.count("<h1") == 1
    assert 'for="code"' in text and 'for="pin"' in text
    assert gateway.get("/ticket").headers["Cache-Control"] == "no-store"


def test_a_scanned_code_is_filled_in_and_anything_else_is_not(gateway: TestClient, receipt: Receipt) -> None:
    assert f'value="{receipt.code}"' in gateway.get("/ticket", params={"code": receipt.code}).text
    assert "alert(1)" not in gateway.get("/ticket", params={"code": '"><script>alert(1)</script>'}).text


def test_a_wrong_pin_shows_nothing_of_the_ticket(gateway: TestClient, receipt: Receipt) -> None:
    response = gateway.post("/ticket", data={"code": receipt.code, "pin": wrong(receipt)})
    assert response.status_code == 404 and "编号或查询码不对" in response.text and "泰山区" not in response.text
    assert gateway.post("/ticket", data={"code": "<b>", "pin": "1"}).status_code == 404
    assert gateway.post("/ticket").status_code == 404


def test_five_wrong_pins_lock_the_page_too(gateway: TestClient, receipt: Receipt, form: Form) -> None:
    for _ in range(5):
        gateway.post("/ticket", data={"code": receipt.code, "pin": wrong(receipt)})
    assert form.post().status_code == 429 and "一刻钟" in form.post().text


def test_a_ticket_is_shown_with_its_history_and_what_may_be_done(form: Form, answered: Receipt) -> None:
    text = form.post().text
    assert "已回复" in text and REPLY in text and "承办人已签收" in text
    assert set(re.findall(r'name="do" value="(\w+)"', text)) == {"rate", "reopen", "erase"}
    assert text.count("<h1") == 1
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and set(re.findall(r'for="([^"]+)"', text)) <= set(ids)


def test_the_pin_stands_in_no_address(form: Form, answered: Receipt) -> None:
    text = form.post().text
    for address in re.findall(r'(?:href|src|action)="([^"]*)"', text):
        assert answered.pin not in address
    assert "<script" not in text and "style=" not in text


def test_a_pin_typed_in_wide_digits_is_read(gateway: TestClient, receipt: Receipt) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in receipt.pin)
    assert gateway.post("/ticket", data={"code": receipt.code.lower(), "pin": f" {wide} "}).status_code == 200


def test_all_five_grades_are_in_words_and_the_chosen_one_is_shown(form: Form, answered: Receipt) -> None:
    text = form.post().text
    for grade in ("非常满意", "满意", "一般", "不满意", "非常不满意"):
        assert f"> {grade}</label>" in text
    assert form.post("rate", grade="9" * 5000).status_code == 409
    rated = form.post("rate", grade="4", text="谢谢").text
    assert "谢谢您的评价" in rated and "<dd>满意</dd>" in rated and 'name="grade"' not in rated


def test_from_the_question_back_to_the_supplement(form: Form, receipt: Receipt, lawyer: Actor) -> None:
    assert 'value="supplement"' not in form.post().text
    take_step(receipt.code, "ask_citizen", lawyer, Told(note="哪天入职？"))
    assert 'value="supplement"' in form.post().text and "等您补充" in form.post().text
    assert "已收到您补充的情况" in form.post("supplement", text="三月入职").text
    assert said(receipt) == ["三月入职"]


def test_what_is_refused_is_said_on_the_page(form: Form) -> None:
    assert "已替您催办" in form.post("urge").text
    again = form.post("urge")
    assert again.status_code == 409 and "今天已经催办" in again.text
    assert "2000 字以内" in form.post("withdraw", text="长" * 2001).text


def test_withdrawing_and_reopening_on_the_page(form: Form) -> None:
    assert "工单已撤回" in form.post("withdraw").text
    assert "重新办理" in form.post("reopen", text="又拖欠了").text


def test_the_citizens_data_come_as_a_file(form: Form, answered: Receipt) -> None:
    response = form.post(path="/ticket/export")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{answered.code}.json"'
    assert response.json()["工单"]["事情经过"] == "老板拖欠工资三个月"
    assert form.post(path="/ticket/export", pin="x").status_code == 404


def test_deleting_needs_a_tick_and_is_final(form: Form, answered: Receipt) -> None:
    assert form.post("erase").status_code == 409
    assert REPLY in form.post().text
    text = form.post("erase", sure="yes").text
    assert "您的内容已删除" in text and "已归档" in text and REPLY not in text
    assert "王女士" not in form.post(path="/ticket/export").text


def test_words_are_escaped(form: Form, receipt: Receipt, lawyer: Actor) -> None:
    take_step(receipt.code, "reply", lawyer, Told(note="<script>alert(1)</script>"))
    text = form.post().text
    assert "<script>" not in text and "<script>alert(1)</script>" in unescape(text)


def test_the_qr_code_is_a_picture_of_the_page_without_the_pin(gateway: TestClient, receipt: Receipt) -> None:
    response = gateway.get(f"/ticket/qr/{receipt.code}.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    drawn = io.BytesIO()
    expected = f"http://testserver/ticket?code={receipt.code}"
    segno.make(expected, error="m").save(drawn, kind="svg", scale=6, xmldecl=False, omitsize=True)
    assert response.content == drawn.getvalue()
    assert gateway.get("/ticket/qr/nonsense.svg").status_code == 404


@pytest.fixture(autouse=True)
def _no_cookies(gateway: TestClient) -> Iterator[None]:
    """Nothing about who looks is kept."""
    yield
    assert not gateway.cookies
