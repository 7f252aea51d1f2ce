"""The queue at /desk. Live: the table fetches itself whole again, so that a dropped connection leaves nothing stale."""

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from channels.desk.security import allowed, away
from channels.pages import page
from nlu_data.taxonomy import taxonomy
from referrals import allocation, masking, queue
from referrals.intake import CHANNELS, SERVICES, region
from referrals.lifecycle import STEPS
from referrals.permissions import Permission
from referrals.queue import VIEWS, Filter
from referrals.staff import SignedIn
from referrals.store import session
from referrals.work import Told

router = APIRouter(prefix="/desk", include_in_schema=False)
Reader = Annotated[SignedIn, Depends(allowed(Permission.QUEUE))]


def _leads(request: Request, me: Annotated[SignedIn, Depends(allowed(Permission.WORK))]) -> SignedIn:
    """
    Raises:
        Turned: away, who may not assign.
    """
    if me.actor.role not in STEPS["assign"].by:
        raise away(request, me)
    return me


Leader = Annotated[SignedIn, Depends(_leads)]


class FilterIn(BaseModel):
    """The filter as the page's address has it."""

    view: Annotated[str, Field(max_length=20)] = ""
    service: Annotated[str, Field(max_length=20)] = ""
    topic: Annotated[str, Field(max_length=20)] = ""
    district: Annotated[str, Field(max_length=20)] = ""
    channel: Annotated[str, Field(max_length=20)] = ""
    urgent: bool = False
    find: Annotated[str, Field(max_length=60)] = ""
    after: Annotated[str, Field(pattern=r"^([01]-\d{1,12})?$")] = ""

    def wanted(self, views: list[str]) -> Filter:
        known = self.model_dump()
        known["view"] = self.view if self.view in views else views[0]
        return queue.everything(Filter(**known))


Asked = Annotated[FilterIn, Query()]
Picked = Annotated[list[str], Form()]


@router.get("")
def show(request: Request, me: Reader, asked: Asked) -> HTMLResponse:
    """The whole page, or for htmx the table alone."""
    return _page(request, me, asked)


@router.post("/assign")
def assign(
    request: Request,
    me: Leader,
    asked: Asked,
    assignee: Annotated[int | None, Form()] = None,
    codes: Picked = [],  # noqa: B006  FastAPI copies it
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse:
    """Give the picked tickets to one worker, one after the other; what came of each is said above the table."""
    told = Told(assignee=assignee, reason=reason.strip())
    return _page(request, me, asked, tried=allocation.give_each(codes[: queue.PAGE], me.actor, told), told=told)


@router.post("/allocate")
def allocate(request: Request, me: Leader, asked: Asked, codes: Picked = []) -> HTMLResponse:  # noqa: B006
    """Have the picked tickets, for which nobody fitted, given out once more."""
    return _page(request, me, asked, tried=allocation.try_each_again(codes[: queue.PAGE], me.actor))


def _page(request: Request, me: SignedIn, asked: FilterIn, **tried: Any) -> HTMLResponse:
    views = queue.views_of(me.actor.role)
    wanted = asked.wanted(views)
    picks = wanted.view in queue.GIVEN_OUT and me.actor.role in STEPS["assign"].by
    with session() as db:
        found = queue.page(db, me.actor, wanted)
        counts = queue.counts(db, me.actor, views)
        crew = allocation.crew(db) if picks else []
    following = urlencode({**asdict(wanted), "after": found.after}) if found.after else ""
    return page(
        request,
        "desk/_queue" if request.headers.get("HX-Request") else "desk/queue",
        me=me,
        views={view: VIEWS[view] for view in views},
        wanted=wanted,
        found=found,
        counts=counts,
        picks=picks,
        crew=crew,
        calls_back=wanted.view == "replied",
        masked_name=masking.masked_name,
        masked_phone=masking.masked_phone,
        following=following,
        here=urlencode(asdict(wanted)),
        services=SERVICES,
        topics=[topic.title for topic in taxonomy().topics.values()],
        districts=(*region().districts, region().elsewhere),
        channels=CHANNELS,
        **tried,
    )
