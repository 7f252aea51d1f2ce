import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.text import bigrams, expand, has_words, normalise, words


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("老闆欠薪三個月", "老板欠薪三个月"),
        ("老 板 欠 薪", "老板欠薪"),
        ("ＡＢＣ１２３", "ABC123"),
        ("怎么办？？？！！！", "怎么办?!"),
        ("离\u200b婚", "离婚"),
        ("  工资\t\n没发  ", "工资没发"),
        ("欠我5000 块", "欠我5000 块"),
        ("老板跑路了😭😭怎么办👍🏽", "老板跑路了怎么办"),
        ("工资没发[流泪][流泪]", "工资没发"),
        ("合同[2023]12号", "合同[2023]12号"),
        ("想问劳动仲才 农名工 能拿赔常不", "想问劳动仲裁农民工能拿赔偿不"),
        ("工商认定和工商局", "工伤认定和工商局"),
    ],
)
def test_what_means_the_same_reads_the_same(written: str, meant: str) -> None:
    assert normalise(written) == meant


@given(st.text(max_size=200))
def test_any_text_is_normalised_once_and_for_all(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=200))
def test_any_text_can_be_searched_with(text: str) -> None:
    words(text), bigrams(text), expand(text)


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "？！", "\u200b", "……"])
def test_there_is_nothing_to_understand(text: str) -> None:
    assert not has_words(normalise(text))


def test_the_legal_lexicon_keeps_terms_whole() -> None:
    assert "人身安全保护令" in words("申请人身安全保护令")


def test_lay_words_bring_the_words_of_the_statutes() -> None:
    assert expand("老公打我") != "老公打我"
