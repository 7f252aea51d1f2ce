"""A call's memory in shared state: where it stands and what was answered, both encrypted and short-lived."""

import hashlib
from contextlib import AbstractAsyncContextManager

from pydantic import BaseModel
from redis.asyncio import Redis

from channels.errors import ApiError
from channels.hotline.answer import Answer
from channels.hotline.contract import CallReply
from channels.shared_state import one_at_a_time
from referrals.secret_text import decrypt, digest, encrypt

KEPT = 2 * 3600  # seconds after the last turn; no call is longer
PATIENCE, HELD = 6.0, 15.0  # seconds a turn waits for the one before it, and may take


class SeqReused(ApiError):
    status = 409
    code = "seq_reused"
    message = "这个 seq 已经用过，内容却不一样。每个事件要用新的 seq；重发时内容要原样。"


class SeqLate(ApiError):
    status = 409
    code = "seq_late"
    message = "这个 seq 比已经处理过的小，来晚了，没有处理。"


class Waiting(BaseModel):
    """A message whose answer takes longer than a turn."""

    text: str
    message_id: str
    times: int = 0  # the caller was told to wait


class CallState(BaseModel):
    """Where a call stands."""

    session_id: str
    caller: str = ""
    now: Answer = Answer()  # what was said last: what keys do
    said: str = ""  # in these words
    rest: list[str] = []  # of it, not said yet
    form_step: Answer | None = None  # the conversation's form in progress
    pages: list[tuple[str, str]] = []  # choices of it, not read out yet
    waiting: Waiting | None = None
    silences: int = 0
    misheard: int = 0
    slow: bool = False
    urgent: bool = False  # the caller spoke of danger
    queue_minutes: int | None = None  # as last told
    agent_free: bool | None = None  # None: the platform does not say
    offered: list[str] = []  # ids of transfer rules
    code_keys: str = ""
    code: str = ""  # of the ticket that is looked up
    look_ups: int = 0  # that found nothing
    agreed: bool = False  # to being registered
    phone: str = ""  # to be called back at
    receipt: dict[str, str] = {}  # code and pin of the ticket made in this call
    sms_sent: bool = False
    worker_heard: int | None = None  # id of the last message told of the worker who answers; None: the bot does


class Calls:
    """Calls by the platform's id; in keys there is only its keyed digest."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def one_at_a_time(self, call_id: str) -> AbstractAsyncContextManager[None]:
        """
        Raises:
            Busy: the turn before this one is still being handled.
        """
        return one_at_a_time(self._redis, f"call-lock:{digest(call_id)}", HELD, PATIENCE)

    async def load(self, call_id: str) -> CallState | None:
        found = await self._redis.get(_state(call_id))
        return CallState.model_validate_json(decrypt(found)) if found else None

    async def save(self, call_id: str, state: CallState) -> None:
        await self._redis.set(_state(call_id), encrypt(state.model_dump_json()), ex=KEPT)

    async def forget(self, call_id: str) -> None:
        await self._redis.delete(_state(call_id))

    async def answered(self, call_id: str, seq: int, body: bytes) -> CallReply | None:
        """What was answered to this very event before.

        Raises:
            SeqReused: another event had this number.
            SeqLate: a later event was answered already.
        """
        kept: list[str | None] = await self._redis.hmget(_turns(call_id), ["last", str(seq)])  # type: ignore[assignment]
        last, before = kept
        if before:
            fingerprint, _, reply = before.partition(":")
            if fingerprint != _fingerprint(body):
                raise SeqReused
            return CallReply.model_validate_json(decrypt(reply))
        if last is not None and seq <= int(last):
            raise SeqLate
        return None

    async def remember(self, call_id: str, seq: int, body: bytes, reply: CallReply) -> None:
        key = _turns(call_id)
        kept = f"{_fingerprint(body)}:{encrypt(reply.model_dump_json())}"
        async with self._redis.pipeline() as pipe:
            pipe.hset(key, mapping={"last": seq, str(seq): kept})
            pipe.expire(key, KEPT)
            await pipe.execute()


def short_id(call_id: str) -> str:
    """Tells calls apart without naming them."""
    return digest(call_id)[:20]


def _state(call_id: str) -> str:
    return f"fazhu:call:{digest(call_id)}"


def _turns(call_id: str) -> str:
    return f"fazhu:call-turns:{digest(call_id)}"


def _fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
