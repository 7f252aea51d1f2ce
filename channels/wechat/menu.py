"""The account's menu, from ``menu.yml``: ``python -m channels.wechat.menu [FILE]`` checks it and sets it."""

import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from pydantic import Field, model_validator

from channels.settings import Settings
from channels.strict_yaml import Strict, read
from channels.wechat.api import Refused, api
from channels.wechat.tokens import TooManyRefreshes
from knowledge_base.errors import ContentError

MENU = Path(__file__).parent / "menu.yml"
FIX = "write it as the head of channels/wechat/menu.yml describes"
TOP_NAME, SUB_NAME, URL = 16, 60, 1024  # bytes


class Item(Strict):
    name: str = Field(min_length=1)
    key: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,63}$")
    say: str | None = Field(default=None, min_length=1, max_length=100)
    url: str | None = Field(default=None, pattern=r"^(/|https://)\S*$")

    @model_validator(mode="after")
    def _does_one_thing(self) -> "Item":
        if (self.key is None) != (self.say is None):
            raise ValueError("key and say go together")
        if len(self.name.encode()) > SUB_NAME:
            raise ValueError(f"the name is longer than {SUB_NAME} bytes")
        self._check_what()
        return self

    def _check_what(self) -> None:
        if (self.key is None) == (self.url is None):
            raise ValueError("either key and say, or url")

    def button(self, base: str) -> dict[str, Any]:
        """As WeChat has it."""
        if self.url is None:
            return {"type": "click", "name": self.name, "key": self.key}
        return {"type": "view", "name": self.name, "url": f"{base}{self.url}" if self.url[0] == "/" else self.url}


class Top(Item):
    sub_button: tuple[Item, ...] = Field(default=(), max_length=5)

    def _check_what(self) -> None:
        if len(self.name.encode()) > TOP_NAME:
            raise ValueError(f"the name is longer than {TOP_NAME} bytes")
        if not self.sub_button:
            super()._check_what()
        elif self.key or self.url:
            raise ValueError("a button with others below it only opens them")

    def button(self, base: str) -> dict[str, Any]:
        if not self.sub_button:
            return super().button(base)
        return {"name": self.name, "sub_button": [item.button(base) for item in self.sub_button]}


class Menu(Strict):
    button: tuple[Top, ...] = Field(min_length=1, max_length=3)

    @model_validator(mode="after")
    def _keys_differ(self) -> "Menu":
        twice = [key for key, count in Counter(item.key for item in self._items() if item.key).items() if count > 1]
        if twice:
            raise ValueError(f"key used twice: {', '.join(twice)}")
        return self

    def _items(self) -> list[Item]:
        return [item for top in self.button for item in (top, *top.sub_button)]

    @property
    def says(self) -> dict[str, str]:
        """What a tap on each key stands for."""
        return {item.key: item.say for item in self._items() if item.key and item.say}

    def as_wechat(self, base: str) -> dict[str, Any]:
        """
        Raises:
            ValueError: an address is no page, or too long: https is needed, and ``base`` for addresses that begin with /.
        """
        for item in self._items():
            url = item.button(base).get("url", "https://")
            if not url.startswith("https://") or len(url.encode()) > URL:
                raise ValueError(
                    f"{item.name}: FAZHU_PUBLIC_URL must be an https address of at most {URL} bytes in all"
                )
        return {"button": [top.button(base) for top in self.button]}


def load(path: Path = MENU) -> Menu:
    """
    Raises:
        ContentError: everything wrong, each with its line.
    """
    return read(path, Menu, FIX)


@cache
def menu() -> Menu:
    return load()


def main(arguments: list[str]) -> int:
    config = Settings()
    if not config.wechat_app_id or not config.wechat_app_secret:
        print("set FAZHU_WECHAT_APP_ID and FAZHU_WECHAT_APP_SECRET first")
        return 2
    try:
        wanted = load(Path(arguments[0]) if arguments else MENU)
        api().set_menu(wanted.as_wechat((config.public_url or "").rstrip("/")))
    except (ContentError, OSError, ValueError, Refused, TooManyRefreshes) as error:
        print(error)
        return 1
    except httpx.HTTPError as error:  # its text may hold the token
        print(f"WeChat did not answer: {type(error).__name__}")
        return 1
    print(f"menu set: {len(wanted.button)} buttons, {len(wanted.says)} keys")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
