"""After a corpus update one sees what changed and what rests on it."""

import pytest

from knowledge_base import corpus_update
from knowledge_base.corpus_update import compare, fingerprints, main, read_lock, resting_on, write_lock
from knowledge_base.statutes import corpus

LABOUR = "中华人民共和国劳动合同法"


def test_the_shipped_content_was_checked_against_the_installed_corpus() -> None:
    today = fingerprints(article for article in corpus() if not corpus().laws[article.law].is_local)
    assert not compare(read_lock(), today)


def test_a_lock_is_read_as_it_was_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    prints = {(LABOUR, 82, 0): "0123abcd", ("中华人民共和国刑法", 133, 1): "89abcdef"}
    write_lock(prints, tmp_path / "lock")
    assert read_lock(tmp_path / "lock") == prints


def test_new_changed_and_gone_are_told_with_what_rests_on_them(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # type: ignore[no-untyped-def]
    before = read_lock()
    before[LABOUR, 82, 0] = "00000000"
    before[LABOUR, 999, 0] = before.pop((LABOUR, 98, 0))
    monkeypatch.setattr(corpus_update, "LOCK", tmp_path / "corpus.lock")
    monkeypatch.setattr(read_lock, "__defaults__", (tmp_path / "corpus.lock",))
    monkeypatch.setattr(write_lock, "__defaults__", (tmp_path / "corpus.lock",))
    write_lock(before, tmp_path / "corpus.lock")
    assert main([]) == 1
    told = capsys.readouterr().out
    assert "new: 劳动合同法 98" in told and "changed: 劳动合同法 82" in told
    assert "no longer in force: 劳动合同法 999" in told
    assert "read again: answer no-contract-double-pay" in told
    assert main(["--accept"]) == 0 and main([]) == 0


def test_explanations_rest_on_articles_too() -> None:
    assert any("explanation" in what for _, what in resting_on([("中华人民共和国民法典", 1079, 0)]))
