"""Requests are signed: ``X-FaZhu-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256>`` with ``FAZHU_HOTLINE_SECRET``.

What is signed is the bytes ``t.METHOD.path.body``: the path as it stands in the request line, without what follows a
question mark; the body as it is sent.
"""

import hmac
import re
import time
from dataclasses import dataclass

HEADER = "X-FaZhu-Signature"
WINDOW = 300  # seconds a signature may be old, or a clock fast
_SHAPE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


@dataclass(frozen=True)
class Signed:
    """What a signature is made of."""

    method: str
    path: bytes
    body: bytes

    def by(self, secret: str, at: int) -> str:
        """The header's value at ``at`` (unix seconds)."""
        said = b".".join((b"%d" % at, self.method.encode(), self.path, self.body))
        return f"t={at},v1={hmac.new(secret.encode(), said, 'sha256').hexdigest()}"


def holds(header: str, signed: Signed, secret: str) -> bool:
    found = _SHAPE.fullmatch(header)
    if not found or abs(time.time() - int(found[1])) > WINDOW:
        return False
    return hmac.compare_digest(header, signed.by(secret, int(found[1])))
