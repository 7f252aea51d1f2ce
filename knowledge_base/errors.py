"""What can be wrong with content, and how it is told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One fault in a data file: where it is, what it is and how to mend it."""

    path: Path
    line: int
    fault: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.fault}\n    fix: {self.fix}"


class ContentError(Exception):
    """Content that cannot be used, with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))
