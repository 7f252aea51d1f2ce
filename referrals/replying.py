"""Texts a worker starts a reply from: ``reply_templates.yml``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from referrals.intake import ANONYMOUS, SERVICES
from referrals.masking import ERASED

SETTINGS = Path(__file__).parent / "reply_templates.yml"
_KNOWN = {"title", "text", "services"}


def templates(name: str, service: str) -> list[tuple[str, str]]:
    """(title, text) of the templates for a ticket, addressed to ``name``: its service's own first, then those for all."""
    called = "" if name in (ANONYMOUS, ERASED) else name
    fitting = [entry for entry in _read() if service in entry.get("services", [service])]
    fitting.sort(key=lambda entry: "services" not in entry)
    return [(entry["title"], entry["text"].replace("{name}", called)) for entry in fitting]


@cache
def _read() -> list[dict[str, Any]]:
    """
    Raises:
        ValueError: an entry that cannot be used, with its place and what to write.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    for number, entry in enumerate(entries, 1):
        if fault := _fault(entry):
            raise ValueError(f"{SETTINGS.name}: entry {number} ({entry.get('title', 'no title')}): {fault}")
    return entries


def _fault(entry: dict[str, Any]) -> str:
    """What is wrong with an entry and how to mend it; empty when nothing is."""
    if unknown := entry.keys() - _KNOWN:
        return f"remove {', '.join(sorted(unknown))}; an entry has {', '.join(sorted(_KNOWN))}"
    for name in ("title", "text"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            return f"write its {name}"
    services = entry.get("services", list(SERVICES))
    if not isinstance(services, list) or not services or not set(services) <= SERVICES.keys():
        return f"services is a list of some of {', '.join(SERVICES)}; leave it out where it fits all"
    return ""
