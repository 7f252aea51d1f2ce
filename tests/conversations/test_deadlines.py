"""Time limits that must never be wrong, each asked as four different people would, over the whole running product.

``deadlines/*.yml``: the ``cites`` one of which the first reply must cite, and words it ``says``, one of each list. Not
every phrasing is served yet; the floors below are what was measured, and may only rise.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.lay_index import article_key
from knowledge_base.statutes import corpus
from tests.services import Product

ENTRIES = [
    entry
    for path in sorted((Path(__file__).parent / "deadlines").glob("*.yml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
]
LEAST_QUESTIONS, LEAST_DEADLINES = 308, 77  # of 356 and 89; a deadline counts with three of its four questions
# 五日 stands in 十五日 too.
_ALONE = r"(?<![一二三四五六七八九十百\d月])"


def served(product: Product, entry: dict[str, Any], asked: str) -> bool:
    replies = product.chat().say(asked)["replies"]
    cited = {(c["law"], c["article"], c["sub"]) for reply in replies for c in reply["citations"]}
    text = "\n".join([*(r["text"] for r in replies), *(c["quote"] for r in replies for c in r["citations"])])
    told = all(any(re.search(_ALONE + re.escape(word), text) for word in words) for words in entry["says"])
    return told and bool(cited & {corpus().find(*article_key(place, "")).key for place in entry["cites"]})


def test_deadlines_are_told_and_cited(product: Product) -> None:
    right = {entry["deadline"]: [served(product, entry, asked) for asked in entry["asked"]] for entry in ENTRIES}
    assert sum(map(sum, right.values())) >= LEAST_QUESTIONS
    assert sum(sum(one) >= 3 for one in right.values()) >= LEAST_DEADLINES
