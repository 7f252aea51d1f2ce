"""Passwords of staff: argon2id, and what is no password."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from referrals.errors import Refused

SHORTEST, LONGEST = 12, 200
_COMMON = ("password", "123456789012", "qwertyuiop", "administrator", "abcdefghijkl", "111111111111", "fazhu")
_hasher = PasswordHasher()
# Verified for logins that do not exist, so that they take as long as those that do.
_NOBODY = _hasher.hash(secrets.token_hex(16))


class WeakPassword(Refused):
    """The message says what is missing."""


def check_strength(password: str, login: str) -> None:
    """
    Raises:
        WeakPassword: too short, too long, too common, or the login itself.
    """
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"密码要 {SHORTEST} 到 {LONGEST} 个字符，可以用一句话。")
    if login.casefold() in plain or len(set(plain)) < 5 or any(plain.startswith(common) for common in _COMMON):
        raise WeakPassword("这个密码太容易猜到，请换一个。")


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, known: str) -> bool:
    """Whether ``password`` is the one behind the hash ``known``; an empty hash matches nothing and takes as long."""
    try:
        return _hasher.verify(known or _NOBODY, password) and bool(known)
    except (Argon2Error, InvalidHashError):
        return False


def outdated(known: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(known)


def one_time() -> str:
    """A password to be changed at once, easy to read aloud."""
    return "-".join(secrets.token_hex(2) for _ in range(4))
