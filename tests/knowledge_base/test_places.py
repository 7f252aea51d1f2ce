import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge_base.errors import ContentError
from knowledge_base.places import directory as module
from knowledge_base.places.directory import INSTITUTIONS, Directory, directory, main
from knowledge_base.places.hours import Hours
from knowledge_base.places.institution import SERVICES, Institution, districts
from knowledge_base.places.table import COLUMNS, load
from knowledge_base.workdays import PLACE_TIME

OFFICE = "周一至周五 09:00-12:00 13:30-17:30; 周六 09:00-12:00"
HEADER = ",".join(COLUMNS)
GOOD = {
    "编号": "LA-01",
    "名称": "「示例」法律援助中心",
    "服务": "法律援助",
    "区县": "泰山区",
    "地址": "示例路1号",
    "电话": "0538-0000001",
    "经度": "117.13",
    "纬度": "36.19",
    "开放时间": OFFICE,
    "服务范围": "",
    "说明": "",
    "示例": "是",
}
TUESDAY = datetime(2026, 11, 24, 10, 0)
# The first Saturday or Sunday of 2026 on which the State Council has people work.
ADJUSTED = next(
    day
    for day in (date(2026, 1, 1) + timedelta(n) for n in range(365))
    if day.weekday() > 4 and chinese_calendar.is_workday(day)
)


def row(**changed: str) -> str:
    return ",".join({**GOOD, **changed}.values())


def table(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "机构.csv"
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return path


def faults(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as caught:
        load(path)
    assert all(problem.path == path and problem.fix for problem in caught.value.problems)
    return [(problem.line, problem.fault) for problem in caught.value.problems]


def institution(**changed: Any) -> Institution:
    fields: dict[str, Any] = {COLUMNS[column]: value for column, value in GOOD.items()}
    return Institution(**{**fields, **changed})


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}")


# Opening hours

MINUTES = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted)
SPANS = MINUTES.map(lambda ends: tuple(zip(ends[::2], ends[1::2], strict=False)))
WEEKS = st.lists(SPANS | st.just(()), min_size=8, max_size=8).filter(any).map(tuple)
DAY = st.sampled_from("一二三四五六日")


@st.composite
def written_hours(draw: st.DrawFn) -> str:
    """Hours as clerks write them, in several hands."""
    to, semicolon, week = (
        draw(st.sampled_from("至到-~—")),
        draw(st.sampled_from(["; ", "；", "\n"])),
        draw(st.booleans()),
    )
    parts = []
    for days in draw(st.sampled_from([["周一至周五", "周六"], ["每天"], ["工作日", "节假日"], ["周一、三", "周二"]])):
        times = " ".join(f"{start // 60:02}:{start % 60:02}{to}{end // 60}:{end % 60:02}" for start, end in draw(SPANS))
        parts.append(f"{days.replace('至', to)} {times}")
    text = semicolon.join(parts)
    return text.replace("周", "星期").replace(":", "：") if week else text


@given(WEEKS)
@example((((0, 1440),),) * 8)
def test_hours_survive_writing_and_reading(week: Any) -> None:
    assert Hours.parse(str(Hours(week))) == Hours(week)


@given(written_hours())
def test_hours_are_read_in_any_hand(text: str) -> None:
    hours = Hours.parse(text)
    assert Hours.parse(str(hours)) == hours
    assert len(hours.week) == 8 and any(hours.week)


@given(st.text() | st.text("周一二日天至每节假工作末24小时0159:-~;、 \n") | written_hours().map(lambda text: text[1:]))
def test_garbage_is_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert any(Hours.parse(text).week)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "days"),
        ("上午", "days"),
        ("09:00-12:00", "days"),
        ("周八 09:00-12:00", "no day"),
        ("周五至周一 09:00-12:00", "backwards"),
        ("周一 09:00", "not like"),
        ("周一 9点-12点", "not like"),
        ("周一 12:00-09:00", "no span"),
        ("周一 09:00-25:00", "no span"),
        ("周一 09:60-10:00", "no span"),
        ("周一 09:00-12:00 11:00-13:00", "overlap"),
        ("周一至周五 09:00-12:00; 周三 09:00-10:00", "周三 is given twice"),
    ],
)
def test_hours_say_what_cannot_be_read(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Hours.parse(text)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59:59", False), ("09:00", True), ("11:59:59", True), ("12:00", False), ("13:30", True), ("17:30", False)],
)
def test_the_closing_minute_is_closed(clock: str, is_open: bool) -> None:
    assert Hours.parse(OFFICE).open_at(at(TUESDAY.date(), clock)) is is_open


