"""What of the gateway answers a messaging platform's citizens."""

from dataclasses import dataclass

from redis.asyncio import Redis

from channels.bulletin import Bulletin
from channels.conversation import Conversation
from channels.live import Live
from channels.session import Sessions
from channels.settings import Settings
from channels.wakes import Wakes


@dataclass
class House:
    config: Settings
    redis: Redis
    sessions: Sessions
    conversation: Conversation
    live: Live
    wakes: Wakes
    bulletin: Bulletin
