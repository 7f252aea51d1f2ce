from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.errors import ContentError
from knowledge_base.facts import Fact
from knowledge_base.interviews import findings
from knowledge_base.interviews.course import applying, checked, next_step
from knowledge_base.interviews.course import given as counted
from knowledge_base.interviews.findings import find, summary
from knowledge_base.interviews.lint import lint_interviews
from knowledge_base.interviews.model import Interview, Step, asked_for, interviews, load, read
from knowledge_base.interviews.reading import Unclear, read_answer
from knowledge_base.workdays import today

SMALL: dict[str, Any] = {
    "id": "small", "kind": "guide", "title": "看看能不能申请", "about": "回答几个问题。", "asked": ["能不能申请", "我想申请", "怎么申请"],
    "steps": [
        {"id": "matter", "ask": "什么事？", "label": "事项", "options": [
            {"id": "wages", "say": "要工资", "also": ["欠薪"]}, {"id": "migrant", "say": "不是要工资"}]},
        {"id": "income", "ask": "收入多少？", "label": "收入", "kind": "money", "when": {"matter": ["migrant"]}},
        {"id": "when", "ask": "哪天？", "label": "日期", "kind": "date", "optional": True},
    ],
    "outcomes": [
        {"when": {"matter": ["wages"]}, "verdict": "likely", "say": "多半可以。"},
        {"when": {"income": {"under": 1000}}, "verdict": "review", "say": "要审查。"},
        {"verdict": "unlikely", "say": "多半不行。"},
    ],
    "sections": [{"heading": "要带的材料", "lines": ["身份证。"], "when": {"matter": ["wages"]}}],
}  # fmt: skip


def small(**changed: Any) -> Interview:
    return Interview.model_validate({**SMALL, **changed})


def step(kind: str, **more: Any) -> Step:
    return Step.model_validate({"id": "x", "ask": "问什么？", "label": "甲", "kind": kind, **more})


# Reading answers


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("yes_no", "是的", "yes"), ("yes_no", "没有", "no"), ("yes_no", "不是", "no"), ("yes_no", "有啊", "yes"), ("yes_no", "2", "no"),
        ("money", "6000", "6000"), ("money", "6,000元", "6000"), ("money", "六千", "6000"), ("money", "没有收入", "0"), ("money", "1.5万", "15000"),
        ("money", "４５００．５", "4500.50"), ("number", "三个", "3"), ("number", "2.5", "2.50"),
        ("date", "2026年3月1日", "2026-03-01"), ("date", "2026-03-01", "2026-03-01"), ("date", "20260301", "2026-03-01"),
        ("date", "2026.3.1", "2026-03-01"), ("text", " 张某 ", "张某"),
    ],
)  # fmt: skip
def test_answers_as_people_write_them(kind: str, text: str, kept: str) -> None:
    assert read_answer(step(kind), text) == kept


def test_relative_days_and_days_without_a_year() -> None:
    assert read_answer(step("date"), "昨天") == (today() - timedelta(1)).isoformat()
    without = date.fromisoformat(read_answer(step("date"), "3月1日"))
    assert without <= today() < without.replace(year=without.year + 1)


def test_the_classifiers_reading_helps() -> None:
    assert read_answer(step("money"), "三万五", [Fact("amount", "三万五", 0, 35000.0)]) == "35000"
    day = date(2026, 3, 1)
    assert read_answer(step("date"), "今年三月一号", [Fact("date", "今年三月一号", 0, day, True)]) == "2026-03-01"


@pytest.mark.parametrize(
    ("kind", "text"),
    [("yes_no", "看情况"), ("money", "很多"), ("money", "3000或者4000"), ("money", "-500"), ("date", "去年"), ("date", "2026年2月30日"),
     ("date", "2199-01-01"), ("text", ""), ("text", "长" * 61), ("number", "")],
)  # fmt: skip
def test_what_cannot_be_read_is_told(kind: str, text: str) -> None:
    with pytest.raises(Unclear) as caught:
        read_answer(step(kind), text)
    assert str(caught.value)


def test_a_day_to_come_is_asked_again_unless_it_may_lie_ahead() -> None:
    ahead = (today() + timedelta(30)).isoformat()
    with pytest.raises(Unclear, match="还没到"):
        read_answer(step("date"), ahead)
    assert read_answer(step("date", future=True), ahead) == ahead


def test_an_optional_question_may_be_passed() -> None:
    assert read_answer(step("money", optional=True), "不知道") == ""
    with pytest.raises(Unclear):
        read_answer(step("money"), "不知道")


def test_a_choice_by_number_word_or_other_word_the_longest_deciding() -> None:
    matter = small().steps[0]
    assert read_answer(matter, "1") == "wages"
    assert read_answer(matter, "欠薪的事") == "wages"
    assert read_answer(matter, "不是要工资") == "migrant"
    with pytest.raises(Unclear):
        read_answer(matter, "别的")


@given(st.text(max_size=80), st.sampled_from(["yes_no", "money", "number", "date", "text", "long_text"]))
def test_anything_is_an_answer_or_unclear(text: str, kind: str) -> None:
    try:
        kept = read_answer(step(kind), text)
    except Unclear as error:
        assert str(error)
    else:
        assert step(kind).said(kept)


# Course and findings


