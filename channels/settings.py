"""Settings from the environment. README.md has the table."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of the gateway. Names are the variables' without ``FAZHU_``, in lower case."""

    model_config = SettingsConfigDict(env_prefix="FAZHU_")

    var: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: str = "127.0.0.1"
    public_url: str | None = None  # how citizens reach the gateway, where its own requests do not tell
    redis_url: str | None = None
    bot_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    # A turn must end within 2 s whatever Rasa does.
    bot_timeout: float = Field(default=1.5, gt=0, le=10)
    session_hours: int = Field(default=24, ge=1)
    live_idle_minutes: float = Field(default=10, gt=0, le=240)
    rate_limit: Literal["on", "off"] = "on"
    messages_per_minute: int = Field(default=60, ge=1)
    metrics_token: str | None = None
    text_limit: int = Field(default=4000, ge=100)
    wechat_app_id: str | None = None
    wechat_app_secret: str | None = None
    wechat_token: str | None = None
    wechat_aes_key: str | None = None  # checked by channels.wechat.seal, which does not show it
    wechat_api: str = "https://api.weixin.qq.com"
    hotline_secret: str | None = None
    hotline_turn_limit: float = Field(default=2.5, gt=0, le=6)
    kiosk_idle_seconds: int = Field(default=75, ge=60, le=90)


@cache
def settings() -> Settings:
    return Settings()
