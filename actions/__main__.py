"""The action server: ``python -m actions``."""

import logging
import os

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from knowledge_base.search import answer_search
from knowledge_base.statute_search import statute_search


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    executor = ActionExecutor()
    executor.register_package("actions")
    # Loaded before the first citizen asks, so that no turn pays for it.
    answer_search().search("您好")
    statute_search().search("您好")
    app = create_app(executor)
    app.run(
        host=os.environ.get("FAZHU_ACTIONS_HOST", "127.0.0.1"),
        port=int(os.environ.get("FAZHU_ACTIONS_PORT", "5055")),
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
