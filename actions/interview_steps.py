"""Interviews in conversation, one citizen's message at a time; used by Rasa's form and by the gateway without Rasa.

Form state: ``{"name": "interview", "requested": step id | "check", "draft": {"interview": id, "answers": {…}}}``.
Answers are kept when the citizen leaves, so that coming back goes on where they left.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge_base.compose import Said
from knowledge_base.consult import consult
from knowledge_base.decision import Kind, Understanding
from knowledge_base.facts import Fact
from knowledge_base.interviews.course import checked, next_step
from knowledge_base.interviews.findings import Finding, find, summary
from knowledge_base.interviews.model import Interview, Step, interviews
from knowledge_base.interviews.reading import Unclear, read_answer
from knowledge_base.places.directory import directory
from knowledge_base.replies import Button, Link, Reply, cite, plain_buttons

Form = dict[str, Any]
Kept = Mapping[str, dict[str, str]]  # interview id -> answers

CHECK = "check"
PLACES_SHOWN = 2
CITATIONS_SHOWN = 6
RIGHT, LEAVE, BACK, AGAIN = "没问题", "先不填了", "上一步", "重新填"
ASK_HUMAN_ABOUT = Button("把这些转给工作人员", "转人工")
PRIVATE = "填的内容只加密保存在这次对话里，到期自动删除；随时可以说“先不填了”，回来接着填。"
LEFT = Reply("smalltalk", "好的，先不填了。您填过的都还在，想接着填就再点一次“{title}”。您可以继续问别的。")
_LEAVE = re.compile(r"^(?:取消|退出|不填了|先不填了|算了|不弄了|不用了|停)[吧了。]?$")
_BACK = re.compile(r"^(?:上一步|返回|回去|上一题|填错了)[。]?$")
_RIGHT = re.compile(r"^(?:没问题|没错|对的?|是的?|正确|确认|可以|好的?|行)[了。]?$")
_ASKS = re.compile(r"[?？]$|怎么|什么|为什么|吗$")


@dataclass(frozen=True)
class InterviewTurn:
    """``form`` is None once it is over or left; ``kept`` are the answers to keep, by interview."""

    form: Form | None
    replies: list[Reply]
    kept: dict[str, dict[str, str]]
    question: str | None = None  # what a referral from here is about
    service: str | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What the gateway remembers."""
        about = {"question": self.question, "service": self.service} if self.question else {}
        return {"form": self.form, "kept": self.kept, "failed": False, **about}


def begin(id: str, kept: Kept) -> InterviewTurn:
    """Start an interview, or go on with what was answered before."""
    interview = interviews()[id]
    answers = dict(kept.get(id, {}))
    intro = f"{interview.title}：{interview.about}"
    if answers:
        said = "；".join(f"{step.label}：{words}" for step, words in checked(interview, answers))
        intro = f"{interview.title}，接着上次的填。已经填的：{said}。"
    return _go_on(interview, answers, [Reply("form", f"{intro}\n{PRIVATE}")])


def go_on(form: Form, text: str, facts: Sequence[Fact] = (), understood: Understanding | None = None) -> InterviewTurn:
    """Take the citizen's answer and ask the next thing, or tell the outcome."""
    interview = interviews()[form["draft"]["interview"]]
    answers: dict[str, str] = dict(form["draft"]["answers"])
    if _LEAVE.match(text):
        said = Reply(LEFT.type, LEFT.text.format(title=interview.title), buttons=plain_buttons([interview.title]))
        return InterviewTurn(None, [said], {interview.id: answers})
    if form["requested"] == CHECK:
        return _check(interview, answers, text)
    if _BACK.match(text):
        return _back(interview, answers)
    step = interview.step(form["requested"])
    try:
        answers[step.id] = read_answer(step, text, facts)
    except Unclear as error:
        return _go_on(interview, answers, [_aside(text, understood) or Reply("form", str(error))])
    return _go_on(interview, answers, [])


def _aside(text: str, understood: Understanding | None) -> Reply | None:
    """A question asked in between, answered where there is a sure answer, without buttons that would lead away."""
    if not _ASKS.search(text):
        return None
    found = consult(Said(text), understood)
    return Reply("answer", found.reply.text, found.reply.citations) if found.kind is Kind.ANSWER else None


