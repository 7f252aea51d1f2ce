"""Texts a reply starts from: which fit a ticket, to whom they speak, and what is wrong with an entry."""

from pathlib import Path

import pytest

from referrals import replying
from referrals.intake import SERVICES


def test_the_services_own_templates_come_first_then_those_for_all() -> None:
    for service in SERVICES:
        titles = [title for title, _ in replying.templates("王女士", service)]
        general = [entry["title"] for entry in replying._read() if "services" not in entry]
        own = [entry["title"] for entry in replying._read() if service in entry.get("services", ())]
        assert len(own) >= 2 and titles == own + general


def test_they_speak_to_the_citizen_and_to_nobody_by_the_name_of_nobody() -> None:
    assert all(text.startswith("王女士您好：") for _, text in replying.templates("王女士", "notary"))
    for nobody in ("匿名", "已删除", ""):
        assert all(text.startswith("您好：") for _, text in replying.templates(nobody, "notary"))


def test_no_template_states_the_law() -> None:
    """Whoever replies answers for that; an article or a period here would grow old unseen."""
    for entry in replying._read():
        assert not any(
            words in entry["text"] for words in ("法》", "第条", "日内", "年内", "条规定", "依法", "{name}：")
        )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "- {title: 甲, text: 您好}\n- {title: 乙, text: 您好, services: [lawer]}",
            r"entry 2 \(乙\): .*lawyer, mediation",
        ),
        ("- {title: 甲, text: 您好, services: lawyer}", r"entry 1 \(甲\): services is a list"),
        ("- {title: 甲}", r"entry 1 \(甲\): write its text"),
        ("- {text: 您好}", r"entry 1 \(no title\): write its title"),
        ("- {title: 甲, text: 您好, service: [lawyer]}", "remove service; an entry has services, text, title"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, said: str
) -> None:
    (tmp_path / "reply_templates.yml").write_text(written, encoding="utf-8")
    monkeypatch.setattr(replying, "SETTINGS", tmp_path / "reply_templates.yml")
    with pytest.raises(ValueError, match=f"reply_templates.yml: .*{said}"):
        replying._read.__wrapped__()
