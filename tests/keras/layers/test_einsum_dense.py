"""EinsumDense against Keras's: values, gradients, shapes, files, complaints."""

from __future__ import annotations

import re
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


EQUATIONS: list[tuple[str, Any, str | None]] = [
    *(("ab,bc->ac", 5, axes) for axes in (None, "c", "z", "b")),
    *(("abc,cd->abd", (None, 5), axes) for axes in ("d", "bd")),
    *(("abc,cd->abd", sizes, None) for sizes in ((3, 5), (4, 5), 5)),
    *(("abc,cde->abde", (None, 5, 6), axes) for axes in ("de", "e", "b")),
    *(("abc,bcd->ad", 5, "d"), ("abc,cd->adb", (5, None), "db"), ("...b,bc->...c", 5, "c")),
    *(("ab...,bc->ac...", 5, "c"), ("ab...,bc->ac...", (5,), None), ("...bc,cd->...bd", 5, "d")),
    *((equation, 5, None) for equation in ("ab,bc", "a,b->c", "ab,bc->az", "ab,xy->ab")),
]


@pytest.mark.parametrize(("equation", "sizes", "axes"), EQUATIONS, ids=str)
def test_every_equation_on_every_shape(equation: str, sizes: Any, axes: str | None) -> None:
    """The shapes of the weights and of the output; or both refuse."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for shape in ((2, 3), (None, 3), (2, 3, 4), (None, 3, 4), (2, 3, 4, 6), (None, None, 4)):
            layer = tf.keras.layers.EinsumDense(equation, sizes, bias_axes=axes)
            try:
                output = str(layer.compute_output_shape(shape))
                layer.build(shape)
                if equation.startswith("...") and len(shape) > 3:
                    output = ""  # Keras returns the sizes of several hidden axes in reverse order
                found += [output, [tuple(w.shape) for w in layer.weights]]
            except Exception:
                found.append("refused")
        return found

    same(program)


SAID: list[tuple[tuple[Any, ...], tuple[int | None, ...], str]] = [
    (("ab,bc", 5), (2, 3), "Invalid einsum equation 'ab,bc'. Equations must be in the form "),
    (
        ("abc,cd->abd", (None, 5)),
        (2, 3),
        "EinsumDense: the input must have an axis for each of 'abc', received shape (2, 3)",
    ),
    (
        ("abc,cd->abd", 3),
        (2, 3, 4),
        "EinsumDense: `output_shape` must have a size for each of 'abd' but the first, received "
        "output_shape=(3,)",
    ),
    (
        ("ab,bc->az", 5),
        (2, 3),
        "Dimension 'z' was specified in the output 'az' but has no corresponding dim in the input "
        "spec 'ab' or weight spec 'bc'",
    ),
    (
        ("abc,cd->abd", (4, 5)),
        (2, 3, 4),
        "Input shape and output shape do not match at shared dimension 'b'. Input shape is 3, and "
        "output shape is 4.",
    ),
    (
        ("ab,xy->ab", 3),
        (2, 3),
        "Weight dimension 'x' did not have a match in either the input spec 'ab' or the output "
        "spec 'ab'. For this layer, the weight must be fully specified.",
    ),
    (
        ("ab,bc->ac", 5, None, "z"),
        (2, 3),
        "Bias dimension 'z' was requested, but is not part of the output spec 'ac'",
    ),
]


@pytest.mark.parametrize(("arguments", "shape", "text"), SAID)
def test_what_is_said(arguments: tuple[Any, ...], shape: Any, text: str) -> None:
    layer = scratchnet.keras.layers.EinsumDense(*arguments)
    with pytest.raises(ValueError, match=re.escape(text)):
        layer.build(shape)
