import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from referrals import secret_text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_comes_back(text: str) -> None:
    secret = secret_text.encrypt(text)
    assert secret_text.decrypt(secret) == text
    assert len(text) < 4 or text not in secret


def with_keys(monkeypatch: pytest.MonkeyPatch, *keys: bytes) -> None:
    monkeypatch.setenv("FAZHU_SECRET_KEYS", ",".join(key.decode() for key in keys))
    secret_text._fernet.cache_clear()
    secret_text._keys.cache_clear()


def test_old_keys_still_open_what_they_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    try:
        with_keys(monkeypatch, old)
        secret = secret_text.encrypt("王女士")
        with_keys(monkeypatch, new, old)
        assert secret_text.decrypt(secret) == "王女士"
        with_keys(monkeypatch, new)
        with pytest.raises(InvalidToken):
            secret_text.decrypt(secret)
    finally:
        secret_text._fernet.cache_clear()
        secret_text._keys.cache_clear()


def test_processes_starting_at_once_share_one_private_key(tmp_path: Path) -> None:
    program = "from referrals.secret_text import encrypt; print(encrypt('法'))"
    environment = {**os.environ, "FAZHU_VAR": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    secrets = [process.communicate(timeout=60)[0].strip() for process in started]
    key = tmp_path / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [f.name for f in tmp_path.iterdir()] == ["secret.key"]
    assert {Fernet(key.read_bytes()).decrypt(secret).decode() for secret in secrets} == {"法"}
