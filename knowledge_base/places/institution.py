"""One institution: what it does, where it is, when it is open."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from knowledge_base.places.hours import Hours

# Data and no import: the place FaZhu serves is said once, for every part.
REGION = Path(__file__).parent.parent.parent / "referrals" / "region.yml"

Service = Literal[
    "legal_aid",
    "mediation",
    "notary",
    "appraisal",
    "labour_arbitration",
    "arbitration",
    "lawyer",
    "village_adviser",
    "service_centre",
]
SERVICES: dict[Service, str] = {
    "legal_aid": "法律援助",
    "mediation": "人民调解",
    "notary": "公证",
    "appraisal": "司法鉴定",
    "labour_arbitration": "劳动人事争议仲裁",
    "arbitration": "商事仲裁",
    "lawyer": "律师事务所",
    "village_adviser": "村（居）法律顾问",
    "service_centre": "公共法律服务中心",
}


@cache
def districts() -> tuple[str, ...]:
    """The districts of the city in their official order, and last the city itself, for institutions that serve all."""
    data = yaml.safe_load(REGION.read_text(encoding="utf-8"))
    return (*data["districts"], data["city"])


_LONGITUDES, _LATITUDES = (73.0, 136.0), (3.0, 54.0)  # of China, degrees
# Area code and number, mobile, 400 and 800, five-digit hotlines, 110 and the like. What follows 转 is an extension.
_PHONE = re.compile(r"(?:0[0-9]{9,11}|1[3-9][0-9]{9}|[48]00[0-9]{7}|[19][0-9]{4}|1[0-9]{2})(?:转[0-9]{1,6})?")


def _read_service(value: object) -> object:
    slugs = {unicodedata.normalize("NFKC", title): slug for slug, title in SERVICES.items()}
    return slugs.get(unicodedata.normalize("NFKC", value), value) if isinstance(value, str) else value


def _known_district(value: str) -> str:
    if value not in districts():
        raise ValueError("is not in the region")
    return value


def _read_phone(value: str) -> str:
    clean = unicodedata.normalize("NFKC", value)
    for number in re.split(r"[、/;,]", clean):
        if not _PHONE.fullmatch(re.sub(r"[-() ]", "", number)):
            raise ValueError(f"{number.strip()!r} is no telephone number")
    return clean


def _read_hours(value: object) -> object:
    return Hours.parse(value) if isinstance(value, str) else value


def _read_yes(value: object) -> object:
    return {"是": True, "否": False, "": False}.get(value, value) if isinstance(value, str) else value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _within(value: float | None, own: tuple[float, float], other: tuple[float, float]) -> None:
    if value is None or own[0] <= value <= own[1]:
        return
    swapped = other[0] <= value <= other[1]
    raise ValueError("longitude and latitude are swapped" if swapped else "lies outside China")


def _text(shortest: int, longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


Degrees = Annotated[float | None, BeforeValidator(_empty_is_none)]


class Institution(BaseModel):
    """A place where people find help, or a lawyer who advises a village.

    ``district`` is one of `districts`, the city for an institution that serves all of it. Longitude and latitude in
    degrees, both or neither, all of one map: the maps of China differ by some hundred metres. ``covers`` names the
    villages and communities an adviser serves. A ``sample`` is made up, for trying the product out.

    Raises:
        pydantic.ValidationError: a field is not as described.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]
    name: Annotated[str, _text(2, 60)]
    service: Annotated[Service, BeforeValidator(_read_service)]
    district: Annotated[str, AfterValidator(_known_district)]
    address: Annotated[str, _text(2, 120)]
    phone: Annotated[str, AfterValidator(_read_phone)]
    longitude: Degrees = None
    latitude: Annotated[Degrees, Field(validate_default=True)] = None
    hours: Annotated[Hours, BeforeValidator(_read_hours), PlainSerializer(str, return_type=str)]
    covers: Annotated[str, _text(0, 300)] = ""
    note: Annotated[str, _text(0, 300)] = ""
    sample: Annotated[bool, BeforeValidator(_read_yes)] = False

    @field_validator("longitude")
    @classmethod
    def _in_china_longitude(cls, value: float | None) -> float | None:
        _within(value, _LONGITUDES, _LATITUDES)
        return value

    @field_validator("latitude")
    @classmethod
    def _in_china_latitude(cls, value: float | None, info: ValidationInfo) -> float | None:
        _within(value, _LATITUDES, _LONGITUDES)
        if "longitude" in info.data and (info.data["longitude"] is None) != (value is None):
            raise ValueError("longitude and latitude go together")
        return value

    @property
    def service_title(self) -> str:
        return SERVICES[self.service]

    @property
    def place(self) -> tuple[float, float] | None:
        """(longitude, latitude) if known."""
        return None if self.longitude is None or self.latitude is None else (self.longitude, self.latitude)
