"""The worker's weekly duty: one legal tip to everybody who subscribed, through the outbox of their platform."""

from datetime import UTC, datetime
from threading import Event

from sqlalchemy import Engine

from knowledge_base.statutes import corpus
from knowledge_base.tips import Tip, Tips, read_tips
from referrals import notices, outbox, subscriptions
from referrals.models import Subscription
from referrals.store import session
from referrals.worktime import PLACE_TIME

BATCH = 100  # letters a transaction


def send_due(stopped: Event, now: datetime | None = None, bind: Engine | None = None) -> int:
    """Post a letter to everybody it is time for; how many. Several workers may do so at once, each letter is posted
    once. Letters are ``bulk``: a sender that may not deliver one now drops it."""
    now = now or datetime.now(UTC)
    with session(bind) as db:
        waiting = subscriptions.due(db, notices.sent_by(), now, 1)
    found = read_tips() if waiting else Tips([])  # takes seconds, so no transaction waits for it
    posted = 0
    while found.topics and not stopped.is_set() and (some := _post_some(found, now, bind)):
        posted += some
    return posted


def _post_some(found: Tips, now: datetime, bind: Engine | None) -> int:
    with session(bind) as db:
        due = subscriptions.due(db, notices.sent_by(), now, BATCH)
        for subscription in due:
            text = letter(_tip(found, subscription, now))
            outbox.post(db, subscription.channel, None, to=subscription.address, text=text, bulk=True)
            subscription.sent_at = now
    return len(due)


def _tip(found: Tips, subscription: Subscription, now: datetime) -> Tip:
    """Monday's tip of the topic; of all where the topic is no longer there."""
    topic = found.topic(subscription.topic) if subscription.topic else None
    return found.for_day(now.astimezone(PLACE_TIME).date(), topic)[0]


def letter(tip: Tip) -> str:
    """The tip as a message without markup."""
    cited = "、".join(corpus().find(*citation.key).title for citation in tip.citations)
    parts = [f"【普法】{tip.question}", tip.text, f"法律依据：{cited}" if cited else "", tip.vouched]
    return "\n".join([*filter(None, parts), "想问自己的事，直接回复；不想再收，回复“退订”。"])
