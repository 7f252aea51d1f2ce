"""How the service stands, for those who run it: platforms, parts, kiosks, settings. Every light has its word."""

import asyncio
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.datastructures import State

from channels.routes import health
from channels.settings import Settings
from channels.tally import IN, OUT, counted
from channels.worker import ALIVE
from referrals import devices, journal, outbox
from referrals.intake import CHANNELS
from referrals.journal import Volume
from referrals.models import Device
from referrals.store import session
from referrals.worktime import PLACE_TIME

WORKER_SILENT = 180.0  # seconds
# The setting without which a platform serves nobody; the page is always there, a kiosk has a token instead.
NEEDED = {"wechat": "wechat_app_id", "hotline": "hotline_secret"}
PARTS = {
    "bot": ("对话机器人", "停了，由知识库直接答复"),
    "actions": ("对话动作服务", "停了，由知识库直接答复"),
    "database": ("数据库", "停了，不能登记工单"),
    "shared_state": ("共享状态", "停了，不能对话"),
}
# Settings whose values may be seen; of every other one that is text it is only told whether it is set.
PLAIN = {"var", "host", "trusted_proxies", "public_url", "bot_url", "actions_url", "rate_limit", "drafts"}
# Variables read where they are needed, not by the gateway's settings.
ELSEWHERE = (
    "database_url", "secret_keys", "drafts", "statutes", "institutions", "cache", "sms_hook", "webhook", "hook_secret",
    "smtp_url",
)  # fmt: skip


@dataclass(frozen=True)
class Light:
    """``kind``: good, warn, bad or off; the word says the same without colour."""

    kind: str
    word: str


GOOD, DOWN, UNUSED = Light("good", "正常"), Light("bad", "不通"), Light("off", "未配置")


@dataclass(frozen=True)
class Platform:
    """``received``, ``sent`` and ``errors`` are today's."""

    title: str
    light: Light
    volume: Volume | None
    received: int
    sent: int
    errors: Mapping[str, int]


@dataclass(frozen=True)
class Part:
    title: str
    light: Light
    note: str = ""


@dataclass(frozen=True)
class Kiosk:
    """``said`` is what it last said of itself, for people."""

    device: Device
    light: Light
    said: str


@dataclass(frozen=True)
class Standing:
    platforms: Sequence[Platform]
    parts: Sequence[Part]
    kiosks: Sequence[Kiosk]


@dataclass(frozen=True)
class _Stored:
    volumes: Mapping[str, Volume]
    devices: Sequence[Device]
    waiting: int
    dead: int


async def standing(state: State, config: Settings) -> Standing:
    now = datetime.now(UTC)
    stored, up, tallies = await asyncio.gather(
        asyncio.to_thread(_read, now), health.parts(state, config), _tallies(state.redis, now)
    )
    kiosks = [Kiosk(device, _kiosk_light(device, now), _said(device.state)) for device in stored.devices]
    platforms = [
        _platform(channel, _is_configured(channel, config, stored.devices), stored.volumes.get(channel), tally)
        for channel, tally in tallies.items()
    ]
    parts = [Part(title, GOOD if up[name] else DOWN, "" if up[name] else note) for name, (title, note) in PARTS.items()]
    return Standing(platforms, [*parts, _worker(config.var), _outbox(stored)], kiosks)


def _read(now: datetime) -> _Stored:
    with session() as db:
        return _Stored(journal.volumes(db, now), devices.every(db), outbox.waiting(db), outbox.given_up(db))


async def _tallies(redis: Redis, now: datetime) -> dict[str, dict[str, int]]:
    """Today's by platform; nothing while Redis is away, which stands among the parts."""
    today = now.astimezone(PLACE_TIME).date()
    try:
        return {channel: await counted(redis, channel, today) for channel in CHANNELS}
    except RedisError:
        return {channel: {} for channel in CHANNELS}


def _is_configured(channel: str, config: Settings, kiosks: Sequence[Device]) -> bool:
    if channel == "kiosk":
        return any(device.active for device in kiosks)
    return channel not in NEEDED or bool(getattr(config, NEEDED[channel], None))


def _platform(channel: str, configured: bool, volume: Volume | None, tally: Mapping[str, int]) -> Platform:
    errors = {name: count for name, count in sorted(tally.items()) if name not in (IN, OUT)}
    light = UNUSED if not configured else Light("warn", "有错误") if errors else GOOD
    return Platform(CHANNELS[channel], light, volume, tally.get(IN, 0), tally.get(OUT, 0), errors)


def _kiosk_light(device: Device, now: datetime) -> Light:
    if not device.active:
        return Light("off", "已停用")
    return Light("bad", "失联") if devices.is_away(device, now) else GOOD


def _said(state: str) -> str:
    if away := re.fullmatch(r"offline for (\d+) s", state):
        return f"断网 {away[1]} 秒后恢复"
    return {"idle": "空闲", "busy": "有人在用"}.get(state, state)


def _worker(var: Path) -> Part:
    title, note = "后台进程", "停了，分派、时限、通知都不走"
    try:
        silent = time.time() - (var / ALIVE).stat().st_mtime
    except OSError:
        return Part(title, DOWN, note)
    return Part(title, DOWN, note) if silent > WORKER_SILENT else Part(title, GOOD)


def _outbox(stored: _Stored) -> Part:
    light = Light("warn", "有送不出的") if stored.dead else GOOD
    return Part("通知", light, f"等待发送 {stored.waiting} 条，多次失败已停止 {stored.dead} 条")


def settings_shown(config: Settings) -> list[tuple[str, str]]:
    """Every setting with what may be seen of it: never a secret, never an address that may hold a password."""
    known: dict[str, Any] = {name: getattr(config, name) for name in type(config).model_fields}
    known |= {name: os.environ.get(f"FAZHU_{name.upper()}") for name in ELSEWHERE}
    return [(f"FAZHU_{name.upper()}", _seen(name, value)) for name, value in sorted(known.items())]


def _seen(name: str, value: Any) -> str:
    if value is None or value == "":
        return "未设置"
    if isinstance(value, int | float) or (name in PLAIN and "@" not in str(value)):
        return str(value)
    return "已设置，不显示"
