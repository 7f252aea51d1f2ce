"""An Atom feed of legal tips, one a day, for readers and other sites to subscribe to."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlsplit

from knowledge_base.tips import Tip
from referrals.worktime import PLACE_TIME

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_SINCE = "2026"  # the year from which the host's name is ours, as tag: addresses want it (RFC 4151)


@dataclass(frozen=True)
class Feed:
    """``base`` is the gateway's address without a slash at its end, ``page`` and ``path`` are below it; ``days`` has
    the newest first."""

    title: str
    base: str
    page: str
    path: str
    days: Sequence[tuple[date, Tip]]


def atom(feed: Feed) -> bytes:
    root = ET.Element("feed", xmlns=_ATOM)
    _add(root, "title", feed.title)
    _add(root, "id", _tag(feed, feed.path))
    _add(root, "updated", _morning(feed.days[0][0]))
    _add(_add(root, "author"), "name", "法助")
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.base + feed.path)
    _add(root, "link", rel="alternate", type="text/html", href=feed.base + feed.page)
    for day, tip in feed.days:
        _add_entry(root, feed, day, tip)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(root: ET.Element, feed: Feed, day: date, tip: Tip) -> None:
    entry = _add(root, "entry")
    _add(entry, "title", tip.question)
    _add(entry, "id", _tag(feed, f"{feed.path}/{day.isoformat()}"))
    _add(entry, "updated", _morning(day))
    _add(entry, "link", rel="alternate", type="text/html", href=f"{feed.base}/tips/{tip.topic.slug}#{tip.id}")
    _add(entry, "category", term=tip.topic.slug, label=tip.topic.title)
    _add(entry, "content", f"{tip.text}\n{tip.vouched}", type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, name, attributes)
    made.text = text
    return made


def _tag(feed: Feed, of: str) -> str:
    return f"tag:{urlsplit(feed.base).hostname},{_SINCE}:{of}"


def _morning(day: date) -> str:
    return datetime.combine(day, time(), PLACE_TIME).isoformat()
