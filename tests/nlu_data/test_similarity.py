from hypothesis import given
from hypothesis import strategies as st

from nlu_data.similarity import closeness, near_duplicates, pairs, share

TEXTS = st.lists(st.text(alphabet="老板欠我工资不发", min_size=2, max_size=9), max_size=12)


@given(TEXTS, st.floats(0.3, 1.0))
def test_it_finds_just_those_a_comparison_of_all_with_all_finds(texts: list[str], limit: float) -> None:
    slow = {i for i, text in enumerate(texts) if any(share(pairs(text), pairs(other)) >= limit for other in texts[:i])}
    assert {i for i, _, _ in near_duplicates(texts, texts, limit)} == slow


@given(TEXTS, TEXTS, st.floats(0.3, 1.0))
def test_so_it_does_between_two_lists(texts: list[str], others: list[str], limit: float) -> None:
    slow = {i for i, text in enumerate(texts) if any(share(pairs(text), pairs(other)) >= limit for other in others)}
    assert {i for i, _, _ in near_duplicates(texts, others, limit)} == slow


def test_groups_that_share_what_is_typical_of_them_are_close() -> None:
    found = {
        (a, b): common
        for a, b, common in closeness(
            {"wages": ["老板欠薪", "欠薪半年"], "quit": ["欠薪走人", "老板欠薪"], "ship": ["船上货湿了", "货柜丢了"]}
        )
    }
    assert found["quit", "wages"] > 0.2 > found["quit", "ship"]
