"""Personal text encrypted at rest (Fernet, `cryptography`)."""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


@cache
def _fernet() -> MultiFernet:
    """Keys from ``FAZHU_SECRET_KEYS`` (comma separated, newest first), else one made and kept in
    ``$FAZHU_VAR/secret.key``, readable by its owner only."""
    if keys := os.environ.get("FAZHU_SECRET_KEYS"):
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    path = Path(os.environ.get("FAZHU_VAR", "var")) / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    if not path.exists():
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
        with suppress(FileExistsError):  # two processes starting at once must end with one key
            os.link(fresh, path)
        fresh.unlink()
    return MultiFernet([Fernet(path.read_bytes().strip())])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(secret: str | bytes) -> str:
    """
    Raises:
        cryptography.fernet.InvalidToken: written with a key that is no longer among the keys.
    """
    return _fernet().decrypt(secret).decode()


class SecretText(TypeDecorator[str]):
    """A text column that only holds ciphertext."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(value)
