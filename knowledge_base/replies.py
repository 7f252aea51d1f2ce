"""What FaZhu says: the shape every room and channel shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

ReplyType = Literal["answer", "clarify", "statutes", "form", "handoff", "notice", "urgent", "smalltalk"]


@dataclass(frozen=True)
class Button:
    """``payload`` is sent as the citizen's next message."""

    title: str
    payload: str


@dataclass(frozen=True)
class Link:
    """A page or a file to open."""

    title: str
    url: str


@dataclass(frozen=True)
class Reply:
    type: ReplyType
    text: str
    citations: tuple[Mapping[str, Any], ...] = ()
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    urgent: bool = False  # a deadline ends within days
    asks: bool = False  # it ends with a question back
    deadline: date | None = None  # the last day of a right that ends within weeks

    def as_dict(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "text": self.text,
            "citations": [dict(citation) for citation in self.citations],
            "buttons": [{"title": b.title, "payload": b.payload} for b in self.buttons],
            "links": [{"title": link.title, "url": link.url} for link in self.links],
            "urgent": self.urgent,
            "deadline": self.deadline and self.deadline.isoformat(),
        }


ASK_HUMAN = Button("转人工", "转人工")
HELPFUL = Button("有帮助", "有帮助")
UNHELPFUL = Button("没帮助", "没帮助")


def plain_buttons(titles: Sequence[str]) -> tuple[Button, ...]:
    return tuple(Button(title, title) for title in titles)


def cite(law: str, article: int, sub: int = 0) -> dict[str, Any]:
    """A citation as the HTTP contract has it; ``sub`` only where it says something."""
    return {"law": law, "article": article, **({"sub": sub} if sub else {})}
