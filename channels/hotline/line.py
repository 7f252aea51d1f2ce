"""The turns of calls, one after another: remembered, said in portions, never without an answer."""

import asyncio
import logging
import re
from contextlib import suppress

from redis.asyncio import Redis

from channels.errors import Busy
from channels.handover import handover
from channels.hotline import callback, lines, queueing, talk
from channels.hotline.answer import Answer
from channels.hotline.calls import Calls, CallState, SeqLate, SeqReused, short_id
from channels.hotline.contract import CallEvent, CallReply, Listen, Transfer
from channels.hotline.saying import HURRY, listen_for, said_now, to_free_agent
from channels.hotline.transfers import transfers
from channels.hotline.turn import CHANNEL, House, Turn
from channels.hotline.wording import spoken
from channels.session import Session
from channels.tally import IN, OUT, tally

log = logging.getLogger("fazhu")

LONGEST_TURN, LONGEST_RESCUE = 8.0, 2.0  # seconds; the turn limit for the conversation is a setting


class Hotline:
    def __init__(self, redis: Redis, house: House) -> None:
        self._redis = redis
        self._calls = Calls(redis)
        self._house = house

    async def take(self, call_id: str, event: CallEvent, body: bytes) -> CallReply:
        """Answer one event, once however often it is sent (``body`` as it was). Whatever fails, there is an answer.

        Raises:
            SeqReused: ``seq`` belongs to another event.
            SeqLate: a later event was answered before.
        """
        try:
            async with self._calls.one_at_a_time(call_id):
                if earlier := await self._calls.answered(call_id, event.seq, body):
                    return earlier
                reply = await self._turn(call_id, event)
                await self._calls.remember(call_id, event.seq, body, reply)
                return reply
        except (SeqReused, SeqLate):
            raise
        except Busy:
            return CallReply(say=lines.FILLER, listen=Listen(wait_s=HURRY))
        except Exception as error:
            await self._failed(error)
            return CallReply(say=lines.BROKEN, transfer=Transfer(to=transfers().agent, summary=""))

    async def _failed(self, error: Exception) -> None:
        log.warning("hotline: %s", type(error).__name__)  # its text may hold something personal
        await tally(self._redis, CHANNEL, type(error).__name__)

    async def _turn(self, call_id: str, event: CallEvent) -> CallReply:
        state = await self._calls.load(call_id)
        if event.event == "hangup" or event.result == "connected":
            await self._over(call_id, state)
            return CallReply(hangup=event.event == "hangup")
        if state is None or event.event == "start":
            await self._over(call_id, state)
            state = await self._new()
        state.caller = _number(event.caller) or state.caller
        turn = Turn(event, state, f"call-{short_id(call_id)}-{event.seq}", self._house)
        reply = await self._reply(turn)
        if reply.hangup:
            await self._over(call_id, state)
        else:
            await self._calls.save(call_id, state)
        return reply

    async def _new(self) -> CallState:
        session = Session.new()
        await self._house.sessions.save(session)
        return CallState(session_id=session.id)

    async def _over(self, call_id: str, state: CallState | None) -> None:
        """The call is forgotten; the conversation is kept only where a ticket was made in it."""
        await self._calls.forget(call_id)
        if state is None or state.receipt:
            return
        with suppress(Busy):  # a message still being handled would bring it back
            async with self._house.sessions.one_at_a_time(state.session_id):
                await self._house.sessions.forget(state.session_id)

    async def _reply(self, turn: Turn) -> CallReply:
        event, state = turn.event, turn.state
        news = "" if event.event == "start" else queueing.told(state, event.queue)  # the greeting says it itself
        if event.text or event.digits:
            await tally(self._redis, CHANNEL, IN)
        try:
            async with asyncio.timeout(LONGEST_TURN):
                answer = await _answer(turn)
        except Exception as error:
            await self._failed(error)
            answer = await _rescue(turn)
        busy = answer.to or answer.hangup or answer.hurry or event.event == "transfer_result"
        if state.agent_free and not busy:
            answer = to_free_agent(answer, state)
        if queueing.wait(state.queue_minutes) in answer.text:
            news = ""
        said = said_now(state, answer)
        await tally(self._redis, CHANNEL, OUT)
        return CallReply(
            say=spoken(news) + said,
            listen=None if answer.to or answer.hangup else listen_for(answer, state),
            transfer=await self._transfer(turn, answer.to) if answer.to else None,
            hangup=answer.hangup,
        )

    async def _transfer(self, turn: Turn, to: str) -> Transfer:
        """Without a summary rather than not at all."""
        summary = ""
        try:
            summary = handover(await turn.session()).summary or lines.NOTHING_SAID
        except Exception as error:
            await self._failed(error)
        if turn.state.receipt:
            summary += f"\n工单：{turn.state.receipt['code']}"
        return Transfer(to=to, summary=summary.strip())


def _number(caller: str) -> str:
    """As a form takes it: without the country's code."""
    return re.sub(r"^(?:\+|00)?86(?=1\d{10}$|0?\d{10,11}$)", "", caller.replace("-", ""))


async def _answer(turn: Turn) -> Answer:
    event, state = turn.event, turn.state
    if event.event == "silence" and state.waiting:
        return await turn.answer_due()
    if event.text or event.digits:
        state.silences, state.waiting = 0, None
    if event.digits:
        state.misheard = 0
    match event.event:
        case "start":
            return await talk.begin(turn)
        case "transfer_result":
            menu = {"1": "do:go_on", "2": "do:queue", "3": "do:callback"}
            return Answer(text=lines.NOT_CONNECTED, menu=menu)
        case "barge_in" if not event.text and not event.digits:
            return Answer(kind="keep")
        case "silence":
            answer = Answer(kind="keep") if state.worker_heard is not None else await talk.silence(turn)
        case _:
            answer = await (talk.keys(turn) if event.digits else talk.speech(turn))
    return await _with_worker(turn, answer)


async def _with_worker(turn: Turn, answer: Answer) -> Answer:
    """What a worker who joined has said, read out."""
    if turn.state.worker_heard is None:
        return answer
    return answer.model_copy(update={"text": await _worker_said(turn) + answer.text or lines.WITH_WORKER})


async def _worker_said(turn: Turn) -> str:
    """What the worker who answers has said since."""
    session = await turn.session()
    new = [e for e in session.transcript if e["who"] == "worker" and e["id"] > (turn.state.worker_heard or 0)]
    turn.state.worker_heard = new[-1]["id"] if new else turn.state.worker_heard
    return "".join(lines.WORKER_SAYS.format(text=entry["text"]) for entry in new)


async def _rescue(turn: Turn) -> Answer:
    """A callback where the caller has agreed to one, else a person."""
    state = turn.state
    if state.agreed and state.phone and not state.receipt:
        with suppress(Exception):
            async with asyncio.timeout(LONGEST_RESCUE):
                await callback.register(turn, callback.DEFAULT_SERVICE)
            return Answer(text=lines.BROKEN_CALLBACK, hangup=True)
    return Answer(text=lines.BROKEN, to=transfers().agent)
