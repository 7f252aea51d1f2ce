"""Letters to one citizen as few messages: what waits for them goes together, what is too long goes in parts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from channels.conversation import ButtonOut
from channels.wechat import lines
from channels.wechat.contract import DIGITS, Outbound
from channels.wechat.render import LIMIT, split, whole
from referrals.models import Outgoing
from referrals.outbox import LEASE, Letter
from referrals.store import session

KIND = "wechat"
TAPPED_MOST = 10  # choices of a menu message
LOOKED_AT = 200  # waiting letters: their addresses are encrypted, so each is opened


def outbound(letter: Letter) -> Outbound:
    buttons = tuple(ButtonOut(**button) for button in letter.payload.get("buttons", ()))
    return Outbound(letter.payload["text"], buttons, letter.payload.get("by_number", DIGITS))


@dataclass(frozen=True)
class Message:
    """One message as it is sent. ``done``: for each letter in it, how many of its parts are sent once this one is."""

    text: str
    tapped: tuple[ButtonOut, ...] = ()
    done: tuple[tuple[Letter, int], ...] = ()

    def joined(self, other: "Message") -> "Message | None":
        """Both in one; None where that is too long."""
        text = f"{self.text}\n\n{other.text}"
        if self.tapped or len(text.encode()) > LIMIT:
            return None
        return Message(text, other.tapped, self.done + other.done)

    def body(self, menus: bool = True) -> dict[str, Any]:
        """As WeChat takes it; ``menus`` False for accounts without menu messages."""
        if self.tapped and menus:
            listed = [{"id": _id(n, button), "content": button.title} for n, button in enumerate(self.tapped)]
            return {"msgtype": "msgmenu", "msgmenu": {"head_content": self.text, "list": listed, "tail_content": ""}}
        return {"msgtype": "text", "text": {"content": whole(Outbound(self.text, self.tapped, 0))}}


def _id(n: int, button: ButtonOut) -> str:
    """WeChat sends the title of what was tapped as text, and this beside it: what is meant, where the title is not it."""
    return str(n) if button.payload == button.title else button.payload


def parts(letter: Letter) -> list[Message]:
    said = outbound(letter)
    if 0 < len(said.buttons) <= TAPPED_MOST:
        texts = split(said.text) or [lines.MORE]
        messages = [*map(Message, texts[:-1]), Message(texts[-1], said.buttons)]
    else:
        messages = list(map(Message, split(whole(said))))
    return [Message(one.text, one.tapped, ((letter, n),)) for n, one in enumerate(messages, 1)]


def packed(messages: Iterable[Message]) -> list[Message]:
    """As few as hold the same, in the same order."""
    found: list[Message] = []
    for message in messages:
        together = found[-1].joined(message) if found else None
        if together:
            found[-1] = together
        else:
            found.append(message)
    return found


def together(letter: Letter, bind: Engine | None) -> list[Letter]:
    """``letter`` and what else waits for the same citizen, oldest first. The caller holds the citizen's lock."""
    to, now = letter.payload["to"], datetime.now(UTC)
    waiting = (
        select(Outgoing)
        .where(Outgoing.kind == KIND, Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None), Outgoing.id != letter.id)
        .order_by(Outgoing.id)
        .limit(LOOKED_AT)
        .with_for_update(skip_locked=True)
    )
    found = [letter]
    with session(bind) as db:
        for row in db.scalars(waiting):
            payload = json.loads(row.payload)
            if payload["to"] == to and not payload.get("bulk"):
                row.next_try = now + LEASE
                found.append(Letter(row.id, row.kind, payload, row.ticket_id))
    return sorted(found, key=lambda one: one.id)
