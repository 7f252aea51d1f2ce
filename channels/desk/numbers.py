"""Figures for supervisors: a page with charts, the same as CSV and XLSX, and as data."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import xlsxwriter
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from channels.desk.security import allowed
from channels.errors import InvalidField
from channels.pages import page
from referrals import numbers
from referrals.numbers import Span, Table
from referrals.permissions import Permission
from referrals.staff import SignedIn
from referrals.store import session
from referrals.worktime import PLACE_TIME

router = APIRouter(include_in_schema=False)
Reader = Annotated[SignedIn, Depends(allowed(Permission.NUMBERS))]
LONGEST = 400  # days
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _span(first: Annotated[date | None, Query()] = None, last: Annotated[date | None, Query()] = None) -> Span:
    """The days asked for, by default the last thirty."""
    last = last or datetime.now(PLACE_TIME).date()
    first = first or last - timedelta(days=29)
    if not 0 <= (last - first).days <= LONGEST:
        raise InvalidField("first")
    return Span(first, last)


Asked = Annotated[Span, Depends(_span)]


@router.get("/desk/numbers")
def show(request: Request, me: Reader, span: Asked) -> HTMLResponse:
    with session() as db:
        found = numbers.tables(db, span)
        unanswered = numbers.unanswered(db, span)
    return page(request, "desk/numbers", me=me, span=span, tables=found, unanswered=unanswered)


@router.get("/desk/numbers.csv")
def as_csv(me: Reader, span: Asked) -> Response:
    with session() as db:
        rows = numbers.as_rows(numbers.tables(db, span))
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    return _file("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", span, "csv")


@router.get("/desk/numbers.xlsx")
def as_xlsx(me: Reader, span: Asked) -> Response:
    with session() as db:
        found = numbers.tables(db, span)
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for table in found:
            sheet = book.add_worksheet(table.title)
            for number, row in enumerate([table.head, *table.rows]):
                sheet.write_row(number, 0, row)
            sheet.set_column(0, 0, 36)
    return _file(content.getvalue(), _XLSX, span, "xlsx")


@router.get("/api/v1/desk/numbers", include_in_schema=True, tags=["desk"])
def as_data(me: Reader, span: Asked) -> dict[str, Any]:
    """Every table of the dashboard: ``{name: {"title", "head", "rows"}}``."""
    with session() as db:
        found = numbers.tables(db, span)
    return {table.name: _plain(table) for table in found}


def _plain(table: Table) -> dict[str, Any]:
    return {"title": table.title, "head": table.head, "rows": table.rows}


def _file(content: str | bytes, media_type: str, span: Span, ending: str) -> Response:
    name = f"attachment; filename=fazhu-{span.first}-{span.last}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": name})
