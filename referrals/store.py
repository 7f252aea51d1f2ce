"""The database of referrals: SQLite by default, PostgreSQL by ``FAZHU_DATABASE_URL``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"


def database_url() -> str:
    url = os.environ.get("FAZHU_DATABASE_URL")
    if url:
        # A bare postgresql:// means the driver that is installed.
        return url.replace("postgresql://", "postgresql+psycopg://", 1)
    folder = Path(os.environ.get("FAZHU_VAR", "var"))
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'fazhu.db'}"


def make_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 3})
    engine = create_engine(url, connect_args={"timeout": 5})

    @event.listens_for(engine, "connect")
    def _configure(connection, _):  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # a code shown must survive a power cut
        connection.execute("PRAGMA foreign_keys=ON")
        connection.isolation_level = None  # the driver's own, late BEGIN is replaced below

    @event.listens_for(engine, "begin")
    def _begin(connection):  # type: ignore[no-untyped-def]
        # Writers queue up instead of failing when they upgrade a read lock.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@cache
def engine() -> Engine:
    return make_engine(database_url())


@contextmanager
def session(bind: Engine | None = None) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on error."""
    with sessionmaker(bind or engine(), expire_on_commit=False).begin() as opened:
        yield opened


def migrate(url: str | None = None) -> None:
    """Bring the database to the current schema."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url or database_url()
    command.upgrade(config, "head")


if __name__ == "__main__":
    migrate()
