from datetime import date

from knowledge_base.facts import facts_of


def entity(kind: str, start: int, end: int, value: object) -> dict[str, object]:
    return {"entity": kind, "start": start, "end": end, "value": value}


def test_quantities_are_read_in_the_units_they_are_compared_in() -> None:
    text = "孩子一岁半，分居两年零三个月，去年3月他拿走5万"
    found = facts_of(
        [
            entity("amount", 22, 24, [50000.0, 50000.0]),
            entity("age", 2, 5, 1.5),
            entity("duration", 8, 14, "P2Y3M"),
            entity("date", 15, 19, ["2025-03-01", "2025-03-31"]),
            entity("relation", 0, 2, "孩子"),
        ],
        text,
    )
    assert [(fact.kind, fact.said, fact.value, fact.exact) for fact in found] == [
        ("age", "一岁半", 1.5, False),
        ("duration", "两年零三个月", 27.0, False),
        ("date", "去年3月", date(2025, 3, 1), False),
        ("amount", "5万", 50000.0, False),
    ]


def test_what_is_open_has_no_value() -> None:
    found = facts_of(
        [entity("amount", 0, 2, [1000.0, 10000.0]), entity("duration", 2, 5, None), entity("age", 5, 7, "老")],
        "几千几个月年纪",
    )
    assert [fact.value for fact in found] == [None, None, None]


def test_a_time_without_a_beginning_has_no_value() -> None:
    for value in (["-inf", "2026-09-25"], ["-inf", "inf"], [None, None], []):
        (before,) = facts_of([entity("date", 0, 3, value)], "中秋前")
        assert before.value is None and not before.exact


def test_just_less_than_what_is_named() -> None:
    text = "孩子不满两岁，离职快一年"
    age, duration = facts_of([entity("age", 4, 6, 2.0), entity("duration", 10, 12, "P1Y")], text)
    assert isinstance(age.value, float) and 1.9 < age.value < 2
    assert isinstance(duration.value, float) and 11.9 < duration.value < 12


def test_a_single_day_is_exact() -> None:
    [found] = facts_of([entity("date", 0, 4, ["2026-11-20", "2026-11-20"])], "上周五收")
    assert found.exact and found.value == date(2026, 11, 20)
