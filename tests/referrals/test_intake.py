"""The referral's steps, as citizens go through them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.intake import (
    ANONYMOUS,
    NO_PHONE,
    SERVICES,
    Draft,
    Field,
    Outcome,
    Suggestion,
    about_registering,
    parse,
    prompt,
    region,
    take,
)

KNOWN = Suggestion("老板拖欠工资三个月", "legal_aid")
FULL = Draft(True, "老板拖欠工资三个月", "泰山区", "王女士", "13000000000", "legal_aid")


def walk(*answers: str, suggestion: Suggestion = KNOWN) -> tuple[Draft, Outcome]:
    draft, outcome = Draft(), Outcome.ASK
    for answer in answers:
        field = draft.next_field
        assert field is not None
        step = take(draft, field, answer, suggestion)
        draft, outcome = step.draft, step.outcome
    return draft, outcome


def test_a_citizen_who_just_answers_gets_through() -> None:
    draft, outcome = walk("同意", "就用刚才说的", "泰山区", "我姓王", "130 0000 0000", "法律援助", "提交")
    assert outcome is Outcome.COMPLETE
    assert draft == replace(FULL, contact_name="王", confirmed=True)


def test_a_citizen_may_stay_anonymous_and_unreachable() -> None:
    draft, outcome = walk("好的", "是的", "我在新泰", "不想说名字", "不方便留", "随便", "没问题")
    assert outcome is Outcome.COMPLETE
    assert (draft.contact_name, draft.phone, draft.service) == (ANONYMOUS, NO_PHONE, "legal_aid")


def test_opponent_and_needs_are_asked_of_nobody_and_may_be_added_at_the_check() -> None:
    assert FULL.next_field is Field.CONFIRMED
    check = prompt(Field.CONFIRMED, FULL, KNOWN)
    assert "对方：没有填" in check.text and "加对方" in check.buttons and "加特殊需要" in check.buttons
    asked = take(FULL, Field.CONFIRMED, "加对方", KNOWN).draft
    assert asked.next_field is Field.OPPONENT
    told = take(asked, Field.OPPONENT, "测试建筑公司", KNOWN).draft
    assert told.opponent == "测试建筑公司" and told.next_field is Field.CONFIRMED
    assert take(told, Field.CONFIRMED, "对方改成没有", KNOWN).draft.opponent == ""
    assert take(FULL, Field.CONFIRMED, "加特殊需要：手语", KNOWN).draft.needs == "手语"


def test_who_changes_their_mind_about_the_opponent_goes_on_without() -> None:
    asked = take(FULL, Field.CONFIRMED, "加对方", KNOWN).draft
    assert take(asked, Field.OPPONENT, "不知道", KNOWN).draft == FULL


def test_a_need_told_in_the_story_stands_at_the_check() -> None:
    draft = Draft(consent=True)
    told = take(draft, Field.MATTER, "我是聋哑人，老板三个月没发工资", KNOWN).draft
    assert told.needs == "手语"


@pytest.mark.parametrize(
    "story", ["对方错了还打我，我要赔偿", "对方换了三个电话号码找不到人", "需要改一下我和公司的合同"]
)
def test_the_story_of_an_opponent_is_a_story(story: str) -> None:
    told = take(Draft(consent=True), Field.MATTER, story, KNOWN).draft
    assert (told.matter, told.opponent, told.needs) == (story, "", "")


def test_consent_stands_before_everything_and_is_never_assumed() -> None:
    assert Draft().next_field is Field.CONSENT
    for unclear in ("我想想", "13000000000", "老板欠我钱", "同意不同意有什么区别呀"):
        assert take(Draft(), Field.CONSENT, unclear, KNOWN).draft.consent is None
    assert take(Draft(), Field.CONSENT, "不同意", KNOWN).outcome is Outcome.CANCELLED


@pytest.mark.parametrize("words", ["不用了，我先看看能不能申请法律援助", "先不登记", "我先看看再说", "再想想"])
def test_who_does_not_want_it_yet_is_not_asked_again(words: str) -> None:
    assert take(Draft(), Field.CONSENT, words, KNOWN).outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    ("asked", "says"),
    [("会不会收我钱", "不收费"), ("你们登记了会不会告诉我老公", "不会告诉"), ("多久有人联系我", "预计什么时候")],
)
def test_questions_about_being_registered_are_answered_at_once(asked: str, says: str) -> None:
    assert says in (about_registering(asked) or "")
    assert about_registering("工伤认定要交什么材料") is None


@pytest.mark.parametrize("field", list(Field))
@pytest.mark.parametrize("words", ["取消", "算了", "不办了", "算了吧", "我不填了", "不登记了！"])
def test_giving_up_works_at_every_step(field: Field, words: str) -> None:
    assert take(FULL, field, words, KNOWN).outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    "field", [Field.DISTRICT, Field.CONTACT_NAME, Field.PHONE, Field.SERVICE, Field.CONFIRMED, Field.CONSENT]
)
def test_a_question_in_between_is_answered_and_the_step_stays(field: Field) -> None:
    before = replace(FULL, **{field.value: None})
    step = take(before, field, "劳动仲裁要多久？", KNOWN)
    assert step.outcome is Outcome.SIDE_QUESTION
    assert step.draft == before


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("电话改成13100000000", "phone", "13100000000"),
        ("电话写错了，是13100000000", "phone", "13100000000"),
        ("称呼改成李先生", "contact_name", "李先生"),
        ("改区县", "district", None),
        ("名字写错了", "contact_name", None),
        ("区县改成肥城市", "district", "肥城市"),
        ("服务改成调解", "service", "mediation"),
    ],
)
def test_an_answer_can_be_corrected_later(said: str, field: str, value: str | None) -> None:
    step = take(FULL, Field.CONFIRMED, said, KNOWN)
    assert step.outcome is Outcome.ASK
    assert getattr(step.draft, field) == value
    assert step.draft.confirmed is None


def test_before_submitting_everything_is_shown_again() -> None:
    shown = prompt(Field.CONFIRMED, FULL, KNOWN).text
    for value in ("老板拖欠工资三个月", "泰山区", "王女士", "13000000000", "法律援助"):
        assert value in shown


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (Field.PHONE, "1234567"),
        (Field.PHONE, "在家"),
        (Field.DISTRICT, "火星"),
        (Field.SERVICE, "不好说的那种"),
        (Field.CONTACT_NAME, "我老板拖欠工资三个月了一直不给"),
        (Field.MATTER, "啊"),
    ],
)
def test_what_does_not_fit_is_explained(field: Field, said: str) -> None:
    value, complaint = parse(field, said, Suggestion())
    assert value is None
    assert complaint


def test_every_district_of_the_region_is_understood() -> None:
    for district in (*region().districts, region().elsewhere):
        assert parse(Field.DISTRICT, f"我在{district}", Suggestion()) == (district, "")


def test_every_service_is_understood_by_its_name() -> None:
    for slug, title in SERVICES.items():
        assert parse(Field.SERVICE, title, Suggestion()) == (slug, "")


@given(st.sampled_from(list(Field)), st.text(max_size=60))
def test_no_answer_breaks_a_step_or_submits_by_accident(field: Field, text: str) -> None:
    draft = Draft()
    for earlier in Field:
        if earlier is field:
            break
        draft = replace(draft, **{earlier.value: getattr(FULL, earlier.value)})
    step = take(draft, field, text, KNOWN)
    if step.outcome is Outcome.COMPLETE:
        assert field is Field.CONFIRMED
    assert step.draft.next_field is not None or step.outcome is Outcome.COMPLETE


@pytest.mark.parametrize("text", ["没得电话", "没有", "没有手机", "随便", "不方便留", "不想说"])
def test_whoever_has_no_phone_to_give_goes_on(text: str) -> None:
    assert parse(Field.PHONE, text, Suggestion())[0] == NO_PHONE
