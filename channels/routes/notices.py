"""What is to be told to everybody on a platform now."""

from enum import StrEnum

from fastapi import APIRouter
from pydantic import BaseModel

from channels.deps import BulletinDep, RateLimited
from referrals.intake import CHANNELS

router = APIRouter(prefix="/api/v1/notices", tags=["notices"], dependencies=[RateLimited])

Channel = StrEnum("Channel", {name: name for name in CHANNELS})  # type: ignore[misc]


class NoticeOut(BaseModel):
    text: str


class Notices(BaseModel):
    items: list[NoticeOut]


@router.get("")
async def current(bulletin: BulletinDep, channel: Channel = Channel("web")) -> Notices:
    """Oldest first."""
    return Notices(items=[NoticeOut(text=text) for text in bulletin.on(channel)])
