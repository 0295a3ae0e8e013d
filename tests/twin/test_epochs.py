"""The bounds of an epoch."""

from __future__ import annotations

import numpy as np

from scratchnet.twin.epochs import Epoch, passed_bound


def epoch(ours, theirs, other):
    return Epoch([{"loss": ours, "accuracy": 0.5}, {"loss": theirs, "accuracy": 0.5},
                  {"loss": other, "accuracy": 0.5}])  # fmt: skip


def test_the_bounds_of_an_epoch():
    assert not passed_bound([epoch(1.000009, 1.0, 1.0)])
    assert passed_bound([epoch(1.00002, 1.0, 1.0)]).startswith("epoch 1: loss is 1.00002")
    assert not passed_bound([epoch(1.0, 1.0, 1.1), epoch(1.15, 1.0, 1.0)])
    assert passed_bound([epoch(1.0, 1.0, 1.1), epoch(1.25, 1.0, 1.0)])
    assert passed_bound([epoch(np.nan, 1.0, 1.0)])
    one, two = epoch(1.0, 1.0, 1.0), epoch(1.0, 1.0, 1.0)
    two.logs[0]["accuracy"] = 0.5002
    assert "accuracy" in passed_bound([one, two])
    apart = epoch(1.005, 1.0, 1.0)
    apart.steps, apart.weight_gap = 10, 0.1
    assert passed_bound([apart])
    assert not passed_bound([apart], kinked=True)
    apart.weight_gap = 0.01
    assert passed_bound([apart], kinked=True)
    del apart.logs[0]["accuracy"]
    assert "where TensorFlow has" in passed_bound([apart])
