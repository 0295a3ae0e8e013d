"""Truths and predictions of three batches of seven samples."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(21)
CLASSES = RNG.integers(0, 6, (3, 7))
ONE_HOT = np.eye(6, dtype="f")[CLASSES]
PREDICTIONS = RNG.dirichlet(np.ones(6), (3, 7)).astype("f")
TIED = np.round(PREDICTIONS, 1)
NUMBERS, OTHERS = RNG.normal(size=(2, 3, 7, 4)).astype("f")
BITS = (NUMBERS > 0).astype("f")
CHANCES = RNG.random((3, 7, 4)).astype("f")