def test_a_moment_elsewhere_is_taken_to_the_city() -> None:
    hours = Hours.parse(OFFICE)
    assert hours.open_at(datetime(2026, 11, 24, 1, 0, tzinfo=UTC))
    assert not hours.open_at(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    opening = hours.next_opening(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    assert opening == datetime(2026, 11, 25, 9, 0, tzinfo=PLACE_TIME)


def test_round_the_clock() -> None:
    hours = Hours.parse("24小时")
    assert str(hours) == "24小时"
    for moment in (at(date(2026, 10, 1), "00:00"), at(ADJUSTED, "23:59:59"), TUESDAY):
        assert hours.open_at(moment) and hours.next_opening(moment) == moment


def test_public_holidays() -> None:
    national = at(date(2026, 10, 1), "10:00")  # a Thursday
    assert not Hours.parse(OFFICE).open_at(national)
    assert not Hours.parse("周一至周日 09:00-12:00").open_at(national)
    assert Hours.parse("每天 09:00-12:00").open_at(national)
    assert Hours.parse("工作日 09:00-12:00; 节假日 10:00-11:00").open_at(national)
    assert Hours.parse(OFFICE).next_opening(national) == datetime(2026, 10, 8, 9, 0)


def test_an_adjusted_working_day_has_mondays_hours() -> None:
    for text in (OFFICE, "周一 09:00-17:30", "周一 09:00-17:30; 周末 20:00-21:00"):
        assert Hours.parse(text).open_at(at(ADJUSTED, "16:00"))
    assert not Hours.parse("周一 09:00-10:00; 周末 20:00-21:00").open_at(at(ADJUSTED, "20:30"))
    assert Hours.parse("周末 20:00-21:00").open_at(at(ADJUSTED, "20:30"))
    assert not Hours.parse("周三 09:00-11:00").open_at(at(ADJUSTED, "10:00"))


def test_ordinary_weekends_and_unknown_years_go_by_the_week() -> None:
    assert Hours.parse(OFFICE).open_at(datetime(2026, 11, 28, 10, 0))  # a Saturday
    assert not Hours.parse(OFFICE).open_at(datetime(2026, 11, 29, 10, 0))
    for year in (1999, 2090):
        national = date(year, 10, 1)
        hours = Hours.parse(f"周{'一二三四五六日'[national.weekday()]} 09:00-12:00")
        assert hours.open_at(at(national, "10:00"))


def test_hours_on_holidays_only_may_have_no_next_opening() -> None:
    assert Hours.parse("节假日 09:00-12:00").next_opening(datetime(2090, 1, 1)) is None


@given(WEEKS, st.datetimes(datetime(2004, 1, 1), datetime(2030, 1, 1)))
def test_the_next_opening_is_the_first(week: Any, moment: datetime) -> None:
    hours = Hours(week)
    opening = hours.next_opening(moment)
    if opening is None:
        return
    assert opening >= moment and hours.open_at(opening)
    if opening > moment:
        assert not hours.open_at(moment) and not hours.open_at(opening - timedelta(minutes=1))
        quarter = (moment + (opening - moment) * n / 4 for n in range(4))
        assert not any(hours.open_at(between) for between in quarter)


# The table


def test_a_table_is_read(tmp_path: Path) -> None:
    [one] = load(table(tmp_path, row()))
    assert (one.id, one.service, one.service_title, one.place) == ("LA-01", "legal_aid", "法律援助", (117.13, 36.19))
    assert one.sample and one.hours == Hours.parse(OFFICE)
    assert one.model_dump()["hours"] == OFFICE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_as_excel_writes_it(tmp_path: Path, encoding: str) -> None:
    rows = [row() + ",,", ",,,,", row(编号="LA-02", 说明='"周三, 只接待\n预约"') + ","]
    first, second = load(table(tmp_path, *rows, header=HEADER + ",,", encoding=encoding))
    assert (first.id, second.note) == ("LA-01", "周三, 只接待\n预约")


def test_columns_in_another_order(tmp_path: Path) -> None:
    columns = list(COLUMNS)[::-1]
    path = table(tmp_path, ",".join(GOOD[column] for column in columns), header=",".join(columns))
    assert load(path) == [institution()]


def test_places_phones_and_brackets_in_several_hands(tmp_path: Path) -> None:
    phones = ["（0538）0000001", "0538 0000001转801", "13800000000", "400-000-0000", "12348", "12348、0538-0000001"]
    rows = [row(编号=f"A-{n}", 电话=phone, 经度="", 纬度="") for n, phone in enumerate(phones)]
    rows += [row(编号="B-1", 服务="村(居)法律顾问"), row(编号="B-2", 区县="泰安市", 示例="")]
    loaded = load(table(tmp_path, *rows))
    assert loaded[0].phone == "(0538)0000001" and loaded[0].place is None
    assert loaded[-2].service == "village_adviser" and not loaded[-1].sample


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"编号": ""}, "编号"),
        ({"名称": ""}, "名称"),
        ({"服务": "算命"}, "服务 '算命'"),
        ({"区县": "外地"}, "区县 '外地': is not in the region"),
        ({"地址": ""}, "地址"),
        ({"电话": ""}, "电话 ''"),
        ({"电话": "没有"}, "'没有' is no telephone number"),
        ({"电话": "0000001"}, "'0000001' is no telephone number"),
        ({"电话": "0538-0000001、538"}, "'538' is no telephone number"),
        ({"经度": "东经"}, "经度 '东经'"),
        ({"经度": "nan"}, "经度 'nan': lies outside China"),
        ({"经度": "2.35"}, "经度 '2.35': lies outside China"),
        ({"纬度": "-36.19"}, "纬度 '-36.19': lies outside China"),
        ({"纬度": ""}, "纬度 '': longitude and latitude go together"),
        ({"经度": ""}, "纬度 '36.19': longitude and latitude go together"),
        ({"开放时间": "上班时间"}, "开放时间 '上班时间'"),
        ({"开放时间": ""}, "开放时间"),
        ({"示例": "也许"}, "示例 '也许'"),
        ({"编号": "LA-02"}, "编号 LA-02 is on line 2 too"),
        ({"说明": "早,晚"}, "13 cells for 12 columns"),
    ],
)
def test_every_fault_with_its_line(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    [(line, fault)] = [
        found
        for found in faults(table(tmp_path, row(编号="LA-02", 说明='"两\n行"'), row(**changed)))
        if not found[1].startswith("示例 '晚'")
    ]
    assert line == 4 and says in fault


def test_swapped_coordinates(tmp_path: Path) -> None:
    found = faults(table(tmp_path, row(经度="36.19", 纬度="117.13")))
    assert [line for line, _ in found] == [2, 2]
    assert all("swapped" in fault for _, fault in found)


def test_all_faults_at_once(tmp_path: Path) -> None:
    bad = row(服务="算命", 区县="外地", 电话="没有", 经度="2", 开放时间="x")
    found = faults(table(tmp_path, bad, "", row(电话="1", 编号="LA-02"), bad))
    assert [line for line, _ in found] == [2] * 5 + [4] + [5] * 6


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (HEADER.replace(",电话", ",联系电话"), ["column 电话 is missing", "column 联系电话 is not known"]),
        (HEADER.replace(",经度", ",").removesuffix(","), ["column 经度 is missing", "column (without a name) is not"]),
        (HEADER.replace(",说明", ",名称"), ["column 说明 is missing", "column 名称 is there twice"]),
    ],
)
def test_a_wrong_header_does_not_hide_other_faults(tmp_path: Path, header: str, says: list[str]) -> None:
    found = faults(table(tmp_path, row(开放时间="x"), header=header))
    assert [line for line, _ in found] == [1] * len(says) + [2]
    assert all(fault.startswith(said) for (_, fault), said in zip(found, says, strict=False))


