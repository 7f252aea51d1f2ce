"""Every message is answered once and in time: at once where that is possible, else by a letter after it.

WeChat waits five seconds and delivers again, three times in all. The first delivery does the work; others get what it
got. What was taken stands in Redis until its reply was handed over, so that another gateway answers in place of one
that died.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from cryptography.fernet import InvalidToken
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from channels.tally import IN, OUT, tally
from channels.wechat import lines
from channels.wechat.contract import Outbound
from channels.wechat.incoming import Received
from channels.wechat.letters import KIND
from channels.wechat.render import passive
from referrals import outbox
from referrals.secret_text import decrypt, encrypt
from referrals.store import session

log = logging.getLogger("fazhu")

IN_TIME = 4.3  # seconds for an answer at once: WeChat's five, less the way there and back
LONGEST = 25.0  # seconds an answer may take at all
DIED = 30.0  # seconds after which whoever took a message must be gone
LOOK_EVERY = 10.0  # seconds
LOOKED_AT = 20  # messages of the dead a look
KEPT = 3600  # seconds a message is known
LAST_WORDS = 5.0  # seconds for what is being answered when the gateway stops
WAIT = 0.1  # seconds between looks for another delivery's reply
TAKEN = "fazhu:wechat:taken"  # keys of messages by when they were taken

Answer = Callable[[Received], Awaitable[Outbound]]


class Inbox:
    def __init__(self, redis: Redis, answer: Answer) -> None:
        self.in_time = IN_TIME
        self._redis = redis
        self._answer = answer
        self._running: dict[str, asyncio.Task[Outbound]] = {}
        self._late: set[str] = set()  # of those running: nobody waits any longer

    async def take(self, message: Received) -> str:
        """What to reply now; empty for nothing."""
        first = await self._redis.set(_taken(message.key), encrypt(message.model_dump_json()), nx=True, ex=KEPT)
        if not first:
            return await self._same(message.key)
        await self._redis.zadd(TAKEN, {message.key: time.time()})
        await tally(self._redis, KIND, IN)
        task = asyncio.create_task(self._work(message))
        self._running[message.key] = task
        done, _ = await asyncio.wait({task}, timeout=self.in_time)
        if done:
            return await self._hand_over(message, task.result())
        self._late.add(message.key)
        await self._redis.set(_reply(message.key), encrypt(""), ex=KEPT)
        return ""

    async def _same(self, key: str) -> str:
        """What the first delivery got, once it is known."""
        until = time.monotonic() + self.in_time
        while time.monotonic() < until:
            if found := await self._redis.get(_reply(key)):
                return decrypt(found)
            await asyncio.sleep(WAIT)
        await self._redis.zadd(TAKEN, {key: time.time()}, nx=True)  # should the first have died before it could
        return ""

    async def _work(self, message: Received) -> Outbound:
        try:
            out = await self._answered(message)
            if message.key in self._late:
                with left_behind():
                    await self._send_later(message, out)
            return out
        finally:
            self._running.pop(message.key, None)
            self._late.discard(message.key)

    async def _answered(self, message: Received) -> Outbound:
        try:
            async with asyncio.timeout(LONGEST):
                return await self._answer(message)
        except Exception as error:  # its text may hold something personal
            log.error("wechat, %s: %s", message.kind, type(error).__name__)
            await tally(self._redis, KIND, "error")
            return Outbound(lines.AWAY)

    async def _hand_over(self, message: Received, out: Outbound) -> str:
        """The reply at once; what does not fit goes after it."""
        now, rest = passive(out)
        with left_behind():
            if rest:
                await asyncio.to_thread(_post, message, rest, "rest")
            await self._close(message.key, now)
            return now
        return ""

    async def _send_later(self, message: Received, out: Outbound) -> None:
        if out:
            await asyncio.to_thread(_post, message, out, "late")
        await self._close(message.key, "", bool(out))

    async def _close(self, key: str, reply: str, said: bool = False) -> None:
        """The reply is handed over: what the message said is no longer needed."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(_reply(key), encrypt(reply), ex=KEPT)
            pipe.set(_taken(key), "", xx=True, keepttl=True)
            pipe.zrem(TAKEN, key)
            await pipe.execute()
        if reply or said:
            await tally(self._redis, KIND, OUT)

    async def keep_looking(self) -> None:
        """Answer what dead gateways left, for as long as this one runs."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with left_behind():
                await self.look()

    async def look(self) -> None:
        """Once. Any number of gateways may."""
        left = await self._redis.zrangebyscore(TAKEN, 0, time.time() - DIED, start=0, num=LOOKED_AT)
        for key in map(str, left):
            if key not in self._running and await self._redis.set(f"{_taken(key)}:again", 1, nx=True, ex=int(2 * DIED)):
                await self._take_over(key)

    async def _take_over(self, key: str) -> None:
        found = await self._redis.get(_taken(key))
        try:
            message = Received.model_validate_json(decrypt(found)) if found else None
        except (InvalidToken, ValidationError):
            message = None
        if message is None:
            await self._redis.zrem(TAKEN, key)
            return
        await self._redis.set(_reply(key), encrypt(""), ex=KEPT)
        await self._send_later(message, await self._answered(message))

    async def stop(self) -> None:
        """Wait a little for what is being answered: in-process state ends with the process."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=LAST_WORDS)


@contextmanager
def left_behind() -> Iterator[None]:
    """Without Redis or the database a message stays taken, and is answered when they are back."""
    try:
        yield
    except (RedisError, SQLAlchemyError) as error:
        log.warning("wechat, left for later: %s", type(error).__name__)


def _post(message: Received, out: Outbound, which: str) -> None:
    """A letter. Its key makes a second one for the same message void."""
    payload = {
        "to": message.openid, "text": out.text, "key": f"{message.key}:{which}", "by_number": out.by_number,
        "buttons": [button.model_dump() for button in out.buttons],
    }  # fmt: skip
    if message.is_event:
        payload["tapped_at"] = message.at
    with session() as db:
        outbox.post(db, KIND, None, **payload)


def _taken(key: str) -> str:
    return f"fazhu:wechat:message:{key}"


def _reply(key: str) -> str:
    return f"fazhu:wechat:reply:{key}"
