"""Notifications arrive, signed and once, at real receivers."""

import email
import hashlib
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
import pytest
from redis import Redis
from sqlalchemy import Engine, select

from channels.senders import Mailbox, by_email, senders, to_citizen, to_hook
from referrals import messages, outbox
from referrals.models import Message, Ticket
from referrals.outbox import Letter, NotDelivered
from referrals.roles import Role
from referrals.store import session
from referrals.work import Told, take_step
from tests.channels.mail_server import make_certificate, taking_mail
from tests.receiver import Receiver, receiving
from tests.referrals.desk import a_person, a_ticket
from tests.services import free_port

SMS = Letter(7, "sms", {"phone": "13000000000", "text": "您的工单有新答复。"})
MAIL = Letter(8, "email", {"to": "lawyer@mail.example", "subject": "分派：370900-20261126-L0001-0"})


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as receiver:
        monkeypatch.setenv("FAZHU_SMS_HOOK", receiver.url)
        monkeypatch.setenv("FAZHU_HOOK_SECRET", "秘密")
        yield receiver


def holds(header: str, body: bytes, secret: str) -> bool:
    """As a receiver verifies it, by the README alone."""
    at, _, v1 = header.removeprefix("t=").partition(",v1=")
    expected = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(v1, expected) and abs(time.time() - int(at)) < 300


def test_a_hook_is_posted_as_json_with_the_letters_id_and_its_signature_holds(receiver: Receiver) -> None:
    to_hook("FAZHU_SMS_HOOK", SMS)
    ((headers, body),) = receiver.received
    assert json.loads(body) == {"id": 7, "kind": "sms", "phone": "13000000000", "text": "您的工单有新答复。"}
    assert headers["Content-Type"] == "application/json"
    signed = headers["X-FaZhu-Signature"]
    assert holds(signed, body, "秘密")
    assert not holds(signed, body, "other") and not holds(signed, body + b" ", "秘密")
    assert not holds(signed.replace("t=", "t=1"), body, "秘密")


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_only_2xx_counts_and_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    with pytest.raises(NotDelivered, match=f"HTTP {status}"):
        to_hook("FAZHU_SMS_HOOK", SMS)
    assert len(receiver.received) == 1


