"""The composed twins: what each fused op is, in a few small ops."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
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


# -- each beside its op ----------------------------------------------------------------------------

IMAGE, AROUND = (2, 7, 6, 3), [[0, 0], [1, 2], [0, 3], [0, 0]]
FRAME = {"strides": (2, 1), "padding": "SAME"}
GAPS = {"strides": 1, "padding": AROUND, "dilations": (1, 2)}
BACK = {"output_shape": (2, 7, 6, 3)}
MASK = np.array([[True, False], [False, True], [True, True]])
# Name, the shapes of what is differentiated, all other arguments: in each with more than one axis
# no two of the sizes, strides or ends that could be mistaken for each other are alike.
CALLS: list[tuple[str, list[tuple[int, ...]], dict[str, Any]]] = [
    ("conv2d", [IMAGE, (3, 2, 3, 4)], FRAME),
    ("conv2d", [IMAGE, (2, 3, 3, 4)], GAPS),
    ("conv2d", [IMAGE, (2, 1, 3, 4)], {"strides": 3, "padding": "VALID"}),
    ("fused_conv2d", [IMAGE, (3, 2, 3, 4), (4,)], FRAME),
    ("fused_conv2d", [IMAGE, (3, 2, 3, 4), (4,)], GAPS | {"activation": "relu"}),
    ("pooled_conv2d", [IMAGE, (2, 3, 3, 4), (4,)], FRAME | {"pool_size": (2, 3)}),
    (
        "pooled_conv2d",
        [IMAGE, (2, 3, 3, 4), (4,)],
        GAPS | {"pool_size": (3, 2), "activation": "relu"},
    ),
    ("max_pool2d", [IMAGE], {"ksize": (3, 2), "strides": (2, 3), "padding": "SAME"}),
    ("max_pool2d", [IMAGE], {"ksize": (3, 4), "strides": 1, "padding": AROUND}),
    ("max_pool2d", [IMAGE], {"ksize": 3, "strides": 2, "padding": "VALID"}),
    ("avg_pool2d", [IMAGE], {"ksize": (3, 2), "strides": (2, 3), "padding": "SAME"}),
    ("avg_pool2d", [IMAGE], {"ksize": (2, 4), "strides": (1, 2), "padding": "VALID"}),
    ("conv2d_transpose", [(2, 4, 6, 4), (3, 2, 3, 4)], BACK | {"strides": (2, 1)}),
    ("conv2d_transpose", [(2, 7, 2, 4), (2, 3, 3, 4)], BACK | {"strides": (1, 3)}),
    ("conv2d_transpose", [(2, 9, 5, 4), (2, 3, 3, 4)], BACK | GAPS),
    (
        "conv2d_transpose",
        [(2, 2, 2, 4), (2, 1, 3, 4)],
        BACK | {"strides": (4, 3), "padding": "VALID"},
    ),
    ("fused_conv2d_transpose", [(2, 4, 6, 4), (3, 2, 3, 4), (3,)], BACK | {"strides": (2, 1)}),
    (
        "fused_conv2d_transpose",
        [(2, 9, 5, 4), (2, 3, 3, 4), (3,)],
        BACK | GAPS | {"activation": "relu"},
    ),
    *((name, [(3, 4)], {}) for name in ("sigmoid", "tanh", "softplus", "relu", "leaky_relu")),
    ("leaky_relu", [(3, 4)], {"alpha": 0.3}),
    ("add_relu", [(3, 4), (3, 4)], {}),
    *((name, [(3, 4)], {}) for name in ("softmax", "log_softmax")),
    *((name, [(3, 4)], {"axis": 0}) for name in ("softmax", "log_softmax")),
    ("softmax_cross_entropy_with_logits", [(3, 4), (3, 4)], {}),
    ("softmax_cross_entropy_with_logits", [(3, 4), (3, 4)], {"axis": 0}),
    ("moments", [(3, 4, 2)], {"axes": [0, 1]}),
    ("moments", [(3, 4, 2)], {"axes": [1], "keepdims": True}),
    ("batch_normalization", [(5, 3), (3,), (3,), (3,), (3,)], {"variance_epsilon": 0.5}),
    ("fused_batch_norm", [IMAGE, (3,), (3,)], {}),
    ("fused_batch_norm", [IMAGE, (3,), (3,)], {"epsilon": 0.5, "activation": "relu"}),
    ("fused_batch_norm", [IMAGE, (3,), (3,), (3,), (3,)], {"is_training": False}),
    ("fused_batch_norm_add_relu", [IMAGE, IMAGE, (3,), (3,)], {}),
    ("fused_batch_norm_add_relu", [IMAGE, IMAGE, (3,), (3,)], {"epsilon": 0.5}),
    ("drop", [(2, 3)], {"keep": np.array([[True, False, True], [False] * 3]), "rate": 0.3}),
    ("reduce_logsumexp", [(3, 4)], {}),
    ("reduce_logsumexp", [(3, 4)], {"axis": 0, "keepdims": True}),
    ("reduce_logsumexp", [(3, 4)], {"axis": -1}),
    ("lstm", [(3, 2, 20), (2, 5), (2, 5), (5, 20)], {}),
    ("lstm", [(3, 2, 20), (2, 5), (2, 5), (5, 20)], {"mask": MASK}),
    ("gru", [(3, 2, 15), (2, 5), (5, 15), (15,)], {}),
    ("gru", [(3, 2, 15), (2, 5), (5, 15), (15,)], {"mask": MASK}),
]


def test_every_twin_is_called_here() -> None:
    called = {name for name, *_ in CALLS}
    assert set(TWINS) - called == {"sparse_softmax_cross_entropy_with_logits"}


def outcome(f: Any, arrays: list[Any], attrs: dict[str, Any]) -> list[Any]:
    """All outputs, and the gradients of their sum with weights 1, 2, 3, …"""
    xs = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        ys = tf.nest.flatten(f(*xs, **attrs))
    weights = [np.arange(1.0, 1 + y._data.size).reshape(y.shape) for y in ys]
    return [*ys, *tape.gradient(ys, xs, output_gradients=weights)]


@pytest.mark.parametrize(("name", "shapes", "attrs"), CALLS)
def test_a_twin_has_the_values_and_gradients_of_its_op(
    name: str, shapes: list[tuple[int, ...]], attrs: dict[str, Any]
) -> None:
    rng = np.random.default_rng(5)
    arrays = [rng.normal(size=shape) for shape in shapes]
    if "batch" in name:
        arrays[1:] = [abs(array) + 0.1 for array in arrays[1:]]  # among them variances
    if name.startswith("softmax_cross"):  # of labels that are a distribution
        arrays[0] = abs(arrays[0]) / abs(arrays[0]).sum(attrs.get("axis", -1), keepdims=True)
    fused, twin = (outcome(f, arrays, attrs) for f in (OPS[name].function, TWINS[name]))
    for ours, definition in zip(fused, twin, strict=True):
        scale = np.abs(definition.numpy()).max()
        np.testing.assert_allclose(ours.numpy(), definition.numpy(), rtol=1e-9, atol=1e-11 * scale)


def test_the_twin_of_whole_labels() -> None:
    labels, logits = np.array([2, 0, 3]), np.random.default_rng(5).normal(size=(3, 4))
    name = "sparse_softmax_cross_entropy_with_logits"
    fused, twin = (
        outcome(lambda x, f=f: f(tf.constant(labels), x), [logits], {})
        for f in (OPS[name].function, TWINS[name])
    )
    for ours, definition in zip(fused, twin, strict=True):
        np.testing.assert_allclose(ours.numpy(), definition.numpy(), rtol=1e-9)
