"""What a citizen may see of a ticket, and do with it, for its code and PIN."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from channels.deps import RateLimited
from channels.errors import ApiError, TicketLocked, TicketUnknown
from referrals import citizen, privacy, tickets
from referrals.codes import read_code
from referrals.errors import Refused, TicketNotFound, TooManyTries
from referrals.intake import SERVICES

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"], dependencies=[RateLimited])

Code = Annotated[str, Path(max_length=60)]
Pin = Annotated[str, Query(max_length=20)]


class StepRefused(ApiError):
    status = 409
    code = "refused"

    def __init__(self, why: str) -> None:
        self.message = why


class EventOut(BaseModel):
    at: datetime
    status: str
    note: str


class PublicTicketOut(BaseModel):
    """``waiting``: the office waits for something from the citizen. ``rating``: the grade given, 1 to 5."""

    code: str
    status: str
    service: str
    district: str
    created_at: datetime
    events: list[EventOut]
    result: str
    waiting: bool
    rating: int | None


class RatingIn(BaseModel):
    secret: str = Field(max_length=20)
    grade: int = Field(ge=1, le=5)
    comment: str = Field("", max_length=citizen.TEXT_LIMIT)


class StepIn(BaseModel):
    secret: str = Field(max_length=20)
    step: Literal["urge", "supplement", "withdraw", "reopen"]
    text: str = Field("", max_length=citizen.TEXT_LIMIT)


@contextmanager
def _answering() -> Iterator[None]:
    """Errors of the referrals in the contract's form."""
    try:
        yield
    except TicketNotFound as error:
        raise TicketUnknown from error
    except TooManyTries as error:
        raise TicketLocked from error
    except Refused as error:
        raise StepRefused(str(error)) from error


def _standard(code: str) -> str:
    standard = read_code(code)
    if standard is None:
        raise TicketUnknown
    return standard


@router.get("/{code}")
def ticket(code: Code, secret: Pin) -> PublicTicketOut:
    with _answering():
        found = tickets.look_up(_standard(code), secret.strip())
    return PublicTicketOut(
        code=found.code,
        status=found.status.label,
        service=SERVICES[found.service],
        district=found.district,
        created_at=found.created_at,
        events=[EventOut(at=at, status=status.label, note=note) for at, status, note in found.events],
        result=found.result,
        waiting=found.waiting,
        rating=found.rating,
    )


@router.get("/{code}/export")
def export(code: Code, secret: Pin) -> dict[str, Any]:
    """Everything the service keeps of the ticket."""
    with _answering():
        return privacy.export(_standard(code), secret.strip())


@router.delete("/{code}", status_code=204)
def erase(code: Code, secret: Pin) -> None:
    """Call off what is still open and delete the ticket's contents, for good."""
    with _answering():
        privacy.erase(_standard(code), secret.strip())


@router.post("/{code}/rating")
def rate(code: Code, given: RatingIn) -> PublicTicketOut:
    with _answering():
        citizen.judge(_standard(code), given.secret.strip(), given.grade, given.comment)
    return ticket(code, given.secret)


@router.post("/{code}/steps")
def step(code: Code, given: StepIn) -> PublicTicketOut:
    with _answering():
        citizen.take(_standard(code), given.secret.strip(), given.step, given.text)
    return ticket(code, given.secret)
