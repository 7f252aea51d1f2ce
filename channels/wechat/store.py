"""Shared state for what is not asyncio: the worker's sender and threads. Without Redis it is inside the process, which
suits one worker: WeChat's ``stable_token`` gives every caller the same token."""

from functools import cache

from redis import Redis

from channels.settings import Settings
from channels.shared_state import TIMEOUT


def store(config: Settings) -> Redis:
    return _connected(config.redis_url)


@cache
def _connected(url: str | None) -> Redis:
    if url:
        real: Redis = Redis.from_url(url, decode_responses=True, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        return real
    from fakeredis import FakeRedis, FakeServer

    inside: Redis = FakeRedis(server=FakeServer(), decode_responses=True)
    return inside
