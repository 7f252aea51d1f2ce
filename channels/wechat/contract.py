"""What a messaging platform's adapter and the conversation say to each other, in no platform's words.

WeCom's customer service or a mini-program would use the same two shapes and the same `Core`: docs/wechat.md.
"""

from dataclasses import dataclass
from typing import Protocol

from channels.conversation import ButtonOut

DIGITS = 9  # choices that one digit tells apart


@dataclass(frozen=True)
class Inbound:
    """A citizen's words. ``address`` is where the platform reaches them; ``id`` is the same every time the platform
    delivers the message; ``typed`` is False where they only tapped a menu."""

    channel: str
    address: str
    id: str
    text: str
    typed: bool = True


@dataclass(frozen=True)
class Outbound:
    """What to say: plain text of any length, and choices, of which the first ``by_number`` may be told by a digit.
    Without text and choices there is nothing to say."""

    text: str = ""
    buttons: tuple[ButtonOut, ...] = ()
    by_number: int = DIGITS

    def __bool__(self) -> bool:
        return bool(self.text or self.buttons)


class Core(Protocol):
    """What an adapter asks for answers; `channels.wechat.talk.Talk` is it."""

    async def answer(self, said: Inbound) -> Outbound:
        """The reply. Never raises: what goes wrong is told in friendly words. The same ``id`` gets the same reply and
        does nothing twice."""
        ...
