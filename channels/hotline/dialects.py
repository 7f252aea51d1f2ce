"""Other platforms' requests and replies, by tables: ``dialects/*.yml`` (the format is in docs/hotline.md)."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from channels.errors import InvalidField
from channels.hotline.contract import CallEvent, CallReply, Listen
from channels.strict_yaml import Strict, read

DIALECTS = Path(__file__).parent / "dialects"
FIX = "write it as docs/hotline.md describes"
ANY = "*"


class EventRule(Strict):
    """The first rule whose ``when`` (path -> value, ``*`` for anything) holds says what happened; nothing without an
    ``event``. ``take`` and ``set``: field of `CallEvent` -> path, value."""

    when: dict[str, str] = Field(min_length=1)
    event: Literal["start", "speech", "dtmf", "silence", "barge_in", "hangup", "transfer_result"] | None = None
    take: dict[str, str] = Field(default_factory=dict)
    set: dict[str, str] = Field(default_factory=dict)

    def holds(self, said: Any) -> bool:
        return all(_matches(_at(said, path), value) for path, value in self.when.items())


class Dialect(Strict):
    """``speak``, ``transfer``, ``hangup``, ``start``: the reply, with $-names for what is said and done."""

    seq: str
    events: tuple[EventRule, ...] = Field(min_length=1)
    speak: Any
    transfer: Any
    hangup: Any
    start: Any = None  # as ``speak``, where the first reply differs

    def event(self, said: Any) -> CallEvent | None:
        """
        Raises:
            InvalidField: no rule holds, or what one takes is not of its kind.
        """
        rule = next((rule for rule in self.events if rule.holds(said)), None)
        if rule is None:
            raise InvalidField("event")
        if rule.event is None:
            return None
        fields = {field: _at(said, path) for field, path in rule.take.items()}
        given = {field: value for field, value in fields.items() if value is not None}
        try:
            return CallEvent.model_validate(
                {"seq": _seq(_at(said, self.seq)), "event": rule.event, **rule.set, **given}
            )
        except ValidationError as error:
            raise InvalidField(str(error.errors()[0]["loc"][0])) from error

    def reply(self, call_id: str, event: CallEvent, reply: CallReply) -> Any:
        if reply.hangup:
            tree = self.hangup
        elif reply.transfer:
            tree = self.transfer
        else:
            tree = self.start if event.event == "start" and self.start else self.speak
        return _filled(tree, {"call_id": call_id, **_values(reply)})


def _values(reply: CallReply) -> dict[str, Any]:
    listen, to = reply.listen or Listen(), reply.transfer
    return {
        "say": reply.say,
        "to": to.to if to else "",
        "summary": to.summary if to else "",
        "max_digits": listen.dtmf.max_digits if listen.dtmf else 0,
        "wait_s": listen.wait_s,
        "wait_ms": listen.wait_s * 1000,
        "silence_ms": listen.silence_ms,
        "silence_s": listen.silence_ms / 1000,
        "longest_s": listen.longest_s,
    }


def _matches(found: Any, value: str) -> bool:
    return found not in (None, "") if value == ANY else str(found) == value


def _at(said: Any, path: str) -> Any:
    """``content.words``, ``results.0.text``; a text on the way is read as JSON."""
    for step in path.split("."):
        if isinstance(said, str):
            said = _json(said)
        if isinstance(said, list) and step.isdecimal() and int(step) < len(said):
            said = said[int(step)]
        elif isinstance(said, Mapping):
            said = said.get(step)
        else:
            return None
    return said


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _seq(said: Any) -> Any:
    """A number, or a time as milliseconds; 0 where the platform gives none."""
    if said is None or said == "":
        return 0
    if isinstance(said, str) and not said.isdecimal():
        try:
            return round(datetime.fromisoformat(said).timestamp() * 1000)
        except ValueError as error:
            raise InvalidField("seq") from error
    return said


def _filled(tree: Any, values: Mapping[str, Any]) -> Any:
    """``$name`` becomes its value, ``$$`` a dollar; ``{$json: …}`` a text that holds JSON."""
    if isinstance(tree, str) and tree.startswith("$"):
        return tree[1:] if tree.startswith("$$") else values[tree[1:]]
    if isinstance(tree, list):
        return [_filled(part, values) for part in tree]
    if isinstance(tree, dict):
        if list(tree) == ["$json"]:
            return json.dumps(_filled(tree["$json"], values), ensure_ascii=False)
        return {key: _filled(part, values) for key, part in tree.items()}
    return tree


@cache
def dialects() -> Mapping[str, Dialect]:
    """By the file's name.

    Raises:
        ContentError: the file, the line and the fix of what is wrong.
    """
    return {path.stem: read(path, Dialect, FIX) for path in sorted(DIALECTS.glob("*.yml"))}
