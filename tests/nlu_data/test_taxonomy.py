"""Taxonomy, training data, domain and rules speak of the same intents."""

from pathlib import Path

import yaml

from nlu_data.lint import examples, lint
from nlu_data.taxonomy import taxonomy

ROOT = Path(__file__).parent.parent.parent
BENCHMARK_TOPICS = set(
    [
        "婚姻家庭",
        "劳动纠纷",
        "交通事故",
        "债权债务",
        "刑事辩护",
        "合同纠纷",
        "房产纠纷",
        "侵权",
        "公司法",
        "医疗纠纷",
        "拆迁安置",
        "行政诉讼",
        "建设工程",
        "知识产权",
        "综合咨询",
        "人身损害",
        "涉外法律",
        "海事海商",
        "消费权益",
        "抵押担保",
    ]
)


def test_the_topics_are_the_benchmarks_twenty() -> None:
    assert {topic.title for topic in taxonomy().topics.values()} == BENCHMARK_TOPICS


def test_every_intent_has_exactly_one_place() -> None:
    intents = [i for topic in taxonomy().topics.values() for i in topic.intents]
    assert len(intents) == len(set(intents))
    assert not set(intents) & taxonomy().dialogue.keys()


def test_every_topic_goes_to_a_service_there_is() -> None:
    assert {topic.service for topic in taxonomy().topics.values()} <= taxonomy().services.keys()
    letters = [service.letter for service in taxonomy().services.values()]
    assert len(letters) == len(set(letters))


def test_the_training_data_have_no_problems() -> None:
    assert lint() == []


def test_every_intent_has_training_and_held_out_examples() -> None:
    known = {i for topic in taxonomy().topics.values() for i in topic.intents} | taxonomy().dialogue.keys()
    for folder in ("intents", "heldout"):
        assert {example.intent for example in examples(ROOT / "nlu_data" / folder)} == known, folder


def test_rasas_domain_lists_the_taxonomys_intents_file_by_file() -> None:
    expected = {slug: list(topic.intents) for slug, topic in taxonomy().topics.items()}
    expected["dialogue"] = list(taxonomy().dialogue)
    for slug, intents in expected.items():
        domain = yaml.safe_load((ROOT / "bot" / "domain" / f"{slug}.yml").read_text(encoding="utf-8"))
        assert sorted(domain["intents"]) == sorted(intents), slug


def test_every_intent_has_a_rule() -> None:
    ruled = set()
    for path in (ROOT / "bot" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            for step in rule["steps"]:
                ruled |= {s["intent"] for s in step.get("or", [step]) if "intent" in s}
    known = {i for topic in taxonomy().topics.values() for i in topic.intents} | taxonomy().dialogue.keys()
    assert ruled == known | {"nlu_fallback"}
