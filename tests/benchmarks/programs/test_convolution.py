"""The floating point operations of a convolution and of a training."""

from __future__ import annotations

import numpy as np

import scratchnet
from benchmarks.programs import training
from benchmarks.programs.convolution import Shape


def test_flops_are_those_of_the_shapes():
    shape = Shape((2, 10, 9, 3), (3, 2, 3, 8), strides=2, dilations=2)
    y = scratchnet.nn.conv2d(
        np.zeros(shape.images, np.float32), np.zeros(shape.filters, np.float32), **shape.options
    )
    assert shape.out == tuple(y.shape)
    assert shape.flops == 2 * y.numpy().size * 3 * 2 * 3
    same = Shape((1, 7, 7, 1), (3, 3, 1, 1), strides=2, padding="SAME")
    assert same.out == (1, 4, 4, 1)
    forward = 2 * (26 * 26 * 32 * 9 + 24 * 24 * 64 * 288 + 9216 * 128 + 1280)
    assert training.flops(28, 4, training=False) == 4 * forward
    assert training.flops(28, 1) == 3 * forward - 2 * 26 * 26 * 32 * 9
