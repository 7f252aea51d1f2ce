"""What a caller does and what follows: words, keys, silence."""

import asyncio
from collections.abc import Awaitable, Callable

from channels.hotline import callback, lines, look_up, receipt
from channels.hotline.answer import Answer
from channels.hotline.hearing import command, holds_digits, key_named, yes_or_no
from channels.hotline.numerals import heard_date, heard_digits
from channels.hotline.prompts import listed
from channels.hotline.queueing import told, wait
from channels.hotline.transfers import transfers
from channels.hotline.turn import Turn
from channels.hotline.wording import ending
from referrals import broadcasts

SURE = 0.4  # confidence of a recognition below which the caller is asked
REMINDER = 60  # characters said again to who is silent


async def begin(turn: Turn) -> Answer:
    notices = await asyncio.to_thread(broadcasts.current, "hotline")
    queue = told(turn.state, turn.event.queue, first=True)
    return Answer(text="".join((lines.GREETING, *(f"{notice}。" for notice in notices), queue, lines.MENU)), whole=True)


async def speech(turn: Turn) -> Answer:
    text = turn.event.text.strip(" ，。,.")
    unsure = turn.event.confidence is not None and turn.event.confidence < SURE
    if not text or unsure:
        return _misheard(turn, text)
    turn.state.misheard = 0
    return await heard(turn, text)


def _misheard(turn: Turn, text: str) -> Answer:
    state = turn.state
    state.misheard += 1
    if state.misheard > 1:
        return _by_keys(turn, lines.NOT_HEARD)
    if not text:
        return Answer(kind="keep", text=lines.SAY_AGAIN)
    return Answer(text=lines.HEARD.format(text=text), menu={"1": f"do:heard:{text}", "2": "do:repeat"}, yes_no=True)


def _by_keys(turn: Turn, lead: str) -> Answer:
    """The choices there are; the main ones where there are none, or only that of having been understood."""
    state, now = turn.state, turn.state.now
    asked = state.form_step or now.collect or (now.menu and not now.menu.get("1", "").startswith("do:heard"))
    return Answer(kind="keep", text=lead + state.said) if asked else Answer(text=lead + lines.MAIN_MENU)


async def heard(turn: Turn, text: str) -> Answer:
    """What a caller said, as a command, a key's name, a yes or no, a number that is waited for, or a matter."""
    now = turn.state.now
    if name := command(text, in_form=turn.state.form_step is not None):
        return await _ACTIONS[name](turn, "")
    if turn.state.rest and (wish := yes_or_no(text)) is not None:
        return await (more if wish else no_more)(turn, "")
    if (key := key_named(text, now)) and (_does(turn, key) or now.yes_no):
        return await press(turn, key)
    if now.collect in _COLLECTED and (now.collect == "callback" or holds_digits(text)):
        return await _COLLECTED[now.collect](turn, text)
    return await turn.ask(_READ.get(now.collect, str)(text))


async def keys(turn: Turn) -> Answer:
    """Keys pressed: one is a choice, several are a number."""
    pressed, collect = turn.event.digits.rstrip("#"), turn.state.now.collect
    if turn.state.rest and pressed in ("", "1"):
        return await more(turn, "")
    if collect in _TOLD and pressed and _does(turn, pressed) is None:
        day = len(pressed) == 8 and collect == "date"
        return await turn.ask(f"{pressed[:4]}年{pressed[4:6]}月{pressed[6:]}日" if day else pressed)
    if len(pressed) < 2:
        return await press(turn, pressed)
    if collect in _COLLECTED:
        return await _COLLECTED[collect](turn, pressed)
    if collect == "phone":
        return await turn.ask(pressed)
    if len(pressed) >= look_up.SHORTEST and not turn.state.form_step:
        return await look_up.code(turn, pressed)
    return Answer(kind="keep", text=lines.NO_SUCH_KEY + turn.state.said)


def _does(turn: Turn, key: str) -> str | None:
    """What a key does now. Inside a form the main menu's keys are not offered."""
    now = turn.state.now
    if now.collect in _TOLD:
        return _ALWAYS.get(key) if key == "*" else None  # it is the answer
    return now.menu.get(key) or _ALWAYS.get(key) or (None if turn.state.form_step else _MAIN.get(key))


