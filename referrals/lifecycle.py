"""The states of a ticket and the steps between them: who may take which, from where, and what it needs.

受理 → 分派 → 签收 → 办理 → 回复 → 回访 → 办结 → 归档. `check` is the only gate; `referrals.work` does what a step means.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from referrals.errors import IllegalStep, NotAllowed
from referrals.models import OPEN, Status, Ticket
from referrals.roles import Role

_RECEIVED, _ASSIGNED, _ACCEPTED, _IN_PROGRESS = OPEN
_WORKING = (_ACCEPTED, _IN_PROGRESS)
_HELD = (_ASSIGNED, *_WORKING)
_ANSWERED = (Status.REPLIED, Status.CALLED_BACK)
_LEADERS = (Role.DISPATCHER, Role.SUPERVISOR)


@dataclass(frozen=True)
class Actor:
    """Who takes a step. ``staff_id`` is None for citizens and the system."""

    role: Role
    staff_id: int | None = None
    login: str = ""

    def __str__(self) -> str:
        return f"{self.role.value}:{self.login}" if self.login else self.role.value


CITIZEN = Actor(Role.CITIZEN)
SYSTEM = Actor(Role.SYSTEM)


@dataclass(frozen=True)
class Step:
    """``to`` is None where the state stays. ``mine``: a worker may do it only to their own tickets. ``needs`` names what
    must be told: reason (staff read it), note (the citizen reads it), days, assignee, service, other (a ticket)."""

    name: str
    title: str
    origins: Collection[Status]
    to: Status | None
    by: Collection[Role]
    needs: Collection[str] = ()
    mine: bool = True
    waiting: bool | None = field(default=None)  # only while it waits, or does not wait, for the citizen


STEPS = {
    step.name: step
    for step in (
        Step("assign", "分派", (_RECEIVED, _ASSIGNED), _ASSIGNED, (*_LEADERS, Role.SYSTEM), ("assignee",)),
        Step("claim", "认领", (_RECEIVED,), _ACCEPTED, (Role.WORKER,), mine=False),
        Step("accept", "签收", (_ASSIGNED,), _ACCEPTED, (Role.WORKER,)),
        Step("return", "退回", _HELD, _RECEIVED, (Role.WORKER, *_LEADERS), ("reason",)),
        Step("start", "开始办理", (_ACCEPTED,), _IN_PROGRESS, (Role.WORKER,)),
        Step("ask_citizen", "请群众补充", _WORKING, None, (Role.WORKER,), ("note",), waiting=False),
        Step("supplement", "群众已补充", _WORKING, None, (Role.CITIZEN, Role.RECEPTION, Role.WORKER), waiting=True),
        Step("ask_extension", "申请延期", _WORKING, None, (Role.WORKER,), ("days", "reason")),
        Step("grant_extension", "批准延期", _WORKING, None, (Role.SUPERVISOR,)),
        Step("refuse_extension", "不批准延期", _WORKING, None, (Role.SUPERVISOR,), ("reason",)),
        Step("transfer", "转办", (_RECEIVED, *_HELD), _RECEIVED, (Role.WORKER, *_LEADERS), ("service", "reason")),
        Step("hand_over", "改派", _HELD, _ASSIGNED, _LEADERS, ("assignee", "reason")),
        Step("urge", "催办", OPEN, None, (Role.CITIZEN, Role.RECEPTION)),
        Step("supervise", "督办", OPEN, None, (Role.SUPERVISOR,), ("reason",)),
        Step("raise_urgency", "列为紧急", OPEN, None, (Role.RECEPTION, Role.WORKER, *_LEADERS), ("reason",)),
        Step("reply", "回复", _WORKING, Status.REPLIED, (Role.WORKER,), ("note",)),
        Step("call_back", "回访", (Status.REPLIED,), Status.CALLED_BACK, (Role.RECEPTION, *_LEADERS), ("reason",)),
        Step("reopen", "重办", (*_ANSWERED, Status.CLOSED), _IN_PROGRESS,
             (Role.CITIZEN, Role.RECEPTION, *_LEADERS), ("reason",)),
        Step("close", "办结", _ANSWERED, Status.CLOSED, (Role.RECEPTION, *_LEADERS, Role.SYSTEM)),
        Step("archive", "归档", (Status.CLOSED,), Status.ARCHIVED, (Role.SUPERVISOR, Role.SYSTEM)),
        Step("merge", "并入", OPEN, Status.CLOSED, _LEADERS, ("other", "reason")),
        Step("split", "拆分", _HELD, None, (Role.WORKER, *_LEADERS), ("note", "service")),
        Step("withdraw", "撤回", OPEN, Status.CLOSED, (Role.CITIZEN,)),
    )
}  # fmt: skip
_NEEDED = {
    "reason": "请写明理由。",
    "note": "请写明要告诉群众的话。",
    "days": "请写明延长几个工作日。",
    "assignee": "请选择承办人。",
    "service": "请选择服务类别。",
    "other": "请写明并入哪个工单。",
}


def check(step: Step, ticket: Ticket, actor: Actor, told: Collection[str]) -> None:
    """
    Raises:
        NotAllowed: the actor may not take this step, or not with this ticket.
        IllegalStep: the ticket does not stand where the step begins, or something it needs was not told.
    """
    if actor.role not in step.by:
        raise NotAllowed(f"“{step.title}”由{'、'.join(role.label for role in step.by)}办理，您是{actor.role.label}。")
    if step.mine and actor.role is Role.WORKER and ticket.assignee_id != actor.staff_id:
        raise NotAllowed(f"工单不在您名下，不能“{step.title}”。")
    if ticket.status not in step.origins:
        stands = "、".join(status.label for status in step.origins)
        raise IllegalStep(f"工单{Status(ticket.status).label}，“{step.title}”只能在{stands}时办理。")
    if step.waiting is not None and ticket.waiting is not step.waiting:
        raise IllegalStep("工单正在等群众补充。" if ticket.waiting else "工单没有在等群众补充。")
    for need in step.needs:
        if need not in told:
            raise IllegalStep(_NEEDED[need])


def open_to(ticket: Ticket, actor: Actor) -> list[Step]:
    """The steps the actor may take now, whatever they still need."""
    found = []
    for step in STEPS.values():
        try:
            check(step, ticket, actor, step.needs)
        except (NotAllowed, IllegalStep):
            continue
        found.append(step)
    return found
