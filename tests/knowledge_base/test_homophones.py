from pathlib import Path

from knowledge_base.lint import lint_homophones


def test_the_shipped_table_spoils_no_article() -> None:
    assert lint_homophones() == []


def test_a_writing_that_stands_in_a_law_is_named_with_its_line(tmp_path: Path) -> None:
    table = tmp_path / "homophones.csv"
    table.write_text("heard,meant\n赔常,赔偿\n公正处,公证处\n赔常,赔偿\n", encoding="utf-8")
    first, second = map(str, lint_homophones(table))
    assert "homophones.csv:3" in first and "公正处 stands in the law" in first and "fix:" in first
    assert "homophones.csv:4" in second and "twice" in second
