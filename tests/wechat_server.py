"""WeChat, as far as FaZhu meets it: its API as a real HTTP server, and its side of the callback, made by wechatpy.

Requests to the gateway are signed, and in safe mode encrypted, by `wechatpy`'s own `WeChatSigner` and `WeChatCrypto`.
"""

import json
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from channels.wechat import api, store

SILENCE = "silence"  # never answers
APP_ID, SECRET, TOKEN = "wx0123456789abcdef", "app-secret", "callback-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_fazhu"
TOKEN_PATH, SEND_PATH, MEDIA_PATH, MENU_PATH = (
    "/cgi-bin/stable_token", "/cgi-bin/message/custom/send", "/cgi-bin/media/get", "/cgi-bin/menu/create",
)  # fmt: skip
_numbers = count(10**15)


@dataclass
class WeChat:
    """``script``: what the next requests to a path get: an error code, raw bytes, an HTTP status as text, or `SILENCE`."""

    url: str
    script: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    token: str = "t" * 512
    over: threading.Event = field(default_factory=threading.Event)

    def sent(self, path: str = SEND_PATH) -> list[dict[str, Any]]:
        """What was taken, in order."""
        return [body for where, body in self.received if where == path]

    def texts(self, openid: str) -> list[str]:
        """What a citizen reads."""
        found = (body for body in self.sent() if body["touser"] == openid)
        return [body["text"]["content"] if "text" in body else body["msgmenu"]["head_content"] for body in found]

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, str, bytes]:
        planned = self.script[path].pop(0) if self.script[path] else 0
        if planned == SILENCE:
            self.over.wait(20)
            return 500, "text/plain", b""
        if isinstance(planned, bytes):
            return 200, "application/json", planned
        if isinstance(planned, str):
            return int(planned), "text/html", b"<html>"
        if path == TOKEN_PATH:
            return self._token(planned, body)
        code = planned or (0 if query.get("access_token") == self.token else 40001)
        if code == 0:
            self.received.append((path, body | ({"media_id": query["media_id"]} if "media_id" in query else {})))
        if path == MEDIA_PATH and code == 0:
            found = self.media.get(query["media_id"])
            return (200, "image/jpeg", found) if found is not None else _json({"errcode": 40007, "errmsg": "invalid"})
        return _json({"errcode": code, "errmsg": "ok" if code == 0 else "error"})

    def _token(self, planned: int, body: dict[str, Any]) -> tuple[int, str, bytes]:
        self.received.append((TOKEN_PATH, body))
        if planned or body["secret"] != SECRET:
            return _json({"errcode": planned or 40125})
        if body["force_refresh"]:
            self.token = secrets.token_hex(256)
        return _json({"access_token": self.token, "expires_in": 7200})


def _json(body: dict[str, Any]) -> tuple[int, str, bytes]:
    return 200, "application/json; encoding=utf-8", json.dumps(body).encode()


@contextmanager
def serving() -> Iterator[WeChat]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take({})

        def do_POST(self) -> None:
            self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _take(self, body: dict[str, Any]) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, kind, content = wechat.answer(parts.path, query, body)
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wechat = WeChat(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield wechat
    wechat.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def account(url: str, **environment: str) -> Iterator[dict[str, str]]:
    """The environment of an installation whose account is at ``url``; nothing is remembered of another one."""
    named = {
        "FAZHU_WECHAT_APP_ID": APP_ID, "FAZHU_WECHAT_APP_SECRET": SECRET, "FAZHU_WECHAT_TOKEN": TOKEN,
        "FAZHU_WECHAT_API": url, **environment,
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in named.items():
            patch.setenv(name, value)
        store._connected.cache_clear()
        api._made.cache_clear()
        yield named
    store._connected.cache_clear()
    api._made.cache_clear()


def message(kind: str, openid: str = "o-citizen-1", id: int | None = None, **fields: object) -> str:
    """The XML of a message, as WeChat writes it."""
    return _xml({"MsgType": kind, "MsgId": id or next(_numbers), **fields}, openid)


def event(name: str, openid: str = "o-citizen-1", at: int | None = None, **fields: object) -> str:
    return _xml({"MsgType": "event", "Event": name, **fields}, openid, at)


def _xml(fields: dict[str, object], openid: str, at: int | None = None) -> str:
    known = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": at or int(time.time()), **fields}
    return str(xmltodict.unparse({"xml": known}, full_document=False))


@dataclass(frozen=True)
class Delivery:
    """One request to the gateway, and how its answer is read."""

    params: dict[str, str]
    body: bytes
    crypto: WeChatCrypto | None = None

    def read(self, body: bytes) -> dict[str, str]:
        """The reply as WeChat understands it; empty for ``success``.

        Raises:
            Exception: it is neither, and the citizen would read that the service is out of order.
        """
        if body == b"success":
            return {}
        if self.crypto:
            sealed = xmltodict.parse(body)["xml"]
            body = self.crypto.decrypt_message(
                body, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"]
            ).encode()
        return dict(xmltodict.parse(body)["xml"])


def delivery(xml: str, aes_key: str | None = None, at: float | None = None, nonce: str = "") -> Delivery:
    """``xml`` as WeChat would deliver it now; each delivery is signed anew."""
    timestamp, nonce = str(int(at or time.time())), nonce or secrets.token_hex(5)
    if not aes_key:
        return Delivery({**_signed(timestamp, nonce), "openid": "o"}, xml.encode())
    crypto = WeChatCrypto(TOKEN, aes_key, APP_ID)
    sealed = crypto.encrypt_message(xml, nonce, timestamp)
    params = {
        **_signed(timestamp, nonce),
        "encrypt_type": "aes",
        "msg_signature": xmltodict.parse(sealed)["xml"]["MsgSignature"],
    }
    return Delivery(params, sealed.encode(), crypto)


def _signed(timestamp: str, nonce: str) -> dict[str, str]:
    signer = WeChatSigner()
    signer.add_data(TOKEN, timestamp, nonce)
    return {"signature": signer.signature, "timestamp": timestamp, "nonce": nonce}
