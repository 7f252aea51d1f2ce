"""One turn of a call: what happened, where the call stands, and the conversation it belongs to."""

import asyncio
from dataclasses import dataclass, field

from channels.conversation import Conversation, Incoming, TurnOut
from channels.hotline import lines
from channels.hotline.answer import Answer
from channels.hotline.calls import CallState, Waiting
from channels.hotline.contract import CallEvent
from channels.hotline.prompts import rendered
from channels.hotline.transfers import transfers
from channels.session import Session, Sessions
from knowledge_base.text import normalise

CHANNEL = "hotline"
FILLERS = 2  # times a caller is told to wait for one answer


class TooSlow(Exception):
    """There is no answer after `FILLERS` times of waiting."""


@dataclass(frozen=True)
class House:
    """What calls are answered with. ``turn_limit``: seconds a turn waits for the conversation."""

    conversation: Conversation
    sessions: Sessions
    turn_limit: float


@dataclass
class Turn:
    event: CallEvent
    state: CallState
    message_id: str
    house: House
    told: TurnOut | None = field(default=None, init=False)  # what the conversation said in this turn

    async def ask(self, text: str) -> Answer:
        """The conversation's answer; a filler while there is none."""
        self.state.waiting = Waiting(text=text, message_id=self.message_id)
        return await self.answer_due()

    async def answer_due(self) -> Answer:
        """The answer that is waited for. Asking again with its id gets it as soon as it is there.

        Raises:
            TooSlow: the caller has waited long enough.
        """
        waiting = self.state.waiting
        assert waiting
        done, _ = await asyncio.wait({_handling(self.house, self.state, waiting)}, timeout=self.house.turn_limit)
        if not done:
            waiting.times += 1
            if waiting.times > FILLERS:
                self.state.waiting = None
                raise TooSlow
            return Answer(kind="keep", text=lines.FILLER, hurry=True)
        self.state.waiting = None
        self.told = done.pop().result()
        return await self._rendered(waiting.text, self.told)

    async def _rendered(self, asked: str, said: TurnOut) -> Answer:
        self.state.session_id = said.session_id
        self.state.worker_heard = (self.state.worker_heard or 0) if said.live else None
        session = await self.session()
        answer = rendered(said, session, self.state)
        if session.form or said.live or said.ticket or any(reply.type == "urgent" for reply in said.replies):
            return answer
        return self._with_offer(asked, said, answer)

    def _with_offer(self, asked: str, said: TurnOut, answer: Answer) -> Answer:
        """Another number for what it takes, offered once a call; where words name the matter, in place of the answer."""
        rule = transfers().fitting(normalise(asked), said.topic)
        if rule is None or rule.id in self.state.offered:
            return answer
        self.state.offered.append(rule.id)
        known = answer.text if said.topic in rule.topics else ""
        menu = {"1": f"do:transfer:{rule.id}", "2": "do:go_on"}
        return Answer(text=f"{known}\n{lines.OFFER_OTHER.format(about=rule.about)}", menu=menu, yes_no=True)

    async def session(self) -> Session:
        """The conversation as it stands; a new one where it is gone."""
        return await self.house.sessions.load(self.state.session_id) or Session(id=self.state.session_id)


_running: set[asyncio.Task[TurnOut]] = set()  # else a task nobody waits for may be collected


def _handling(house: House, state: CallState, waiting: Waiting) -> asyncio.Task[TurnOut]:
    """Goes on when nobody waits any longer; its answer is remembered by the conversation."""
    message = Incoming(waiting.text, state.session_id, waiting.message_id, CHANNEL)
    task = asyncio.create_task(house.conversation.handle(message))
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[TurnOut]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # seen, should nobody have waited for it
