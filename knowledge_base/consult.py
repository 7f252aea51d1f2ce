"""From a citizen's question to what FaZhu says, with or without a classifier's help."""

from dataclasses import dataclass, replace

from knowledge_base.answers import Answer
from knowledge_base.decision import Decision, Kind, Understanding, decide
from knowledge_base.replies import ASK_HUMAN, Reply, cite, plain_buttons
from knowledge_base.search import answer_search
from knowledge_base.statute_search import Hit, ranking, statute_search
from nlu_data.taxonomy import taxonomy

STATUTES_SHOWN = 3
_EXCERPT = 90


@dataclass(frozen=True)
class Consultation:
    """One question's outcome. ``failed`` means the citizen has not been helped yet."""

    reply: Reply
    kind: Kind
    topic: str | None
    confidence: float
    answered: str | None = None  # id of the answer given

    @property
    def failed(self) -> bool:
        return self.kind in (Kind.CLARIFY, Kind.STATUTES)


def consult(
    text: str,
    understood: Understanding | None = None,
    failed_turns: int = 0,
    given: str | None = None,
    other_than: str | None = None,
) -> Consultation:
    """Answer ``text`` (normalised) as well as the content allows.

    ``given`` is the id of the answer the citizen has just had and is now adding a fact to: should it
    fit still, its details are not told twice. Who asks on wants another answer: ``other_than`` is left out.
    """
    understood = understood or Understanding()
    matches = [match for match in answer_search().search(text) if match.answer.id != other_than]
    decision = decide(text, matches, lambda: statute_search().search(text, STATUTES_SHOWN), understood, failed_turns)
    answered = decision.answer.id if decision.answer else None
    if decision.kind is Kind.CLARIFY:
        decision = replace(decision, hits=tuple(_sure_article(text)))
    return Consultation(
        render(decision, again=answered is not None and answered == given),
        decision.kind,
        _topic(decision, understood),
        decision.confidence,
        answered,
    )


def _topic(decision: Decision, understood: Understanding) -> str | None:
    """Title of the topic: the classifier's, else that of the answer found."""
    if understood.topics:
        return taxonomy().topics[max(understood.topics, key=understood.topics.__getitem__)].title
    nearest = decision.answer or next(iter(decision.candidates), None)
    topic = taxonomy().topics.get(nearest.topic) if nearest else None
    return topic.title if topic else None


def render(decision: Decision, again: bool = False) -> Reply:
    """``again``: the citizen has just had this answer."""
    match decision.kind:
        case Kind.ANSWER:
            assert decision.answer
            return _answer(decision.answer, decision.candidates, again)
        case Kind.CLARIFY:
            return _clarify(decision.candidates, decision.hits)
        case Kind.STATUTES:
            return _statutes(decision.hits)
        case Kind.HANDOFF:
            return _handoff(decision.candidates)


def _handoff(candidates: tuple[Answer, ...]) -> Reply:
    """An offer that binds nobody: a person, or what was nearest, or another try."""
    return Reply(
        "handoff",
        "这件事我在这里答不好。要不要转给工作人员？律师、调解员或法律援助人员会和您联系。您也可以接着说，换个说法再问"
        + ("，或者看看是不是下面这几个问题。" if candidates else "。"),
        buttons=(ASK_HUMAN, *plain_buttons([c.question for c in candidates])),
    )


def _answer(answer: Answer, related: tuple[Answer, ...], again: bool) -> Reply:
    """It names the question it answers and offers the next best ones, so that a mistake is seen."""
    steps = "接下来可以：\n" + "\n".join(f"· {step}" for step in answer.next_steps)
    head = f"【{answer.question}】"
    parts = [f"按您补充的情况，看的还是这一条：{head}", answer.answer] if again else [head, answer.answer, steps]
    if answer.exceptions:
        parts.append("要留意：\n" + "\n".join(f"· {line}" for line in answer.exceptions))
    if answer.beyond_corpus:
        parts.append(f"另外：{answer.beyond_corpus}")
    return Reply(
        "answer",
        "\n\n".join(parts),
        tuple(cite(*citation.key) for citation in answer.citations),
        (*plain_buttons([other.question for other in related]), ASK_HUMAN),
    )


def _sure_article(text: str) -> list[Hit]:
    """The article that answers ``text``, where the search is sure of it."""
    return [hit for hit in statute_search().search(text, 1) if hit.score >= ranking().sure]


def _clarify(candidates: tuple[Answer, ...], hits: tuple[Hit, ...]) -> Reply:
    ask = "您想问的是下面哪一个？点一下就行；都不是的话，请换个说法再说一遍。"
    law = [f"这件事多半归{hit.article.title}管：{hit.plain or _excerpt(hit.article.text)}" for hit in hits]
    return Reply(
        "clarify",
        "\n\n".join([*law, ask]),
        tuple(cite(*hit.article.key) for hit in hits),
        (*plain_buttons([c.question for c in candidates]), ASK_HUMAN),
    )


def _statutes(hits: tuple[Hit, ...]) -> Reply:
    lines = [
        f"{hit.article.title}：{_excerpt(hit.article.text)}" + (f"\n大白话：{hit.plain}" if hit.plain else "")
        for hit in hits
    ]
    return Reply(
        "statutes",
        "这个问题我还没有现成的解答。下面是意思最接近的法律条文，不一定正好管您的事：\n\n"
        + "\n\n".join(lines)
        + "\n\n您可以把情况说得再具体些，也可以转人工。",
        tuple(cite(*hit.article.key) for hit in hits),
        (ASK_HUMAN,),
    )


def _excerpt(text: str) -> str:
    text = text.replace("\n", "")
    if len(text) <= _EXCERPT:
        return text
    cut = text[:_EXCERPT]
    end = max(cut.rfind("。"), cut.rfind("；"))
    return cut[: end + 1] if end > 20 else cut + "……"
