"""What a citizen may see of a ticket, for its code and PIN."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from channels.deps import RateLimited
from channels.errors import TicketLocked, TicketUnknown
from referrals import tickets
from referrals.codes import read_code
from referrals.errors import TicketNotFound, TooManyTries
from referrals.intake import SERVICES

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"], dependencies=[RateLimited])


class EventOut(BaseModel):
    at: datetime
    status: str
    note: str


class PublicTicketOut(BaseModel):
    code: str
    status: str
    service: str
    district: str
    created_at: datetime
    events: list[EventOut]


@router.get("/{code}")
def ticket(code: Annotated[str, Path(max_length=60)], secret: Annotated[str, Query(max_length=20)]) -> PublicTicketOut:
    standard = read_code(code)
    if standard is None:
        raise TicketUnknown
    try:
        found = tickets.look_up(standard, secret.strip())
    except TicketNotFound as error:
        raise TicketUnknown from error
    except TooManyTries as error:
        raise TicketLocked from error
    return PublicTicketOut(
        code=found.code,
        status=found.status.label,
        service=SERVICES[found.service],
        district=found.district,
        created_at=found.created_at,
        events=[EventOut(at=at, status=status.label, note=note) for at, status, note in found.events],
    )
