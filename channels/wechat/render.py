"""Answers as WeChat's texts: split at sentence ends, choices by number, articles as short links."""

import re
import unicodedata
from collections.abc import Sequence

from channels.conversation import CitationOut, ReplyOut
from channels.session import Session
from channels.wechat import lines
from channels.wechat.contract import DIGITS, Outbound
from channels.wechat.links import code_of
from knowledge_base.interviews.model import interviews
from knowledge_base.statutes import corpus

LIMIT = 2048  # bytes of a text message, in UTF-8
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # neither XML nor UTF-8 takes them
_SENTENCE = re.compile(r"[。！？；\n][”』」）]*")
_CLAUSE = re.compile(r"[，、：,;\s]")
_JOINER = "\u200d"


def render(replies: Sequence[ReplyOut], base: str | None, by_number: int = DIGITS) -> Outbound:
    """``base`` is where citizens reach the pages; without one articles are named and not linked. A digit chooses among
    the buttons of the last reply that has any, so only those are shown."""
    texts = [_text(reply, base) for reply in replies]
    buttons = next((tuple(reply.buttons) for reply in reversed(replies) if reply.buttons), ())
    return Outbound("\n\n".join(texts), buttons, by_number)


def choosable(session: Session | None) -> int:
    """How many of the shown buttons a digit chooses: in an interview it is the answer itself, or one of a step's options."""
    form = session.form if session else None
    if not form or form["name"] != "interview":
        return DIGITS
    interview = interviews()[form["draft"]["interview"]]
    options = (len(step.options) for step in interview.steps if step.id == form["requested"])
    return next(options, 0)


def _text(reply: ReplyOut, base: str | None) -> str:
    parts = [reply.text]
    if reply.citations:
        parts.append("\n".join([lines.BASIS, *dict.fromkeys(_article(cited, base) for cited in reply.citations)]))
    if base:
        parts += [f"{link.title}：{_absolute(link.url, base)}" for link in reply.links]
    return "\n\n".join(parts)


def _article(cited: CitationOut, base: str | None) -> str:
    article = corpus().find(cited.law, cited.article, cited.sub)
    return article.title + (f" {_absolute(f'/s/{code_of(article)}', base)}" if base else "")


def _absolute(url: str, base: str) -> str:
    return f"{base.rstrip('/')}{url}" if url.startswith("/") else url


def choices(said: Outbound) -> str:
    """The buttons in words."""
    titles = [button.title for button in said.buttons]
    numbered, others = titles[: said.by_number], titles[said.by_number :]
    parts = []
    if numbered:
        parts.append("\n".join([lines.CHOOSE, *(f"{n} {title}" for n, title in enumerate(numbered, 1))]))
    if others:
        parts.append(lines.OR_SAY + "、".join(others))
    return "\n".join(parts)


def whole(said: Outbound) -> str:
    """Everything in one text."""
    return "\n\n".join(filter(None, (said.text, choices(said))))


def passive(said: Outbound) -> tuple[str, Outbound]:
    """The one text that answers at once, and what is left to be sent after it."""
    everything = split(whole(said))
    if len(everything) < 2:
        return "".join(everything), Outbound()
    first, *rest = split(said.text)
    return first, Outbound("\n".join(rest), said.buttons, said.by_number)


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Parts of at most ``limit`` bytes (at least 4), cut at sentence ends where there are some."""
    rest, parts = _UNSENDABLE.sub("", text).strip(), []
    while len(rest.encode()) > limit:
        cut = _cut(rest, len(rest.encode()[:limit].decode(errors="ignore")))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, most: int) -> int:
    """Where to cut, after at most ``most`` characters and not in the first third of them."""
    for ends in (_SENTENCE, _CLAUSE):
        found = [match.end() for match in ends.finditer(text, 0, most) if match.end() >= most / 3]
        if found:
            return found[-1]
    cut = most
    while cut > 1 and _belong_together(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > 1 else most


def _belong_together(before: str, after: str) -> bool:
    """A letter and its accents, an emoji of several characters."""
    return _JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Mc", "Me", "Sk")
