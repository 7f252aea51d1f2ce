"""Texts that say nearly the same: sets of character pairs, compared by the share they have in common."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

Pairs = frozenset[str]


def bare(text: str) -> str:
    """Text without what makes no difference: punctuation, spaces, case."""
    return re.sub(r"\W", "", text).lower()


def pairs(text: str) -> Pairs:
    """All two characters that stand side by side in the bare text."""
    chars = bare(text)
    return frozenset(chars[i : i + 2] for i in range(len(chars) - 1)) or frozenset([chars])


def share(a: Pairs, b: Pairs) -> float:
    """Jaccard similarity, in [0, 1]."""
    return len(a & b) / len(a | b)


def near_duplicates(texts: Sequence[str], others: Sequence[str], limit: float) -> Iterator[tuple[int, int, float]]:
    """(index of a text, index of the first of ``others`` that shares ``limit`` of its pairs or more, share).

    ``others`` may be ``texts`` itself; then each text is compared with those before it. Two sets that
    share so much must share one of their rarest few pairs: only such are compared.
    """
    same = texts is others
    theirs = [pairs(text) for text in others]
    mine = theirs if same else [pairs(text) for text in texts]
    common = Counter(pair for found in theirs for pair in found)
    holders: dict[str, list[int]] = defaultdict(list)

    def rarest(found: Pairs) -> list[str]:
        return sorted(found, key=lambda pair: (common[pair], pair))[: len(found) - math.ceil(limit * len(found)) + 1]

    if not same:
        for place, found in enumerate(theirs):
            for pair in rarest(found):
                holders[pair].append(place)
    for place, found in enumerate(mine):
        prefix = rarest(found)
        candidates = sorted({other for pair in prefix for other in holders[pair]})
        hit = next((other for other in candidates if share(found, theirs[other]) >= limit), None)
        if hit is not None:
            yield place, hit, share(found, theirs[hit])
        if same:
            for pair in prefix:
                holders[pair].append(place)


def closeness(groups: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, float]]:
    """Every two groups of texts and the cosine of what is typical of each: the pairs of characters its
    texts hold, weighed by how few groups hold them."""
    profiles = {name: Counter(pair for text in texts for pair in pairs(text)) for name, texts in groups.items()}
    spread = Counter(pair for profile in profiles.values() for pair in profile)
    weighed: dict[str, dict[str, float]] = {}
    for name, profile in profiles.items():
        vector = {p: math.log1p(n) * math.log(len(groups) / spread[p]) for p, n in profile.items()}
        length = math.sqrt(sum(weight**2 for weight in vector.values())) or 1.0
        weighed[name] = {pair: weight / length for pair, weight in vector.items()}
    names = sorted(groups)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            smaller, larger = sorted((weighed[a], weighed[b]), key=len)
            yield a, b, sum(weight * larger.get(pair, 0.0) for pair, weight in smaller.items())
