from pathlib import Path

import pytest

from nlu_data.lint import lint

TAXONOMY = """
topics:
  labour: {title: 劳动纠纷, service: lawyer, intents: {unpaid_wages: 拖欠工资}}
dialogue: {}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "taxonomy.yml").write_text(TAXONOMY, encoding="utf-8")
    put(
        tmp_path,
        "intents/labour/unpaid_wages.yml",
        [f"老板欠我{n}百块" for n in "一二三四五六七八九十两几"]
        + [f"工资拖了{n}周" for n in "一二三四五六七八九十两几零"],
    )
    return tmp_path


def put(root: Path, name: str, texts: list[str], intent: str = "unpaid_wages") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"    - {text}\n" for text in texts)
    path.write_text(f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n{lines}', encoding="utf-8")


def test_good_data_pass(data: Path) -> None:
    assert lint(data) == []


def test_the_same_example_twice_is_named_with_both_places(data: Path) -> None:
    put(data, "intents/labour/more.yml", ["老板欠我一百块！！"])
    [problem] = lint(data)
    assert "unpaid_wages.yml:5" in problem and "said already" in problem and "fix:" in problem


def test_a_held_out_example_in_the_training_data_is_a_leak(data: Path) -> None:
    put(data, "heldout/labour.yml", ["老板欠我一百块"])
    assert "held-out example stands in training data" in lint(data)[0]


def test_an_unknown_intent_is_named(data: Path) -> None:
    put(data, "intents/labour/odd.yml", ["这是什么"], "odd")
    assert "labour/odd is not in the taxonomy" in lint(data)[0]


def test_too_few_examples_are_named(tmp_path: Path) -> None:
    (tmp_path / "taxonomy.yml").write_text(TAXONOMY, encoding="utf-8")
    assert "write at least 25" in lint(tmp_path)[0]
