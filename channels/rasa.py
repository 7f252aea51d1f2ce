"""Talking to Rasa over its REST channel, and knowing when not to."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import httpx

WARM_UP_TIMEOUT = 10.0  # seconds


class RasaUnavailable(Exception):
    """Rasa is down, loading, too slow, or answered with nothing usable."""


class RasaClient:
    """One gateway's view of Rasa.

    ``up`` turns false with the first failed message or look and true again when a look succeeds,
    so a citizen waits for a dead Rasa once at most and a returned one is used without a restart.
    """

    def __init__(self, http: httpx.AsyncClient, url: str, timeout: float) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._timeout = timeout
        self.up = False
        self._serves = self._warm = False

    async def send(self, sender: str, text: str, metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The JSON payloads of Rasa's replies.

        Raises:
            RasaUnavailable: see the class; ``up`` is false afterwards.
        """
        if not self.up:
            raise RasaUnavailable("down at the last look")
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.post(
                    f"{self._url}/webhooks/rest/webhook",
                    json={"sender": sender, "message": text, "metadata": dict(metadata)},
                    timeout=self._timeout,
                )
            response.raise_for_status()
            payloads = [item["custom"] for item in response.json() if "custom" in item]
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self.up = False
            raise RasaUnavailable(type(error).__name__) from error
        if not payloads:
            # Rasa answers a failed turn with an empty list: the action server is away.
            raise RasaUnavailable("no reply")
        return payloads

    async def look(self) -> bool:
        """Whether Rasa may be used: it answers in a second, and has been warmed up by `keep_looking`.
        It opens its port only when its model is loaded."""
        try:
            async with asyncio.timeout(1.0):
                response = await self._http.get(f"{self._url}/webhooks/rest/", timeout=1.0)
            self._serves = response.status_code == 200
        except (httpx.HTTPError, TimeoutError):
            self._serves = False
        self._warm = self._warm and self._serves
        self.up = self._warm
        return self.up

    async def keep_looking(self, every: float = 1.0) -> None:
        while True:
            with contextlib.suppress(Exception):
                await self.look()
                if self._serves and not self._warm:
                    await self._warm_up()
            await asyncio.sleep(every)

    async def _warm_up(self) -> None:
        """Rasa's first message takes a second longer than the others: no citizen shall be the first."""
        first = {"sender": "warm-up", "message": "您好"}
        await self._http.post(f"{self._url}/webhooks/rest/webhook", json=first, timeout=WARM_UP_TIMEOUT)
        self._warm = self.up = True
