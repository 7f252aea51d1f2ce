"""From a citizen's question to what FaZhu says, with or without a classifier's help."""

from dataclasses import dataclass

from knowledge_base.answers import Answer
from knowledge_base.articles import Article
from knowledge_base.compose import LENGTHS, Length, Said, compose
from knowledge_base.decision import ARTICLES_HEARD, Decision, Kind, Understanding, decide
from knowledge_base.replies import ASK_HUMAN, HELPFUL, UNHELPFUL, Reply, cite, plain_buttons
from knowledge_base.search import answer_search
from knowledge_base.statute_search import Hit, statute_search
from nlu_data.taxonomy import taxonomy

_EXCERPT = 90


@dataclass(frozen=True)
class Before:
    """What the conversation brings along. ``given`` is the id of the answer the citizen has just had and is now adding
    a fact to: should it fit still, its details are not told twice. Who asks on wants another answer: ``other_than``
    is left out. ``failed_turns`` is of `decision.decide`."""

    failed_turns: int = 0
    given: str | None = None
    other_than: str | None = None


@dataclass(frozen=True)
class Consultation:
    """One question's outcome. ``failed`` means the citizen has not been helped yet."""

    reply: Reply
    kind: Kind
    topic: str | None
    confidence: float
    answered: str | None = None  # id of the answer given
    asked_back: bool = False  # the answer ended with a question whose answer belongs to it

    @property
    def failed(self) -> bool:
        return self.kind in (Kind.CLARIFY, Kind.STATUTES)


def consult(
    said: Said, understood: Understanding | None = None, before: Before | None = None, channel: str = "web"
) -> Consultation:
    """Answer what was said (its text normalised) as well as the content allows, in the length the channel has room for."""
    understood, before = understood or Understanding(), before or Before()
    matches = [match for match in answer_search().search(said.text) if match.answer.id != before.other_than]
    hits = statute_search().search(said.text, ARTICLES_HEARD)
    decision = decide(said.text, matches, hits, understood, before.failed_turns)
    answered = decision.answer.id if decision.answer else None
    again = answered is not None and answered == before.given
    reply = render(decision, said, again, LENGTHS.get(channel, "full"))
    return Consultation(reply, decision.kind, _topic(decision, understood), decision.confidence, answered, reply.asks)


def _topic(decision: Decision, understood: Understanding) -> str | None:
    """Title of the topic: the classifier's, else that of the answer found."""
    if understood.topics:
        return taxonomy().topics[max(understood.topics, key=understood.topics.__getitem__)].title
    nearest = decision.answer or next(iter(decision.candidates), None)
    topic = taxonomy().topics.get(nearest.topic) if nearest else None
    return topic.title if topic else None


def render(decision: Decision, said: Said, again: bool = False, length: Length = "full") -> Reply:
    """``again``: the citizen has just had this answer."""
    match decision.kind:
        case Kind.ANSWER:
            assert decision.answer
            return compose(decision.answer, decision.candidates, said, again, length)
        case Kind.ARTICLE:
            return _article(decision.hits[0], decision.candidates, length)
        case Kind.CLARIFY:
            return _clarify(decision.candidates, decision.hits, length)
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


def _article(hit: Hit, related: tuple[Answer, ...], length: Length) -> Reply:
    """The article that says it, in plain words and in its own."""
    title = hit.article.title
    if length == "spoken":
        text = f"这件事法律里有规定。{hit.plain}需要的话，可以转给工作人员。"
    else:
        text = (
            f"这件事，{title}有规定：{hit.plain}\n\n原文：{_excerpt(hit.article)}\n\n"
            "白话由法助编写，还没有经过律师审核。您的情况要是还有别的，接着说；拿不准就转人工。"
        )
    return Reply(
        "answer",
        text,
        (_cited(hit),),
        (*plain_buttons([other.question for other in related]), HELPFUL, UNHELPFUL, ASK_HUMAN),
    )


def _clarify(candidates: tuple[Answer, ...], hits: tuple[Hit, ...], length: Length) -> Reply:
    """A question back, after what the law says nearby: whoever does not find the question still has something to read."""
    ask = "您想问的是下面哪一个？选一个就行；都不是的话，请换个说法再说一遍。"
    near = [f"· {hit.article.title}：{hit.plain or _excerpt(hit.article)}" for hit in hits]
    law = ["可能用得上的法律：\n" + "\n".join(near)] if near and length != "spoken" else []
    return Reply(
        "clarify",
        "\n\n".join([ask, *law]),
        tuple(map(_cited, hits)),
        (*plain_buttons([c.question for c in candidates]), ASK_HUMAN),
    )


def _statutes(hits: tuple[Hit, ...]) -> Reply:
    lines = [
        f"{hit.article.title}：{_excerpt(hit.article)}" + (f"\n大白话：{hit.plain}" if hit.plain else "")
        for hit in hits
    ]
    return Reply(
        "statutes",
        "这个问题我还没有现成的解答。下面是意思最接近的法律条文，不一定正好管您的事：\n\n"
        + "\n\n".join(lines)
        + "\n\n您可以把情况说得再具体些，也可以转人工。",
        tuple(map(_cited, hits)),
        (ASK_HUMAN,),
    )


def _cited(hit: Hit) -> dict[str, object]:
    return {**cite(*hit.article.key), "quote": _excerpt(hit.article)}


def _excerpt(article: Article) -> str:
    text = article.text.replace("\n", "")
    if len(text) <= _EXCERPT:
        return text
    cut = text[:_EXCERPT]
    end = max(cut.rfind("。"), cut.rfind("；"))
    return cut[: end + 1] if end > 20 else cut + "……"
