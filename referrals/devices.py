"""Kiosks: each has a token of its own, says now and then that it is alive, and can be switched off from the desk."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from referrals import audit
from referrals.errors import IllegalStep
from referrals.lifecycle import Actor
from referrals.models import Device
from referrals.store import session

BEAT = 60  # seconds between two signs of life
SILENT = timedelta(minutes=5)  # without one, a kiosk counts as away


@dataclass(frozen=True)
class Known:
    id: int
    place: str


def add(db: Session, actor: Actor, place: str) -> str:
    """A kiosk's token, shown once.

    Raises:
        IllegalStep: no place is named, its name is too long, or a kiosk stands there already.
    """
    name = " ".join(place.split())
    if not 0 < len(name) <= 60:
        raise IllegalStep("请写明自助机放在哪里，60 字以内。")
    device = db.scalar(select(Device).filter_by(place=name).with_for_update())
    if device and device.active:
        raise IllegalStep("这个地点已经有一台自助机；换机请先停用原来的。")
    token = secrets.token_urlsafe(24)
    device = device or Device(place=name)
    device.digest, device.active, device.created_at = _digest(token), True, datetime.now(UTC)
    device.seen_at, device.state = None, ""
    db.add(device)
    db.flush()
    audit.record(db, actor, "device_add", str(device.id))
    return token


def switch_off(db: Session, actor: Actor, id: int) -> None:
    """Its token opens nothing from now on."""
    device = db.get(Device, id, with_for_update=True)
    if device and device.active:
        device.active = False
        audit.record(db, actor, "device_off", str(id))


def known(token: str, bind: Engine | None = None) -> Known | None:
    """The kiosk with this token, unless it is switched off."""
    with session(bind) as db:
        found = db.scalar(select(Device).filter_by(digest=_digest(token), active=True))
        return Known(found.id, found.place) if found else None


def beat(id: int, state: str, bind: Engine | None = None) -> None:
    """It is alive; ``state`` is what it says of itself, 40 characters at most."""
    with session(bind) as db:
        if device := db.get(Device, id):
            device.seen_at, device.state = datetime.now(UTC), state[:40]


def every(db: Session) -> list[Device]:
    return list(db.scalars(select(Device).order_by(Device.active.desc(), Device.place)))


def is_away(device: Device, now: datetime) -> bool:
    return device.seen_at is None or now - device.seen_at > SILENT


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