async def press(turn: Turn, key: str) -> Answer:
    """``say:…`` or ``do:…`` of the menu."""
    does = _does(turn, key)
    if does is None:
        return Answer(kind="keep", text=lines.NO_SUCH_KEY + turn.state.said)
    verb, _, rest = does.partition(":")
    if verb == "say":
        return await turn.ask(rest)
    name, _, argument = rest.partition(":")
    return await _ACTIONS[name](turn, argument)


async def silence(turn: Turn) -> Answer:
    state = turn.state
    state.silences += 1
    match state.silences:
        case 1:
            return Answer(kind="keep", text=lines.STILL_THERE + ending(state.said, REMINDER))
        case 2:
            return _by_keys(turn, lines.BY_KEYS)
        case 3:
            return Answer(text=lines.OFFER_CALLBACK, menu={"3": "do:callback"})
    if state.agent_free is not False:
        return Answer(text=lines.TRANSFERRING, to=transfers().agent)
    return Answer(text=lines.HANG_UP, hangup=True)


async def more(turn: Turn, _: str) -> Answer:
    return Answer(kind="more") if turn.state.rest else Answer(kind="keep", text=lines.NOTHING_MORE)


async def no_more(turn: Turn, _: str) -> Answer:
    turn.state.rest = []
    return Answer(kind="keep", text=lines.GO_ON)


async def again(turn: Turn, _: str) -> Answer:
    return Answer(kind="keep", text=turn.state.said)


async def slower(turn: Turn, _: str) -> Answer:
    turn.state.slow = True
    return Answer(kind="keep", text=lines.SLOWER + turn.state.said)


async def human(turn: Turn, _: str) -> Answer:
    if turn.state.agent_free is not False:
        return Answer(text=lines.TRANSFERRING, to=transfers().agent)
    if turn.state.urgent:
        return await queue(turn, "")
    menu = {"1": "do:go_on", "2": "do:queue", "3": "do:callback"}
    return Answer(text=lines.HUMAN_BUSY.format(wait=wait(turn.state.queue_minutes)), menu=menu)


async def go_on(turn: Turn, _: str) -> Answer:
    return turn.state.form_step or Answer(text=lines.GO_ON)


async def queue(turn: Turn, _: str) -> Answer:
    return Answer(text=lines.TO_QUEUE, to=transfers().agent)


async def transfer(turn: Turn, id: str) -> Answer:
    rule = transfers().rule(id)
    return Answer(text=lines.TO_OTHER.format(title=rule.title), to=rule.to)


async def back(turn: Turn, _: str) -> Answer:
    if turn.state.form_step:
        await turn.ask("取消")
        turn.state.form_step = None
    return Answer(text=lines.MAIN_MENU)


async def page(turn: Turn, _: str) -> Answer:
    text, menu = listed(turn.state.pages, turn.state)
    return Answer(text=text, menu=menu, whole=True)


async def register(turn: Turn, service: str) -> Answer:
    """By voice the conversation's own form, which asks for more; by keys a callback."""
    return await (callback.register(turn, service) if service else turn.ask("转人工"))


async def bye(turn: Turn, _: str) -> Answer:
    return Answer(text=lines.GOODBYE, hangup=True)


async def repeat(turn: Turn, _: str) -> Answer:
    return turn.state.form_step or Answer(text=lines.SAY_AGAIN)


_READ = {"phone": heard_digits, "date": heard_date}
_TOLD = ("number", "date")  # digits are the answer
Action = Callable[[Turn, str], Awaitable[Answer]]
_ACTIONS: dict[str, Action] = {
    "more": more, "again": again, "slower": slower, "human": human, "back": back, "bye": bye, "page": page,
    "go_on": go_on, "queue": queue, "transfer": transfer, "heard": heard, "repeat": repeat, "register": register,
    "ticket": lambda turn, _: look_up.begin(turn), "letter": look_up.letter,
    "callback": lambda turn, _: callback.begin(turn), "agree": lambda turn, _: callback.agree(turn),
    "refuse": lambda turn, _: callback.refuse(turn), "this_number": lambda turn, _: callback.this_number(turn),
    "other_number": lambda turn, _: callback.other_number(turn), "sms": lambda turn, _: receipt.send(turn.state),
}  # fmt: skip
_ALWAYS = {"0": "do:human", "9": "do:again", "*": "do:back", "": "do:again"}
_MAIN = {"1": "do:go_on", "2": "do:ticket", "3": "do:callback"}
_COLLECTED: dict[str, Action] = {"code": look_up.code, "pin": look_up.pin, "callback": callback.number}
