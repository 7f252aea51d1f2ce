"""What each role sees of a ticket: as much as its work needs, and no more."""

import re
from dataclasses import dataclass

from referrals.intake import ANONYMOUS
from referrals.lifecycle import Actor
from referrals.models import Status, Ticket
from referrals.roles import Role

SHORT = 60  # characters of the matter that other workers see
ERASED = "已删除"  # stands for the name once a ticket's contents are gone
_ROUTERS = (Role.DISPATCHER, Role.RECEPTION)


@dataclass(frozen=True)
class View:
    """A ticket's contents as somebody sees them; what they do not see is empty. ``whole``: nothing is left out."""

    name: str = ""
    phone: str = ""
    matter: str = ""
    opponent: str = ""
    summary: str = ""
    aid_check: str = ""
    transcript: str = ""
    result: str = ""
    whole: bool = False


def sees_whole(ticket: Ticket, actor: Actor) -> bool:
    """The person in charge and supervisors."""
    in_charge = actor.role is Role.WORKER and actor.staff_id is not None and ticket.assignee_id == actor.staff_id
    return in_charge or actor.role is Role.SUPERVISOR


def seen_by(ticket: Ticket, actor: Actor) -> View:
    """The one place that decides what a role sees; administrators and auditors see no contents at all."""
    if sees_whole(ticket, actor):
        return _whole(ticket)
    if actor.role in _ROUTERS:
        calls = actor.role is Role.RECEPTION and ticket.status == Status.REPLIED  # to ask how it went
        return View(
            name=ticket.contact_name if calls else masked_name(ticket.contact_name),
            phone=(ticket.phone or "") if calls else masked_phone(ticket.phone or ""),
            matter=ticket.matter,
            opponent=ticket.opponent,
            summary=masked_text(ticket.summary, ticket.contact_name),
        )
    if actor.role is Role.WORKER:
        # Masked before it is cut: half a phone number would not be recognised as one.
        return View(matter=shortened(masked_text(ticket.matter, ticket.contact_name)))
    return View()


def _whole(ticket: Ticket) -> View:
    return View(
        name=ticket.contact_name,
        phone=ticket.phone or "",
        matter=ticket.matter,
        opponent=ticket.opponent,
        summary=ticket.summary,
        aid_check=ticket.aid_check,
        transcript=ticket.transcript,
        result=ticket.result,
        whole=True,
    )


def masked_name(name: str) -> str:
    """王女士 → 王**; of a name that is none, nothing is hidden."""
    return name if name in ("", ANONYMOUS, ERASED) else f"{name[0]}**"


def masked_phone(phone: str) -> str:
    """13000000000 → 130****0000; of a shorter number, the last two digits stay."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else f"****{phone[-2:]}"


def shortened(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


# Digits as people write them, each one character long, so that what is found stands at the same place in the original.
_AS_DIGITS = str.maketrans("０１２３４５６７８９〇零一二三四五六七八九幺ｘＸ", "0123456789001234567891xX")
_GAP = r"[\s\-—－]?"
_HIDDEN = (
    ("[证件号]", re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{16}}{_GAP}[\dXx](?!\d)")),
    ("[电话]", re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")),
    ("[电话]", re.compile(rf"(?<!\d)0\d{{2,3}}{_GAP}\d{{7,8}}(?!\d)")),
)
_TITLES = re.compile(r"(?:女士|先生|小姐|同志|老师|师傅|阿姨|叔叔|大姐|大哥|大妈|大爷)$")


def masked_text(text: str, name: str = "") -> str:
    """Free text without phone numbers, identity numbers and the name of the person it came from."""
    for shown, pattern in _HIDDEN:
        text = _hidden(text, pattern, shown)
    for known in _names(name):
        text = text.replace(known, masked_name(known))
    return text


def _hidden(text: str, pattern: re.Pattern[str], shown: str) -> str:
    for match in reversed(list(pattern.finditer(text.translate(_AS_DIGITS)))):
        text = text[: match.start()] + shown + text[match.end() :]
    return text


def _names(name: str) -> list[str]:
    """The name as given and without its title; a single character is too common to be looked for."""
    if name in (ANONYMOUS, ERASED):
        return []
    return [known for known in dict.fromkeys((name, _TITLES.sub("", name))) if len(known) > 1]
