"""What routes ask for."""

from typing import Annotated

from fastapi import Depends, Request
from redis.asyncio import Redis

from channels.bulletin import Bulletin
from channels.conversation import Conversation
from channels.errors import TooManyRequests
from channels.live import Live
from channels.session import Sessions
from channels.settings import Settings
from channels.shared_state import allow
from channels.wakes import Wakes


def _conversation(request: Request) -> Conversation:
    found: Conversation = request.app.state.conversation
    return found


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def _live(request: Request) -> Live:
    found: Live = request.app.state.live
    return found


def _wakes(request: Request) -> Wakes:
    found: Wakes = request.app.state.wakes
    return found


def _bulletin(request: Request) -> Bulletin:
    found: Bulletin = request.app.state.bulletin
    return found


ConversationDep = Annotated[Conversation, Depends(_conversation)]
SessionsDep = Annotated[Sessions, Depends(_sessions)]
LiveDep = Annotated[Live, Depends(_live)]
BulletinDep = Annotated[Bulletin, Depends(_bulletin)]
WakesDep = Annotated[Wakes, Depends(_wakes)]
SettingsDep = Annotated[Settings, Depends(_settings)]


async def _limit(request: Request, settings: SettingsDep) -> None:
    """At most ``messages_per_minute`` requests a route and client.

    Raises:
        TooManyRequests: the client should wait a minute.
    """
    if settings.rate_limit == "off":
        return
    client = request.client.host if request.client else "unknown"
    route = getattr(request.scope.get("route"), "path", "")
    redis: Redis = request.app.state.redis
    if not await allow(redis, f"{route}:{client}", settings.messages_per_minute):
        raise TooManyRequests


RateLimited = Depends(_limit)
