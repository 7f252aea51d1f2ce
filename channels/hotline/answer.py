"""What a turn of a call comes to, before it is said."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from channels.hotline.wording import aloud
from knowledge_base.replies import ASK_HUMAN, HELPFUL, UNHELPFUL

KEYS = "一二三四五六七八"  # 9 says again, 0 asks for a person
IN_ALL, IN_ANSWER, IN_FORM = 4, 2, 8  # choices read out at once; after an answer they are only by the way
_NEVER_READ = (HELPFUL.payload, UNHELPFUL.payload)

Choice = tuple[str, str]  # what is read out, what it does


class Answer(BaseModel):
    """``menu``: key -> what it does, ``say:words for the conversation`` or ``do:action[:argument]``.

    ``kind``: "new" takes the place of what was said before; "keep" is said without changing what keys do; "more" goes on
    with what is left of the last one. ``collect`` names what keys are gathered for.
    """

    text: str = ""
    choices: str = ""  # said after it in one go
    menu: dict[str, str] = {}
    yes_no: bool = False  # yes is key 1, no is key 2
    collect: Literal["", "code", "pin", "phone", "callback", "number", "date"] = ""
    kind: Literal["new", "keep", "more"] = "new"
    whole: bool = False  # in one go, however long
    hurry: bool = False  # listen for a second only: it goes on by itself
    to: str = ""  # whom the call is transferred to
    hangup: bool = False


def choices_of(buttons: Sequence[Choice], limit: int = IN_ALL) -> list[Choice | None]:
    """Buttons by their position, as a digit chooses them in the chat too; None where nothing is read out."""
    if [payload for _, payload in buttons] == [ASK_HUMAN.payload]:
        return []
    return [_choice(button, position) for position, button in enumerate(buttons[:limit])]


def _choice(button: Choice, position: int) -> Choice | None:
    title, payload = button
    if payload in _NEVER_READ or (payload == ASK_HUMAN.payload and position):
        return None  # a person is key 0 anyway
    return title, "do:human" if payload == ASK_HUMAN.payload else f"say:{payload}"


def read_out(choices: Sequence[Choice | None]) -> tuple[str, dict[str, str]]:
    """The choices as they are said, and what their keys do."""
    said = [f"{_short(one[0])}，按{KEYS[at]}。" for at, one in enumerate(choices) if one]
    return "".join(said), {str(at + 1): one[1] for at, one in enumerate(choices) if one}


def _short(title: str) -> str:
    return aloud(title).rstrip("。？！")