def test_nothing_is_posted_unsigned(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAZHU_HOOK_SECRET")
    with pytest.raises(NotDelivered, match="FAZHU_HOOK_SECRET"):
        to_hook("FAZHU_SMS_HOOK", SMS)
    assert not receiver.received


def test_a_receiver_that_is_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_HOOK_SECRET", "secret")
    monkeypatch.setenv("FAZHU_WEBHOOK", f"http://127.0.0.1:{free_port()}/")
    with pytest.raises(httpx.ConnectError):
        to_hook("FAZHU_WEBHOOK", SMS)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mail server's, which this machine trusts."""
    path = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def by_way_of(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("FAZHU_SMTP_URL", f"smtp://fazhu:pass%40word@localhost:{port}?from=fazhu@mail.example")


def test_mail_is_handed_in_encrypted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with taking_mail(certificate) as server:
        by_way_of(monkeypatch, server.port)
        by_email(MAIL)
    mail = email.message_from_bytes(server.mails[0], EmailMessage, policy=default)
    assert (mail["From"], mail["To"]) == ("fazhu@mail.example", "lawyer@mail.example")
    assert mail["Subject"] == "分派：370900-20261126-L0001-0"
    assert mail["Message-ID"] == "<letter-8@mail.example>"
    assert server.mails[0].isascii() and "请登录办理台查看" in mail.get_content()
    assert {word for word, encrypted in server.said if not encrypted} == {"EHLO", "STARTTLS"}
    assert ("AUTH", True) in server.said


def test_no_password_and_no_mail_goes_to_a_server_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    with taking_mail() as server:
        by_way_of(monkeypatch, server.port)
        with pytest.raises(smtplib.SMTPNotSupportedError):
            by_email(MAIL)
    assert "AUTH" not in dict(server.said) and not server.mails


def test_nor_to_one_whose_certificate_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with taking_mail(make_certificate(tmp_path)) as server:
        by_way_of(monkeypatch, server.port)
        with pytest.raises(ssl.SSLCertVerificationError):
            by_email(MAIL)
    assert "AUTH" not in dict(server.said) and not server.mails


def test_a_refused_mail_is_tried_again_and_its_reason_holds_nothing_personal(
    database: Engine, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taking_mail(certificate, refuse="RCPT") as server:
        by_way_of(monkeypatch, server.port)
        with session(database) as db:
            outbox.post(db, "email", None, **MAIL.payload)
        assert outbox.deliver({"email": by_email}, database) == 0
    with session(database) as db:
        (letter,) = db.scalars(select(outbox.Outgoing))
        assert letter.error == "SMTPRecipientsRefused" and not letter.sent_at


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("smtp://localhost:25?from=a@mail.example", True),
        ("smtp://127.0.0.1:25?from=a@mail.example", True),
        ("smtp://localhost?from=a@mail.example", False),
        ("smtp://mail.example:25?from=a@mail.example", False),
    ],
)
def test_only_this_machines_own_mail_server_needs_no_encryption(url: str, clear: bool) -> None:
    assert Mailbox.read(url).in_the_clear is clear


def test_a_mailbox_is_read_from_its_address() -> None:
    assert Mailbox.read("smtp://a%40mail.example:p%3Aw@mail.example") == Mailbox(
        "mail.example", 587, "a@mail.example", "p:w", "a@mail.example"
    )


@pytest.mark.parametrize("url", ["mail.example", "https://mail.example?from=a@b", "smtp://u:secret@h", "smtp://u:secret@h:x?from=a@b", "smtp://[u:secret"])  # fmt: skip
def test_a_wrong_address_is_explained_without_its_password(url: str) -> None:
    with pytest.raises(NotDelivered, match="write smtp://") as raised:
        Mailbox.read(url)
    assert "secret" not in str(raised.value)


def asked(database: Engine) -> Ticket:
    """A ticket whose citizen is asked something: two letters wait for them, of the claim and of the question."""
    lawyer = a_person(database, Role.WORKER)
    code = a_ticket(database).code
    take_step(code, "claim", lawyer, bind=database)
    take_step(code, "ask_citizen", lawyer, Told(note="请说一下哪天入职"), database)
    with session(database) as db:
        return db.scalars(select(Ticket).filter_by(code=code)).one()


def test_the_citizen_reads_it_in_the_conversation(database: Engine) -> None:
    ticket = asked(database)
    assert outbox.deliver({"citizen": senders(database)["citizen"]}, database) == 2
    with session(database) as db:
        lines = messages.in_conversation(db, ticket.conversation)
        assert [(line.who, line.text) for line in lines] == [
            ("system", "承办人已签收。"), ("system", "请说一下哪天入职"),
        ]  # fmt: skip


def test_a_repeated_letter_is_said_once(database: Engine) -> None:
    letter = Letter(9, "citizen", {"text": "已签收"}, asked(database).id)
    to_citizen(letter, database)
    to_citizen(letter, database)
    to_citizen(Letter(10, "citizen", {"text": "已签收"}, letter.ticket_id), database)
    with session(database) as db:
        assert [message.text for message in db.scalars(select(Message))] == ["已签收", "已签收"]


def test_a_ticket_that_is_gone_is_no_error(database: Engine) -> None:
    to_citizen(Letter(9, "citizen", {"text": "已签收"}, 4711), database)


def test_open_pages_are_woken(database: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_REDIS_URL", redis_url)
    ticket = asked(database)
    with Redis.from_url(redis_url) as redis, redis.pubsub(ignore_subscribe_messages=True) as page:
        page.subscribe(f"fazhu:wake:{ticket.conversation}")
        page.get_message(timeout=5)
        to_citizen(Letter(9, "citizen", {"text": "已签收"}, ticket.id), database)
        assert page.get_message(timeout=5)


def test_without_redis_the_words_are_kept_all_the_same(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    to_citizen(Letter(9, "citizen", {"text": "已签收"}, asked(database).id), database)
    with session(database) as db:
        assert db.scalars(select(Message.text)).all() == ["已签收"]


def test_there_is_a_sender_for_what_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert senders().keys() == {"citizen"}
    monkeypatch.setenv("FAZHU_SMS_HOOK", "http://sms.example/")
    monkeypatch.setenv("FAZHU_WEBHOOK", "http://hook.example/")
    monkeypatch.setenv("FAZHU_SMTP_URL", "smtp://mail.example?from=a@mail.example")
    assert senders().keys() == {"citizen", "sms", "webhook", "email"}
