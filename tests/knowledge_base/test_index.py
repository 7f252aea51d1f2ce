from pathlib import Path

import pytest

from knowledge_base import encoder, index
from knowledge_base.index import PairOverlap, Weights

TEXTS = ["用人单位应当按时足额支付劳动报酬", "夫妻一方要求离婚的，可以向法院起诉", "承租人应当按照约定支付租金"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAZHU_CACHE", str(tmp_path))
    return tmp_path


def test_words_pairs_and_meaning_each_find_their_text(cache: Path) -> None:
    built = index.load_or_build("three", TEXTS)
    for only in (Weights(1, 0, 0), Weights(0, 1, 0), Weights(0, 0, 1)):
        for i, query in enumerate(("劳动报酬没有支付", "起诉离婚", "租金")):
            assert built.search(query, query, 1, only)[0][0] == i


def test_an_index_read_back_finds_the_same(cache: Path) -> None:
    first = index.load_or_build("three", TEXTS)
    again = index.load_or_build("three", TEXTS)
    assert first.search("离婚", "离婚", 3, Weights()) == again.search("离婚", "离婚", 3, Weights())
    assert len(list(cache.iterdir())) == 1


def test_changed_texts_make_a_new_index_and_drop_the_old(cache: Path) -> None:
    index.load_or_build("three", TEXTS)
    old = next(cache.iterdir()).name
    assert len(index.load_or_build("three", TEXTS[:2])) == 2
    assert [f.name for f in cache.iterdir()] != [old]
    assert len(list(cache.iterdir())) == 1


def test_an_interrupted_build_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(encoder, "encode_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index.load_or_build("three", TEXTS)
    assert list(cache.iterdir()) == []


def test_overlap_is_one_for_the_same_and_none_for_strangers() -> None:
    overlaps = PairOverlap(TEXTS)
    assert overlaps.overlaps(TEXTS[0])[0] == pytest.approx(1)
    assert overlaps.overlaps("天气预报")[0] == 0
    assert 0 < overlaps.overlaps("支付租金")[2] < 1
