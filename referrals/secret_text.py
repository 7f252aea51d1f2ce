"""Personal text encrypted at rest (Fernet, `cryptography`)."""

import hmac
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, LargeBinary, Text
from sqlalchemy.types import TypeDecorator


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])


@cache
def _keys() -> tuple[bytes, ...]:
    """Keys from ``FAZHU_SECRET_KEYS`` (comma separated, newest first), else one made and kept in
    ``$FAZHU_VAR/secret.key``, readable by its owner only."""
    if keys := os.environ.get("FAZHU_SECRET_KEYS"):
        return tuple(key.strip().encode() for key in keys.split(","))
    path = Path(os.environ.get("FAZHU_VAR", "var")) / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    if not path.exists():
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        with suppress(FileExistsError):  # two processes starting at once must end with one key
            os.link(fresh, path)
        fresh.unlink()
    return (path.read_bytes().strip(),)


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(secret: str | bytes) -> str:
    """
    Raises:
        cryptography.fernet.InvalidToken: written with a key that is no longer among the keys.
    """
    return _fernet().decrypt(secret).decode()


class SecretText(TypeDecorator[str]):
    """A text column that only holds ciphertext; what is empty stays so."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return encrypt(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return decrypt(value) if value else value


class SecretBytes(TypeDecorator[bytes]):
    """A binary column that only holds ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _fernet().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _fernet().decrypt(bytes(value))


def renewed(secret: str | bytes) -> bytes | None:
    """The same under the newest key; None when it already is.

    Raises:
        cryptography.fernet.InvalidToken: no key opens it.
    """
    try:
        Fernet(_keys()[0]).decrypt(secret)
    except InvalidToken:
        return _fernet().rotate(secret)
    return None


def digest(text: str) -> str:
    """A keyed digest by which the same text is found again without being stored; 64 hex digits.

    Its key is derived from the newest encryption key, so no older key is needed once `referrals.rotate` has made all
    stored digests anew. Between a new key's first use and the end of that run, what was stored before is found by
    `digests` only.
    """
    return digests(text)[0]


def digests(text: str) -> list[str]:
    """As `digest`, one for each key, newest first: what may be stored while keys are being rotated."""
    return [hmac.new(_digest_key(key), text.encode(), "sha256").hexdigest() for key in _keys()]


def _digest_key(key: bytes) -> bytes:
    """A key that opens nothing: what finds texts and what reads them stay apart."""
    return hmac.digest(key, b"fazhu digest", "sha256")
