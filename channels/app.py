"""The FastAPI gateway: what citizens' devices and other systems talk to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from channels import errors, fallback, shared_state
from channels.bulletin import Bulletin
from channels.conversation import Conversation
from channels.desk import ROOMS as DESK
from channels.desk import security
from channels.hotline import routes as hotline
from channels.journal import Journal
from channels.kiosk import ROOMS as KIOSK
from channels.live import Live
from channels.middleware import BodyLimit, Headers, Timing
from channels.pages import fragment
from channels.rasa import RasaClient
from channels.routes import (
    chat,
    events,
    guides,
    handover,
    health,
    institutions,
    notices,
    statute_pages,
    statutes,
    ticket_page,
    tickets,
    tips,
)
from channels.session import Session, Sessions
from channels.settings import Settings, settings
from channels.wakes import Wakes
from channels.wechat import links
from channels.wechat import routes as wechat
from channels.wechat.house import House
from knowledge_base.followup import follows
from knowledge_base.red_lines import red_lines
from knowledge_base.tips import tips as tips_at_hand
from referrals.tickets import Origin

STATIC = Path(__file__).parent / "static"


def create_app(config: Settings | None = None) -> FastAPI:
    """The gateway by ``config``, by default from the environment."""
    config = config or settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Loaded before the first citizen asks, so that no turn pays for it.
        await asyncio.to_thread(_warm_up)
        redis = shared_state.connect(config)
        async with httpx.AsyncClient(trust_env=False) as http:
            rasa = RasaClient(http, config.bot_url, config.bot_timeout)
            app.state.redis, app.state.http, app.state.rasa = redis, http, rasa
            app.state.sessions = Sessions(redis, config.session_hours)
            app.state.wakes = Wakes(redis)
            app.state.live = Live(redis, app.state.sessions, app.state.wakes, config.live_idle_minutes)
            journal = Journal()
            app.state.conversation = Conversation(app.state.sessions, rasa, app.state.live, journal)
            duties = (
                rasa.keep_looking(), app.state.wakes.listen(), journal.keep_writing(), app.state.bulletin.keep_looking(),
            )  # fmt: skip
            running = [asyncio.create_task(duty) for duty in duties]
            house = House(
                config, redis, app.state.sessions, app.state.conversation, app.state.live, app.state.wakes,
                app.state.bulletin,
            )  # fmt: skip
            async with wechat.serving(app, house):
                yield
            for task in running:
                task.cancel()
            await journal.flush()
        await redis.aclose()

    app = FastAPI(title="FaZhu 法助", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.settings = config
    app.state.bulletin = Bulletin()
    errors.install(app)
    security.install(app)
    for room in (
        chat,
        events,
        handover,
        statutes,
        statute_pages,
        guides,
        institutions,
        notices,
        tickets,
        tips,
        ticket_page,
        health,
        hotline,
        wechat,
        links,
        *KIOSK,
        *DESK,
    ):
        app.include_router(room.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Headers)
    app.add_middleware(Timing)

    page = _page("chat.html", session_hours=config.session_hours, text_limit=config.text_limit)

    @app.get("/", include_in_schema=False)
    def chat_page() -> HTMLResponse:
        notices = fragment("_notices", notices=app.state.bulletin.on("web"))
        return HTMLResponse(page.replace("{notices}", notices))

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def _page(name: str, **values: object) -> str:
    """A page with ``{name}`` replaced by what is configured, so that it never says otherwise."""
    text = (STATIC / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text


def _warm_up() -> None:
    hotline.ready()
    red_lines().check("您好")
    follows("您好吗")
    fallback.respond("离婚冷静期是多少天", Session.new(), Origin("", ""))  # with all that an answer reads
    tips_at_hand()
