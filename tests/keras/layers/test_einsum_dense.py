"""EinsumDense against Keras's: values, gradients, shapes, files, complaints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same
from tests.support.layer_programs import computes_alike, configured_alike
from tests.support.saved_models import crosses

X = np.random.default_rng(4).normal(size=(2, 3, 4, 5)).astype("f")

LAYERS: dict[str, Any] = {
    "matrix": lambda k, **o: k.EinsumDense("abcd,de->abce", (None, None, 3), **o),
    "bias": lambda k, **o: k.EinsumDense("abcd,de->abce", (3, 4, 3), "relu", "e", **o),
    "heads": lambda k, **o: k.EinsumDense("abcd,def->abcef", (None, None, 2, 3), None, "ef", **o),
    "from heads": lambda k, **o: k.EinsumDense("abcd,cde->abe", (3, 6), bias_axes="e", **o),
    "inner bias": lambda k, **o: k.EinsumDense("abcd,de->abce", (3, 4, 3), bias_axes="be", **o),
    "dots on the left": lambda k, **o: k.EinsumDense("...x,xy->...y", 3, bias_axes="y", **o),
    "dots on the right": lambda k, **o: k.EinsumDense("ax...,xy->ay...", 7, bias_axes="y", **o),
    "all dots": lambda k, **o: k.EinsumDense(
        "abcd...,cd->abd...", (3, 5), kernel_initializer="he_normal", name="e", **o
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str) -> None:
    for dtype in ("float32", "float64"):
        computes_alike(LAYERS[name], X, dtype, 60)
    configured_alike(LAYERS[name])
    for shape in ((None, 3, 4, 5), (0, 3, 4, 5), (2, 3, 4, 5)):
        if name == "dots on the left":  # Keras returns the axes of "..." in reverse order
            layer = LAYERS[name](scratchnet.keras.layers)
            assert layer.compute_output_shape(shape) == (*shape[:-1], 3)
            continue
        same(lambda tf, s=shape: LAYERS[name](tf.keras.layers).compute_output_shape(s))


def test_file(tmp_path: Path) -> None:
    def make(tf: Any) -> Any:
        k = tf.keras.layers
        return tf.keras.Sequential(
            [tf.keras.Input((3, 4)), k.EinsumDense("abc,cde->abde", (None, 2, 3), "tanh", "de")]
        )

    crosses(make, X[0, ..., :4], tmp_path)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no equation": (lambda k: k.EinsumDense("ab", 3)(X[0, 0]), "Invalid einsum equation", ""),
    "other size": (
        lambda k: k.EinsumDense("abc,cd->abd", (7, 2))(X[0]),
        "do not match at shared dimension 'b'",
        "",
    ),
    "nowhere": (
        lambda k: k.EinsumDense("ab,bc->ad", 3)(X[0, 0]),
        "has no corresponding dim in the input",
        "",
    ),
    "weight alone": (
        lambda k: k.EinsumDense("ab,bz->ab", 5)(X[0, 0]),
        "Weight dimension 'z' did not have a match",
        "",
    ),
    "bias nowhere": (
        lambda k: k.EinsumDense("ab,bc->ac", 3, bias_axes="z")(X[0, 0]),
        "Bias dimension 'z' was requested",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


def test_bias_axes_are_letters() -> None:
    with pytest.raises(TypeError, match="`bias_axes` must be a string or None"):
        scratchnet.keras.layers.EinsumDense("ab,bc->ac", 3, bias_axes=3)
