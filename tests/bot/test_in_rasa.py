"""Rasa lives in an environment of its own; its tests run there with the standard library's unittest."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("module", ["test_entities", "test_patches", "test_pipeline"])
def test_in_the_bots_environment(module: str) -> None:
    run = subprocess.run(
        ["bot/.venv/bin/python", "-W", "ignore", "-m", "unittest", f"tests.bot.in_rasa.{module}"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-5000:]
    assert "Ran " in run.stderr and "Ran 0 tests" not in run.stderr
