"""The shipped answers hold what they promise, and the linter sees what would break the promise."""

from pathlib import Path

import pytest
import yaml

from knowledge_base.answers import load
from knowledge_base.errors import ContentError
from knowledge_base.lint import lint
from nlu_data.taxonomy import taxonomy

GOOD = {
    "id": "unpaid-wages",
    "question": "老板拖欠工资怎么办？",
    "phrasings": ["工资三个月没发", "工头不给钱", "欠薪找谁", "发工资一拖再拖", "干完活拿不到钱"],
    "answer": "单位应当按约定和法律规定足额支付工资；拖欠的，您可以申请支付令或者劳动仲裁。",
    "see": "老板要跑的，先找律师。",
    "spoken": "工资可以要。先找劳动监察投诉，或者申请劳动仲裁。",
    "next_steps": ["收好考勤、转账和聊天记录。", "拨打 12333 投诉。"],
    "citations": [{"law": "中华人民共和国劳动合同法", "article": 30}],
}


def put(folder: Path, entry: object, place: str = "labour/unpaid_wages") -> Path:
    path = folder / f"{place}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = entry if isinstance(entry, str) else yaml.safe_dump([entry], allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_answers_have_no_problems() -> None:
    assert lint() == []


def test_there_are_enough_answers_over_enough_topics() -> None:
    shipped = load()
    topics = {answer.topic for answer in shipped}
    assert len(shipped) >= 500
    assert topics & taxonomy().topics.keys() == taxonomy().topics.keys()
    assert "legal_aid" in topics


def test_a_good_answer_passes(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    assert lint(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"citations": [{"law": "中华人民共和国劳动合同法", "article": 999}]}, "no article 999"),
        ({"citations": [{"law": "中华人民共和国婚姻法", "article": 32}]}, "citation"),
        ({"citations": [{"law": "劳动合同法", "article": 30}]}, "short name"),
        ({"answer": "单位应当在47日内付清拖欠的全部工资，否则要加付赔偿。"}, "47日 stands in no cited article"),
        ({"exceptions": ["夫妻之间的，看《婚姻法》第三十二条。"]}, "婚姻法 32: the law is no longer in force"),
        ({"beyond_corpus": "工资怎么算，《劳动法》第一千条说得细。"}, "劳动法 1000: the law has no such article"),
        ({"next_steps": ["拨打 12399 投诉。"]}, "no known hotline"),
        ({"answer": "您包赢，直接去申请劳动仲裁就可以拿回全部工资。"}, "promises an outcome"),
        ({"phrasings": ["欠薪"] * 5}, "says twice"),
        ({"phrasings": ["欠薪"]}, "phrasings"),
        ({"see": None}, "has no `see`"),
        ({"spoken": None}, "has no `spoken`"),
        ({"spoken": "工资可以要（不花钱），分2步走，先去投诉再仲裁。"}, "cannot be said"),
        ({"spoken": "工资可以要" + "先找劳动监察投诉" * 6 + "。"}, "a sentence of"),
        ({"deadlines": ["doomsday"]}, "no deadline doomsday"),
        ({"tools": ["magic"]}, "no interview magic"),
        ({"ask": "哪天离职的？"}, "nothing would change"),
        (
            {"adapt": [{"fact": "age", "under": 47, "say": "您说{said}，还不到四十七岁。"}]},
            "四十七岁 stands in no cited article",
        ),
        ({"adapt": [{"fact": "weight", "say": "您说{said}。"}]}, "adapt"),
        ({"reviewed": {"by": "某律师"}}, "reviewed.on"),
        ({"citations": []}, "citations"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_fault_is_named_with_file_line_and_fix(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    path = put(tmp_path, {**GOOD, **change})
    problems = lint(tmp_path)
    assert any(fault in problem.fault for problem in problems), problems
    assert all(problem.path == path and problem.line == 1 and problem.fix for problem in problems)


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = put(tmp_path, "- id: a\n  question: 甲\n  phrasings: [\n- id: b\n")
    with pytest.raises(ContentError) as caught:
        load(tmp_path)
    assert f"{path}:4" in str(caught.value)
    assert "fix:" in str(caught.value)


def test_an_id_or_a_phrase_used_twice_is_refused(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    put(tmp_path, GOOD, "labour/dismissal")
    faults = " ".join(problem.fault for problem in lint(tmp_path))
    assert "id unpaid-wages is used in" in faults
    assert "also belongs to" in faults


def test_an_unknown_intent_is_refused(tmp_path: Path) -> None:
    put(tmp_path, GOOD, "labour/no_such_intent")
    assert "is not in nlu_data/taxonomy.yml" in lint(tmp_path)[0].fault