def _go_on(interview: Interview, answers: dict[str, str], before: list[Reply]) -> InterviewTurn:
    step = next_step(interview, answers)
    if step is None:
        return _ask_to_check(interview, answers, before)
    form = _form(interview, step.id, answers)
    question = Reply("form", _question(interview, step, answers), buttons=_choices(step, bool(answers)))
    return InterviewTurn(form, [*before, question], {interview.id: answers})


def _question(interview: Interview, step: Step, answers: Mapping[str, str]) -> str:
    done = len(checked(interview, answers))
    return f"第 {done + 1} 问：{step.ask}" + (f"\n{step.help}" if step.help else "")


def _choices(step: Step, can_go_back: bool) -> tuple[Button, ...]:
    titles = [option.say for option in step.options]
    if step.kind == "yes_no":
        titles = ["是", "不是"]
    if step.optional:
        titles.append("跳过")
    return plain_buttons([*titles, *([BACK] if can_go_back else []), LEAVE])


def _ask_to_check(interview: Interview, answers: dict[str, str], before: list[Reply]) -> InterviewTurn:
    lines = [f"{i}. {step.label}：{said}" for i, (step, said) in enumerate(checked(interview, answers), 1)]
    text = "请核对一下：\n" + "\n".join(lines) + "\n都对就说“没问题”；哪一项不对，说“改第几项”，例如“改第1项”。"
    return InterviewTurn(
        _form(interview, CHECK, answers),
        [*before, Reply("form", text, buttons=plain_buttons([RIGHT, AGAIN, LEAVE]))],
        {interview.id: answers},
    )


def _check(interview: Interview, answers: dict[str, str], text: str) -> InterviewTurn:
    if text == AGAIN:
        return _go_on(interview, {}, [])
    if _RIGHT.match(text):
        return _finish(interview, answers)
    steps = [step for step, _ in checked(interview, answers)]
    if (number := re.search(r"\d+", text)) and 1 <= int(number[0]) <= len(steps):
        return _ask_anew(interview, answers, steps[int(number[0]) - 1])
    for step in steps:
        if step.label in text:
            return _ask_anew(interview, answers, step)
    return _ask_to_check(interview, answers, [Reply("form", "没看懂要改哪一项。")])


def _back(interview: Interview, answers: dict[str, str]) -> InterviewTurn:
    steps = [step for step, _ in checked(interview, answers)]
    return _ask_anew(interview, answers, steps[-1]) if steps else _go_on(interview, answers, [])


def _ask_anew(interview: Interview, answers: dict[str, str], step: Step) -> InterviewTurn:
    return _go_on(interview, {id: answer for id, answer in answers.items() if id != step.id}, [])


def _form(interview: Interview, requested: str, answers: Mapping[str, str]) -> Form:
    return {
        "name": "interview",
        "requested": requested,
        "draft": {"interview": interview.id, "answers": dict(answers)},
    }


def _finish(interview: Interview, answers: dict[str, str]) -> InterviewTurn:
    finding = find(interview, answers)
    if finding.verdict == "refused":
        return _ask_to_check(interview, answers, [Reply("notice", finding.say)])
    links = (Link("下载（Word 文件）", f"paper:{interview.id}"),) if interview.paper else ()
    reply = Reply(
        "answer",
        told(interview, finding),
        tuple(cite(*citation.key) for citation in finding.citations[:CITATIONS_SHOWN]),
        (ASK_HUMAN_ABOUT, *plain_buttons([interview.title])),
        links,
    )
    return InterviewTurn(None, [reply], {interview.id: answers}, summary(interview, answers), interview.service)


def told(interview: Interview, finding: Finding) -> str:
    """The outcome in one text, with where to go."""
    parts = [finding.say]
    parts += [f"{part.heading}：\n" + "\n".join(f"· {line}" for line in part.lines) for part in finding.parts]
    if interview.places:
        found = directory().search(service=interview.places, limit=PLACES_SHOWN)
        parts.append("去哪里：\n" + "\n".join(f"· {one.told}" for one in found))
    parts.append("以上由程序按您填的内容得出，没有经过律师审核，以办理机构的决定为准。")
    return "\n\n".join(parts)
