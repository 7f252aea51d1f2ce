"""Texts a worker starts a reply from: ``reply_templates.yml``."""

from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "reply_templates.yml"


@cache
def _read() -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def templates(name: str) -> list[tuple[str, str]]:
    """(title, text) of every template, addressed to ``name``."""
    return [(entry["title"], entry["text"].replace("{name}", name)) for entry in _read()]
