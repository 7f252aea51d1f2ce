"""Check the interviews: steps and options that conditions name, citations, quantities, dead ends."""

import itertools
from collections.abc import Iterator
from inspect import Parameter, signature
from pathlib import Path

from knowledge_base.answers import CONTENT, Citation
from knowledge_base.calculators import CALCULATORS
from knowledge_base.errors import ContentError, Problem
from knowledge_base.interviews.model import INTERVIEWS, Condition, Interview, Range, load, local
from knowledge_base.numbers import unsupported
from knowledge_base.statutes import UnknownArticle, corpus

PAPERS = CONTENT / "papers"


def lint_interviews(folder: Path = INTERVIEWS) -> list[Problem]:
    """Every problem of the interviews below ``folder``."""
    try:
        found = load(folder)
    except ContentError as error:
        return error.problems
    asked: dict[str, str] = {}
    problems = []
    for interview in found:
        faults = [*_conditions(interview), *_law(interview), *_ending(interview)]
        for phrase in (interview.title, *interview.asked):
            if asked.setdefault(phrase, interview.id) != interview.id:
                faults.append((f"{phrase!r} also starts {asked[phrase]}", "keep it in one"))
        path = folder / f"{interview.id}.yml"
        problems += [Problem(path, 1, f"{interview.id}: {fault}", fix) for fault, fix in faults]
    return problems


def _conditions(interview: Interview) -> Iterator[tuple[str, str]]:
    """Conditions name earlier steps, options that are there, figures that are known by name."""
    seen: list[str] = []
    for step in interview.steps:
        if step.id in seen:
            yield f"step {step.id} is there twice", "choose another id"
        yield from _condition(interview, step.when, seen, f"step {step.id}")
        seen.append(step.id)
    for outcome in interview.outcomes:
        yield from _condition(interview, outcome.when, seen, f"outcome {outcome.verdict}")
    for section in interview.sections:
        yield from _condition(interview, section.when, seen, f"section {section.heading}")


def _condition(interview: Interview, when: Condition, seen: list[str], where: str) -> Iterator[tuple[str, str]]:
    for name, wanted in when.items():
        if name not in seen:
            yield f"{where}: no step {name} before it", "name an earlier step"
            continue
        step = interview.step(name)
        if isinstance(wanted, Range):
            if step.kind not in ("money", "number"):
                yield f"{where}: {name} is no number", "list the answers that fit"
            for bound in (wanted.at_least, wanted.under):
                if isinstance(bound, str) and bound not in local():
                    yield f"{where}: no figure {bound}", "name a figure of content/local.yml"
        else:
            known = {option.id for option in step.options} or {"yes", "no"}
            for value in set(wanted) - known - {""}:
                yield f"{where}: {name} has no answer {value}", f"one of {', '.join(sorted(known))}"


def _law(interview: Interview) -> Iterator[tuple[str, str]]:
    """Every citation is in force, every quantity stands in one of them."""
    texts = []
    for citation in _citations(interview):
        try:
            article = corpus().find(*citation.key)
        except UnknownArticle as error:
            yield f"citation: {error}", "cite an article in force: python -m knowledge_base.statutes LAW N"
            continue
        texts.append(article.text)
        if article.law != citation.law:
            yield f"citation: {citation.law} is a short name", f"write {article.law}"
    said = [interview.about, *(outcome.say for outcome in interview.outcomes)]
    said += [line for section in interview.sections for line in section.lines]
    said += [text for step in interview.steps for text in (step.ask, step.help or "")]
    said += [option.say for step in interview.steps for option in step.options]
    for words in unsupported("\n".join(said), texts):
        if words not in interview.computed:
            yield f"{words} stands in no cited article", "cite the article that says it, or explain it under `computed`"


def _citations(interview: Interview) -> list[Citation]:
    of_outcomes = (outcome.citations for outcome in interview.outcomes)
    of_sections = (section.citations for section in interview.sections)
    return list(dict.fromkeys(itertools.chain(interview.citations, *of_outcomes, *of_sections)))


def _ending(interview: Interview) -> Iterator[tuple[str, str]]:
    """A guide ends for whatever is answered; a calculator is called with what it takes; a paper is there."""
    endings = {
        "guide": bool(interview.outcomes),
        "calculator": bool(interview.calculator),
        "paper": bool(interview.paper),
    }
    if not endings[interview.kind]:
        yield f"a {interview.kind} without its ending", "give it outcomes, a calculator or a paper"
    if interview.outcomes and interview.outcomes[-1].when:
        yield "no outcome for the rest", "end with one that has no `when`"
    if interview.paper and not (PAPERS / f"{interview.paper}.docx").exists():
        yield f"no template {interview.paper}.docx", "put it into content/papers"
    if not interview.calculator:
        return
    if interview.calculator not in CALCULATORS:
        yield f"no calculator {interview.calculator}", f"one of {', '.join(CALCULATORS)}"
        return
    takes = signature(CALCULATORS[interview.calculator]).parameters
    steps = {step.id for step in interview.steps}
    for name in steps - takes.keys():
        yield f"{interview.calculator} takes no {name}", f"it takes {', '.join(takes)}"
    for name, parameter in takes.items():
        if parameter.default is Parameter.empty and not any(s.id == name and not s.when for s in interview.steps):
            yield f"{interview.calculator} needs {name}", "ask it in every case"