def test_files_that_are_no_table(tmp_path: Path) -> None:
    path = table(tmp_path, row(), encoding="gb18030")
    assert faults(path) == [(1, "not UTF-8")]
    path.write_bytes(f"{HEADER}\n{row()}\n".encode() + b"\xff")
    assert faults(path) == [(3, "not UTF-8")]
    path.write_text("")
    assert [fault for _, fault in faults(path)] == [f"column {column} is missing" for column in COLUMNS]
    path.write_text(f'{HEADER}\n{row(电话="1")}\n{row(名称="""“A""")}\n"open', encoding="utf-8")
    assert [line for line, _ in faults(path)] == [2, 3, 4]
    assert "cannot be read" in faults(tmp_path / "none.csv")[0][1]


@given(
    st.text() | st.lists(st.lists(st.text(max_size=5), max_size=13)).map(lambda rows: "\n".join(map(",".join, rows)))
)
def test_any_text_loads_or_is_a_content_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(f"{HEADER}\n{text}".encode("utf-8", "replace"))
    try:
        load(path)
    except ContentError as error:
        assert error.problems


def test_half_a_place_is_none_in_code_either() -> None:
    fields = {COLUMNS[column]: value for column, value in GOOD.items() if column != "纬度"}
    with pytest.raises(ValidationError, match="go together"):
        Institution(**fields)  # type: ignore[arg-type]


