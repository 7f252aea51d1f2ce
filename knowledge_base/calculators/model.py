"""What a calculator hands back, and what it raises when it cannot."""

from dataclasses import dataclass

from knowledge_base.answers import Citation


@dataclass(frozen=True)
class Result:
    """A sum worked out in the open. Everything in it is read by citizens."""

    title: str
    amount: str  # with its unit: 42,000 元; a range where the law gives one: 50 元至 300 元
    lines: tuple[str, ...]  # the calculation step by step
    assumptions: tuple[str, ...]  # what was taken for granted or left out, one short sentence each
    citations: tuple[Citation, ...]
    beyond_corpus: str | None = None  # what a regulation or judicial interpretation decides that we do not hold


class Unsupported(Exception):
    """A sum that cannot be worked out; ``reason`` tells the citizen why and what to do instead."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def cite(law: str, *articles: int) -> tuple[Citation, ...]:
    """Citations of one law by its full official name."""
    return tuple(Citation(law=law, article=article) for article in articles)
