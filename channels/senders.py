"""What delivers notifications: into the citizen's conversation, by SMS and webhook over HTTP, by e-mail, by WeChat.

Every receiver can tell a repetition by the letter's id: in the JSON of a hook, in an e-mail's Message-ID. A hook is
signed: ``X-FaZhu-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`` with ``FAZHU_HOOK_SECRET``; a receiver
refuses what is not signed so or is older than some minutes.
"""

import hmac
import json
import os
import smtplib
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, select

from channels.wakes import CHANNEL
from channels.wechat.sending import to_wechat
from referrals import messages, notices
from referrals.models import Message, Ticket
from referrals.outbox import Letter, NotDelivered, Sender
from referrals.store import session

HOOK_PATIENCE, MAIL_PATIENCE, WAKE_PATIENCE = 5.0, 10.0, 1.0  # seconds
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def senders(bind: Engine | None = None) -> dict[str, Sender]:
    """One for every kind this installation sends."""
    every: dict[str, Sender] = {
        "citizen": partial(to_citizen, bind=bind),
        "sms": partial(to_hook, "FAZHU_SMS_HOOK"),
        "webhook": partial(to_hook, "FAZHU_WEBHOOK"),
        "email": by_email,
        "wechat": partial(to_wechat, bind=bind),
    }
    return {kind: every[kind] for kind in notices.sent_by()}


def to_citizen(letter: Letter, bind: Engine | None = None) -> None:
    """Into the conversation the ticket came from, once however often it is tried; open pages learn of it at once."""
    said_by = f"letter:{letter.id}"
    with session(bind) as db:
        ticket = db.get(Ticket, letter.ticket_id, with_for_update=True) if letter.ticket_id else None
        if ticket is None or ticket.purged_at:
            return
        if not db.scalar(select(Message.id).filter_by(ticket_id=ticket.id, channel=said_by)):
            messages.say(db, ticket, messages.SYSTEM, letter.payload["text"], channel=said_by)
    _wake(ticket.conversation)


def _wake(conversation: str) -> None:
    """Only a hint: pages also look by themselves."""
    if url := os.environ.get("FAZHU_REDIS_URL"):
        with (
            suppress(RedisError),
            Redis.from_url(url, socket_timeout=WAKE_PATIENCE, socket_connect_timeout=WAKE_PATIENCE) as redis,
        ):
            redis.publish(CHANNEL + conversation, "")


def to_hook(variable: str, letter: Letter) -> None:
    """To the address in an environment variable.

    Raises:
        NotDelivered: it did not answer with 2xx, or hooks cannot be signed.
        httpx.HTTPError: it did not answer.
    """
    body = json.dumps({**letter.payload, "id": letter.id, "kind": letter.kind}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-FaZhu-Signature": signature(body, int(time.time()))}
    # Streamed, because what a receiver says beside its status is not read.
    with httpx.stream(
        "POST", os.environ[variable], content=body, headers=headers, timeout=HOOK_PATIENCE, follow_redirects=False,
        trust_env=False,
    ) as response:  # fmt: skip
        if not response.is_success:
            raise NotDelivered(f"HTTP {response.status_code}")


def signature(body: bytes, at: int) -> str:
    """
    Raises:
        NotDelivered: there is no secret. Nothing is sent unsigned, lest a receiver get used to it.
    """
    secret = os.environ.get("FAZHU_HOOK_SECRET")
    if not secret:
        raise NotDelivered("FAZHU_HOOK_SECRET is not set")
    return f"t={at},v1={hmac.new(secret.encode(), b'%d.%s' % (at, body), 'sha256').hexdigest()}"


@dataclass(frozen=True)
class Mailbox:
    """Where mail is handed in: ``smtp://user:password@host:587?from=address``."""

    host: str
    port: int
    user: str
    password: str
    sender: str

    @classmethod
    def read(cls, url: str) -> "Mailbox":
        """
        Raises:
            NotDelivered: the address cannot be read; what it says is not told, it may hold a password.
        """
        try:
            parts = urlsplit(url)
            user, sender = unquote(parts.username or ""), parse_qs(parts.query).get("from", [""])[0]
            port = parts.port or 587
        except ValueError:
            parts, user, sender, port = urlsplit(""), "", "", 0
        if parts.scheme != "smtp" or not parts.hostname or "@" not in (sender or user):
            raise NotDelivered("FAZHU_SMTP_URL: write smtp://user:password@host:587?from=address")
        return cls(parts.hostname, port, user, unquote(parts.password or ""), sender or user)

    @property
    def in_the_clear(self) -> bool:
        """The mail server of this very machine needs no encryption."""
        return self.port == 25 and self.host in _THIS_MACHINE


def by_email(letter: Letter) -> None:
    """
    Raises:
        NotDelivered: FAZHU_SMTP_URL cannot be read.
        OSError: the mail server did not take it, or cannot be reached safely (`smtplib.SMTPException`, `ssl.SSLError`).
    """
    box = Mailbox.read(os.environ["FAZHU_SMTP_URL"])
    with smtplib.SMTP(box.host, box.port, timeout=MAIL_PATIENCE) as server:
        if not box.in_the_clear:
            server.starttls(context=ssl.create_default_context())
        if box.user:
            server.login(box.user, box.password)
        server.send_message(_mail(letter, box.sender))


def _mail(letter: Letter, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, letter.payload["to"], letter.payload["subject"]
    mail["Message-ID"] = f"<letter-{letter.id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers
    mail.set_content("请登录办理台查看。本邮件由系统发出，请勿回复。\n", cte="base64")  # any server takes ASCII
    return mail
