from pathlib import Path

import pytest

from nlu_data import lint as linter
from nlu_data.lint import lint

TAXONOMY = """
topics:
  labour: {title: 劳动纠纷, service: lawyer, intents: {unpaid_wages: 拖欠工资}}
dialogue: {}
"""
TRAINED = ["老板欠我工钱", "厂里半年没发薪水", "干完活包工头跑路了", "年底说好结账又拖", "没签合同他不认账"]
HELD_OUT = ["饭店关门了我的工资咋办", "工地上说没钱让等着"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(linter, "CONSULTATION_MINIMUM", 5)
    monkeypatch.setattr(linter, "HELD_OUT_MINIMUM", 2)
    (tmp_path / "taxonomy.yml").write_text(TAXONOMY, encoding="utf-8")
    put(tmp_path, "intents/labour/unpaid_wages.yml", TRAINED)
    put(tmp_path, "heldout/labour/unpaid_wages.yml", HELD_OUT)
    return tmp_path


def put(root: Path, name: str, texts: list[str], intent: str = "unpaid_wages") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"    - {text}\n" for text in texts)
    path.write_text(f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n{lines}', encoding="utf-8")


def problems(data: Path) -> list[str]:
    return lint(data, data / "answers")


def test_good_data_pass(data: Path) -> None:
    assert problems(data) == []


def test_the_same_example_twice_is_named_with_both_places(data: Path) -> None:
    put(data, "intents/labour/more.yml", ["老板欠我工钱！！"])
    [problem] = problems(data)
    assert "unpaid_wages.yml:5: said already" in problem and "more.yml:5" in problem and "fix:" in problem


def test_an_example_said_again_with_one_word_changed_is_found(data: Path) -> None:
    put(data, "intents/labour/unpaid_wages.yml", [*TRAINED, "厂里半年没发薪水啊"])
    [problem] = problems(data)
    assert "unpaid_wages.yml:10: said already" in problem and "nearly" in problem


def test_a_held_out_example_in_the_training_data_is_a_leak(data: Path) -> None:
    put(data, "heldout/labour/unpaid_wages.yml", [*HELD_OUT, "干完活包工头跑了"])
    [problem] = problems(data)
    assert "heldout" in problem and "stands in training data at" in problem


def test_so_is_one_in_a_written_answers_phrasings(data: Path) -> None:
    answers = data / "answers" / "labour"
    answers.mkdir(parents=True)
    answer = f"- {{id: a, question: 工资没发怎么办, phrasings: [{HELD_OUT[0]}]}}"
    (answers / "unpaid_wages.yml").write_text(answer, encoding="utf-8")
    assert "stands in training data" in problems(data)[0]


def test_an_unknown_intent_is_named(data: Path) -> None:
    put(data, "intents/labour/odd.yml", ["这是什么"], "odd")
    assert "labour/odd is not in the taxonomy" in problems(data)[0]


def test_too_few_examples_are_named(data: Path) -> None:
    put(data, "intents/labour/unpaid_wages.yml", TRAINED[:3])
    put(data, "heldout/labour/unpaid_wages.yml", HELD_OUT[:1])
    few, few_held_out = problems(data)
    assert "3 examples" in few and "write at least 5" in few
    assert "1 examples" in few_held_out and "write at least 2" in few_held_out


def test_intents_that_use_the_same_words_need_a_border(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linter, "CLOSE", 0.05)
    three = TAXONOMY.replace(
        "{unpaid_wages: 拖欠工资}", "{unpaid_wages: 拖欠工资, resignation: 离职, probation: 试用期}"
    )
    (data / "taxonomy.yml").write_text(three, encoding="utf-8")
    for intent, texts in {
        "resignation": [
            "老板欠薪我想走人",
            "半年薪水没发能走吗",
            "包工头跑路我也走",
            "工钱拖着我不干了",
            "年底说好结账我再走",
        ],
        "probation": ["刚来七天试岗", "考核期多久合法", "转正要等几个月", "试工期间能不能炒我", "新人第一周算不算"],
    }.items():
        put(data, f"intents/labour/{intent}.yml", texts, intent)
        put(data, f"heldout/labour/{intent}.yml", [f"{intent}甲乙丙", f"{intent}天地人"], intent)
    [problem] = problems(data)
    assert "intents/resignation and intents/unpaid_wages" in problem and "borders" in problem
    (data / "taxonomy.yml").write_text(
        three + "borders:\n  - {between: [resignation, unpaid_wages], rule: 要走归前者}\n"
    )
    assert problems(data) == []
