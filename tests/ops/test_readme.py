"""What README.md promises about settings, commands and files is so."""

import re
from pathlib import Path

import pytest

from channels.settings import Settings

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("bot", "actions", "channels", "knowledge_base", "referrals", "ops")


def used() -> set[str]:
    """Every FAZHU_ variable the code reads, but not those it sets for Rasa's own files."""
    found = {f"FAZHU_{name.upper()}" for name in Settings.model_fields}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", ".sh", "") and path.is_file() and ".venv" not in path.parts:
                found |= set(re.findall(r"FAZHU_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8", errors="ignore")))
    return {name for name in found if not re.match(r"FAZHU_REDIS_(HOST|PORT|DB|PASSWORD)", name)}


def test_the_table_lists_every_setting_and_no_other() -> None:
    documented = set(re.findall(r"`(FAZHU_[A-Z_]+)`", README.split("## Configuration")[1].split("## ")[0]))
    assert documented == used()


@pytest.mark.parametrize(
    "field", ["bot_timeout", "session_hours", "text_limit", "messages_per_minute", "rate_limit", "port", "host"]
)
def test_the_defaults_in_the_table_are_the_codes(field: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith("|") and f"`FAZHU_{field.upper()}`" in line)
    assert f"`{Settings.model_fields[field].default}`" in row


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_linked_files_and_make_targets_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)", text):
        assert (ROOT / target).exists(), target
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([\w-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.M), target
