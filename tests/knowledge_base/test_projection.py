"""Meaning turned towards what tells articles apart."""

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.projection import Meanings, Projection, unit

RANDOM = np.random.default_rng(0)


@pytest.fixture
def labelled() -> tuple[np.ndarray, np.ndarray]:
    """40 subjects with 6 questions each: subjects differ a little in ten directions, manners much in another ten."""
    owners = np.repeat(np.arange(40), 6)
    vectors = RANDOM.normal(0, 0.05, (240, 32))
    vectors[:, :10] += RANDOM.normal(0, 0.3, (40, 10))[owners]
    vectors[:, 10:20] += RANDOM.normal(0, 1.0, (240, 10))
    return vectors.astype(np.float32), owners


def neighbours_of_the_same_subject(vectors: np.ndarray, owners: np.ndarray) -> float:
    alike = unit(vectors) @ unit(vectors).T
    np.fill_diagonal(alike, -2)
    return float((owners[alike.argmax(axis=1)] == owners).mean())


def test_questions_on_one_subject_come_together(labelled: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, owners = labelled
    turned = Projection.fit(vectors, owners)(vectors)
    assert neighbours_of_the_same_subject(vectors, owners) < 0.3
    assert neighbours_of_the_same_subject(turned, owners) > 0.8
    assert np.linalg.norm(turned, axis=1) == pytest.approx(1, abs=1e-5)


def test_one_vector_is_turned_like_many_and_what_is_saved_turns_the_same(
    labelled: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    vectors, owners = labelled
    projection = Projection.fit(vectors, owners)
    projection.save(tmp_path / "projection.npz")
    again = Projection.load(tmp_path / "projection.npz")
    assert again(vectors[3]) == pytest.approx(projection(vectors)[3], abs=1e-5)


def test_what_is_near_to_every_question_has_no_lead(tmp_path: Path) -> None:
    questions = unit(np.array([[1, 0.2, 0], [1, 0, 0.2], [1, -0.2, 0.0], [1, 0, -0.2]], np.float32))
    anybodys = np.array([1, 0, 0], np.float32)
    special = unit(np.array([0.4, 1, 0], np.float32))
    meanings = Meanings.of(np.stack([anybodys, special]), questions)
    asked = unit(np.array([0.9, 0.7, 0], np.float32))
    assert meanings.near(asked).argmax() == 1
    assert (meanings.vectors @ asked).argmax() == 1 or meanings.usual[0] > meanings.usual[1]
    meanings.save(tmp_path / "meanings.npz")
    assert Meanings.load(tmp_path / "meanings.npz").near(asked) == pytest.approx(meanings.near(asked), abs=1e-3)
