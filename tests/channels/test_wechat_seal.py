"""Only WeChat's own messages are taken, each once; wechatpy's faults in this do no harm."""

import base64
import time

import pytest
import xmltodict
from fakeredis import FakeAsyncRedis
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from channels.settings import Settings
from channels.wechat.incoming import BadMessage, Received, read
from channels.wechat.seal import Forged, Seal, Stamp
from tests.wechat_server import ACCOUNT, AES_KEY, APP_ID, TOKEN, delivery, message

XML = message("text", Content="你好")
CITIZEN = Received(kind="text", key="wx-1", openid="o-1", account=ACCOUNT, at=0)
MODES = pytest.mark.parametrize("key", [None, AES_KEY], ids=["plain", "safe"])


def seal(key: str | None = None) -> Seal:
    return Seal(Settings(wechat_app_id=APP_ID, wechat_token=TOKEN, wechat_aes_key=key))


@MODES
def test_what_wechat_signed_is_opened(key: str | None) -> None:
    sent = delivery(XML, key)
    assert read(seal(key).open(sent.params, sent.body)[1]).text == "你好"


@MODES
@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "0", "forged", "错", "1" * 40])
def test_a_changed_address_is_forged(key: str | None, name: str, value: str) -> None:
    sent = delivery(XML, key)
    changed = f"msg_{name}" if key and name == "signature" else name
    with pytest.raises(Forged):
        seal(key).open({**sent.params, changed: value}, sent.body)


def test_in_safe_mode_the_words_are_signed_too() -> None:
    one, other = delivery(XML, AES_KEY), delivery(message("text", Content="别的"), AES_KEY)
    with pytest.raises(Forged, match="forged"):
        seal(AES_KEY).open(one.params, other.body)


@pytest.mark.parametrize("body", [XML.encode(), b"", b"<xml/>", b"<xml><Encrypt/></xml>", b"\xff", b"<xml><Encrypt><a/></Encrypt></xml>"])  # fmt: skip
def test_in_safe_mode_nothing_plain_is_taken(body: bytes) -> None:
    """Neither with the plain signature, which covers no words, nor with one for encrypted words."""
    with pytest.raises(Forged, match="unsigned"):
        seal(AES_KEY).open(delivery(XML).params, body)
    with pytest.raises(Forged, match="unsigned"):
        seal(AES_KEY).open(delivery(XML, AES_KEY).params, body)


@MODES
@pytest.mark.parametrize("late", [-301, 301])
def test_a_signature_is_good_for_five_minutes(key: str | None, late: int) -> None:
    sent = delivery(XML, key, at=time.time() + late)
    with pytest.raises(Forged, match="expired"):
        seal(key).open(sent.params, sent.body)
    seal(key).open(*_of(delivery(XML, key, at=time.time() + late * 0.9)))


def _of(sent):  # type: ignore[no-untyped-def]
    return sent.params, sent.body


async def test_a_signature_is_good_for_one_message_and_while_it_may_be_delivered_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with FakeAsyncRedis(decode_responses=True) as redis:
        stamp = Stamp.read(delivery(XML).params)
        await stamp.use_up(redis, "hello")
        await stamp.use_up(redis, "hello")
        with pytest.raises(Forged, match="replayed"):
            await stamp.use_up(redis, "another")
        later = time.time() + 21
        with monkeypatch.context() as clock:
            clock.setattr(time, "time", lambda: later)
            with pytest.raises(Forged, match="replayed"):
                await stamp.use_up(redis, "hello")
        await Stamp.read(delivery(XML).params).use_up(redis, "another")
        remembered = await redis.ttl((await redis.keys("fazhu:wechat:nonce:*"))[0])
        assert remembered >= 2 * 300 - 1  # as long as a signature from a clock that is five minutes fast holds


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """wechatpy compares with ``!=``; its comparing functions are not used."""
    compared: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return True

    def never(*_: object, **__: object) -> None:
        raise AssertionError("wechatpy compares")

    monkeypatch.setattr("channels.wechat.seal.hmac.compare_digest", compare)
    monkeypatch.setattr("wechatpy.crypto.BaseWeChatCrypto._decrypt_message", never)
    sent = delivery(XML, AES_KEY)
    seal(AES_KEY).open(sent.params, sent.body)
    assert compared == [sent.params["msg_signature"].encode()]


def test_another_accounts_message_is_forged() -> None:
    foreign = WeChatCrypto(TOKEN, AES_KEY, "wx-other").encrypt_message(XML, "nonce", str(int(time.time())))
    told = xmltodict.parse(foreign)["xml"]
    params = {"msg_signature": told["MsgSignature"], "timestamp": told["TimeStamp"], "nonce": "nonce"}
    with pytest.raises(Forged, match="other_account"):
        seal(AES_KEY).open(params, foreign.encode())


@pytest.mark.parametrize("encrypted", ["AAAA", "不是", "=", base64.b64encode(bytes(16)).decode(), base64.b64encode(bytes(64)).decode()])  # fmt: skip
def test_what_cannot_be_decrypted_is_told_apart(encrypted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who knows the token gets so far; still nothing unexpected is raised."""
    monkeypatch.setattr(Stamp, "check", lambda *_: None)
    params = {"msg_signature": "x", "timestamp": "1", "nonce": "n"}
    with pytest.raises((BadMessage, Forged)):
        seal(AES_KEY).open(params, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode())


@pytest.mark.parametrize("key", ["short", "!" * 43])
def test_a_key_that_is_none_stops_the_gateway_with_the_reason(key: str) -> None:
    with pytest.raises(ValueError, match="43 letters and digits") as raised:
        seal(key)
    assert key not in str(raised.value)


@MODES
@pytest.mark.parametrize("text", ["您好", "]]>", "a]]><b>&]]]]>>", "<xml>&amp;</xml>", "第一行\n第二行"])
def test_a_reply_is_read_as_it_was_meant(key: str | None, text: str) -> None:
    """wechatpy leaves ``]]>`` as it is, which would end the reply in the middle."""
    reply = delivery(XML, key).read(seal(key).close(text, CITIZEN).encode())
    assert (reply["Content"], reply["ToUserName"], reply["FromUserName"]) == (text, "o-1", ACCOUNT)
    assert reply["MsgType"] == "text" and abs(int(reply["CreateTime"]) - time.time()) < 5


def test_in_safe_mode_the_reply_is_encrypted_for_the_account() -> None:
    sealed = xmltodict.parse(seal(AES_KEY).close("您好", CITIZEN))["xml"]
    assert "您好" in PrpCrypto(WeChatCrypto(TOKEN, AES_KEY, APP_ID).key).decrypt(sealed["Encrypt"], APP_ID)
