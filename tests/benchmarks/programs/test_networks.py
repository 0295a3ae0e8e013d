"""The known networks: their sizes, their operations, and how far rounding carries in them."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet
from benchmarks.case import Library
from benchmarks.programs import networks
from benchmarks.programs.training import NUDGES
from benchmarks.worker import arrays

WEIGHTS = {  # as the papers and tutorials count them; ResNet-20 with the shortcuts of 1 x 1
    "resnet20": 274_042,
    "lenet5": 61_706,
    "cifar": 122_570,
    "dense": 407_050,
    "small": 161,
    "dcgan": 2_330_944,
}


def test_the_networks_are_the_known_ones():
    counts = {name: networks.model(scratchnet, name).count_params() for name in WEIGHTS}
    assert counts == WEIGHTS
    assert set(networks.NETWORKS) == {*WEIGHTS, "vgg", "autoencoder"}


@pytest.mark.parametrize(
    ("name", "forward", "first"),
    [
        ("dense", 2 * (784 * 512 + 512 * 10), 2 * 784 * 512),
        (
            "lenet5",
            2 * (28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 840),
            2 * 28 * 28 * 6 * 25,
        ),
        (
            "autoencoder",
            2 * 9 * (14 * 14 * 16 + 7 * 7 * (16 * 8 + 8 * 8) + 14 * 14 * 8 * 16 + 28 * 28 * 16),
            2 * 9 * 14 * 14 * 16,
        ),
    ],
)
def test_operations_are_counted_from_the_shapes(name, forward, first):
    assert networks.flops(scratchnet, name, training=False) == 64 * forward
    assert networks.flops(scratchnet, name, training=True) == 64 * (3 * forward - first)


def test_a_nudged_step_begins_where_the_first_one_began():
    def step(kind):
        work = networks.fit(Library(scratchnet, None, lambda f: f), "small", 2)
        return work.check() if kind == "check" else work.nudged()

    first = arrays(step("check"))
    again = [arrays(result) for result in step("nudged")]
    assert len(again) == NUDGES
    for nudged in again:
        for a, b in zip(nudged, first, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-7)
    assert any(not np.array_equal(a, b) for a, b in zip(again[0], first, strict=True))
