"""The agents' queue: when to tell a caller of it."""

from channels.hotline import lines
from channels.hotline.calls import CallState
from channels.hotline.contract import Queue


def told(state: CallState, queue: Queue | None, first: bool = False) -> str:
    """Notes the queue in ``state``; what is to be said of it: at the start, and when the minutes have changed."""
    if queue is None:
        return ""
    minutes, before = -(-queue.seconds // 60), state.queue_minutes
    state.queue_minutes, state.agent_free = minutes, queue.agent_free
    if queue.agent_free or (before == minutes and not first):
        return ""
    return (lines.QUEUE if first else lines.QUEUE_CHANGED).format(wait=wait(minutes))


def wait(minutes: int | None) -> str:
    return lines.ABOUT.format(minutes=minutes) if minutes else lines.SOON
