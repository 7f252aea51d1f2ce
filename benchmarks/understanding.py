"""What a trained model makes of texts, asked of the bot in its own environment."""

import json
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from actions.turn import FALLBACK
from knowledge_base.text import normalise

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "bot" / "models" / "fazhu.tar.gz"

Ranking = list[tuple[str, float]]


@dataclass(frozen=True)
class Parsed:
    """Intents with their probabilities, best first, for each text; milliseconds for each; the most
    memory the process held, in MB."""

    rankings: list[Ranking]
    milliseconds: list[float]
    memory: int


def parse(texts: Sequence[str], model: Path = MODEL) -> Parsed:
    """Raises:
    subprocess.CalledProcessError: the bot has no model or failed; its output says why.
    """
    lines = "".join(normalise(text).replace("\n", " ") + "\n" for text in texts)
    command = ["bot/.venv/bin/python", "-W", "ignore", "-m", "bot", "parse", str(model)]
    run = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdin and run.stdout
    writer = threading.Thread(target=_write, args=(run.stdin, lines))  # the pipes are shorter than the texts
    writer.start()
    found = []
    for line in run.stdout:
        if line.startswith("{"):
            found.append(json.loads(line))
        if len(found) == len(texts):
            break
    writer.join()
    memory = psutil.Process(run.pid).memory_info().rss // 2**20 if run.poll() is None else 0
    run.stdin.close()
    if run.wait(60):
        raise subprocess.CalledProcessError(run.returncode, command)
    assert len(found) == len(texts)
    return Parsed(
        [[(i["name"], float(i["confidence"])) for i in m["intent_ranking"] if i["name"] != FALLBACK] for m in found],
        [float(message["ms"]) for message in found],
        memory,
    )


def _write(pipe: IO[str], lines: str) -> None:
    pipe.write(lines)
    pipe.flush()


def rankings(texts: Sequence[str]) -> list[Ranking]:
    return parse(texts).rankings
