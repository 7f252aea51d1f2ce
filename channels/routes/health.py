"""For operators: alive, ready, measured."""

import asyncio
import secrets
from collections.abc import Awaitable
from typing import Any

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State

from channels.deps import SettingsDep
from channels.errors import ApiError
from channels.settings import Settings
from referrals.models import Ticket
from referrals.store import session

router = APIRouter(tags=["operations"])

LOOPBACK = ("127.0.0.1", "::1")
_PATIENCE = 2.0


class NotPublic(ApiError):
    status = 403
    code = "forbidden"
    message = "这个页面不对外开放。"


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request, settings: SettingsDep) -> JSONResponse:
    """200 when everything a citizen may need serves. Without Rasa citizens are served all the same."""
    found = await parts(request.app.state, settings)
    ready = all(found.values())
    body = {"status": "ready" if ready else "not_ready",
            "parts": {name: "ok" if up else "down" for name, up in found.items()}}  # fmt: skip
    return JSONResponse(body, 200 if ready else 503)


async def parts(state: State, settings: Settings) -> dict[str, bool]:
    """Whether each part serves now; within `_PATIENCE` seconds."""
    names = ("bot", "actions", "database", "shared_state")
    looks = (
        _serves(state.rasa.look()),
        _serves(_actions(state.http, settings)),
        _serves(asyncio.to_thread(_database)),
        _serves(state.redis.ping()),
    )
    return dict(zip(names, await asyncio.gather(*looks), strict=True))


async def _serves(look: Awaitable[Any]) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            return bool(await look)
    except (RedisError, SQLAlchemyError, httpx.HTTPError, OSError, TimeoutError):
        return False


async def _actions(http: httpx.AsyncClient, settings: Settings) -> bool:
    return (await http.get(f"{settings.actions_url}/health", timeout=_PATIENCE)).status_code == 200


def _database() -> bool:
    with session() as db:
        db.execute(select(Ticket.id).limit(1))
    return True


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, settings: SettingsDep) -> Response:
    """For this machine, or for whoever knows ``FAZHU_METRICS_TOKEN``."""
    if settings.metrics_token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        allowed = secrets.compare_digest(given.encode(), settings.metrics_token.encode())
    else:
        host = request.client.host if request.client else ""
        allowed = host in LOOPBACK and "x-forwarded-for" not in request.headers
    if not allowed:
        raise NotPublic
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
