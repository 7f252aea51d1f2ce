"""What the call centre's platform sends for a turn of a call and gets back. Speech recognition and synthesis are its."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SILENCE_MS, WAIT_S, LONGEST_S = 800, 5, 20  # end of speech; for the caller to begin; of one utterance
Digits = Annotated[str, Field(max_length=32, pattern=r"^[0-9*#]*$")]


class Queue(BaseModel):
    """The agents' queue as this caller stands in it."""

    waiting: int = Field(default=0, ge=0, description="callers before this one")
    seconds: int = Field(default=0, ge=0, description="expected time until an agent is free")
    agent_free: bool = Field(default=False, description="an agent can take the call now")


class CallEvent(BaseModel):
    """One thing that happened in the call."""

    model_config = ConfigDict(extra="forbid")

    seq: int = Field(ge=0, lt=2**53, description="grows with every event of the call; gaps are allowed")
    event: Literal["start", "speech", "dtmf", "silence", "barge_in", "hangup", "transfer_result"]
    text: str = Field(default="", max_length=1000, description="what was recognised; empty where nothing was")
    confidence: float | None = Field(
        default=None, ge=0, le=1, description="of the recognition; below 0.4 the caller is asked"
    )
    digits: Digits = Field(default="", description="keys pressed, without the end key")
    caller: str = Field(
        default="", max_length=20, pattern=r"^[0-9+*-]*$", description="the caller's number, where it is known"
    )
    result: Literal["connected", "failed"] | None = Field(default=None, description="with transfer_result")
    queue: Queue | None = None


class Keys(BaseModel):
    """How many keys are listened for."""

    max_digits: int = 1
    end_key: str = "#"


class Listen(BaseModel):
    speech: bool = True
    dtmf: Keys | None = Keys()
    silence_ms: int = Field(default=SILENCE_MS, description="so long a pause ends an utterance")
    wait_s: int = Field(default=WAIT_S, description="then a silence event is due")
    longest_s: int = Field(default=LONGEST_S, description="an utterance is cut here")


class Transfer(BaseModel):
    to: str = Field(description="`agent` is the agents' queue, anything else a number; from transfers.yml")
    summary: str = Field(description="for the agent's screen: what was said so far, made by the machine")


class CallReply(BaseModel):
    """Say ``say`` (it may be interrupted), then transfer, hang up or listen."""

    say: str = ""
    listen: Listen | None = None
    transfer: Transfer | None = None
    hangup: bool = False
