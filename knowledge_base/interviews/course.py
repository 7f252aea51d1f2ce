"""The course of an interview: what to ask next, what an answer changes, what has been answered."""

from collections.abc import Iterator

from knowledge_base.interviews.model import Answers, Interview, Step, holds, local


def applying(interview: Interview, answers: Answers) -> Iterator[Step]:
    """The steps that are asked, given the answers to those before them."""
    figures = local()
    so_far: dict[str, str] = {}
    for step in interview.steps:
        if holds(step.when, so_far, figures):
            yield step
            if step.id in answers:
                so_far[step.id] = answers[step.id]


def next_step(interview: Interview, answers: Answers) -> Step | None:
    """The first step that applies and has no answer; None when all have."""
    return next((step for step in applying(interview, answers) if step.id not in answers), None)


def given(interview: Interview, answers: Answers) -> dict[str, str]:
    """The answers that count: an answer whose question no longer applies is left out."""
    return {step.id: answers[step.id] for step in applying(interview, answers) if step.id in answers}


def checked(interview: Interview, answers: Answers) -> list[tuple[Step, str]]:
    """What has been answered, for the citizen to check."""
    return [(step, step.said(answers[step.id])) for step in applying(interview, answers) if step.id in answers]
