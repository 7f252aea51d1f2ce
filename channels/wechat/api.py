"""WeChat's API: messages to citizens, what they sent, the menu. Every call has a timeout and a bounded number of tries."""

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx

from channels.settings import Settings
from channels.wechat.store import store
from channels.wechat.tokens import Tokens
from referrals import files

PATIENCE = 4.0  # seconds a call
PAUSES = (0.3, 0.9)  # seconds before WeChat is asked again after saying it is busy
BUSY, BAD_TOKEN = -1, (40001, 40014, 42001)
OUTSIDE_WINDOW, USED_UP, UNKNOWN_OPENID, NO_MENUS = 45015, 45047, 40003, 40200
# What an operator reads on the desk.
REASONS = {
    BUSY: "WeChat is busy",
    UNKNOWN_OPENID: "WeChat does not know this openid",
    40001: "WeChat refuses the access token: check FAZHU_WECHAT_APP_SECRET",
    40013: "WeChat does not know FAZHU_WECHAT_APP_ID",
    40125: "FAZHU_WECHAT_APP_SECRET is wrong",
    40164: "this server's address is not on the account's IP white list",
    43004: "the citizen does not follow the account",
    43101: "the citizen has refused messages",
    45009: "the account's calls for today are used up",
    OUTSIDE_WINDOW: "the citizen has not written within 48 hours",
    USED_UP: "as many messages as WeChat allows; goes on when the citizen writes",
    48001: "the account may not use this interface",
}
FINAL = frozenset({UNKNOWN_OPENID, OUTSIDE_WINDOW, 43004, 43101})  # trying again later is of no use


class Refused(Exception):
    """WeChat's answer is an error. The text says which, with nothing personal and no secret."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"{REASONS.get(code, 'WeChat refused it')} ({code})")


class Api:
    def __init__(self, config: Settings) -> None:
        self._http = httpx.Client(base_url=config.wechat_api, timeout=PATIENCE, trust_env=False, follow_redirects=False)
        self._id, self._secret = config.wechat_app_id or "", config.wechat_app_secret or ""
        self._tokens = Tokens(store(config), self._id, self._fetch_token)

    def send(self, openid: str, message: dict[str, Any]) -> None:
        """A customer-service message. Raises as `_post`."""
        self._post("/cgi-bin/message/custom/send", {"touser": openid, **message})

    def set_menu(self, menu: dict[str, Any]) -> None:
        """Raises as `_post`."""
        self._post("/cgi-bin/menu/create", menu)

    def media(self, id: str) -> bytes:
        """A file a citizen sent.

        Raises:
            Refused: it is not there, or larger than `referrals.files.LIMIT`. Otherwise as `_post`.
        """
        found = b""

        def fetch(token: str) -> httpx.Response:
            nonlocal found
            found = b""
            with self._http.stream(
                "GET", "/cgi-bin/media/get", params={"access_token": token, "media_id": id}
            ) as response:
                for piece in response.iter_bytes():
                    found += piece
                    if len(found) > files.LIMIT:
                        break
            said = (
                found if response.headers.get("content-type", "").startswith(("application/json", "text/")) else b"{}"
            )
            return httpx.Response(response.status_code, content=said)

        self._call(fetch)
        return found

    def _post(self, path: str, body: dict[str, Any]) -> None:
        """
        Raises:
            Refused: WeChat's answer is an error.
            TooManyRefreshes: the token is refused, and was renewed as often as is allowed.
            httpx.HTTPError: there is no answer. Its text may hold the token.
        """
        content = json.dumps(body, ensure_ascii=False).encode()  # citizens would read \\uXXXX as it stands
        self._call(lambda token: self._http.post(path, params={"access_token": token}, content=content))

    def _call(self, ask: Callable[[str], httpx.Response]) -> None:
        token, renewed = self._tokens.get(), False
        pauses = iter(PAUSES)
        while True:
            code = int(_answer(ask(token)).get("errcode", 0))
            if code in BAD_TOKEN and not renewed:
                token, renewed = self._tokens.renew(token), True
            elif code == BUSY and (pause := next(pauses, None)):
                time.sleep(pause)
            elif code:
                raise Refused(code)
            else:
                return

    def _fetch_token(self, force: bool) -> tuple[str, int]:
        asked = {
            "grant_type": "client_credential", "appid": self._id, "secret": self._secret, "force_refresh": force,
        }  # fmt: skip
        answer = _answer(self._http.post("/cgi-bin/stable_token", json=asked))
        if "access_token" not in answer:
            raise Refused(int(answer.get("errcode", BUSY)))
        return str(answer["access_token"]), int(answer.get("expires_in", 0))


def _answer(response: httpx.Response) -> dict[str, Any]:
    """What is not WeChat's JSON counts as busy: a proxy's page, a server that is being restarted."""
    try:
        answer = response.json() if response.is_success else None
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"errcode": BUSY}


def api() -> Api:
    """The configured account's."""
    config = Settings()
    return _made(config.wechat_api, config.wechat_app_id, config.wechat_app_secret, config.redis_url)


@cache
def _made(*_: str | None) -> Api:
    """One client for as long as these settings hold: connections are kept."""
    return Api(Settings())
