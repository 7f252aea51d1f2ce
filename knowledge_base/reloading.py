"""Content that is read again when its files change, without a restart; a broken file leaves what was read before."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from knowledge_base.errors import ContentError, Problem

log = logging.getLogger("fazhu")

LOOK_EVERY = 5.0  # seconds

Loaded = TypeVar("Loaded")
Stamp = tuple[tuple[str, int, int], ...]


class Reloading(Generic[Loaded]):
    """``content = Reloading(files, load)``; ``content()`` is what ``load`` made of the files as they were last sound.

    ``load`` raises `ContentError` for broken files. The first time that reaches the caller; later it is logged, with
    file, line and fix, and the old content stays. Reading again happens in a thread of its own, so no turn waits.
    ``check`` finds more faults in files that have changed; those of the start were checked at set-up.
    """

    def __init__(
        self,
        files: Callable[[], Iterable[Path]],
        load: Callable[[], Loaded],
        check: Callable[[], list[Problem]] = list,
    ) -> None:
        self._files = files
        self._load = load
        self._check = check
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None
        self._stamp: Stamp = ()
        self._looked = 0.0

    def __call__(self) -> Loaded:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._stamp, self._loaded = self._now(), self._load()
                    self._looked = time.monotonic()
        elif time.monotonic() - self._looked >= LOOK_EVERY:
            self._looked = time.monotonic()
            self.look()
        return self._loaded

    def look(self) -> threading.Thread | None:
        """Read again, in the thread returned, if a file has changed since."""
        stamp = self._now()
        if stamp == self._stamp or not self._lock.acquire(blocking=False):
            return None
        self._stamp = stamp  # a broken file is told once, not every few seconds
        thread = threading.Thread(target=self._again, name="content", daemon=True)
        thread.start()
        return thread

    def _again(self) -> None:
        try:
            if problems := self._check():
                raise ContentError(problems)
            self._loaded = self._load()
            log.warning("content was read again")
        except ContentError as error:
            log.error("content is left as it was: %s", error)
        except Exception:
            log.exception("content is left as it was")
        finally:
            self._lock.release()

    def _now(self) -> Stamp:
        found = []
        for path in self._files():
            try:
                state = path.stat()
            except OSError:  # being replaced at this moment
                continue
            found.append((str(path), state.st_mtime_ns, state.st_size))
        return tuple(sorted(found))
