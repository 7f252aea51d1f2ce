"""What an operator watches, in Prometheus' format. Nothing personal."""

from typing import TYPE_CHECKING

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from channels.conversation import TurnOut

REPLIES = Counter("fazhu_replies_total", "Replies by type", ["type"])
WITHHELD = Counter("fazhu_replies_withheld_total", "Replies not sent because a citation in them does not hold")
TURNS = Counter("fazhu_turns_total", "Messages answered", ["degraded"])
TICKETS = Counter("fazhu_tickets_shown_total", "Turns that created or showed a ticket")
SECONDS = Histogram(
    "fazhu_request_seconds", "Time to answer a request", ["route"],
    buckets=(0.005, 0.01, 0.02, 0.035, 0.06, 0.09, 0.15, 0.3, 0.6, 1.2, 2.0, 5.0),
)  # fmt: skip


JUDGED = Counter("fazhu_answers_judged_total", "What citizens thought of an answer", ["answer", "helped"])


def judged(answer: str, helped: bool) -> None:
    JUDGED.labels(answer, "yes" if helped else "no").inc()


def count(turn: "TurnOut") -> None:
    TURNS.labels(str(turn.degraded).lower()).inc()
    for reply in turn.replies:
        REPLIES.labels(reply.type).inc()
    if turn.ticket:
        TICKETS.inc()
