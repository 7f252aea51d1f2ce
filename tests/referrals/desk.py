"""People and tickets for tests of the desk's rooms."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine

from referrals.intake import Draft
from referrals.lifecycle import Actor
from referrals.models import Staff
from referrals.roles import Role
from referrals.store import session
from referrals.tickets import Origin, Receipt, create

_numbers = count(1)


def a_person(database: Engine, role: Role = Role.WORKER, **fields: Any) -> Actor:
    """Somebody on the staff; a worker gives legal advice unless told otherwise."""
    login = f"{role.value}{next(_numbers)}"
    known: dict[str, Any] = {"name": f"测试{login}", "title": "律师", "created_at": datetime.now(UTC)} | fields
    if role is Role.WORKER:
        known.setdefault("service", "lawyer")
    with session(database) as db:
        person = Staff(login=login, role=role, **known)
        db.add(person)
        db.flush()
        return Actor(role, person.id, login)


def a_ticket(database: Engine, service: str = "lawyer", phone: str = "13000000000", **origin: Any) -> Receipt:
    draft = Draft(True, "老板拖欠工资三个月", "泰山区", "王女士", phone, service, True)
    known: dict[str, Any] = {"conversation": f"conversation-{next(_numbers)}", "turn": "turn-1", "topic": "劳动纠纷"}
    return create(draft, Origin(**(known | origin)), database)
