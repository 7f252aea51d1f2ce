"""Wait until FaZhu serves and print its address: ``python -m ops.announce``.

With ``--ports-free`` it instead checks, before anything starts, that the three ports are free.
"""

import os
import socket
import sys
import time

import httpx

PATIENCE = 180.0


def port(name: str) -> int:
    return int(os.environ[name])


def ports_free() -> int:
    for name, part in (("FAZHU_PORT", "gateway"), ("FAZHU_ACTIONS_PORT", "action server"), ("FAZHU_BOT_PORT", "Rasa")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port(name)))
            except OSError:
                print(f"Port {port(name)} for the {part} is in use: stop what uses it, or set {name} to a free one.",
                      file=sys.stderr)  # fmt: skip
                return 1
    return 0


def announce() -> int:
    url = f"http://127.0.0.1:{port('FAZHU_PORT')}"
    print("Starting Rasa, action server and gateway …", flush=True)
    started, parts = time.monotonic(), {}
    while time.monotonic() - started < PATIENCE:
        try:
            answer = httpx.get(f"{url}/readyz", timeout=3, trust_env=False)
            parts = answer.json()["parts"]
            if answer.status_code == 200:
                print(f"\n法助已就绪 FaZhu is ready: {url}   (Ctrl-C stops it)\n", flush=True)
                return 0
        except (httpx.HTTPError, ValueError, KeyError):
            pass
        time.sleep(0.3)
    down = ", ".join(name for name, state in parts.items() if state != "ok") or "gateway"
    print(
        f"Not ready after {PATIENCE:.0f} s; still down: {down}. Citizens are answered as far as possible.", flush=True
    )
    return 1


if __name__ == "__main__":
    sys.exit(ports_free() if "--ports-free" in sys.argv else announce())
