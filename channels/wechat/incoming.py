"""What WeChat delivers, as far as FaZhu cares. Parsed by wechatpy, whose errors on bad XML are caught here."""

import hashlib
import math
import re
from collections.abc import Callable
from typing import Any
from xml.parsers.expat import ExpatError

from pydantic import BaseModel
from wechatpy import parse_message

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # an openid, an account: they are written into replies
_EVENT = "event"


class BadMessage(Exception):
    """It is no message of WeChat's."""


class Received(BaseModel):
    """One message or event. ``kind`` is text, voice, image, location, subscribe, scan, click …; ``key`` is the same for
    every delivery of it; ``place`` (longitude, latitude); ``choice`` the id of a tapped choice; ``scene`` what a scanned
    code carries, or a menu's key."""

    kind: str
    key: str
    openid: str
    account: str
    at: int
    is_event: bool = False
    text: str = ""
    media: str = ""
    scene: str = ""
    choice: str = ""
    place: tuple[float, float] | None = None


def read(xml: str) -> Received:
    """
    Raises:
        BadMessage: it cannot be read, or names nobody.
    """
    try:
        # Broken XML, another root, repeated, nested or missing elements, letters for a number, declared entities:
        # wechatpy raises what Python raises.
        return _received(parse_message(xml))
    except (ExpatError, KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise BadMessage(type(error).__name__) from None


def _received(message: Any) -> Received:
    said = message._data
    is_event = said["MsgType"].lower() == _EVENT
    kind = str(said.get("Event") if is_event else said["MsgType"]).lower()
    known = {
        "kind": kind, "key": _key(message, kind, is_event), "openid": _name(message.source),
        "account": _name(message.target), "at": message.time, "is_event": is_event,
    }  # fmt: skip
    reads = _READS.get(type(message).__name__)
    return Received.model_validate(known | (reads(message) if reads else {}))


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("no name of WeChat's")
    return value


def _key(message: Any, kind: str, is_event: bool) -> str:
    """Messages have an id; events are told apart by who, when and what."""
    if message.id and not is_event:
        return f"wx-{message.id}"
    told = "\n".join((message.source, str(message.time), kind, str(message._data.get("EventKey") or "")))
    return f"wx-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _place(message: Any) -> dict[str, Any]:
    """WeChat's x is the latitude."""
    try:
        place = float(message.location_y), float(message.location_x)
    except (ValueError, TypeError):
        return {}
    return {"place": place} if all(map(math.isfinite, place)) else {}


_READS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "TextMessage": lambda message: {
        "text": message.content or "",
        "choice": str(message._data.get("bizmsgmenuid") or ""),
    },
    "VoiceMessage": lambda message: {"text": message.recognition or ""},
    "ImageMessage": lambda message: {"media": message.media_id or ""},
    "LocationMessage": _place,
    "ScanEvent": lambda message: {"scene": message.scene_id or ""},
    "SubscribeScanEvent": lambda message: {"scene": message.scene_id or "", "kind": "subscribe"},
    "ClickEvent": lambda message: {"scene": message.key or ""},
}
