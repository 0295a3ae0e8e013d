"""Question 6: the Jacobians of poolings, and what they conserve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.studies.pooling import experiment


def test_the_numbers_are_tensorflows(beside: Callable[..., Any]) -> None:
    _, lines = beside("pooling", images=16)
    assert [line.name for line in lines if not line.agrees] == []


def test_the_conclusions_hold_for_several_seeds() -> None:
    found = [experiment(tf, seed, images=16) for seed in range(4)]
    assert len({n["sum/g"] for n in found}) == 4
    for n in found:
        for name in ("max 2/2", "mean 2/2", "max 3/1", "mean 3/1", "max 3/2 SAME", "mean 3/2 SAME"):
            assert np.allclose(n[f"row sums/{name}"], 1, atol=1e-6)
            assert np.isclose(n[f"sum/{name}"], n["sum/g"], atol=1e-5)
        assert np.isclose(n["norm/max 2/2"], n["norm/g"])
        assert np.isclose(n["norm/mean 2/2"], n["norm/g"] / 2)
        assert min(n["row sums/mean 3/2, zeros counted"]) < 0.5
        assert np.flatnonzero(n["J/ties"]).tolist() == [0, 18, 40, 58]  # the first of each window
        assert n["cosine/at the input"] < 0.7
        assert np.isclose(n["ratio/mean, and mean ignored"], 4, rtol=1e-4)
        assert n["cosine/max, and max ignored"] < 0.99
        assert n["share/zero behind max"] >= 0.75
