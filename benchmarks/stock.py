"""FaZhu's NLU beside the one Rasa's documentation recommends: ``python -m benchmarks.stock [SHARE [EPOCHS]]``.

Both learn from the same examples and place the same held-out ones. DIET needs hours for all of them on
two cores, so by default both learn from every eighth example of each intent. Results: stock.json.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import yaml

from benchmarks.nlu import figures, held_out
from benchmarks.understanding import ROOT, parse
from nlu_data.lint import HERE as NLU_DATA
from nlu_data.lint import examples, phrasings

RESULTS = Path(__file__).parent / "stock.json"
STOCK, OWN = Path(__file__).parent / "stock_rasa.yml", ROOT / "bot" / "config.yml"
ANSWERS = ROOT / "knowledge_base" / "content" / "answers"


def training_file(share: float, folder: Path) -> Path:
    """Rasa's YAML with ``share`` of each intent's examples, evenly spread."""
    asked: dict[str, list[str]] = defaultdict(list)
    for example in [*examples(NLU_DATA / "intents"), *phrasings(ANSWERS)]:
        asked[example.intent].append(example.text)
    items = []
    for intent, texts in asked.items():
        chosen = [text for i, text in enumerate(texts) if int((i + 1) * share) > int(i * share)]
        items.append({"intent": intent, "examples": "".join(f"- {text}\n" for text in chosen)})
    path = folder / "nlu.yml"
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": items}, allow_unicode=True), encoding="utf-8")
    return path


def train(config: Path, data: Path, folder: Path, name: str) -> dict[str, Any]:
    """Seconds by the clock and of both cores' work, the most memory in MB, size of the model in MB."""
    command = [
        "bot/.venv/bin/python", "-W", "ignore", "-m", "bot", "rasa", "train", "nlu", "--config", str(config),
        "--domain", "bot/domain", "--nlu", str(data), "--out", str(folder), "--fixed-model-name", name,
    ]  # fmt: skip
    started = time.monotonic()
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process, most, work = psutil.Process(run.pid), 0, 0.0
    while run.poll() is None:
        with suppress(psutil.Error):
            most, times = max(most, process.memory_info().rss), process.cpu_times()
            work = max(work, times.user + times.system)
        time.sleep(1)
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, command)
    return {
        "training_seconds": round(time.monotonic() - started),
        "training_cpu_seconds": round(work),
        "training_memory_mb": most // 2**20,
        "model_mb": round((folder / f"{name}.tar.gz").stat().st_size / 2**20, 1),
    }


def main(arguments: list[str]) -> int:
    share = float(arguments[0]) if arguments else 1 / 8
    config = yaml.safe_load(STOCK.read_text(encoding="utf-8"))
    diet = next(part for part in config["pipeline"] if part["name"] == "DIETClassifier")
    diet["epochs"] = int(arguments[1]) if len(arguments) > 1 else diet["epochs"]
    results: dict[str, Any] = {"share_of_examples": round(share, 3), "stock_epochs": diet["epochs"]}
    texts, intents = held_out()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        stock = folder / "stock.yml"
        stock.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        data = training_file(share, folder)
        for name, used in (("fazhu", OWN), ("stock", stock)):
            trained = train(used, data, folder, name)
            results[name] = {**figures(intents, parse(texts, folder / f"{name}.tar.gz")), **trained}
            print(json.dumps({name: results[name]}, indent=1), flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
