"""Rasa with FaZhu's patches: ``python -m bot train``, ``run``, or ``parse [MODEL]`` (one message a line on
standard input; on standard output what the model makes of it and the milliseconds that took, as JSON),
or ``rasa …`` (any of its own commands)."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
MODEL = HERE / "models" / "fazhu.tar.gz"
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("RASA_CACHE_DIRECTORY", str(HERE / ".rasa"))
os.environ.setdefault("RASA_MAX_CACHE_SIZE", "0")  # the Makefile knows when to train anew


def rasa(*arguments: str) -> None:
    """Run Rasa's command line in this process. It ends the process on error."""
    warnings.simplefilter("ignore")  # of Rasa's many old dependencies about each other

    from bot import rasa_patches

    rasa_patches.install()
    from rasa.__main__ import main

    sys.argv = ["rasa", *arguments]
    main()


def train() -> None:
    """Train beside the old model and put the new one in its place whole."""
    from bot import spacy_model, training_data

    spacy_model.build()
    MODEL.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODEL.parent) as scratch:
        asked = Path(scratch) / "answers.yml"
        asked.write_text(training_data.from_answers(), encoding="utf-8")
        rasa(
            "train", "--config", "bot/config.yml", "--domain", "bot/domain",
            "--data", "nlu_data/intents", str(asked), "bot/rules", "--out", scratch, "--fixed-model-name", "fazhu",
            "--skip-validation", "--force",
        )  # fmt: skip
        shutil.move(f"{scratch}/fazhu.tar.gz", MODEL)


def run(arguments: "list[str]") -> None:
    """Serve the trained model; trackers in Redis when ``FAZHU_REDIS_URL`` names one."""
    endpoints = "bot/endpoints.yml"
    if url := os.environ.get("FAZHU_REDIS_URL"):
        parts = urlsplit(url)
        os.environ["FAZHU_REDIS_HOST"] = parts.hostname or "127.0.0.1"
        os.environ["FAZHU_REDIS_PORT"] = str(parts.port or 6379)
        os.environ["FAZHU_REDIS_DB"] = parts.path.strip("/") or "0"
        os.environ["FAZHU_REDIS_PASSWORD"] = unquote(parts.password or "")
        endpoints = "bot/endpoints.redis.yml"
    os.environ.setdefault("FAZHU_ACTIONS_URL", "http://127.0.0.1:5055")
    rasa(
        "run", "--model", str(MODEL), "--endpoints", endpoints, "--credentials", "bot/credentials.yml",
        "--interface", os.environ.get("FAZHU_BOT_HOST", "127.0.0.1"),
        "--port", os.environ.get("FAZHU_BOT_PORT", "5005"), "--log-file", os.devnull, *arguments,
    )  # fmt: skip


def parse(model: str = str(MODEL)) -> None:
    from bot import rasa_patches

    rasa_patches.install()
    from rasa.core.agent import Agent

    agent = Agent.load(model)

    async def all_lines() -> None:
        for line in sys.stdin:
            started = time.perf_counter()
            found = await agent.parse_message(line.strip())
            kept = {name: found[name] for name in ("text", "intent_ranking", "entities")}
            kept["ms"] = round(1000 * (time.perf_counter() - started), 2)
            print(json.dumps(kept, ensure_ascii=False, default=float), flush=True)

    asyncio.run(all_lines())


def main() -> None:
    os.chdir(HERE.parent)
    command, *rest = sys.argv[1:] or [""]
    if command == "train":
        train()
    elif command == "run":
        run(rest)
    elif command == "parse":
        parse(*rest)
    elif command == "rasa":
        rasa(*rest)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
