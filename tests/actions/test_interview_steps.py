"""Interviews as conversations, without Rasa around them."""

import pytest

from actions import interview_steps as steps
from knowledge_base.interviews.model import interviews
from tests.knowledge_base.test_interviews import walk


def say(turn: steps.InterviewTurn, text: str) -> steps.InterviewTurn:
    assert turn.form
    return steps.go_on(turn.form, text)


def titles(turn: steps.InterviewTurn) -> list[str]:
    return [button.title for button in turn.replies[-1].buttons]


def test_a_calculator_from_start_to_sum() -> None:
    turn = steps.begin("overtime", {})
    assert "加班" in turn.replies[0].text and "只加密保存" in turn.replies[0].text
    for step_id, answer in walk(interviews()["overtime"], {}).items():
        assert turn.form and turn.form["requested"] == step_id
        turn = say(turn, answer)
    assert turn.form and turn.form["requested"] == "check"
    assert turn.replies[-1].text.startswith("请核对一下")
    turn = say(turn, "没问题")
    assert turn.form is None
    assert turn.replies[0].text.startswith("加班工资：") and "怎么算的" in turn.replies[0].text
    assert turn.replies[0].citations and turn.question and turn.question.startswith("【算加班费】")


def test_an_answer_that_cannot_be_read_is_asked_again_with_the_reason() -> None:
    turn = steps.begin("late-interest", {})
    again = say(turn, "反正很多")
    assert again.form == turn.form and "没看懂" in again.replies[0].text


def test_leaving_keeps_the_answers_and_coming_back_goes_on() -> None:
    turn = say(steps.begin("late-interest", {}), "50000")
    left = say(turn, "先不填了")
    assert left.form is None and left.replies[0].buttons[0].payload == interviews()["late-interest"].title
    back = steps.begin("late-interest", left.kept)
    assert "接着上次的填" in back.replies[0].text and "50,000元" in back.replies[0].text
    assert back.form and turn.form and back.form["requested"] == turn.form["requested"]


def test_one_step_back_and_a_change_at_the_end() -> None:
    interview = interviews()["late-interest"]
    answers = walk(interview, {})
    first, *_ = answers
    turn = say(steps.begin(interview.id, {}), answers[first])
    back = say(turn, "上一步")
    assert back.form and back.form["requested"] == first
    done = steps.begin(interview.id, {interview.id: answers})
    assert done.form and done.form["requested"] == "check"
    changed = say(done, "改第1项")
    assert changed.form and changed.form["requested"] == first
    checked = say(changed, "80000")
    assert checked.form and checked.form["requested"] == "check" and "80,000元" in checked.replies[-1].text


def test_what_cannot_be_worked_out_is_told_and_can_be_mended() -> None:
    interview = interviews()["late-interest"]
    answers = walk(interview, {})
    days = [id for id in answers if interview.step(id).kind == "date"]
    answers[days[0]], answers[days[1]] = answers[days[1]], answers[days[0]]
    refused = say(steps.begin(interview.id, {interview.id: answers}), "没问题")
    assert refused.form and "早于" in refused.replies[0].text and refused.replies[-1].text.startswith("请核对")


def test_a_question_in_between_is_answered_and_the_interview_goes_on() -> None:
    turn = steps.begin("severance", {})
    aside = say(turn, "老板拖欠工资不给怎么办？")
    assert aside.replies[0].type == "answer" and not aside.replies[0].buttons
    assert aside.form == turn.form


@pytest.mark.parametrize("id", sorted(id for id, one in interviews().items() if one.paper))
def test_a_paper_comes_as_a_link(id: str) -> None:
    answers = walk(interviews()[id], {})
    turn = say(steps.begin(id, {id: answers}), "没问题")
    assert [link.url for link in turn.replies[0].links] == [f"paper:{id}"]


def test_the_legal_aid_check_ends_with_where_to_go_and_a_referral() -> None:
    answers = walk(interviews()["legal-aid"], {"matter": "violence"})
    turn = say(steps.begin("legal-aid", {"legal-aid": answers}), "没问题")
    text = turn.replies[0].text
    assert "不看收入" in text and "去哪里" in text and "示例数据" in text
    assert turn.service == "legal_aid" and "转人工" in [button.payload for button in turn.replies[0].buttons]
