"""The platforms' own YAML: checked when the gateway starts; what is wrong is told with file, line and fix."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge_base.errors import ContentError, Problem


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Strict)


def read(path: Path, model: type[Model], fix: str) -> Model:
    """
    Raises:
        ContentError: everything wrong, each with its line.
    """
    text = path.read_text(encoding="utf-8")
    try:
        node, data = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = Problem(path, mark.line + 1 if mark else 1, "not YAML", "check indentation, colons and quotes")
        raise ContentError([problem]) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = ((one["loc"], one["msg"].removeprefix("Value error, ")) for one in error.errors())
        raise ContentError(
            [Problem(path, _line(node, place), f"{_where(place)}: {message}", fix) for place, message in found]
        ) from error


def _where(place: tuple[int | str, ...]) -> str:
    return ".".join(map(str, place)) or "the file"


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """Of the innermost part of ``place`` that is there."""
    line = 1
    for step in place:
        inner: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            inner = node.value[step]
        if inner is None:
            break
        node, line = inner, inner.start_mark.line + 1
    return line
