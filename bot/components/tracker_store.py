"""Where Rasa keeps its conversations: stores that fit a service that never sleeps."""

from typing import Any, Optional

from rasa.core.tracker_store import InMemoryTrackerStore, RedisTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


class BoundedTrackerStore(InMemoryTrackerStore):
    """In memory, forgetting the conversations longest untouched: Rasa's own grows without end.

    ``url`` is unused; Rasa passes it to every store made from a class name.
    """

    def __init__(self, domain: Any, limit: int = 2000, host: Optional[str] = None, **kwargs: Any) -> None:
        super().__init__(domain, **kwargs)
        self._limit = limit

    async def save(self, tracker: DialogueStateTracker) -> None:
        self.store.pop(tracker.sender_id, None)  # to the end of the dict: most recently used
        await super().save(tracker)
        while len(self.store) > self._limit:
            del self.store[next(iter(self.store))]


class TimedRedisTrackerStore(RedisTrackerStore):
    """As ``RedisTrackerStore``; a Redis that hangs fails the turn after ``socket_timeout`` seconds."""

    def __init__(self, domain: Any, host: str = "localhost", socket_timeout: float = 1.0, **kwargs: Any) -> None:
        super().__init__(domain, host=host, **kwargs)
        pool = self.red.connection_pool
        limits = {"socket_timeout": socket_timeout, "socket_connect_timeout": socket_timeout}
        pool.connection_kwargs.update(limits)
