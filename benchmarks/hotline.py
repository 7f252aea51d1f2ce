"""How long a turn of a call takes: ``python -m benchmarks.hotline [--url http://127.0.0.1:8000]``.

With ``--url`` against a running product that has this ``FAZHU_HOTLINE_SECRET`` and ``FAZHU_RATE_LIMIT=off``; else
against one of its own. Results go to ``benchmarks/hotline.json``. The aim: p95 of all turns at most 300 ms.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import date
from pathlib import Path

import httpx

from benchmarks.understanding import ROOT
from channels.hotline.call import Phone
from nlu_data.lint import examples
from tests.services import Product, wait_until

RESULTS = Path(__file__).parent / "hotline.json"
SECRET = "benchmark"
CALLS, QUESTIONS = 40, 6  # questions a call
CALLER = "13000000000"

Times = dict[str, list[float]]


def questions() -> list[str]:
    return [example.text for example in examples(ROOT / "nlu_data" / "heldout")]


def call(http: httpx.Client, secret: str, asked: list[str], times: Times) -> None:
    """Greeting, questions, silence, a key, a callback in three keys, the end."""
    phone = Phone(lambda path, body, headers: http.post(path, content=body, headers=headers), secret, CALLER)

    def timed(kind: str, event: str, **fields: str) -> None:
        started = time.perf_counter()
        reply = phone.send(event, **fields)
        times[kind].append(time.perf_counter() - started)
        assert reply.say or event == "hangup"

    timed("start", "start")
    for text in asked:
        timed("speech", "speech", text=text[:200])
    timed("silence", "silence")
    for key in "*3113":
        timed("key", "dtmf", digits=key)
    timed("hangup", "hangup")


def measured(url: str, secret: str) -> dict[str, dict[str, float]]:
    texts = questions()
    times: Times = defaultdict(list)
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as http:
        call(http, secret, texts[:QUESTIONS], defaultdict(list))  # warm
        for number in range(CALLS):
            at = number * QUESTIONS % (len(texts) - QUESTIONS)
            call(http, secret, texts[at : at + QUESTIONS], times)
    every = [one for kind in times.values() for one in kind]
    return {kind: _milliseconds(found) for kind, found in {"all": every, **times}.items()}


def _milliseconds(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(1000 * cuts[49], 1), "p95_ms": round(1000 * cuts[94], 1), "n": len(times)}


def own_product() -> dict[str, dict[str, float]]:
    os.environ["FAZHU_VAR"] = str(ROOT / "var")
    with tempfile.TemporaryDirectory(prefix="fazhu-bench-") as folder:
        product = Product(Path(folder), FAZHU_HOTLINE_SECRET=SECRET)
        try:
            wait_until(product.ready, 180, "the product")
            return measured(product.url, SECRET)
        finally:
            product.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hotline")
    parser.add_argument("--url")
    url = parser.parse_args().url
    turns = measured(url, os.environ["FAZHU_HOTLINE_SECRET"]) if url else own_product()
    told = json.dumps({"date": date.today().isoformat(), "turns": turns}, indent=1)
    RESULTS.write_text(f"{told}\n", encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
