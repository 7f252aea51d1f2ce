"""Where people find help: institutions by service, district and whether they are open, as data and as a page."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from channels.deps import RateLimited
from channels.errors import InvalidField
from channels.pages import page
from knowledge_base.places.directory import Found, directory
from knowledge_base.places.institution import SERVICES, Service, districts

router = APIRouter(dependencies=[RateLimited])

MOST = 50


class InstitutionOut(BaseModel):
    """``distance_km`` when both places are known; ``next_opening`` ISO 8601, while it is closed."""

    id: str
    name: str
    service: str
    district: str
    address: str
    phone: str
    longitude: float | None
    latitude: float | None
    hours: str
    covers: str
    note: str
    sample: bool
    open: bool
    next_opening: str | None
    distance_km: float | None

    @classmethod
    def of(cls, found: Found) -> "InstitutionOut":
        return cls(
            **found.institution.model_dump(),
            open=found.open,
            next_opening=found.next_opening.isoformat() if found.next_opening else None,
            distance_km=None if found.distance_km is None else round(found.distance_km, 1),
        )


class Institutions(BaseModel):
    items: list[InstitutionOut]


@router.get("/api/v1/institutions", tags=["institutions"])
def search(
    service: Service | None = None,
    district: Annotated[str, Query(max_length=20)] = "",
    open_now: bool = False,
    longitude: Annotated[float | None, Query(ge=-180, le=180)] = None,
    latitude: Annotated[float | None, Query(ge=-90, le=90)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 10,
) -> Institutions:
    """Nearest first where a place is given; institutions of the whole city where a district has none that fit."""
    if district and district not in districts():
        raise InvalidField("district")
    if (longitude is None) != (latitude is None):
        raise InvalidField("longitude, latitude")
    near = None if longitude is None or latitude is None else (longitude, latitude)
    found = directory().search(service, district or None, open_now, near, limit=limit)
    return Institutions(items=[InstitutionOut.of(one) for one in found])


@router.get("/institutions", include_in_schema=False)
def browse(request: Request, service: str = "", district: str = "", open_now: str = "") -> HTMLResponse:
    """The same as a page; what it does not know it leaves out."""
    wanted = next((slug for slug in SERVICES if slug == service), None)
    where = district if district in districts() else ""
    found = directory().search(wanted, where or None, bool(open_now), limit=MOST)
    return page(
        request, "institutions", found=found, services=SERVICES, districts=districts(), service=wanted, district=where,
        open_now=bool(open_now),
    )  # fmt: skip
