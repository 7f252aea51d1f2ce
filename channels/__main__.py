"""Serve the gateway: ``python -m channels``."""

import socket
import sys
from contextlib import suppress

import uvicorn

from channels.app import create_app
from channels.settings import settings


class Server(uvicorn.Server):
    """Ends the event streams when it stops: they never end by themselves, and would be waited for."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.wakes.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def main() -> None:
    config = settings()
    server = Server(
        uvicorn.Config(
            create_app(config),
            host=config.host,
            port=config.port,
            access_log=False,  # addresses hold session ids and PINs
            server_header=False,
            timeout_graceful_shutdown=5,
            log_level="warning",
            forwarded_allow_ips=config.trusted_proxies,
        )
    )
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main()
