"""What a caller does and what follows: words, keys, silence."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from channels.hotline import callback, lines, look_up, receipt
from channels.hotline.answer import Answer
from channels.hotline.numerals import digit_of, heard_digits
from channels.hotline.prompts import listed
from channels.hotline.queueing import told, wait
from channels.hotline.transfers import transfers
from channels.hotline.turn import Turn
from channels.hotline.wording import sentences
from referrals import broadcasts

SURE = 0.4  # confidence of a recognition below which the caller is asked
REMINDER = 80  # characters said again to who is silent
COMMAND = 15  # characters; what is longer is a matter, not a command

_COMMANDS = (
    ("more", r"(请|你)?(继续|接着|往下|说下去)[说讲吧啊呀]*"),
    ("again", r".{0,3}(再说|重复|再讲|重说|再念)(一?[遍次下])?[吧呢]?|没听(清|见|到).{0,3}|重听|(你)?说(的)?(什么|啥)"),
    ("slower", r".{0,4}(慢|慢一)(点|些|点儿)[说讲吧啊]*|.{0,3}太快了?"),
    ("human", r".{0,6}(转人工|人工(?!智能|流产|授精|费)(服务|客服|座席|坐席)?|真人).{0,3}"),
    ("ticket", r".{0,4}查.{0,4}(工单|进度|单子).{0,3}"),
    ("register", r"(我|要|想|请|帮我|给我)*(登记|回电|登记回电|登记工单|回拨|打回来)(给我|一下|吧)*"),
    ("bye", r"(好的?|行|嗯|谢谢|没事了|没有了|那就这样|先这样)?(谢谢)?(再见|拜拜|挂了)(了|吧)?"),
)  # fmt: skip
_MENU = re.compile(r"(返回|回)?(主菜单|上一级)|返回")
_YES = re.compile(r"(对|是|好|行|可以|要|需要|同意|嗯+|确定|没错|用|就用)[的了啊吧呀对是好个这它]*")
_NO = re.compile(r"(不|不是|不对|不要|不用|不用了|不需要|不同意|不行|错了?|算了|不了)[的了啊吧呀]*")
_KEY = re.compile(r"(按|选|第|要)?([一二两三四五六七八\d])(个|项|号|号键|键)?")


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


def _by_keys(turn: Turn, otherwise: str) -> Answer:
    """The choices there are; the main ones where there are none."""
    if turn.state.now.menu or turn.state.now.collect:
        return Answer(kind="keep", text=lines.BY_KEYS + turn.state.said)
    return Answer(kind="keep", text=otherwise)


async def heard(turn: Turn, text: str) -> Answer:
    """What a caller said, as a command, a key's name, a yes or no, a number that is waited for, or a matter."""
    now = turn.state.now
    if (name := _command(turn, text)) is not None:
        return await _ACTIONS[name](turn, "")
    if key := _key_named(turn, text):
        return await press(turn, key)
    if now.collect in _COLLECTED:
        return await _COLLECTED[now.collect](turn, text)
    return await turn.ask(heard_digits(text) if now.collect == "phone" else text)


def _key_named(turn: Turn, text: str) -> str | None:
    """第二个 is key 2; so is 不用 where the question was one of yes or no."""
    now = turn.state.now
    if (found := _KEY.fullmatch(text)) and _does(turn, key := digit_of(found[2])):
        return key
    if now.yes_no and _YES.fullmatch(text):
        return "1"
    return "2" if now.yes_no and now.collect != "phone" and _NO.fullmatch(text) else None


def _does(turn: Turn, key: str) -> str | None:
    """What a key does now. Inside a form the main menu's keys are not offered."""
    now = turn.state.now
    if now.collect == "number" and not now.menu:
        return _ALWAYS.get(key) if key == "*" else None  # it is the answer
    return now.menu.get(key) or _ALWAYS.get(key) or (None if turn.state.form_step else _MAIN.get(key))


def _command(turn: Turn, text: str) -> str | None:
    if len(text) > COMMAND:
        return None
    if _MENU.fullmatch(text) and not turn.state.form_step:  # a form has its own way back
        return "back"
    name = next((name for name, says in _COMMANDS if re.fullmatch(says, text)), None)
    return None if name == "more" and not turn.state.rest else name


async def keys(turn: Turn) -> Answer:
    """Keys pressed: one is a choice, several are a number."""
    pressed, collect = turn.event.digits.rstrip("#"), turn.state.now.collect
    if collect == "number" and pressed and _does(turn, pressed) is None:
        return await turn.ask(pressed)
    if len(pressed) > 1:
        return await (_COLLECTED[collect](turn, pressed) if collect in _COLLECTED else turn.ask(pressed))
    return await press(turn, pressed)


async def press(turn: Turn, key: str) -> Answer:
    if turn.state.rest and key in ("", "1"):
        return await more(turn, "")
    does = _does(turn, key)
    if does is None:
        return Answer(kind="keep", text=lines.NO_SUCH_KEY + turn.state.said)
    return await do(turn, does)


async def do(turn: Turn, what: str) -> Answer:
    """``say:…`` or ``do:…`` of a menu."""
    verb, _, rest = what.partition(":")
    if verb == "say":
        return await turn.ask(rest)
    name, _, argument = rest.partition(":")
    return await _ACTIONS[name](turn, argument)


async def silence(turn: Turn) -> Answer:
    state = turn.state
    state.silences += 1
    match state.silences:
        case 1:
            return Answer(kind="keep", text=lines.STILL_THERE + _reminder(state.said))
        case 2:
            return _by_keys(turn, lines.BY_KEYS + lines.MAIN_MENU)
        case 3:
            return Answer(text=lines.OFFER_CALLBACK)
    if state.agent_free is not False:
        return Answer(text=lines.TRANSFERRING, to=transfers().agent)
    return Answer(text=lines.HANG_UP, hangup=True)


def _reminder(said: str) -> str:
    """The end of what was said: it holds the question."""
    kept = ""
    for sentence in reversed(sentences(said)):
        if len(kept) + len(sentence) > REMINDER:
            break
        kept = sentence + kept
    return kept


async def worker(turn: Turn) -> str:
    """What the worker who answers has said since."""
    session = await turn.session()
    new = [e for e in session.transcript if e["who"] == "worker" and e["id"] > (turn.state.worker_heard or 0)]
    turn.state.worker_heard = new[-1]["id"] if new else turn.state.worker_heard
    return "".join(lines.WORKER_SAYS.format(text=entry["text"]) for entry in new)


async def more(turn: Turn, _: str) -> Answer:
    return Answer(kind="more") if turn.state.rest else Answer(kind="keep", text=lines.NOTHING_MORE)


async def again(turn: Turn, _: str) -> Answer:
    return Answer(kind="keep", text=turn.state.said)


async def slower(turn: Turn, _: str) -> Answer:
    turn.state.slow = True
    return Answer(kind="keep", text=lines.SLOWER + turn.state.said)


async def human(turn: Turn, _: str) -> Answer:
    if turn.state.agent_free is not False:
        return Answer(text=lines.TRANSFERRING, to=transfers().agent)
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
