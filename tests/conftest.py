"""Every test session has its own data folder; the search index, which depends only on the corpus
and the code, is shared with the product."""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).parent.parent

os.environ["FAZHU_CACHE"] = str(ROOT / "var" / "cache")
os.environ["FAZHU_VAR"] = tempfile.mkdtemp(prefix="fazhu-tests-")
for name in ("FAZHU_DATABASE_URL", "FAZHU_REDIS_URL", "FAZHU_SECRET_KEYS", "FAZHU_RATE_LIMIT"):
    os.environ.pop(name, None)

# The embedded PostgreSQL asks for the user's runtime folder and warns when it is not private.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="fazhu-runtime-")

# As the product, with a tenth of the work: hundreds of sign-ins are tested.
from argon2 import PasswordHasher  # noqa: E402

from referrals import passwords  # noqa: E402  after the environment is set

passwords._hasher = PasswordHasher(time_cost=1, memory_cost=1024)

settings.register_profile("fazhu", deadline=None)  # speed is measured in benchmarks/, not here
settings.load_profile("fazhu")

pytest_plugins = ["tests.services"]
