"""Build every index and model before it is served: ``python -m knowledge_base``."""

import logging

from knowledge_base.followup import followup_model
from knowledge_base.red_lines import red_lines
from knowledge_base.search import answer_search
from knowledge_base.statute_search import statute_search

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in ("jieba", "bm25s"):
        logging.getLogger(name).setLevel(logging.WARNING)
    statute_search()
    answer_search()
    red_lines()
    followup_model()
