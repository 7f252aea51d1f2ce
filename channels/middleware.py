"""What every request passes: a limit on its size, safe headers on its answer, a stopwatch."""

import re
from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels import errors, metrics
from referrals import files

BODY_LIMIT = 64 * 1024
FILE_LIMIT = files.LIMIT + BODY_LIMIT
_TAKES_FILES = re.compile(r"/desk/tickets/[^/]+/files")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class BodyLimit:
    """Turns away bodies above `BODY_LIMIT` bytes, `FILE_LIMIT` where files are taken, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = FILE_LIMIT if _TAKES_FILES.fullmatch(scope["path"]) else BODY_LIMIT
        body = b""
        more = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                return await errors.answer(errors.BodyTooLarge())(scope, receive, send)
        delivered = False

        async def whole() -> Message:
            nonlocal delivered
            if delivered:
                return await receive()
            delivered = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)


class Headers:
    """Nothing here may be framed, sniffed, or kept by caches on shared machines."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache" if _is_page(scope["path"]) else "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_page(path: str) -> bool:
    return path == "/" or path.startswith(("/static/", "/statutes"))


class Timing:
    """Counts seconds by route pattern, never by address: addresses hold session ids and PINs.

    Event streams are left out: how long a page stays open says nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        start = perf_counter()
        endless = False

        async def noticing(message: Message) -> None:
            nonlocal endless
            if message["type"] == "http.response.start":
                endless = MutableHeaders(scope=message).get("content-type", "").startswith("text/event-stream")
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        finally:
            if not endless:
                route = getattr(scope.get("route"), "path", "other")
                metrics.SECONDS.labels(route).observe(perf_counter() - start)