# Looking up

NEAR = (117.13, 36.19)
LIST = Directory(
    (
        institution(id="city", name="市级", district="泰安市", longitude=None, latitude=None),
        institution(id="far", name="远处", district="东平县", longitude=116.47, latitude=35.93),
        institution(
            id="near", name="近处", district="岱岳区", longitude=117.04, latitude=36.18, hours="周六 09:00-12:00"
        ),
        institution(id="b", name="乙处", district="泰山区", longitude=None, latitude=None),
        institution(id="a", name="丁处", district="泰山区", service="notary", longitude=117.14, latitude=36.19),
    )
)


def ids(**wanted: Any) -> list[str]:
    return [found.institution.id for found in LIST.search(moment=TUESDAY, **wanted)]


def test_nearest_first_and_unknown_places_last() -> None:
    assert ids(near=NEAR) == ["a", "near", "far", "b", "city"]
    assert ids(near=NEAR, limit=2) == ["a", "near"] and ids(limit=0) == ids(limit=-1) == []
    assert ids(near=(116.47, 35.93), service="legal_aid")[0] == "far"
    a, near, far, b, city = LIST.search(near=NEAR, moment=TUESDAY)
    assert a.distance_km == pytest.approx(0.897, abs=0.002)
    assert near.distance_km == pytest.approx(8.15, abs=0.02) and far.distance_km == pytest.approx(66.0, abs=0.5)
    assert b.distance_km is city.distance_km is None


def test_without_a_place_by_district_and_name() -> None:
    assert ids() == ["a", "b", "near", "far", "city"]
    assert all(found.distance_km is None for found in LIST.search())


def test_swapped_place_of_the_citizen() -> None:
    for place in ((36.19, 117.13), (float("nan"), 36.0)):
        with pytest.raises(ValueError, match="longitude"):
            LIST.search(near=place)


def test_a_district_without_any_falls_back_to_the_city() -> None:
    assert ids(district="岱岳区") == ["near"]
    assert ids(district="新泰市") == ids(district="泰安市") == ids(district="外地") == ["city"]
    assert ids(district="新泰市", service="notary") == []
    # The only one of the district is closed: what is open now is the city's.
    assert ids(district="岱岳区", open_now=True) == ["city"]


def test_open_now() -> None:
    assert ids(open_now=True) == ["a", "b", "far", "city"]
    closed = LIST.search(district="岱岳区", moment=TUESDAY)[0]
    assert not closed.open and closed.next_opening == datetime(2026, 11, 28, 9, 0)
    opened = LIST.search(district="东平县", moment=TUESDAY)[0]
    assert opened.open and opened.next_opening is None


# What is shipped


def test_the_shipped_table_is_clean_and_plainly_a_sample() -> None:
    shipped = load(INSTITUTIONS)
    assert 30 <= len(shipped) <= 40
    assert {one.service for one in shipped} == SERVICES.keys()
    assert {one.district for one in shipped} == set(districts())
    assert all(one.sample and "「示例」" in one.name and re.fullmatch(r"0538-00000\d\d", one.phone) for one in shipped)
    assert len({one.hours for one in shipped}) >= 5
    assert all(one.covers for one in shipped if one.service == "village_adviser")


def test_the_directory_is_read_once_and_can_be_another() -> None:
    assert directory() is directory() and len(directory().institutions) == len(load(INSTITUTIONS))


def test_a_city_names_its_own_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_INSTITUTIONS", str(table(tmp_path, row())))
    assert [one.id for one in load(module.default_path())] == ["LA-01"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(table(tmp_path, row(), row(编号="LA-02", 区县="泰安市", 示例="否")))]) == 0
    said = capsys.readouterr().out
    assert "2 institutions, 1 of them samples" in said
    assert "法律援助 2: 泰山区 1, 泰安市 1\n" in said and "公证 0\n" in said
    assert main([str(table(tmp_path, row(服务="算命")))]) == 1
    assert "机构.csv:2: 服务" in (said := capsys.readouterr().out) and "fix: one of 法律援助、" in said
    assert main(["a", "b"]) == 2
    assert module.default_path() == INSTITUTIONS
