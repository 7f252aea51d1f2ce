"""Speed and memory of the whole product: ``make bench``. Results go to ``benchmarks/speed.json``.

The machines this runs on differ and are shared, so every time is also given as a multiple of one
sentence encoding measured in the same run.
"""

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.understanding import ROOT
from knowledge_base import encoder
from nlu_data.lint import examples
from tests.services import Product, wait_until

RESULTS = Path(__file__).parent / "speed.json"
CONVERSATIONS, TURNS = 16, 12
REFERRAL = ("转人工", "同意", "老板拖欠我三个月工资不给", "泰山区", "匿名", "不留电话", "法律援助", "提交")


def milliseconds(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(1000 * cuts[49], 1), "p95_ms": round(1000 * cuts[94], 1), "n": len(times)}


def questions() -> list[str]:
    """The project's own held-out examples: consultations and small talk as people write them."""
    return [example.text for example in examples(ROOT / "nlu_data" / "heldout")]


def one_encoding() -> float:
    """Median seconds to encode one sentence here and now."""
    times = []
    for text in questions()[:60]:
        started = time.perf_counter()
        encoder._model(1).encode(text)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def one_user(url: str) -> dict[str, dict[str, float]]:
    """Seconds a message: questions in conversations of eight, and whole referrals."""
    asked: list[float] = []
    referred: list[float] = []
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as http:

        def say(session: str | None, text: str, times: list[float]) -> str:
            started = time.perf_counter()
            turn = http.post("/api/v1/chat/messages", json={"session_id": session, "text": text}).json()
            times.append(time.perf_counter() - started)
            assert turn["degraded"] is False
            return str(turn["session_id"])

        session = None
        for i, text in enumerate(questions()):
            session = say(None if i % 8 == 0 else session, text, asked)
        for _ in range(10):
            session = None
            for text in REFERRAL:
                session = say(session, text, referred)
    return {"question": milliseconds(asked), "referral_step": milliseconds(referred)}


def statute_search(url: str) -> dict[str, float]:
    times = []
    with httpx.Client(base_url=url, timeout=20, trust_env=False) as http:
        for text in questions():
            started = time.perf_counter()
            http.get("/api/v1/statutes", params={"q": text, "limit": 10}).raise_for_status()
            times.append(time.perf_counter() - started)
    return milliseconds(times)


async def many_users(url: str) -> dict[str, float]:
    """Messages a second with `CONVERSATIONS` conversations at once."""
    texts = questions()
    times: list[float] = []
    degraded = 0

    async def converse(http: httpx.AsyncClient, number: int) -> None:
        nonlocal degraded
        session = None
        for i in range(TURNS):
            text = texts[(number * TURNS + i) % len(texts)]
            started = time.perf_counter()
            response = await http.post("/api/v1/chat/messages", json={"session_id": session, "text": text})
            times.append(time.perf_counter() - started)
            turn = response.json()
            session, degraded = turn["session_id"], degraded + turn["degraded"]

    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        started = time.perf_counter()
        await asyncio.gather(*(converse(http, n) for n in range(CONVERSATIONS)))
        seconds = time.perf_counter() - started
    return {"messages_per_second": round(len(times) / seconds, 1), "degraded": degraded, **milliseconds(times)}


def memory(product: Product) -> dict[str, int]:
    """Proportional set size in MB of each process; shared pages are counted once."""
    sizes: dict[str, float] = {}
    parent = psutil.Process(product.process.pid)
    for process in (parent, *parent.children(recursive=True)):
        line = " ".join(process.cmdline())
        name = next((part for part in ("bot", "actions", "channels") if f"-m {part}" in line), "supervisor")
        sizes[name] = sizes.get(name, 0) + process.memory_full_info().pss / 2**20
    return {name: round(size) for name, size in sizes.items()} | {"total": round(sum(sizes.values()))}


def main() -> int:
    os.environ["FAZHU_VAR"] = str(ROOT / "var")
    with tempfile.TemporaryDirectory(prefix="fazhu-bench-") as folder:
        product = Product(Path(folder))
        try:
            ready = wait_until(product.ready, 180, "the product")
            one_user(product.url)  # warm
            unit = one_encoding()
            results: dict[str, Any] = {
                "machine": {
                    "cpus": os.cpu_count(),
                    "processor": platform.machine(),
                    "python": platform.python_version(),
                },
                "date": date.today().isoformat(),
                "one_sentence_encoding_ms": round(1000 * unit, 2),
                "ready_after_s": round(ready, 1),
                "one_user": one_user(product.url),
                "sixteen_conversations": asyncio.run(many_users(product.url)),
                "statute_search": statute_search(product.url),
                "memory_mb": memory(product),
            }
        finally:
            product.stop()
    for block in (*results["one_user"].values(), results["statute_search"]):
        block["p50_in_encodings"] = round(block["p50_ms"] / 1000 / unit, 1)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
