import re

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher

from actions.smalltalk import LINES, ActionSmalltalk, reply_to
from channels.app import STATIC
from knowledge_base.compose import Said
from knowledge_base.consult import consult
from knowledge_base.decision import Kind
from knowledge_base.interviews.model import asked_for
from nlu_data.taxonomy import taxonomy
from tests.actions.test_turn import tracker

ROUTED = {"ask_human", "ticket_status", "legal_aid"}  # these start a form or a consultation


def test_every_dialogue_intent_has_its_line() -> None:
    lines = yaml.safe_load(LINES.read_text(encoding="utf-8"))
    assert lines.keys() == taxonomy().dialogue.keys() - ROUTED


def test_a_complaint_offers_a_person() -> None:
    reply, offers = reply_to("complaint")
    assert offers
    assert [button.payload for button in reply.buttons] == ["转人工"]


def test_whoever_asks_what_this_is_learns_that_it_is_a_machine() -> None:
    assert "机器人" in reply_to("capabilities")[0].text


def test_every_question_offered_in_greeting_has_an_answer() -> None:
    page = (STATIC / "chat.js").read_text(encoding="utf-8")
    on_the_page = re.findall(r'"([^"]+)"', re.search(r"buttons: (\[.+?\])\.map", page)[1])  # type: ignore[index]
    for question in {*on_the_page, *(b.payload for b in reply_to("greet")[0].buttons)} - {"查工单", "转人工"}:
        assert asked_for(question) or consult(Said(question)).kind is Kind.ANSWER, question


def test_what_only_looks_like_small_talk_is_answered_once_and_ends_the_turn() -> None:
    dispatcher = CollectingDispatcher()
    unsure = tracker("老板拖欠工资不给怎么办", [("foreign_law", 0.3), ("unpaid_wages", 0.28), ("dismissal", 0.25)])
    assert ActionSmalltalk().run(dispatcher, unsure, {}) == []  # nothing follows, or Rasa would say it again
    [message] = dispatcher.messages
    assert message["custom"]["replies"][0]["type"] == "answer"


@pytest.mark.parametrize(
    ("text", "to_a_person"), [("好的", True), ("行，转吧", True), ("对的，就我跟我哥哥两个人分", False)]
)
def test_only_a_bare_yes_takes_up_the_offer_of_a_person(text: str, to_a_person: bool) -> None:
    events = ActionSmalltalk().run(CollectingDispatcher(), tracker(text, [("affirm", 0.9)], offer=True), {})
    assert ([event["name"] for event in events] == ["referral_form"]) is to_a_person
