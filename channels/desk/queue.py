"""The queue at /desk. Live: the table fetches itself whole again, so that a dropped connection leaves nothing stale."""

from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from channels.desk.security import allowed
from channels.pages import page
from nlu_data.taxonomy import taxonomy
from referrals import queue
from referrals.intake import CHANNELS, SERVICES, region
from referrals.permissions import Permission
from referrals.queue import VIEWS, Filter
from referrals.staff import SignedIn
from referrals.store import session

router = APIRouter(prefix="/desk", include_in_schema=False)
Reader = Annotated[SignedIn, Depends(allowed(Permission.QUEUE))]


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


@router.get("")
def show(request: Request, me: Reader, asked: Annotated[FilterIn, Query()]) -> HTMLResponse:
    """The whole page, or for htmx the table alone."""
    views = queue.views_of(me.actor.role)
    wanted = asked.wanted(views)
    with session() as db:
        found = queue.page(db, me.actor, wanted)
        counts = queue.counts(db, me.actor, views)
    following = urlencode({**asdict(wanted), "after": found.after}) if found.after else ""
    return page(
        request,
        "desk/_queue" if request.headers.get("HX-Request") else "desk/queue",
        me=me,
        views={view: VIEWS[view] for view in views},
        wanted=wanted,
        found=found,
        counts=counts,
        following=following,
        here=urlencode(asdict(wanted)),
        services=SERVICES,
        topics=[topic.title for topic in taxonomy().topics.values()],
        districts=(*region().districts, region().elsewhere),
        channels=CHANNELS,
    )
