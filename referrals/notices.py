"""Who is told of what. Texts to staff hold codes, never what a citizen said; sent by `referrals.outbox`."""

import os
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals import outbox
from referrals.lifecycle import Step
from referrals.models import Clock, Staff, Status, Ticket
from referrals.roles import Role

TO_CITIZEN = {
    "accept", "claim", "ask_citizen", "grant_extension", "transfer", "hand_over", "raise_urgency", "reply", "reopen",
    "close", "merge", "split", "withdraw",
}  # fmt: skip
BY_SMS = {"ask_citizen", "reply"}  # what the citizen must not miss
TO_ASSIGNEE = {
    "assign",
    "hand_over",
    "supplement",
    "urge",
    "supervise",
    "grant_extension",
    "refuse_extension",
    "reopen",
}
TO_SUPERVISORS = {"ask_extension"}
TO_DISPATCHERS = {"return", "transfer"}

_HOOKS = {
    "sms": "FAZHU_SMS_HOOK",
    "email": "FAZHU_SMTP_URL",
    "webhook": "FAZHU_WEBHOOK",
    "wechat": "FAZHU_WECHAT_APP_ID",
}


def sent_by() -> frozenset[str]:
    """The kinds of notification this installation sends: to the conversation always, the others where configured."""
    return frozenset({"citizen", *(kind for kind, variable in _HOOKS.items() if os.environ.get(variable))})


def received(db: Session, ticket: Ticket) -> None:
    _webhook(db, ticket, "received")


def of_step(db: Session, ticket: Ticket, step: Step, says: str) -> None:
    """What follows from a step; ``says`` is what the citizen may read of it."""
    if step.name in TO_CITIZEN and says:
        outbox.post(db, "citizen", ticket, text=says, step=step.name)
    if step.name in BY_SMS and ticket.phone and "sms" in sent_by():
        outbox.post(db, "sms", ticket, phone=ticket.phone, text=f"您的工单 {ticket.code} 有新答复，请凭查询码查看。")
    if step.name in TO_ASSIGNEE and ticket.assignee_id:
        _email(db, ticket, [ticket.assignee_id], f"{step.title}：{ticket.code}")
    if step.name in TO_SUPERVISORS:
        _email(db, ticket, _with_role(db, Role.SUPERVISOR), f"{step.title}：{ticket.code}")
    if step.name in TO_DISPATCHERS:
        _email(db, ticket, _with_role(db, Role.DISPATCHER), f"{step.title}：{ticket.code}")
    _webhook(db, ticket, step.name)


def nobody_fits(db: Session, ticket: Ticket) -> None:
    _email(db, ticket, _with_role(db, Role.DISPATCHER), f"没有合适的承办人，请人工分派：{ticket.code}")


def clock_warns(db: Session, ticket: Ticket, clock: Clock, kind: str) -> None:
    to = [ticket.assignee_id] if ticket.assignee_id else _with_role(db, Role.DISPATCHER)
    _email(db, ticket, to, f"{kind}时限将到：{ticket.code}")


def clock_missed(db: Session, ticket: Ticket, clock: Clock, kind: str) -> None:
    _email(db, ticket, _with_role(db, Role.SUPERVISOR), f"{kind}超时：{ticket.code}")
    _webhook(db, ticket, f"missed_{clock.kind}")


def low_rating(db: Session, ticket: Ticket) -> None:
    _email(db, ticket, _with_role(db, Role.SUPERVISOR), f"群众不满意，请复核：{ticket.code}")


def _with_role(db: Session, role: Role) -> list[int]:
    return list(db.scalars(select(Staff.id).filter_by(role=role, active=True)))


def _email(db: Session, ticket: Ticket, to: Iterable[int], subject: str) -> None:
    if "email" not in sent_by():
        return
    for address in db.scalars(select(Staff.email).where(Staff.id.in_(to), Staff.email != "")):
        outbox.post(db, "email", ticket, to=address, subject=subject)


def _webhook(db: Session, ticket: Ticket, event: str) -> None:
    if "webhook" in sent_by():
        outbox.post(
            db, "webhook", ticket, event=event, code=ticket.code, status=Status(ticket.status).value,
            service=ticket.service, urgent=ticket.urgent,
        )  # fmt: skip
