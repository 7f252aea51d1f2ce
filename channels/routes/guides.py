"""Guides, calculators and papers as pages: one question a page, then everything to check, then the outcome."""

from datetime import datetime
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from actions import referral_steps
from channels.deps import RateLimited, SessionsDep
from channels.notebook import Notebook
from channels.pages import address, page, word
from channels.session import Session
from knowledge_base.interviews.course import checked, next_step
from knowledge_base.interviews.findings import find, summary
from knowledge_base.interviews.model import Interview, Step, interviews
from knowledge_base.interviews.reading import Unclear, read_answer
from knowledge_base.papers import paper
from knowledge_base.places.directory import directory
from knowledge_base.statutes import corpus
from knowledge_base.workdays import PLACE_TIME
from referrals.intake import Suggestion

router = APIRouter(prefix="/guides", include_in_schema=False, dependencies=[RateLimited])

KINDS = {"guide": "办事指引", "calculator": "算一算", "paper": "写材料"}
PLACES_SHOWN = 3


@router.get("")
async def browse(request: Request) -> HTMLResponse:
    """Everything there is, by kind, and what has been begun."""
    kept = await Notebook.of(request).read()
    kinds = [(title, [one for one in interviews().values() if one.kind == kind]) for kind, title in KINDS.items()]
    return page(request, "guides", kinds=kinds, begun=set(kept))


@router.post("/clear")
async def clear(request: Request) -> Response:
    response = RedirectResponse("/guides", 303)
    await Notebook.of(request).clear(response)
    return response


@router.get("/{id}")
async def ask(request: Request, id: str, step: str = "") -> HTMLResponse:
    """The next question, or the one named to be answered anew, or all answers to check."""
    interview = interviews().get(id)
    if interview is None:
        return page(request, "guide_missing", status=404)
    answers = (await Notebook.of(request).read()).get(id, {})
    answered = checked(interview, answers)
    asked = next((known for known, _ in answered if known.id == step), None) or next_step(interview, answers)
    if asked is None:
        return page(request, "guide_check", interview=interview, answered=answered)
    return _question(request, interview, asked, answers)


@router.post("/{id}")
async def answer(request: Request, id: str) -> Response:
    """Keep one answer and go on; one that cannot be read is asked again with the reason."""
    interview = interviews().get(id)
    if interview is None:
        return page(request, "guide_missing", status=404)
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    notebook = Notebook.of(request)
    kept = await notebook.read()
    answers = kept.get(id, {})
    if "restart" in fields:
        kept.pop(id, None)
    else:
        try:
            step = interview.step(fields.get("step", [""])[0])
        except KeyError:
            return page(request, "guide_missing", status=404)
        text = fields.get("answer", [""])[0]
        try:
            kept[id] = {**answers, step.id: read_answer(step, text)}
        except Unclear as error:
            return _question(request, interview, step, answers, str(error), text, status=422)
    response = RedirectResponse(f"/guides/{id}", 303)
    await notebook.write(kept, response, request.url.scheme == "https")
    return response


@router.get("/{id}/result")
async def result(request: Request, id: str) -> Response:
    complete = await _complete(request, id)
    if complete is None:
        return RedirectResponse(f"/guides/{quote(id)}", 303)
    interview, answers = complete
    finding = find(interview, answers)
    return page(
        request,
        "guide_result",
        interview=interview,
        finding=finding,
        answered=checked(interview, answers),
        articles=[corpus().find(*citation.key) for citation in finding.citations],
        places=directory().search(interview.places, limit=PLACES_SHOWN) if interview.places else [],
        address=address,
    )


@router.get("/{id}/paper.docx")
async def download(request: Request, id: str) -> Response:
    complete = await _complete(request, id)
    if complete is None or not complete[0].paper:
        return RedirectResponse(f"/guides/{quote(id)}", 303)
    return word(paper(*complete, datetime.now(PLACE_TIME)), complete[0].title)


@router.post("/{id}/refer")
async def refer(request: Request, id: str, sessions: SessionsDep) -> Response:
    """Begin a conversation that hands the matter over, with what was answered here."""
    complete = await _complete(request, id)
    if complete is None:
        return RedirectResponse(f"/guides/{quote(id)}", 303)
    interview, answers = complete
    session = Session.new()
    session.question, session.service = summary(interview, answers), interview.service
    session.kept = {id: answers}
    turn = referral_steps.begin_referral(Suggestion(session.question, interview.service))
    session.form = turn.form
    for reply in turn.replies:
        session.note("bot", reply.as_dict())
        session.options = [button.payload for button in reply.buttons]
    await sessions.save(session)
    # A fragment never leaves the browser, so the conversation's key stands in no log.
    return RedirectResponse(f"/#session={session.id}", 303)


async def _complete(request: Request, id: str) -> tuple[Interview, dict[str, str]] | None:
    """The interview and its answers, once all are given."""
    interview = interviews().get(id)
    if interview is None:
        return None
    answers = (await Notebook.of(request).read()).get(id, {})
    return None if next_step(interview, answers) else (interview, answers)


def _question(
    request: Request,
    interview: Interview,
    step: Step,
    answers: dict[str, str],
    fault: str = "",
    typed: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    before = checked(interview, answers)
    return page(
        request,
        "guide_step",
        status=status,
        interview=interview,
        step=step,
        number=next((i for i, (known, _) in enumerate(before, 1) if known.id == step.id), len(before) + 1),
        before=before[-1][0].id if before and step.id not in answers else None,
        given=answers.get(step.id) if typed is None else typed,
        fault=fault,
    )
