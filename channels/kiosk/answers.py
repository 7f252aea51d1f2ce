"""The answers a kiosk keeps, to be read there without a network: short texts, packed once for all kiosks."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from knowledge_base.answers import Answer
from knowledge_base.compose import DRAFTED, reviewed
from knowledge_base.search import AnswerSearch, answer_search
from knowledge_base.statutes import corpus
from nlu_data.taxonomy import taxonomy


@dataclass(frozen=True)
class Packed:
    """Gzipped JSON ``{"drafted", "topics": [{"id", "title"}], "items": [{"question", "kind", "topic", "text",
    "citations": [str], "reviewed"?}]}`` and its tag. An item without ``reviewed`` is said to be ``drafted``."""

    body: bytes
    etag: str


def packed() -> Packed:
    """All answers that citizens may see, as they are now."""
    return _pack(answer_search())


@lru_cache(maxsize=1)
def _pack(search: AnswerSearch) -> Packed:
    # Legal aid is a service people ask about, and no topic of disputes.
    titles = {slug: topic.title for slug, topic in taxonomy().topics.items()}
    titles |= {slug: service.title for slug, service in taxonomy().services.items()}
    known = {answer.topic for answer in search.entries}
    topics = [{"id": slug, "title": title} for slug, title in titles.items() if slug in known]
    content = {"drafted": DRAFTED, "topics": topics, "items": [_item(answer) for answer in search.entries]}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Packed(gzip.compress(text, mtime=0), f'"{hashlib.sha256(text).hexdigest()[:20]}"')


def _item(answer: Answer) -> dict[str, Any]:
    item = {
        "question": answer.question,
        "kind": taxonomy().title_of(answer.intent),
        "topic": answer.topic,
        "text": answer.answer,
        "citations": [corpus().find(*citation.key).title for citation in answer.citations],
    }
    return item | {"reviewed": reviewed(answer)} if answer.reviewed else item
