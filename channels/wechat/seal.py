"""Signatures and encryption of the callback. Encryption is wechatpy's; signatures are compared here, in constant time."""

import base64
import binascii
import hmac
import re
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import xmltodict
from redis.asyncio import Redis
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.replies import TextReply
from wechatpy.utils import WeChatSigner

from channels.settings import Settings
from channels.wechat.incoming import BadMessage, Received

WINDOW = 300  # seconds a signature may be old, or WeChat's clock fast
RETRIES = 20  # seconds within which WeChat delivers a message again
_TIMESTAMP, _NONCE = re.compile(r"\d{1,12}"), re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = re.compile(r"[A-Za-z0-9]{43}")


class Forged(Exception):
    """The signature is wrong, too old, or was used before; the text says which."""


@dataclass(frozen=True)
class Stamp:
    """What an address carries beside its message."""

    signature: str
    timestamp: str
    nonce: str

    @classmethod
    def read(cls, query: Mapping[str, str], signature: str = "signature") -> "Stamp":
        return cls(*(query.get(name, "") for name in (signature, "timestamp", "nonce")))

    def check(self, token: str, *signed: str) -> None:
        """
        Raises:
            Forged: see there.
        """
        if not _TIMESTAMP.fullmatch(self.timestamp) or not _NONCE.fullmatch(self.nonce):
            raise Forged("unsigned")
        signer = WeChatSigner()
        signer.add_data(token, self.timestamp, self.nonce, *signed)
        if not hmac.compare_digest(signer.signature.encode(), self.signature.encode()):
            raise Forged("forged")
        if abs(time.time() - int(self.timestamp)) > WINDOW:
            raise Forged("expired")

    async def use_up(self, redis: Redis, message: str) -> None:
        """A signature is good for one message. Whether WeChat signs anew what it delivers again is nowhere said: the
        same signature with the same message (its key) is let in again while that may be so, and gets the same reply.

        Raises:
            Forged: it came with another message, or longer ago.
        """
        name = f"fazhu:wechat:nonce:{self.timestamp}:{self.nonce}"
        now = time.time()
        # A fast clock's signature holds twice as long.
        before: str | None = await redis.set(name, f"{message} {now}", nx=True, get=True, ex=2 * WINDOW)  # type: ignore[assignment]
        if before is None:
            return
        first, at = before.split(" ")
        if first != message or now - float(at) > RETRIES:
            raise Forged("replayed")


class Seal:
    """Opens what WeChat sends and closes what it is answered: in plain mode, or in safe mode with a key. With a key
    nothing plain is taken: whoever sees one address could otherwise put words of their own under it."""

    def __init__(self, config: Settings) -> None:
        """
        Raises:
            ValueError: the key is none.
        """
        self._token = config.wechat_token or ""
        self._crypto: WeChatCrypto | None = None
        if config.wechat_aes_key:
            if not _KEY.fullmatch(config.wechat_aes_key):
                raise ValueError("FAZHU_WECHAT_AES_KEY: write the 43 letters and digits of WeChat's EncodingAESKey")
            self._crypto = WeChatCrypto(self._token, config.wechat_aes_key, config.wechat_app_id)

    def open(self, query: Mapping[str, str], body: bytes) -> tuple[Stamp, str]:
        """The message's XML once its signature holds.

        Raises:
            Forged: its signature does not.
            BadMessage: it cannot be read, or opened.
        """
        if not self._crypto:
            stamp = Stamp.read(query)
            stamp.check(self._token)
            return stamp, _text(body)
        stamp = Stamp.read(query, "msg_signature")
        if not stamp.signature:
            raise Forged("unsigned")
        encrypted = _encrypted(body)
        stamp.check(self._token, encrypted)
        return stamp, self._decrypted(encrypted)

    def _decrypted(self, encrypted: str) -> str:
        assert self._crypto
        try:
            base64.b64decode(encrypted, validate=True)
            opened: str = PrpCrypto(self._crypto.key).decrypt(encrypted, self._crypto.app_id)
        except InvalidAppIdException:
            raise Forged("other_account") from None
        except (binascii.Error, struct.error, ValueError, IndexError) as error:
            raise BadMessage(type(error).__name__) from None
        return opened

    def close(self, text: str, to: Received) -> str:
        """``text`` as the XML that answers ``to``."""
        # wechatpy puts the text into CDATA as it is, and an end mark in it would end the reply.
        content = text.replace("]]>", "]]]]><![CDATA[>")
        xml: str = TextReply(source=to.account, target=to.openid, content=content, time=int(time.time())).render()
        return str(self._crypto.encrypt_message(xml, secrets.token_hex(8))) if self._crypto else xml


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadMessage("UnicodeDecodeError") from None


def _encrypted(body: bytes) -> str:
    """Without it there is nothing that the signature could cover.

    Raises:
        Forged: the body holds nothing encrypted.
    """
    try:
        found = xmltodict.parse(_text(body))["xml"]["Encrypt"]
    except (ExpatError, KeyError, TypeError, ValueError, BadMessage):
        found = None
    if not isinstance(found, str):
        raise Forged("unsigned")
    return found
