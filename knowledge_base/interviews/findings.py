"""What comes of an interview: the verdict and what goes with it, or a sum, or a paper."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge_base.answers import Citation
from knowledge_base.calculators import CALCULATORS, Unsupported
from knowledge_base.interviews.course import checked, given, next_step
from knowledge_base.interviews.model import PASSED, YES, Answers, Interview, Step, holds, local


@dataclass(frozen=True)
class Part:
    """A headed list of what to know."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """``verdict`` is that of a guide, "sum" of a calculator, "refused" where none can be worked out, "paper" of a
    paper; ``say`` is the first thing a citizen reads."""

    verdict: str
    say: str
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]


def find(interview: Interview, answers: Answers) -> Finding:
    """The outcome of a complete interview."""
    answers = given(interview, answers)
    if interview.calculator:
        return _sum(interview, answers)
    if interview.paper:
        return _told(interview, answers, "paper", "写好了，可以下载打印。没有填的地方标着“待填”，签字前请逐项核对。")
    figures = local()
    outcome = next(o for o in interview.outcomes if holds(o.when, answers, figures))
    return _told(interview, answers, outcome.verdict, outcome.say, tuple(outcome.citations))


def _told(
    interview: Interview, answers: Answers, verdict: str, say: str, citations: tuple[Citation, ...] = ()
) -> Finding:
    figures = local()
    sections = [section for section in interview.sections if holds(section.when, answers, figures)]
    cited = [*citations, *interview.citations, *(c for section in sections for c in section.citations)]
    parts = tuple(Part(section.heading, tuple(section.lines)) for section in sections)
    return Finding(verdict, say, parts, tuple(dict.fromkeys(cited)))


def _sum(interview: Interview, answers: Answers) -> Finding:
    assert interview.calculator
    arguments = {step.id: _argument(step, answers[step.id]) for step in interview.steps if step.id in answers}
    try:
        result = CALCULATORS[interview.calculator](**arguments)
    except Unsupported as error:
        return Finding("refused", error.reason, (), tuple(interview.citations))
    parts = [Part("怎么算的", result.lines), Part("按这样的前提", result.assumptions)]
    if result.beyond_corpus:
        parts.append(Part("另外", (result.beyond_corpus,)))
    return Finding("sum", f"{result.title}：{result.amount}", tuple(p for p in parts if p.lines), result.citations)


def _argument(step: Step, answer: str) -> Any:
    if answer == PASSED:
        return None
    match step.kind:
        case "money" | "number":
            return Decimal(answer)
        case "date":
            return date.fromisoformat(answer)
        case "yes_no":
            return answer == YES
        case _:
            return answer


def summary(interview: Interview, answers: Answers) -> str:
    """The interview in a few lines, for the worker who takes the matter over; one left half-way has no outcome."""
    outcome = "没有填完。" if next_step(interview, answers) else find(interview, answers).say
    lines = [f"{step.label}：{said}" for step, said in checked(interview, answers)]
    return "\n".join([f"【{interview.title}】{outcome}", *lines])
