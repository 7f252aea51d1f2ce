"""How many messages WeChat still takes for a citizen: five within 48 hours of their last words, three within a minute of
a tap, a follow or a scan."""

from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from sqlalchemy import Engine, func, select

from referrals import reach
from referrals.models import Reach
from referrals.secret_text import digest, digests
from referrals.store import session

AFTER_WORDS, AFTER_TAP = 5, 3
TAP = 55.0  # seconds: WeChat's minute, less the way there
KEPT = int(reach.KEPT.total_seconds())


@dataclass(frozen=True)
class Window:
    """What one occasion allows. Counted under its own moment, so that the next words begin a new count."""

    redis: Redis
    key: str
    most: int

    def take(self) -> bool:
        """Count one message, unless all are used up."""
        count = int(str(self.redis.incr(self.key)))
        self.redis.expire(self.key, KEPT)
        if count > self.most:
            self.give_back()
        return count <= self.most

    def give_back(self) -> None:
        self.redis.decr(self.key)

    def close(self) -> None:
        """WeChat counts otherwise: nothing more is sent."""
        self.redis.set(self.key, self.most, ex=KEPT)

    @property
    def is_open(self) -> bool:
        return int(str(self.redis.get(self.key) or 0)) < self.most


def windows(redis: Redis, openid: str, tapped_at: float | None = None, bind: Engine | None = None) -> list[Window]:
    """Those that are not over, in the order they are used; none when nothing may be sent."""
    now, found = datetime.now(UTC), []
    heard = _last_heard(openid, bind)
    name = f"fazhu:wechat:sent:{digest(openid)}"
    if heard and now - heard < reach.KEPT:
        found.append(Window(redis, f"{name}:{heard.timestamp()}", AFTER_WORDS))
    if tapped_at and now.timestamp() - tapped_at < TAP:
        found.append(Window(redis, f"{name}:tap:{tapped_at}", AFTER_TAP))
    return found


def _last_heard(openid: str, bind: Engine | None) -> datetime | None:
    latest = select(func.max(Reach.heard_at)).where(Reach.channel == "wechat", Reach.address_key.in_(digests(openid)))
    with session(bind) as db:
        return db.scalar(latest)
