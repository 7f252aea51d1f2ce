"""Answers to interviews on the pages: kept encrypted under a random cookie, so that leaving and returning keeps them."""

import json
import re
import secrets

from fastapi import Request, Response
from redis.asyncio import Redis

from referrals.secret_text import decrypt, encrypt

COOKIE = "fazhu_notebook"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")

Kept = dict[str, dict[str, str]]  # interview id -> step id -> answer


class Notebook:
    """One browser's answers. Nothing is stored before something is written."""

    def __init__(self, redis: Redis, token: str | None, seconds: int) -> None:
        self._redis = redis
        self._token = token
        self._seconds = seconds

    @classmethod
    def of(cls, request: Request) -> "Notebook":
        token = request.cookies.get(COOKIE, "")
        hours = request.app.state.settings.session_hours
        return cls(request.app.state.redis, token if _TOKEN.fullmatch(token) else None, hours * 3600)

    @property
    def _key(self) -> str:
        return f"fazhu:notebook:{self._token}"

    async def read(self) -> Kept:
        found = await self._redis.get(self._key) if self._token else None
        kept: Kept = json.loads(decrypt(found)) if found else {}
        return kept

    async def write(self, kept: Kept, response: Response, secure: bool) -> None:
        """Keep everything anew, and tell the browser where."""
        self._token = self._token or secrets.token_urlsafe(24)
        await self._redis.set(self._key, encrypt(json.dumps(kept, ensure_ascii=False)), ex=self._seconds)
        response.set_cookie(
            COOKIE, self._token, max_age=self._seconds, path="/guides", httponly=True, samesite="strict", secure=secure
        )

    async def clear(self, response: Response) -> None:
        if self._token:
            await self._redis.delete(self._key)
        response.delete_cookie(COOKIE, path="/guides")
