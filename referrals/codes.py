"""Ticket codes that people read aloud and type: region, date, service, serial, check character.

``370900-20261123-L0001-K``. The check character is ISO 7064 mod 37,36 over everything before it,
so one wrong or two swapped characters are noticed without asking the database.
"""

import re
import secrets
from datetime import date

from stdnum.iso7064 import mod_37_36

from nlu_data.taxonomy import taxonomy

SERVICE_LETTERS = {slug: service.letter for slug, service in taxonomy().services.items()}
_SHAPE = re.compile(
    rf"(\d{{6}})\W*(\d{{8}})\W*([{''.join(SERVICE_LETTERS.values())}]\d{{4,6}})\W*([0-9A-Z])(?![0-9A-Z])"
)
_NAMED_PIN = re.compile(r"(查询码[是为：:\s]{0,3})\d{6}(?!\d)")
_PIN = re.compile(r"(?<![0-9A-Za-z])\d{6}(?![0-9A-Za-z])")


def make_code(region: str, day: date, service: str, serial: int) -> str:
    body = f"{region}{day:%Y%m%d}{SERVICE_LETTERS[service]}{serial:04d}"
    return f"{region}-{day:%Y%m%d}-{SERVICE_LETTERS[service]}{serial:04d}-{mod_37_36.calc_check_digit(body)}"


def read_code(text: str) -> str | None:
    """The ticket code in ``text``, in its standard form; None if there is none that checks."""
    for match in _SHAPE.finditer(text.upper().replace("—", "-").replace("－", "-")):
        if mod_37_36.is_valid("".join(match.groups())):
            return "-".join(match.groups())
    return None


def looks_like_code(text: str) -> bool:
    """Whether ``text`` holds something meant as a code, right or mistyped."""
    return bool(re.search(r"\d{6}\W*\d{8}", text))


def read_pin(text: str) -> str | None:
    """The six digits of a PIN that stand in ``text`` beside any code."""
    match = _PIN.search(_SHAPE.sub(" ", text.upper()))
    return match[0] if match else None


def without_pin(text: str) -> str:
    """``text`` as staff may read it: a PIN that is named, stands beside a code or alone is the citizen's only."""
    hidden = _NAMED_PIN.sub(r"\1******", text)
    if looks_like_code(text) or _PIN.fullmatch(text.strip()):
        hidden = _PIN.sub(lambda match: match[0] if _in_code(hidden, match) else "******", hidden)
    return hidden


def _in_code(text: str, match: re.Match[str]) -> bool:
    """The region at the head of a code has six digits too."""
    return bool(re.match(r"\W*\d{8}", text[match.end() :]))


def make_pin() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"
