"""Time limits that must never be wrong, each asked as four different people would, over the whole running product.

``deadlines/*.yml``: the ``cites`` one of which the first reply must cite, and words it ``says``, one of each list.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.lay_index import article_key
from knowledge_base.statutes import corpus
from tests.services import Product

DEADLINES = [
    pytest.param(entry, asked, id=f"{entry['deadline']}: {asked}")
    for path in sorted((Path(__file__).parent / "deadlines").glob("*.yml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    for asked in entry["asked"]
]


@pytest.mark.parametrize(("entry", "asked"), DEADLINES)
def test_the_deadline_is_told_and_cited(product: Product, entry: dict[str, Any], asked: str) -> None:
    heard = product.chat().say(asked)
    text = "\n".join(
        [*(r["text"] for r in heard["replies"]), *(c["quote"] for r in heard["replies"] for c in r["citations"])]
    )
    cited = {(c["law"], c["article"], c["sub"]) for reply in heard["replies"] for c in reply["citations"]}
    wanted = {corpus().find(*article_key(place, "")).key for place in entry["cites"]}
    context = f"\n{asked}\n→ {[reply['type'] for reply in heard['replies']]} {text}"
    assert cited & wanted, context
    for words in entry["says"]:
        # 五日 stands in 十五日 too.
        assert any(re.search(rf"(?<![一二三四五六七八九十百\d月]){re.escape(word)}", text) for word in words), context
