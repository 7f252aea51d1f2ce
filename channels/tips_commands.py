"""What a citizen writes to have legal tips sent, or no longer. For channels whose adapter passes every text by here."""

import asyncio
import re

from channels.settings import settings
from knowledge_base.text import normalise
from knowledge_base.tips import Topic, tips
from referrals import notices, subscriptions
from referrals.store import session

_STOP = re.compile(r"(?:我要|我想)?(?:退订|取消订阅)(?:普法)?[。!]?")
_START = re.compile(r"(?:我要|我想)?订阅(?P<topic>.*?)(?P<tips>普法)?[。!]?")

STOPPED = "已退订，不再给您发普法。您的订阅信息已经删除。"
NOTHING = "您没有订阅普法。想订阅，回复“订阅普法”。"
STARTED = (
    "已订阅{what}普法，每周一上午九点发一条。要换类别，回复“订阅婚姻家庭普法”这样的话；不想再收，回复“退订”。\n"
    "您超过两天没在这里说话时，平台规则不许我们主动发，那一周就不发了。"
)
UNKNOWN = "没有这一类。可以订阅的有：{topics}。回复“订阅”加上类别和“普法”，比如“订阅劳动纠纷普法”。"
ELSEWHERE = "这里不能定期推送。可以在网页上订阅普法，每天一条：{feed}"


async def tips_command(channel: str, address: str, text: str) -> str | None:
    """The reply to "订阅普法", "订阅婚姻家庭普法", "退订"; None when the text is no such command.

    ``address`` is where the channel reaches this citizen; it is kept, encrypted, while they are subscribed.
    """
    said = normalise(text).replace(" ", "")
    if _STOP.fullmatch(said):
        return await asyncio.to_thread(_stop, address)
    start = _START.fullmatch(said)
    if not start:
        return None
    topic = tips().topic(start["topic"])
    if start["topic"] and not topic:
        # "订阅会员自动扣费" is a question.
        return UNKNOWN.format(topics="、".join(one.title for one in tips().topics)) if start["tips"] else None
    if channel not in notices.sent_by():
        return ELSEWHERE.format(feed=_feed(topic))
    await asyncio.to_thread(_start, channel, address, topic)
    return STARTED.format(what=f"“{topic.title}”" if topic else "")


def _start(channel: str, address: str, topic: Topic | None) -> None:
    with session() as db:
        subscriptions.subscribe(db, channel, address, topic.slug if topic else None)


def _stop(address: str) -> str:
    with session() as db:
        return STOPPED if subscriptions.unsubscribe(db, address) else NOTHING


def _feed(topic: Topic | None) -> str:
    return f"{(settings().public_url or '').rstrip('/')}/tips{f'/{topic.slug}' if topic else ''}.atom"
