"""What each role may do at the desk. Steps of a ticket have their own table (`referrals.lifecycle`)."""

from collections.abc import Mapping
from enum import StrEnum

from referrals.roles import Role


class Permission(StrEnum):
    QUEUE = "queue"  # see the queue
    TICKET = "ticket"  # open a ticket
    WORK = "work"  # take steps, write notes and replies, join a conversation
    FILES = "files"
    PEOPLE = "people"  # accounts, leave, clients
    NUMBERS = "numbers"  # dashboard and exports
    RATINGS = "ratings"  # low grades
    OUTBOX = "outbox"  # notifications that were not delivered
    AUDIT = "audit"
    PRIVACY = "privacy"  # export or delete a citizen's data
    PLATFORMS = "platforms"  # channels' health, kiosks, notices to everybody


_P = Permission
GRANTED: Mapping[Role, frozenset[Permission]] = {
    Role.RECEPTION: frozenset({_P.QUEUE, _P.TICKET, _P.WORK}),
    Role.WORKER: frozenset({_P.QUEUE, _P.TICKET, _P.WORK, _P.FILES}),
    Role.DISPATCHER: frozenset({_P.QUEUE, _P.TICKET, _P.WORK, _P.NUMBERS}),
    Role.SUPERVISOR: frozenset({_P.QUEUE, _P.TICKET, _P.WORK, _P.FILES, _P.NUMBERS, _P.RATINGS, _P.PLATFORMS}),
    Role.ADMINISTRATOR: frozenset({_P.PEOPLE, _P.NUMBERS, _P.OUTBOX, _P.PRIVACY, _P.PLATFORMS}),
    Role.AUDITOR: frozenset({_P.NUMBERS, _P.AUDIT}),
    Role.CITIZEN: frozenset(),
    Role.SYSTEM: frozenset(),
}
