import logging
from pathlib import Path

import pytest

from knowledge_base.errors import ContentError, Problem
from knowledge_base.reloading import Reloading


def content(path: Path, check: object = list) -> Reloading[str]:
    def load() -> str:
        text = path.read_text(encoding="utf-8")
        if "broken" in text:
            raise ContentError([Problem(path, 1, "broken", "mend it")])
        return text

    return Reloading(lambda: [path], load, check)  # type: ignore[arg-type]


def change(held: Reloading[str], path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    thread = held.look()
    assert thread is not None
    thread.join(10)


def test_changed_files_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("one", encoding="utf-8")
    held = content(path)
    assert held() == "one"
    change(held, path, "second")
    assert held() == "second"
    assert held.look() is None


def test_a_broken_file_leaves_what_was_there_and_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.yml"
    path.write_text("one", encoding="utf-8")
    held = content(path)
    held()
    with caplog.at_level(logging.ERROR, "fazhu"):
        change(held, path, "broken")
    assert held() == "one"
    assert f"{path}:1" in caplog.text and "mend it" in caplog.text
    assert held.look() is None
    change(held, path, "mended")
    assert held() == "mended"


def test_what_the_check_finds_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("one", encoding="utf-8")
    held = content(path, lambda: [Problem(path, 2, "cites nothing", "cite")])
    held()
    change(held, path, "second")
    assert held() == "one"


def test_the_first_fault_reaches_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("broken", encoding="utf-8")
    with pytest.raises(ContentError):
        content(path)()
