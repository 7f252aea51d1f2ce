"""Serve the gateway: ``python -m channels``."""

import uvicorn

from channels.app import create_app
from channels.settings import settings


def main() -> None:
    config = settings()
    uvicorn.run(
        create_app(config),
        host=config.host,
        port=config.port,
        access_log=False,  # addresses hold session ids and PINs
        server_header=False,
        timeout_graceful_shutdown=5,
        log_level="warning",
        forwarded_allow_ips=config.trusted_proxies,
    )


if __name__ == "__main__":
    main()
