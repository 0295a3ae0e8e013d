"""The composed twins: what each fused op is, in a few small ops."""

from __future__ import annotations

import inspect

import numpy as np

from scratchnet.engine.op import OPS
from scratchnet.engine.tensor import Tensor
from scratchnet.ops import composed
from scratchnet.ops.composed import TWINS


def test_every_twin_is_the_definition_of_an_op() -> None:
    assert set(TWINS) <= set(OPS)
    for name, twin in TWINS.items():
        assert twin is not OPS[name].function
        assert "``" in (inspect.getdoc(twin) or ""), f"{name}: no formula"


def test_filters_and_padding_without_symmetry() -> None:
    """The definition of a transposed convolution, by the sum that it stands for."""
    rng = np.random.default_rng(2)
    x, k = rng.normal(size=(2, 3, 4, 2)), rng.normal(size=(3, 2, 3, 2))
    for size, strides, padding in (
        ((6, 8), 2, "SAME"),
        ((7, 9), (2, 2), "VALID"),
        ((5, 5), 1, "VALID"),
    ):
        steps = np.broadcast_to(strides, 2)
        ours = composed.conv2d_transpose(Tensor(x), Tensor(k), (2, *size, 3), strides, padding)
        wanted = np.zeros((2, size[0] + 3, size[1] + 2, 3))  # room for all that is cut off
        top, left = (
            max((n - 1) * s + w - m, 0) // 2 if padding == "SAME" else 0
            for n, s, w, m in zip((3, 4), steps, (3, 2), size, strict=True)
        )
        for i, j, a, b in np.ndindex(3, 4, 3, 2):
            at = i * steps[0] + a - top, j * steps[1] + b - left
            if min(at) >= 0:
                wanted[:, at[0], at[1]] += x[:, i, j] @ k[a, b].T
        np.testing.assert_allclose(ours.numpy(), wanted[:, : size[0], : size[1]], atol=1e-12)


def test_recurrent_definitions_return_every_step() -> None:
    x, h, u = (Tensor(np.full(size, 0.1)) for size in ((3, 2, 8), (2, 2), (2, 8)))
    y, c = composed.lstm(x, h, h, u)
    assert (y.shape, c.shape) == ((3, 2, 2), (2, 2))
    i = f = o = 1 / (1 + np.exp(-(0.1 + 2 * 0.01)))
    now = f * 0.1 + i * np.tanh(0.12)
    np.testing.assert_allclose(y.numpy()[0], o * np.tanh(now))


def test_the_definition_of_gru_returns_every_step() -> None:
    x, h, u, d = (Tensor(np.full(size, 0.1)) for size in ((3, 2, 6), (2, 2), (2, 6), (6,)))
    y = composed.gru(x, h, u, d)
    assert y.shape == (3, 2, 2)
    p = 2 * 0.01 + 0.1
    z = r = 1 / (1 + np.exp(-(0.1 + p)))
    np.testing.assert_allclose(y.numpy()[0], z * 0.1 + (1 - z) * np.tanh(0.1 + r * p))
