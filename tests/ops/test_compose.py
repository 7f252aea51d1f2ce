"""docker-compose.yml cannot be run here; what can be checked without an engine is checked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:  # type: ignore[type-arg]
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


def test_the_file_follows_the_compose_schema() -> None:
    check = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert check.returncode == 0, check.stdout + check.stderr


def test_every_part_is_there_and_supervised(services: dict) -> None:  # type: ignore[type-arg]
    assert services.keys() == {"redis", "postgres", "migrate", "bot", "actions", "gateway", "worker"}
    for name, service in services.items():
        assert service["restart"] in ("unless-stopped", "on-failure"), name
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert name == "migrate" or "healthcheck" in service, name


def test_no_secret_stands_in_the_file(services: dict) -> None:  # type: ignore[type-arg]
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if (re.search(r"PASSWORD|SECRET|AUTH|_URL", key) and "@" in str(value)) or "PASSWORD" in key:
                assert "${" in value, f"{name}.{key}"


def test_only_the_gateway_is_reachable_and_only_from_this_machine(services: dict) -> None:  # type: ignore[type-arg]
    assert {name for name, service in services.items() if "ports" in service} == {"gateway"}
    assert all(port.startswith("127.0.0.1:") for port in services["gateway"]["ports"])


def test_images_are_made_and_started_by_the_scripts_of_make_run(services: dict) -> None:  # type: ignore[type-arg]
    dockerfile = (ROOT / "ops" / "Dockerfile").read_text(encoding="utf-8")
    assert "RUN make app" in dockerfile and "RUN make bot" in dockerfile
    start = (ROOT / "ops" / "start").read_text(encoding="utf-8")
    for name in ("migrate", "bot", "actions", "gateway", "worker"):
        assert services[name]["command"] == ["ops/start", name]
        assert f"\n  {name}) exec" in start
