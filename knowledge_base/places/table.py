"""The table of institutions: CSV as Excel writes it, every fault named with line and fix."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from knowledge_base.errors import ContentError, Problem
from knowledge_base.places.institution import SERVICES, Institution, districts

COLUMNS = {
    "编号": "id",
    "名称": "name",
    "服务": "service",
    "区县": "district",
    "地址": "address",
    "电话": "phone",
    "经度": "longitude",
    "纬度": "latitude",
    "开放时间": "hours",
    "服务范围": "covers",
    "说明": "note",
    "示例": "sample",
}
_FIXES = {
    "id": "up to 20 letters, digits and hyphens, no two alike",
    "name": "2 to 60 characters",
    "service": f"one of {'、'.join(SERVICES.values())}",
    "address": "2 to 120 characters",
    "phone": "like 0538-1234567, with the area code; several with 、 between, an extension after 转",
    "longitude": "degrees like 117.0876, or leave both coordinates empty",
    "latitude": "degrees like 36.2001, or leave both coordinates empty",
    "hours": "like 周一至周五 09:00-12:00 13:30-17:30; 周六 09:00-12:00, or 24小时",
    "covers": "at most 300 characters",
    "note": "at most 300 characters",
    "sample": "是 or 否",
}


def load(path: Path) -> list[Institution]:
    """The institutions of a table: CSV in UTF-8 as Excel writes it, the columns of `COLUMNS` in any order.

    Raises:
        ContentError: it cannot be used; every fault with its line and fix.
    """
    rows = _rows(path)
    columns = next(rows)[1]
    problems = _header_problems(path, columns)
    unknown = {COLUMNS[column] for column in COLUMNS if columns.count(column) != 1}
    if unknown & {"longitude", "latitude"}:
        unknown |= {"longitude", "latitude"}
    institutions: list[Institution] = []
    lines: dict[str, int] = {}
    try:
        for line, cells in rows:
            problems += _row_problems(path, line, cells, columns, lines)
            fields = {COLUMNS[column]: cell for column, cell in zip(columns, cells, strict=False) if column in COLUMNS}
            try:
                institutions.append(Institution(**fields))  # type: ignore[arg-type]
            except ValidationError as error:
                problems += _field_problems(path, line, error, unknown)
    except ContentError as error:
        problems += error.problems
    if problems:
        raise ContentError(problems)
    return institutions


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The header, even if there is none, and every row that is not empty, with the line each starts at."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ContentError([Problem(path, 1, f"cannot be read: {error.strerror}", "check name and rights")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ContentError([Problem(path, line, "not UTF-8", "save it in Excel as “CSV UTF-8（逗号分隔）”")]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [cell.strip() for cell in next(reader, [])]
        while header and not header[-1]:  # Excel keeps columns that were once used
            header.pop()
        yield 1, header
        line = reader.line_num + 1
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells + [""] * (len(header) - len(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ContentError([Problem(path, line, f"not CSV: {error}", "check the quotes from this line on")]) from error


def _header_problems(path: Path, columns: list[str]) -> list[Problem]:
    fix = f"the first line is {','.join(COLUMNS)}"
    faults = [f"column {column} is missing" for column in COLUMNS if column not in columns]
    for column, times in Counter(columns).items():
        if column not in COLUMNS:
            faults.append(f"column {column or '(without a name)'} is not known")
        elif times > 1:
            faults.append(f"column {column} is there twice")
    return [Problem(path, 1, fault, fix) for fault in faults]


def _row_problems(
    path: Path, line: int, cells: list[str], columns: list[str], lines: dict[str, int]
) -> Iterator[Problem]:
    if any(cells[len(columns) :]):
        yield Problem(path, line, f"{len(cells)} cells for {len(columns)} columns", "put text with commas in quotes")
    identity = cells[columns.index("编号")] if "编号" in columns else ""
    if identity and lines.setdefault(identity, line) != line:
        yield Problem(path, line, f"编号 {identity} is on line {lines[identity]} too", "choose another 编号")


def _field_problems(path: Path, line: int, error: ValidationError, unknown: set[str]) -> Iterator[Problem]:
    """What is wrong with one row, apart from ``unknown`` fields, whose columns the header lacks or doubles."""
    titles = {field: column for column, field in COLUMNS.items()}
    for fault in error.errors():
        field = str(fault["loc"][0])
        if field not in unknown:
            fix = _FIXES.get(field) or f"one of {'、'.join(districts())}"
            value = "" if fault["input"] is None else fault["input"]
            message = fault["msg"].removeprefix("Value error, ")
            yield Problem(path, line, f"{titles[field]} {value!r}: {message}", fix)
