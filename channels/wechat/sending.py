"""What delivers letters of kind ``wechat``: customer-service messages, within what WeChat allows, each once.

A letter is ``{"to": openid, "text": str}``; it may carry ``buttons`` and ``by_number`` (see `Outbound`), ``key`` (the
same for two letters with the same words, of which one is sent), ``tapped_at`` (Unix seconds of the tap it answers) and
``bulk`` (dropped where it may not be sent now).
"""

from collections.abc import Sequence
from contextlib import suppress

import httpx
from redis.exceptions import LockError
from sqlalchemy import Engine

from channels.settings import Settings
from channels.wechat import letters
from channels.wechat.api import FINAL, NO_MENUS, OUTSIDE_WINDOW, USED_UP, Refused, api
from channels.wechat.letters import Message
from channels.wechat.quota import KEPT, Window, windows
from channels.wechat.store import store
from channels.wechat.tokens import TooManyRefreshes
from referrals.outbox import LEASE, Letter, NeverDelivered, NotDelivered, mark_sent
from referrals.secret_text import digest

TURN = 5.0  # seconds to wait while another worker sends to the same citizen


class MayNot(NotDelivered):
    """WeChat takes nothing for this citizen now."""


class NeverMay(MayNot, NeverDelivered):
    """Nor later."""


def to_wechat(letter: Letter, bind: Engine | None = None) -> None:
    """
    Raises:
        NotDelivered: not now.
        NeverDelivered: nor later.
        httpx.HTTPError: WeChat did not answer.
    """
    lock = store(Settings()).lock(f"fazhu:wechat:sending:{digest(letter.payload['to'])}", timeout=LEASE.total_seconds())
    if not lock.acquire(blocking_timeout=TURN):
        raise NotDelivered("another worker is sending to the same citizen")
    try:
        Sending(letter, bind).send()
    except MayNot:
        if not letter.payload.get("bulk"):
            raise
    finally:
        with suppress(LockError):  # it ran out by itself
            lock.release()


class Sending:
    """One letter's delivery, and with it of what else waits for the same citizen."""

    def __init__(self, letter: Letter, bind: Engine | None) -> None:
        self._letter, self._bind = letter, bind
        self._to: str = letter.payload["to"]
        self._redis, self._api = store(Settings()), api()

    def send(self) -> None:
        """Raises as `to_wechat`."""
        if self._redis.exists(_key(self._letter)):
            return
        allowed = windows(self._redis, self._to, self._letter.payload.get("tapped_at"), self._bind)
        if not any(window.is_open for window in allowed):
            self._fail(USED_UP if allowed else OUTSIDE_WINDOW)
        bulk = self._letter.payload.get("bulk")
        for message in letters.packed(
            self._unsent([self._letter] if bulk else letters.together(self._letter, self._bind))
        ):
            window = next((one for one in allowed if one.take()), None)
            if window is None:
                break
            self._send_one(message, window)
            self._note(message)
        if not self._redis.exists(_key(self._letter)):
            self._fail(USED_UP)

    def _unsent(self, waiting: Sequence[Letter]) -> list[Message]:
        found: list[Message] = []
        for letter in waiting:
            messages = letters.parts(letter)
            already = int(str(self._redis.get(_parts_key(letter)) or 0))
            if already >= len(messages):
                self._finish(letter)
            found += messages[already:]
        return found

    def _send_one(self, message: Message, window: Window) -> None:
        try:
            self._hand_over(message)
        except Refused as error:
            window.give_back()
            if error.code == USED_UP:
                window.close()
            self._fail(error.code)
        except TooManyRefreshes as error:
            window.give_back()
            raise NotDelivered(str(error)) from None
        except (httpx.ConnectError, httpx.ConnectTimeout):
            window.give_back()  # after any other failure it may have been sent
            raise

    def _hand_over(self, message: Message) -> None:
        try:
            self._api.send(self._to, message.body())
        except Refused as error:
            if error.code != NO_MENUS or not message.tapped:
                raise
            self._api.send(self._to, message.body(menus=False))

    def _note(self, message: Message) -> None:
        for letter, count in message.done:
            self._redis.set(_parts_key(letter), count, ex=KEPT)
            if count == len(letters.parts(letter)):
                self._finish(letter)

    def _finish(self, letter: Letter) -> None:
        self._redis.set(_key(letter), 1, ex=KEPT)
        if letter.id != self._letter.id:
            mark_sent(letter, self._bind)

    def _fail(self, code: int) -> None:
        kind = NeverMay if code in FINAL else MayNot if code == USED_UP else NotDelivered
        raise kind(str(Refused(code)))


def _key(letter: Letter) -> str:
    """Of letters with the same words the second is not sent."""
    return f"fazhu:wechat:delivered:{letter.payload.get('key') or letter.id}"


def _parts_key(letter: Letter) -> str:
    return f"fazhu:wechat:parts:{letter.payload.get('key') or letter.id}"
