"""The kiosk's page, what it needs without a network, and the service worker that keeps it."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response

from channels.deps import SettingsDep
from channels.kiosk.answers import packed
from channels.pages import fragment
from channels.routes.guides import KINDS
from channels.settings import Settings
from knowledge_base.interviews.model import interviews
from knowledge_base.places.institution import SERVICES, districts
from referrals import devices

router = APIRouter(prefix="/kiosk", include_in_schema=False)

STATIC = Path(__file__).parent.parent / "static"
WORKER = Path(__file__).parent / "worker.js"
# The only page that may listen: what is said to it is turned to text on the machine itself.
HEADERS = {"Permissions-Policy": "camera=(), geolocation=(), microphone=(self)", "Cache-Control": "no-cache"}


@router.get("")
def kiosk(settings: SettingsDep) -> Response:
    return Response(_page(settings), media_type="text/html", headers=HEADERS)


@router.get("/answers.json")
def answers(if_none_match: Annotated[str, Header()] = "") -> Response:
    found = packed()
    headers = {"ETag": found.etag, "Cache-Control": "no-cache"}
    if if_none_match == found.etag:
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type="application/json", headers=headers | {"Content-Encoding": "gzip"})


@router.get("/sw.js")
def service_worker(settings: SettingsDep) -> Response:
    """A new one whenever the page or a file of it has changed: the browser then fetches all of them anew."""
    kept = ["/kiosk", *_files()]
    version = hashlib.sha256(_page(settings).encode())
    for path in _files():
        version.update((STATIC / Path(path).name).read_bytes())
    values = f'const VERSION = "{version.hexdigest()[:16]}";\nconst PAGE = {json.dumps(kept)};\n'
    headers = {"Service-Worker-Allowed": "/kiosk", "Cache-Control": "no-cache"}
    return Response(values + WORKER.read_text(encoding="utf-8"), media_type="text/javascript", headers=headers)


def _page(settings: Settings) -> str:
    return fragment(
        "kiosk/page",
        idle=settings.kiosk_idle_seconds,
        beat=devices.BEAT,
        text_limit=settings.text_limit,
        scripts=[path for path in _files() if path.endswith(".js")],
        kinds=[(title, [one for one in interviews().values() if one.kind == kind]) for kind, title in KINDS.items()],
        services=SERVICES,
        districts=districts(),
    )


def _files() -> list[str]:
    return [f"/static/{path.name}" for path in sorted(STATIC.glob("kiosk*"))]
