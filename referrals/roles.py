"""Who acts on tickets. Values are stored; labels are for people."""

from enum import StrEnum


class Role(StrEnum):
    RECEPTION = "reception"  # counter and hotline staff who face citizens
    WORKER = "worker"  # lawyer, mediator, legal-aid officer, notary, appraiser, arbitrator
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    CITIZEN = "citizen"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Role.RECEPTION: "接待人员",
    Role.WORKER: "承办人",
    Role.DISPATCHER: "分派员",
    Role.SUPERVISOR: "督办",
    Role.ADMINISTRATOR: "管理员",
    Role.AUDITOR: "审计员",
    Role.CITIZEN: "群众",
    Role.SYSTEM: "系统",
}
STAFF_ROLES = tuple(role for role in Role if role not in (Role.CITIZEN, Role.SYSTEM))
