"""The account's access token, one for all processes: kept encrypted in shared state, fetched by whoever holds the lock."""

from collections.abc import Callable
from datetime import datetime

from redis import Redis

from referrals.secret_text import decrypt, encrypt
from referrals.worktime import PLACE_TIME

KEY, LOCK = "fazhu:wechat:token", "fazhu:wechat:token-lock"
EARLY = 300  # seconds before its end a token is no longer used
FORCED_A_DAY = 20  # WeChat's limit
DAY = 24 * 3600

# Whether a new one is forced -> the token and the seconds it is good for.
Fetch = Callable[[bool], tuple[str, int]]


class TooManyRefreshes(Exception):
    """WeChat allows no further forced refresh today."""


class Tokens:
    def __init__(self, redis: Redis, app_id: str, fetch: Fetch) -> None:
        self._redis = redis
        self._key = f"{KEY}:{app_id}"
        self._fetch = fetch

    def get(self) -> str:
        return self._kept() or self._renew("", force=False)

    def renew(self, refused: str) -> str:
        """Another one than ``refused``; what another process has fetched meanwhile is used.

        Raises:
            TooManyRefreshes: a new one would have to be forced, and may not.
        """
        return self._renew(refused, force=True)

    def _renew(self, refused: str, force: bool) -> str:
        with self._redis.lock(LOCK, timeout=20, blocking_timeout=10):
            kept = self._kept()
            if kept and kept != refused:
                return kept
            if force:
                self._count()
            token, seconds = self._fetch(force)
            self._redis.set(self._key, encrypt(token), ex=max(seconds - EARLY, 30))
            return token

    def _kept(self) -> str | None:
        found = self._redis.get(self._key)
        return decrypt(str(found)) if found else None

    def _count(self) -> None:
        key = f"{self._key}:forced:{datetime.now(PLACE_TIME).date().isoformat()}"
        count = self._redis.incr(key)
        self._redis.expire(key, DAY)
        if int(str(count)) > FORCED_A_DAY:
            raise TooManyRefreshes("the access token was refused and was renewed 20 times today already")
