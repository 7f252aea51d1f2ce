"""Citizens' text made comparable: normal form, words, character bigrams."""

import csv
import logging
import re
import unicodedata
from functools import cache
from pathlib import Path

import jieba
import opencc
import yaml

LEXICON = Path(__file__).parent.parent / "nlu_data" / "lexicon"

_CJK = r"\u3400-\u9fff"
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0f]")
_GAP = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")
_REPEATED = re.compile(r"([^\w\s])\1+")
_WORD = re.compile(r"\w")
_STICKER = re.compile(rf"\[[{_CJK}]{{1,3}}\]")  # WeChat sends its own faces as words: [捂脸]


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _homophones() -> tuple[re.Pattern[str], dict[str, str]]:
    """What speech and pinyin input write -> what was said; only writings that stand in no law."""
    with open(LEXICON / "homophones.csv", encoding="utf-8", newline="") as table:
        meant = {row["heard"]: row["meant"] for row in csv.DictReader(table)}
    return re.compile("|".join(sorted(meant, key=len, reverse=True))), meant


def _is_noise(char: str) -> bool:
    """Control characters, halves of characters, emoji and their modifiers."""
    return unicodedata.category(char) in ("Cc", "Cs") or (
        char > "\u2000" and unicodedata.category(char) in ("So", "Sk", "Me")
    )


def normalise(text: str) -> str:
    """One spelling for what means the same: width, script, spaces, invisible and control characters,
    emoji, repeated punctuation, common homophone errors. The original is kept by the caller."""
    text = unicodedata.normalize("NFKC", text)
    text = _STICKER.sub(" ", _INVISIBLE.sub("", text))
    text = "".join(" " if _is_noise(c) else c for c in text)
    text = _REPEATED.sub(r"\1", text)
    text = _GAP.sub("", re.sub(r"\s+", " ", text)).strip()
    text = str(_to_simplified().convert(text))
    heard, meant = _homophones()
    return heard.sub(lambda match: meant[match[0]], text)


def has_words(text: str) -> bool:
    """Whether there is anything to understand: a letter, a digit or a Chinese character."""
    return bool(_WORD.search(text))


@cache
def tokenizer() -> jieba.Tokenizer:
    """jieba with the project's own legal lexicon."""
    jieba.setLogLevel(logging.WARNING)
    words = jieba.Tokenizer()
    with open(LEXICON / "legal_terms.txt", "rb") as lexicon:
        words.load_userdict(lexicon)
    return words


@cache
def lay_terms() -> dict[str, list[str]]:
    """Lay word -> the words the statutes use for it."""
    terms: dict[str, list[str]] = yaml.safe_load((LEXICON / "lay_terms.yml").read_text(encoding="utf-8"))
    return terms


def words(text: str) -> list[str]:
    return [w for w in tokenizer().cut_for_search(text.lower()) if _WORD.match(w)]


def bigrams(text: str) -> list[str]:
    chars = re.sub(r"\W", "", text.lower())
    return [chars[i : i + 2] for i in range(len(chars) - 1)] or [chars]


def expand(text: str) -> str:
    """The text with the statutes' words for its lay words added behind it."""
    legal = [term for lay, terms in lay_terms().items() if lay in text for term in terms]
    return " ".join([text, *dict.fromkeys(legal)])
