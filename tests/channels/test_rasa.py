"""The client against a server that behaves as Rasa does on good and bad days."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from channels.rasa import RasaClient, RasaUnavailable


class Rasa:
    """A server of its own for the cases a real Rasa cannot be brought into at will."""

    def __init__(self) -> None:
        self.reply: bytes = b"[]"
        self.status = 200
        self.delay = 0.0
        self.serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self.serving.add(task)
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
            await reader.readexactly(length)
            await asyncio.sleep(self.delay)
            writer.write(
                b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                % (self.status, len(self.reply), self.reply)
            )
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def rasa() -> AsyncIterator[tuple[Rasa, RasaClient]]:
    behaviour = Rasa()
    server = await asyncio.start_server(behaviour.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(trust_env=False) as http:
        client = RasaClient(http, f"http://127.0.0.1:{port}/", 0.3)
        client.up = True
        yield behaviour, client
    server.close()
    await asyncio.gather(*behaviour.serving, return_exceptions=True)  # until it has answered whom it kept waiting


async def test_the_json_payloads_are_what_counts(rasa: tuple[Rasa, RasaClient]) -> None:
    behaviour, client = rasa
    behaviour.reply = json.dumps([{"text": "x"}, {"custom": {"replies": []}}]).encode()
    assert await client.send("s", "你好", {}) == [{"replies": []}]
    assert client.up


@pytest.mark.parametrize(
    ("status", "reply", "delay"),
    [
        (500, b"[]", 0),
        (200, b"<html>", 0),
        (200, b'{"a":1}', 0),
        (200, b"null", 0),
        (200, b"[1]", 0),
        (200, b"[]", 1.0),
    ],
)
async def test_whatever_is_wrong_counts_as_unavailable(
    rasa: tuple[Rasa, RasaClient], status: int, reply: bytes, delay: float
) -> None:
    behaviour, client = rasa
    behaviour.status, behaviour.reply, behaviour.delay = status, reply, delay
    with pytest.raises(RasaUnavailable):
        await client.send("s", "你好", {})


async def test_an_empty_reply_means_the_action_server_is_away_not_rasa(rasa: tuple[Rasa, RasaClient]) -> None:
    _, client = rasa
    with pytest.raises(RasaUnavailable, match="no reply"):
        await client.send("s", "你好", {})
    assert client.up


async def test_a_returned_rasa_is_used_again(rasa: tuple[Rasa, RasaClient]) -> None:
    behaviour, client = rasa
    behaviour.status = 500
    assert not await client.look()
    behaviour.status, behaviour.reply = 200, b'[{"custom": {"replies": []}}]'
    assert not await client.look()  # it serves, but the first citizen would wait: it is warmed up first
    looking = asyncio.create_task(client.keep_looking(every=0.01))
    async with asyncio.timeout(5):
        while not client.up:
            await asyncio.sleep(0.01)
    assert await client.look()
    assert await client.send("s", "你好", {})
    looking.cancel()


async def test_nothing_listening_is_unavailable() -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        client = RasaClient(http, "http://127.0.0.1:9", 0.3)
        client.up = True
        with pytest.raises(RasaUnavailable):
            await client.send("s", "你好", {})
        assert not await client.look()
