"""What each role may do at the desk."""

import pytest

from referrals.lifecycle import STEPS
from referrals.permissions import GRANTED, Permission
from referrals.roles import STAFF_ROLES, Role


def test_every_role_is_told_what_it_may() -> None:
    assert GRANTED.keys() == set(Role)
    assert all(GRANTED[role] for role in STAFF_ROLES)


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.SYSTEM])
def test_nobody_but_staff_may_do_anything_at_the_desk(role: Role) -> None:
    assert GRANTED[role] == frozenset()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_keeps_accounts_or_audits_never_reads_a_ticket(role: Role) -> None:
    contents = {Permission.QUEUE, Permission.TICKET, Permission.WORK, Permission.FILES, Permission.RATINGS}
    assert GRANTED[role].isdisjoint(contents)


@pytest.mark.parametrize("permission", [Permission.PEOPLE, Permission.PRIVACY, Permission.OUTBOX])
def test_accounts_personal_data_and_deliveries_are_the_administrators_alone(permission: Permission) -> None:
    assert [role for role in Role if permission in GRANTED[role]] == [Role.ADMINISTRATOR]


def test_only_the_auditor_reads_the_audit_trail_and_cannot_change_what_it_tells_of() -> None:
    assert [role for role in Role if Permission.AUDIT in GRANTED[role]] == [Role.AUDITOR]
    assert GRANTED[Role.AUDITOR] == {Permission.AUDIT, Permission.NUMBERS}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_whoever_has_steps_to_take_may_work_and_nobody_else(role: Role) -> None:
    has_steps = any(role in step.by for step in STEPS.values())
    assert (Permission.WORK in GRANTED[role]) is has_steps


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_who_may_work_also_sees_the_queue_and_the_ticket(role: Role) -> None:
    if Permission.WORK in GRANTED[role]:
        assert GRANTED[role] >= {Permission.QUEUE, Permission.TICKET}
