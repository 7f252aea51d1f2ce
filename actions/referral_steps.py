"""The referral and the ticket look-up, one citizen's message at a time.

Pure functions from form state and text to new form state and replies, so that the Rasa forms and
the gateway (while Rasa is away) say and do the same. Form state is plain data:
``{"name": "referral" | "ticket", "requested": str, "draft": {…}}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from knowledge_base.compose import Said
from knowledge_base.consult import consult
from knowledge_base.decision import Kind, Understanding
from knowledge_base.replies import Button, Reply, plain_buttons
from knowledge_base.text import normalise
from referrals import citizen, clocks, codes, intake, tickets
from referrals.errors import IllegalStep, TicketNotFound, TooManyTries
from referrals.intake import Draft, Field, Outcome, Suggestion
from referrals.worktime import PLACE_TIME

Form = dict[str, Any]

GIVEN_UP = Reply("smalltalk", "好的，不登记了，刚才填的内容不会保存。您可以继续问别的；需要人工也可以拨打 12348。")
LATER = Reply("notice", "这个问题登记完再说，工作人员也会为您解答。我们先把登记做完，不想登记了就说“取消”。")
LOCKED = Reply("notice", "查询码错的次数太多，这个工单先锁定一刻钟，请稍后再查，或拨打 12348。")
NOT_FOUND = Reply(
    "notice", "编号或查询码不对，没有查到。请核对后说“查工单”再试一次。", buttons=plain_buttons(["查工单", "转人工"])
)
ASK_CODE = "请告诉我工单编号和六位查询码，登记成功时给过您，例如“370900-…… 查询码 123456”。"


@dataclass(frozen=True)
class FormTurn:
    """``form`` is None once the form is over; ``draft`` then holds what was gathered."""

    form: Form | None
    replies: list[Reply]
    draft: Mapping[str, Any]
    complete: bool = False


def begin_referral(suggestion: Suggestion) -> FormTurn:
    return _ask(Draft(), suggestion, [])


def continue_referral(
    form: Form, text: str, suggestion: Suggestion, understood: Understanding | None = None
) -> FormTurn:
    draft = Draft.from_mapping(form["draft"])
    step = intake.take(draft, Field(form["requested"]), text, suggestion)
    said = [Reply("form", step.notice)] if step.notice else []
    match step.outcome:
        case Outcome.CANCELLED:
            return FormTurn(None, [GIVEN_UP], step.draft.as_dict())
        case Outcome.COMPLETE:
            return FormTurn(None, said, step.draft.as_dict(), complete=True)
        case Outcome.SIDE_QUESTION:
            return _ask(step.draft, suggestion, [_aside(text, understood)])
        case Outcome.ASK:
            return _ask(step.draft, suggestion, said)


def _ask(draft: Draft, suggestion: Suggestion, before: list[Reply]) -> FormTurn:
    field = draft.next_field
    assert field is not None
    asked = intake.prompt(field, draft, suggestion)
    question = Reply("form", asked.text, buttons=plain_buttons(asked.buttons))
    form = {"name": "referral", "requested": field.value, "draft": draft.as_dict()}
    return FormTurn(form, [*before, question], draft.as_dict())


def _aside(text: str, understood: Understanding | None) -> Reply:
    """A question asked in mid-form: its answer if there is a sure one, without buttons that would
    leave the form; else a promise to come back to it."""
    found = consult(Said(text), understood)
    if found.kind is Kind.ANSWER:
        return Reply(found.reply.type, found.reply.text, found.reply.citations)
    about = intake.about_registering(text)
    return Reply("notice", about) if about else LATER


def submit(draft: Mapping[str, Any], origin: tickets.Origin) -> tuple[Reply, dict[str, str]]:
    """Create the ticket and say its code and PIN."""
    filled = Draft.from_mapping(draft)
    assert filled.service is not None and filled.matter is not None
    if origin.topic is None:  # nothing was asked before: the matter itself tells
        origin = replace(origin, topic=consult(Said(normalise(filled.matter))).topic)
    receipt = tickets.create(filled, origin)
    text = (
        f"登记好了。\n工单编号：{receipt.code}\n查询码：{receipt.pin}\n"
        f"请拍照或抄下这两样，凭它们随时说“查工单”看进度。\n{when_answered(filled.service, datetime.now(UTC))}"
    )
    look = Button("查工单", f"查工单 {receipt.code} {receipt.pin}")
    return Reply("handoff", text, buttons=(look,)), {
        "code": receipt.code,
        "status": receipt.status.label,
    }


def when_answered(service: str, now: datetime) -> str:
    """Whether somebody is on duty, and how the citizen hears from them."""
    hours = clocks.settings().time_of(service)
    if hours.open_at(now):
        return "现在是上班时间，工作人员可能直接在这里回复您，也会按您留的方式联系您；没留电话的，请凭编号回来看答复。"
    opens = _moment(hours.next_open(now), now)
    return f"现在是下班时间，预计{opens}后联系您；留了电话的会给您回电，没留电话的请凭编号回来看答复。"


def _moment(when: datetime, now: datetime) -> str:
    """今天14:00, 明天08:30, 11月30日（周一）08:30."""
    local, today = when.astimezone(PLACE_TIME), now.astimezone(PLACE_TIME).date()
    days = (local.date() - today).days
    weekday = "一二三四五六日"[local.weekday()]
    day = ("今天", "明天")[days] if days < 2 else f"{local.month}月{local.day}日（周{weekday}）"
    return f"{day}{local:%H:%M}"


def begin_ticket(text: str) -> FormTurn:
    """Start a look-up; code and PIN may already stand in ``text``."""
    blank: Form = {"name": "ticket", "requested": "ticket_code", "draft": {}}
    if codes.looks_like_code(text):
        return continue_ticket(blank, text)
    return FormTurn(blank, [Reply("form", ASK_CODE, buttons=plain_buttons(["取消"]))], {})


def continue_ticket(form: Form, text: str) -> FormTurn:
    draft = dict(form["draft"])
    code, pin = codes.read_code(text), codes.read_pin(text)
    if code:
        draft["ticket_code"] = code
    if pin:
        draft["ticket_pin"] = pin
    if not code and not pin and ("取消" in text or "算了" in text):
        return FormTurn(None, [Reply("smalltalk", "好的，不查了。")], {})
    if draft.get("ticket_code") and draft.get("ticket_pin"):
        return FormTurn(None, [], draft, complete=True)
    if draft.get("ticket_code"):
        question, requested = "还差六位查询码，请告诉我。", "ticket_pin"
    elif codes.looks_like_code(text):
        question, requested = "这个编号核对不上，可能有一位抄错了，请对照再发一遍。", "ticket_code"
    else:
        question, requested = ASK_CODE, "ticket_code"
    form = {"name": "ticket", "requested": requested, "draft": draft}
    return FormTurn(form, [Reply("form", question, buttons=plain_buttons(["取消"]))], draft)


def ticket_status(draft: Mapping[str, Any], conversation: str) -> tuple[Reply, dict[str, str] | None]:
    """What the citizen may know of the ticket, or why not; with an offer to go on here with one that was made elsewhere."""
    code, pin = draft["ticket_code"], draft["ticket_pin"]
    try:
        ticket = tickets.look_up(code, pin)
    except TooManyTries:
        return LOCKED, None
    except TicketNotFound:
        return NOT_FOUND, None
    lines = [
        f"工单 {ticket.code}",
        f"状态：{ticket.status.label}",
        f"服务：{intake.SERVICES[ticket.service]}　区县：{ticket.district}",
        f"登记时间：{ticket.created_at.astimezone(PLACE_TIME):%Y-%m-%d %H:%M}",
        *(
            f"· {at.astimezone(PLACE_TIME):%m-%d %H:%M} {status.label} {note}".rstrip()
            for at, status, note in ticket.events
        ),
    ]
    shown = {"code": ticket.code, "status": ticket.status.label}
    if ticket.conversation == conversation:
        return Reply("notice", "\n".join(lines)), shown
    lines.append("这个工单是在别处登记的。点“接着办”，工作人员以后就在这里回复您，也会看到您在这里说的话。")
    return Reply("notice", "\n".join(lines), buttons=(Button("接着办", f"接着办 {code} {pin}"),)), shown


@dataclass(frozen=True)
class CarriedOn:
    """``ticket`` is None when it could not be; ``former`` is the conversation it was in."""

    reply: Reply
    ticket: dict[str, str] | None = None
    former: str = ""


def carries_on(text: str) -> bool:
    return text.startswith("接着办") and codes.looks_like_code(text)


def carry_on(text: str, conversation: str, channel: str) -> CarriedOn:
    """The citizen, with code and PIN, goes on here with a ticket that was made on another platform."""
    try:
        before = citizen.carry_on(codes.read_code(text) or "", codes.read_pin(text) or "", conversation, channel)
    except TooManyTries:
        return CarriedOn(LOCKED)
    except TicketNotFound:
        return CarriedOn(NOT_FOUND)
    except IllegalStep as error:
        return CarriedOn(Reply("notice", str(error)))
    said = f"接上了：工单 {before.code}，{before.status.label}。工作人员的回复会发到这里；您也可以接着问别的。"
    return CarriedOn(Reply("notice", said), {"code": before.code, "status": before.status.label}, before.conversation)
