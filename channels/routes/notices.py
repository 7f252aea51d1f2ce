"""What is to be told to everybody on a platform now."""

from fastapi import APIRouter
from pydantic import BaseModel

from channels.deps import BulletinDep, RateLimited
from channels.errors import InvalidField
from referrals.intake import CHANNELS

router = APIRouter(prefix="/api/v1/notices", tags=["notices"], dependencies=[RateLimited])


class NoticeOut(BaseModel):
    text: str


class Notices(BaseModel):
    items: list[NoticeOut]


@router.get("")
async def current(bulletin: BulletinDep, channel: str = "web") -> Notices:
    """Oldest first."""
    if channel not in CHANNELS:
        raise InvalidField("channel")
    return Notices(items=[NoticeOut(text=text) for text in bulletin.on(channel)])
