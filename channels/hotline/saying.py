"""An answer becomes what is said now, what is left for later, and what is listened for."""

from channels.hotline import lines
from channels.hotline.answer import Answer
from channels.hotline.calls import CallState
from channels.hotline.contract import Keys, Listen
from channels.hotline.transfers import transfers
from channels.hotline.wording import PORTION, aloud, portions, sentences, slowly, spoken

WAIT_FOR_KEYS, HURRY = 10, 1  # seconds to listen
_MOST_KEYS = {"code": 20, "pin": 6, "phone": 12, "callback": 12, "number": 12, "date": 8}


def to_free_agent(answer: Answer, state: CallState) -> Answer:
    said = portions(sentences(aloud(answer.text)))[:1] if not answer.whole else [answer.text]
    return Answer(text="\n".join((*said, lines.AGENT_FREE)), to=transfers().agent, whole=True)


def said_now(state: CallState, answer: Answer) -> str:
    if answer.kind == "keep":
        said = spoken(answer.text)
    else:
        if answer.kind == "new":
            state.now = answer.model_copy(update={"text": "", "choices": ""})
            state.rest = _portions(answer)
        said = state.rest.pop(0) if state.rest else ""
        state.said = said = f"{said}{lines.MORE}" if state.rest else said
    return slowly(said) if state.slow else said


def _portions(answer: Answer) -> list[str]:
    """Choices are never cut: they are said with the last portion, or alone."""
    choices = spoken(answer.choices)
    if answer.whole:
        return [spoken(answer.text) + choices]
    parts = portions(sentences(aloud(answer.text))) or [""]
    return [*parts[:-1], parts[-1] + choices] if len(parts[-1] + choices) <= PORTION else [*parts, choices]


def listen_for(answer: Answer, state: CallState) -> Listen:
    collect = state.now.collect
    wait = HURRY if answer.hurry else WAIT_FOR_KEYS if collect else Listen().wait_s
    return Listen(dtmf=Keys(max_digits=_MOST_KEYS.get(collect, 1)), wait_s=wait)
