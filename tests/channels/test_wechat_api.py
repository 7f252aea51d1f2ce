"""WeChat's API is asked in time, with one token for all, and its errors are told apart."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from channels.settings import Settings
from channels.wechat import api as module
from channels.wechat import menu
from channels.wechat.api import Api, Refused, api
from channels.wechat.store import store
from channels.wechat.tokens import FORCED_A_DAY, TooManyRefreshes
from knowledge_base.errors import ContentError
from referrals import files
from tests.services import free_port
from tests.wechat_server import (
    MEDIA_PATH,
    MENU_PATH,
    SECRET,
    SEND_PATH,
    SILENCE,
    TOKEN_PATH,
    WeChat,
    account,
    serving,
)  # fmt: skip

TEXT = {"msgtype": "text", "text": {"content": "您好]]>"}}


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChat]:
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01))
    with serving() as wechat, account(wechat.url):
        yield wechat


def test_a_message_is_sent_with_a_token_of_512_characters_that_is_fetched_once(wechat: WeChat) -> None:
    for _ in range(3):
        api().send("o-1", TEXT)
    assert wechat.sent() == [{"touser": "o-1", **TEXT}] * 3
    assert len(wechat.token) == 512
    (asked,) = wechat.sent(TOKEN_PATH)
    assert asked["secret"] == SECRET and asked["force_refresh"] is False


def test_words_are_sent_as_they_are(wechat: WeChat) -> None:
    """Citizens would read ``\\uXXXX`` as it stands."""
    sent: list[bytes] = []
    config = Settings()
    client = Api(config)
    client._http = httpx.Client(
        base_url=config.wechat_api, event_hooks={"request": [lambda request: sent.append(request.read())]}
    )
    client.send("o-1", TEXT)
    client._http.close()
    assert "您好".encode() in sent[-1]


def test_the_token_is_kept_for_all_processes_encrypted_and_shorter_than_it_is_good(
    wechat: WeChat, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAZHU_REDIS_URL", redis_url)
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        redis.flushdb()
        Api(Settings()).send("o-1", TEXT)
        Api(Settings()).send("o-1", TEXT)
        assert len(wechat.sent(TOKEN_PATH)) == 1
        (key,) = redis.keys("fazhu:wechat:token:*")
        assert 6000 < redis.ttl(key) <= 6900
        assert wechat.token not in str(redis.get(key))


def test_one_process_fetches_while_the_others_wait(
    wechat: WeChat, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAZHU_REDIS_URL", redis_url)
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    threads = [threading.Thread(target=Api(Settings()).send, args=("o-1", TEXT)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wechat.sent()) == 6 and len(wechat.sent(TOKEN_PATH)) == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once_by_force(wechat: WeChat, code: int) -> None:
    api().send("o-1", TEXT)
    wechat.script[SEND_PATH] = [code]
    api().send("o-1", TEXT)
    assert [asked["force_refresh"] for asked in wechat.sent(TOKEN_PATH)] == [False, True]
    wechat.script[SEND_PATH] = [code, code]
    with pytest.raises(Refused, match=str(code)):
        api().send("o-1", TEXT)
    assert len(wechat.sent(TOKEN_PATH)) == 3 and len(wechat.sent()) == 2


def test_what_another_process_renewed_is_used(wechat: WeChat) -> None:
    client = api()
    client.send("o-1", TEXT)
    refused = client._tokens.get()
    renewed = client._tokens.renew(refused)
    assert client._tokens.renew(refused) == renewed != refused
    assert len(wechat.sent(TOKEN_PATH)) == 2


def test_twenty_times_a_day_a_token_is_forced_and_no_more(wechat: WeChat) -> None:
    client = api()
    for _ in range(FORCED_A_DAY):
        client._tokens.renew(client._tokens.get())
    with pytest.raises(TooManyRefreshes):
        client._tokens.renew(client._tokens.get())
    assert sum(asked["force_refresh"] for asked in wechat.sent(TOKEN_PATH)) == FORCED_A_DAY == 20


@pytest.mark.parametrize("code", [45015, 45047, 40003, 45009, 48001, 99999])
def test_an_error_is_told_with_its_code_and_not_tried_again(wechat: WeChat, code: int) -> None:
    wechat.script[SEND_PATH] = [code]
    with pytest.raises(Refused, match=str(code)) as raised:
        api().send("o-1", TEXT)
    assert raised.value.code == code and not wechat.sent()
    assert "o-1" not in str(raised.value) and wechat.token not in str(raised.value)


def test_while_wechat_is_busy_it_is_asked_three_times(wechat: WeChat) -> None:
    wechat.script[SEND_PATH] = [-1, -1]
    api().send("o-1", TEXT)
    assert len(wechat.sent()) == 1
    wechat.script[SEND_PATH] = [-1, "502", b"<html>", -1]
    with pytest.raises(Refused, match="busy"):
        api().send("o-1", TEXT)
    assert wechat.script[SEND_PATH] == [-1] and len(wechat.sent()) == 1


def test_a_server_that_is_silent_or_away_is_an_error_in_time(wechat: WeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    wechat.script[SEND_PATH] = [SILENCE]
    with pytest.raises(httpx.ReadTimeout):
        Api(Settings()).send("o-1", TEXT)
    monkeypatch.setenv("FAZHU_WECHAT_API", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(httpx.ConnectError):
        Api(Settings()).send("o-1", TEXT)


def test_a_wrong_secret_is_told(wechat: WeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_WECHAT_APP_SECRET", "wrong-secret")
    with pytest.raises(Refused, match="FAZHU_WECHAT_APP_SECRET is wrong") as raised:
        Api(Settings()).send("o-1", TEXT)
    assert "wrong-secret" not in str(raised.value)


def test_a_picture_is_fetched_and_one_that_is_gone_is_told(wechat: WeChat) -> None:
    wechat.media["m1"] = b"\xff\xd8\xff picture"
    assert api().media("m1") == b"\xff\xd8\xff picture"
    with pytest.raises(Refused, match="40007"):
        api().media("m2")
    wechat.script[MEDIA_PATH] = [42001]
    assert api().media("m1") == b"\xff\xd8\xff picture"


def test_no_more_of_a_picture_is_read_than_may_be_kept(wechat: WeChat) -> None:
    wechat.media["m1"] = bytes(3 * files.LIMIT)
    assert files.LIMIT < len(api().media("m1")) < 2 * files.LIMIT


def test_without_redis_state_is_inside_the_process(wechat: WeChat) -> None:
    store(Settings()).set("x", "1")
    assert store(Settings()).get("x") == "1"


def a_menu(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "menu.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_menu_that_is_shipped_is_set(wechat: WeChat, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setenv("FAZHU_PUBLIC_URL", "https://law.example/")
    assert menu.main([]) == 0
    assert "menu set: 3 buttons" in capsys.readouterr().out
    (sent,) = wechat.sent(MENU_PATH)
    items = [item for top in sent["button"] for item in top["sub_button"]]
    assert {item["type"] for item in items} == {"click", "view"}
    assert all(item["url"].startswith("https://law.example/") for item in items if item["type"] == "view")
    assert {item["key"] for item in items if item["type"] == "click"} == set(menu.menu().says)


def test_what_goes_wrong_with_the_menu_is_printed(wechat: WeChat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert menu.main([]) == 1 and "FAZHU_PUBLIC_URL" in capsys.readouterr().out
    assert menu.main([str(tmp_path / "none.yml")]) == 1 and "none.yml" in capsys.readouterr().out
    monkeypatch.setenv("FAZHU_PUBLIC_URL", "https://law.example")
    wechat.script[MENU_PATH] = [40164]
    assert menu.main([]) == 1 and "white list (40164)" in capsys.readouterr().out
    monkeypatch.delenv("FAZHU_WECHAT_APP_SECRET")
    assert menu.main([]) == 2 and "FAZHU_WECHAT_APP_SECRET" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("button: []", "at least 1 item"),
        ("button: [" + ", ".join(["{name: 甲, url: /}"] * 4) + "]", "at most 3"),
        ("button: [{name: 甲, sub_button: [" + ", ".join(["{name: 乙, url: /}"] * 6) + "]}]", "at most 5"),
        ("button: [{name: 一二三四五六, url: /}]", "16 bytes"),
        ("button: [{name: 甲, sub_button: [{name: 一二三四五六七八九十一二三四五六七八九十一, url: /}]}]", "60 bytes"),
        ("button: [{name: 甲, key: a}]", "go together"),
        ("button: [{name: 甲}]", "either key and say, or url"),
        ("button: [{name: 甲, key: a, say: 乙, url: /}]", "either key and say, or url"),
        ("button: [{name: 甲, url: /, sub_button: [{name: 乙, url: /}]}]", "only opens them"),
        ("button: [{name: 甲, key: a, say: 一}, {name: 乙, key: a, say: 二}]", "used twice: a"),
        ("button: [{name: 甲, url: 'javascript:1'}]", "button.0.url"),
        ("button: [{name: 甲, url: /, colour: red}]", "button.0.colour"),
        ("button: [", "not YAML"),
    ],
)  # fmt: skip
def test_a_menu_that_wechat_would_refuse_is_told_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ContentError, match=fault):
        menu.load(a_menu(tmp_path, text))
