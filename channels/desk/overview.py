"""What supervisors, administrators and auditors look after: low ratings, notifications not delivered, the audit trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select

from channels.desk.security import allowed
from channels.pages import page
from referrals import audit, outbox
from referrals.lifecycle import STEPS
from referrals.models import AuditEntry, Rating, Ticket
from referrals.permissions import Permission
from referrals.staff import SignedIn
from referrals.store import session
from referrals.tickets import GRADES, LOW

router = APIRouter(prefix="/desk", include_in_schema=False)
Judge = Annotated[SignedIn, Depends(allowed(Permission.RATINGS))]
Postmaster = Annotated[SignedIn, Depends(allowed(Permission.OUTBOX))]
Auditor = Annotated[SignedIn, Depends(allowed(Permission.AUDIT))]
SHOWN = 100
# What the audit trail's actions are called.
ACTIONS = {name: step.title for name, step in STEPS.items()} | {
    "receive": "受理", "rate": "评价", "carry_on": "换平台接着办", "export": "下载自己的数据", "erase": "删除自己的内容",
    "look": "查看", "note": "写备注", "file_put": "上传材料", "file_get": "打开材料", "live_join": "加入对话",
    "live_leave": "离开对话", "review_rating": "复核评价", "send_again": "重发通知", "allocate": "系统分派",
    "ask_allocation": "要求系统重新分派", "nobody_fits": "没有合适的承办人", "clock_warns": "时限提醒",
    "clock_missed": "超时", "sign_in": "登录", "wrong_password": "密码错误", "unknown_login": "账号不存在",
    "locked_out": "锁定账号", "change_password": "改密码", "reset_password": "重置密码", "create_account": "添加账号",
    "change_account": "修改账号", "add_leave": "登记请假", "remove_leave": "删除请假", "add_client": "登记当事人",
    "remove_client": "删除当事人", "broadcast": "发公告", "broadcast_withdrawn": "撤公告", "device_add": "添加自助机",
    "device_off": "停用自助机", "purge": "到期清除", "rotate": "更换密钥",
}  # fmt: skip
KINDS = {"citizen": "对话", "sms": "短信", "email": "邮件", "webhook": "对接系统", "wechat": "微信"}


@router.get("/ratings")
def ratings(request: Request, me: Judge) -> HTMLResponse:
    """Low grades nobody has looked at, then those somebody has."""
    with session() as db:
        found = db.execute(
            select(Rating, Ticket)
            .join(Ticket, Ticket.id == Rating.ticket_id)
            .where(Rating.grade <= LOW)
            .order_by(Rating.reviewed_by.is_not(None), Rating.at.desc())
            .limit(SHOWN)
        ).all()
    return page(request, "desk/ratings", me=me, found=found, grades=GRADES)


@router.post("/ratings/{code}")
def review(code: str, me: Judge, review: Annotated[str, Form(min_length=2, max_length=1000)]) -> Response:
    with session() as db:
        rating = db.scalar(select(Rating).join(Ticket, Ticket.id == Rating.ticket_id).where(Ticket.code == code))
        if rating and rating.reviewed_by is None:
            rating.reviewed_by, rating.review = me.actor.staff_id, review.strip()
            audit.record(db, me.actor, "review_rating", code)
    return RedirectResponse("/desk/ratings", 303)


@router.get("/outbox")
def undelivered(request: Request, me: Postmaster) -> HTMLResponse:
    """Notifications that could not be delivered; their contents stay closed."""
    with session() as db:
        found = outbox.dead(db)[:SHOWN]
        waiting = outbox.waiting(db)
    return page(request, "desk/outbox", me=me, found=found, waiting=waiting, kinds=KINDS)


@router.post("/outbox/{id}")
def send_again(id: int, me: Postmaster) -> Response:
    with session() as db:
        outbox.send_again(db, id)
        audit.record(db, me.actor, "send_again", str(id))
    return RedirectResponse("/desk/outbox", 303)


@router.get("/audit")
def trail(
    request: Request,
    me: Auditor,
    subject: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The newest entries, or those of one ticket or login."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(SHOWN)
    if subject:
        query = query.where(AuditEntry.subject == subject.strip())
    if before:
        query = query.where(AuditEntry.seq < before)
    with session() as db:
        found = db.scalars(query).all()
    return page(request, "desk/audit", me=me, found=found, subject=subject, shown=SHOWN, actions=ACTIONS)


@router.post("/audit/verify")
def verify(request: Request, me: Auditor) -> HTMLResponse:
    """Walk the whole chain now."""
    return page(request, "desk/audit", me=me, found=[], subject="", shown=SHOWN, verdict=audit.verify())
