import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import free_port

ROOT = Path(__file__).parent.parent.parent


def test_the_running_pythons_version_is_found() -> None:
    version = "{}.{}".format(*sys.version_info)
    found = subprocess.run(["ops/find-python", version], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0
    answer = subprocess.run([found.stdout.strip(), "--version"], capture_output=True, text=True, timeout=60)
    assert answer.stdout.startswith(f"Python {version}.")


def test_a_missing_python_is_told_with_three_ways_to_get_it() -> None:
    found = subprocess.run(["ops/find-python", "3.99"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert found.returncode == 1
    for way in ("apt-get install python3.99", "pyenv install 3.99", "uv python install 3.99"):
        assert way in found.stderr


def test_a_taken_port_is_named_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {"FAZHU_PORT": taken.getsockname()[1], "FAZHU_BOT_PORT": free_port(), "FAZHU_ACTIONS_PORT": free_port()}
        started = subprocess.run(
            ["ops/run"], cwd=ROOT, capture_output=True, text=True, timeout=60,
            env={**os.environ, **{name: str(port) for name, port in ports.items()}},
        )  # fmt: skip
    assert started.returncode == 1
    assert f"Port {ports['FAZHU_PORT']}" in started.stderr and "FAZHU_PORT" in started.stderr


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "bot/requirements.lock", "ops/uv.lock"])
def test_locks_hold_names_versions_and_hashes_and_no_addresses(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    pins = [i for i, line in enumerate(lines) if not line.startswith(" ")]
    assert pins
    for i in pins:
        assert "==" in lines[i]
        assert "--hash=sha256:" in lines[i + 1], lines[i]


def test_ci_calls_the_test_command_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script == "#!/bin/sh\nexec make test\n"
