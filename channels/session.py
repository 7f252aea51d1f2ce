"""One conversation's memory: what the gateway knows, kept in shared state and forgotten in time."""

import re
import secrets
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel
from redis.asyncio import Redis

from channels.shared_state import one_at_a_time
from knowledge_base.followup import asks, follows, together
from referrals.codes import without_pin
from referrals.intake import CHANNELS
from referrals.secret_text import decrypt, encrypt

TRANSCRIPT_LIMIT = 200
CITATIONS_LIMIT = 30
# Rasa reads and writes a whole conversation each turn, so it gets a fresh one now and then.
ROTATE_AFTER = 25
A_FACT = 20  # characters: so much answers a question back, if it names a day, a time or a sum
_FACT = re.compile(r"\d|[零一二三四五六七八九十半两几][年月日天号周岁个万千百]|[今昨前]天|上周|上个?月|去年|今年|前年")
PATIENCE = 5.0  # seconds a message waits for the one before it
HELD = 15.0  # seconds a message may take


class Session(BaseModel):
    """State of a conversation. ``form`` is the form in progress as `actions.referral_steps` keeps it."""

    id: str
    turns: int = 0
    epoch: int = 0  # a new epoch is a new conversation to Rasa
    epoch_turns: int = 0
    question: str = ""
    topic: str | None = None
    intent: str | None = None
    service: str | None = None  # whom a referral goes to, where an interview has found it out
    answered: str | None = None  # id of the answer to `question`
    given: str | None = None  # `answered`, while a fact is added to the question
    other_than: str | None = None  # `answered`, while something more is asked
    asked_back: bool = False  # the last reply asked for a fact
    added: int = 0  # characters at the end of the message that were added to the question before
    failed_turns: int = 0
    offer: bool = False
    urgent: bool = False
    deadline: date | None = None  # the last day of a right at risk
    worker: str = ""  # the takeover the citizen was last told of; empty while the bot answers
    form: dict[str, Any] | None = None
    kept: dict[str, dict[str, str]] = {}  # answers to interviews, also those left half-way
    options: list[str] = []
    citations: list[dict[str, Any]] = []
    transcript: list[dict[str, Any]] = []

    @classmethod
    def new(cls) -> "Session":
        return cls(id=secrets.token_urlsafe(24))

    @property
    def sender(self) -> str:
        """Rasa's id for the conversation."""
        return f"{self.id}.{self.epoch}"

    def renew_sender(self) -> None:
        """Leave whatever Rasa remembers behind."""
        self.epoch += 1
        self.epoch_turns = 0

    def begin_turn(self) -> None:
        self.turns += 1
        self.epoch_turns += 1
        if self.epoch_turns > ROTATE_AFTER and self.form is None:
            self.renew_sender()

    def understand(self, text: str) -> str:
        """What a message means after those before it: a follow-up is read together with its question."""
        self.given, self.other_than, self.added = None, None, 0
        told = self.asked_back and len(text) <= A_FACT and bool(_FACT.search(text)) and not asks(text)
        if self.form or not self.question or not (told or follows(text)):
            return text
        self.added = len(text)
        if asks(text):
            self.other_than = self.answered
        else:
            self.given = self.answered
        return together(self.question, text)

    def note(self, who: str, entry: dict[str, Any]) -> None:
        stamped = {"who": who, "at": datetime.now(UTC).isoformat(timespec="seconds"), **entry}
        self.transcript = [*self.transcript, stamped][-TRANSCRIPT_LIMIT:]

    def transcript_text(self) -> str:
        """The conversation as a worker reads it; the citizen's words with the platform they came by."""
        return "\n".join(f"[{e['at']}] {_speaker(e)}：{without_pin(e['text'])}" for e in self.transcript)


def _speaker(entry: dict[str, Any]) -> str:
    if entry["who"] == "citizen":
        return f"群众（{CHANNELS.get(entry.get('channel', 'web'), '其他')}）"
    return {"bot": "法助（机器）", "worker": "工作人员"}[entry["who"]]


class Sessions:
    """Sessions in Redis, encrypted, each kept ``hours`` after its last message."""

    def __init__(self, redis: Redis, hours: int) -> None:
        self._redis = redis
        self._seconds = hours * 3600

    @staticmethod
    def _key(session_id: str) -> str:
        return f"fazhu:session:{session_id}"

    async def exists(self, session_id: str) -> bool:
        return bool(await self._redis.exists(self._key(session_id)))

    async def load(self, session_id: str) -> Session | None:
        found = await self._redis.get(self._key(session_id))
        return Session.model_validate_json(decrypt(found)) if found else None

    async def save(self, session: Session) -> None:
        await self._redis.set(self._key(session.id), encrypt(session.model_dump_json()), ex=self._seconds)

    async def forget(self, session_id: str) -> None:
        await self._redis.delete(self._key(session_id))

    def one_at_a_time(self, session_id: str) -> AbstractAsyncContextManager[None]:
        """Messages of one conversation are handled in turn, across all gateways.

        Raises:
            Busy: the message before this one is still being handled.
        """
        return one_at_a_time(self._redis, f"lock:{session_id}", HELD, PATIENCE)

    async def remembered_reply(self, session_id: str, message_id: str) -> str | None:
        found = await self._redis.get(f"fazhu:reply:{session_id}:{message_id}")
        return decrypt(found) if found else None

    async def remember_reply(self, session_id: str, message_id: str, reply: str) -> None:
        await self._redis.set(f"fazhu:reply:{session_id}:{message_id}", encrypt(reply), ex=600)
