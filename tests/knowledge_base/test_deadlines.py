from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.answers import load as answers
from knowledge_base.deadlines import deadlines, due, load, tell, work_out
from knowledge_base.errors import ContentError
from knowledge_base.facts import Fact
from knowledge_base.numbers import unsupported
from knowledge_base.spans import add_months
from knowledge_base.statutes import corpus
from knowledge_base.workdays import is_workday, today

APPEAL = deadlines()["judgment-appeal"]
WAGES = deadlines()["labour-arbitration"]


def day(text: str, said: str, value: date) -> Fact:
    return Fact("date", said, text.index(said), value, True)


def test_every_period_stands_in_the_article_it_cites() -> None:
    for deadline in deadlines().values():
        article = corpus().find(*deadline.law.key)
        assert article.law == deadline.law.law
        assert unsupported(deadline.length, [article.text]) == [], deadline.id
        for citation in deadline.counted:
            corpus().find(*citation.key)


def test_every_deadline_belongs_to_an_answer_that_cites_its_article() -> None:
    told = {id for answer in answers() for id in answer.deadlines}
    assert told <= deadlines().keys()
    assert len(told) >= 25


def test_the_last_day_moves_past_the_weekend() -> None:
    found = work_out(APPEAL, date(2026, 11, 20), asked_on=date(2026, 11, 21))
    assert found.calendar == date(2026, 12, 5)  # a Saturday
    assert found.last == date(2026, 12, 7)
    assert "顺延到2026年12月7日" in tell(found)


def test_the_last_day_moves_past_a_public_holiday() -> None:
    assert work_out(APPEAL, date(2026, 9, 16)).last == date(2026, 10, 8)


def test_seven_days_are_urgent_and_eight_are_not() -> None:
    last = work_out(APPEAL, date(2026, 11, 19)).last
    assert work_out(APPEAL, date(2026, 11, 19), asked_on=last - timedelta(7)).urgent
    assert not work_out(APPEAL, date(2026, 11, 19), asked_on=last - timedelta(8)).urgent
    late = work_out(APPEAL, date(2026, 11, 19), asked_on=last + timedelta(1))
    assert not late.urgent and "已经过了" in tell(late)


def test_months_end_on_the_corresponding_day_or_the_months_last() -> None:
    suit = deadlines()["administrative-suit"]
    assert work_out(suit, date(2026, 8, 31)).calendar == date(2027, 2, 28)


def test_the_day_beside_the_event_is_meant() -> None:
    text = "我2020年3月1日进厂，2026年10月31日被辞退"
    facts = [day(text, "2020年3月1日", date(2020, 3, 1)), day(text, "2026年10月31日", date(2026, 10, 31))]
    found = due(WAGES, text, facts)
    assert found and found.start == date(2026, 10, 31)


def test_a_duration_is_counted_back_and_said_to_be_about() -> None:
    text = "离职十个月了还能要工资吗"
    found = due(WAGES, text, [Fact("duration", "十个月", 2, 10.0)])
    assert found and not found.exact
    assert found.calendar == add_months(add_months(today(), -10), 12)
    assert "大约" in tell(found)


def test_no_day_two_days_or_a_day_to_come_leave_it_open() -> None:
    text = "3月1日收到判决，又说3月5日收到判决"
    two = [day(text, "3月1日", date(2026, 3, 1)), day(text, "3月5日", date(2026, 3, 5))]
    assert due(APPEAL, text, two) is None
    assert due(APPEAL, "判决不服", []) is None
    ahead = today() + timedelta(30)
    assert due(APPEAL, "那天收到判决", [Fact("date", "那天", 0, ahead, True)]) is None
    assert due(WAGES, "工资3月5日发", [Fact("date", "3月5日", 2, date(2026, 3, 5), True)]) is None


def test_a_day_that_answers_the_question_needs_no_event() -> None:
    text = "判决不服怎么上诉，11月20日"
    found = due(APPEAL, text, [day(text, "11月20日", date(2026, 11, 20))], added=6)
    assert found and found.start == date(2026, 11, 20)


def test_ten_days_against_a_ruling_only_for_who_speaks_of_a_ruling() -> None:
    ruling = deadlines()["ruling-appeal"]
    for text, meant in (("11月20日收到裁定书", True), ("11月20日收到判决书", False)):
        assert bool(due(ruling, text, [day(text, "11月20日", date(2026, 11, 20))])) is meant


def test_the_cooling_off_period_is_followed_by_one_to_fetch_the_certificate() -> None:
    said = tell(work_out(deadlines()["divorce-cooling-off"], date(2026, 11, 3)))
    assert "冷静期到2026年12月3日" in said and "到2027年1月2日" in said


@given(st.sampled_from(sorted(deadlines())), st.dates(date(2004, 1, 1), date(2027, 12, 31)))
def test_a_period_never_ends_before_it_is_over_or_on_a_free_day(id: str, start: date) -> None:
    found = work_out(deadlines()[id], start)
    assert found.last >= found.calendar > start
    assert found.deadline.kind != "latest" or is_workday(found.last)
    assert tell(found)


def test_a_broken_entry_is_named_with_file_line_and_fix(tmp_path: Path) -> None:
    path = tmp_path / "deadlines.yml"
    path.write_text("- id: a\n  title: 甲乙\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load(path)
    assert all(problem.line == 1 and problem.fix for problem in caught.value.problems)