def test_only_what_applies_is_asked_and_counts() -> None:
    interview = small()
    assert [s.id for s in applying(interview, {"matter": "wages"})] == ["matter", "when"]
    answers = {"matter": "wages", "income": "500", "when": ""}
    assert next_step(interview, answers) is None
    assert counted(interview, answers) == {"matter": "wages", "when": ""}
    assert [(s.label, said) for s, said in checked(interview, answers)] == [("事项", "要工资"), ("日期", "没有填")]


def test_the_first_outcome_that_fits() -> None:
    interview = small()
    assert find(interview, {"matter": "wages", "when": ""}).verdict == "likely"
    assert find(interview, {"matter": "migrant", "income": "999", "when": ""}).verdict == "review"
    assert find(interview, {"matter": "migrant", "income": "1000", "when": ""}).verdict == "unlikely"
    assert find(interview, {"matter": "wages", "when": ""}).parts[0].lines == ("身份证。",)


def test_a_figure_the_place_has_not_set_fits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = [
        {"when": {"income": {"under": "hardship_line"}}, "verdict": "likely", "say": "够条件。"},
        *SMALL["outcomes"][2:],
    ]
    interview = small(outcomes=outcomes)
    answers = {"matter": "migrant", "income": "500", "when": ""}
    monkeypatch.setattr(findings, "local", lambda: {"hardship_line": None})
    assert find(interview, answers).verdict == "unlikely"
    monkeypatch.setattr(findings, "local", lambda: {"hardship_line": 800.0})
    assert find(interview, answers).verdict == "likely"


# What is shipped


def test_the_shipped_interviews_have_no_problems() -> None:
    assert lint_interviews() == []


def test_there_is_everything_people_come_for() -> None:
    kinds = [one.kind for one in interviews().values()]
    assert kinds.count("guide") >= 6 and kinds.count("calculator") >= 8 and kinds.count("paper") >= 8
    assert asked_for("看看能不能申请法律援助") == "legal-aid"
    assert asked_for("今天天气怎么样") is None


@pytest.mark.parametrize("id", sorted(interviews()))
def test_every_choice_leads_to_a_finding(id: str) -> None:
    """Each option of each step is taken at least once, with plain answers to the rest."""
    interview = interviews()[id]
    for step_ in interview.steps:
        for wanted in [option.id for option in step_.options] or ["yes", "no"][: 2 if step_.kind == "yes_no" else 1]:
            answers = walk(interview, {step_.id: wanted} if step_.kind in ("choice", "yes_no") else {})
            finding = find(interview, answers)
            assert finding.say and summary(interview, answers).startswith(f"【{interview.title}】")


def walk(interview: Interview, fixed: dict[str, str]) -> dict[str, str]:
    plain = {"yes_no": "yes", "money": "6000", "number": "3", "text": "张某", "long_text": "事情的经过。"}
    answers: dict[str, str] = {}
    days = iter([today() - timedelta(n) for n in (1500, 900, 200, 100, 50, 20, 10, 5)])
    while asked := next_step(interview, answers):
        if asked.id in fixed:
            answers[asked.id] = fixed[asked.id]
        elif asked.kind == "choice":
            answers[asked.id] = asked.options[0].id
        elif asked.kind == "date":
            answers[asked.id] = next(days).isoformat()
        else:
            answers[asked.id] = plain[asked.kind]
    return answers


# Faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "red"}, "colour"),
        ({"outcomes": SMALL["outcomes"][:1]}, "no outcome for the rest"),
        (
            {"outcomes": [{"when": {"nothing": ["a"]}, "verdict": "likely", "say": "可以。"}, SMALL["outcomes"][2]]},
            "no step nothing",
        ),
        (
            {"outcomes": [{"when": {"matter": ["fish"]}, "verdict": "likely", "say": "可以。"}, SMALL["outcomes"][2]]},
            "no answer fish",
        ),
        ({"sections": [{"heading": "时间", "lines": ["四十七日内办完。"]}]}, "四十七日 stands in no cited article"),
        ({"citations": [{"law": "中华人民共和国法律援助法", "article": 999}]}, "no article 999"),
        ({"kind": "calculator", "calculator": "magic"}, "no calculator magic"),
        ({"kind": "calculator", "calculator": "severance"}, "severance takes no matter"),
        ({"kind": "paper", "paper": "nothing"}, "no template nothing.docx"),
    ],
)
def test_a_fault_is_named_with_file_and_fix(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    path = tmp_path / "small.yml"
    path.write_text(yaml.safe_dump({**SMALL, **change}, allow_unicode=True), encoding="utf-8")
    problems = lint_interviews(tmp_path)
    assert any(fault in problem.fault for problem in problems), problems
    assert all(problem.path == path and problem.fix for problem in problems)


def test_a_fault_deep_inside_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "small.yml"
    path.write_text(yaml.safe_dump({**SMALL, "title": "短"}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load(tmp_path)
    [problem] = caught.value.problems
    assert path.read_text(encoding="utf-8").splitlines()[problem.line - 1].startswith("title:")
    path.write_text("id: [", encoding="utf-8")
    with pytest.raises(ContentError, match="not YAML"):
        read(path)


@pytest.mark.parametrize("id", sorted(interviews()))
def test_one_left_half_way_is_handed_over_as_such(id: str) -> None:
    assert summary(interviews()[id], {}) == f"【{interviews()[id].title}】没有填完。"
