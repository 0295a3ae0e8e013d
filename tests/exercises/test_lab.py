"""The break-it lab: what it trains, tells and draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from scratchnet.exercises import lab
from scratchnet.exercises.network import OPS, make_weights, train


def test_one_seed_makes_one_training() -> None:
    first, again, other = train(OPS, 1, 3), train(OPS, 1, 3), train(OPS, 1, 4)
    assert first == again != other
    assert first[0] < 0.3 < 0.5 < first[1]


def test_a_wrong_vjp_learns_too_and_is_seen(tmp_path: Path) -> None:
    outcome = lab.run("missing_mean", epochs=1)
    assert outcome.right[0] == outcome.wrong[0]
    assert outcome.wrong[1] > 0.5
    assert [row.equal for row in outcome.rows] == [False] * 7
    for row in outcome.rows:  # 32 times too large, in the same direction
        assert np.isclose(row.difference, 31 * row.largest)
        assert lab.in_words(row) == ("31", "1.000", "differs")
    lab.draw(outcome, tmp_path / "a.png")
    picture = imread(tmp_path / "a.png")[..., :3]
    reddish = (picture[..., 0] > 0.9) & (abs(picture[..., 1] - 0.86) < 0.03)
    assert reddish.sum() > 1000  # the verdicts


def test_the_weights_are_of_one_kind() -> None:
    weights = make_weights(0, np.float64)
    assert {w.dtype.name for w in weights.values()} == {"float64"}
    assert all(np.array_equal(w, make_weights(0, np.float64)[name]) for name, w in weights.items())
    first, second = (weights[f"{name}/kernel"].numpy().ravel()[:72] for name in ("conv2d", "dense"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.5  # not the same numbers at two scales


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`name` must be one of flipped_filter, .*name='foo'"):
        lab.run("foo")
    with pytest.raises(ValueError, match="`epochs` must be at least 1, received epochs=0"):
        lab.run("ties_all", epochs=0)
