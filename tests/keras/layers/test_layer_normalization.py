"""LayerNormalization against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike, outcome_of_call

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "rows": (lambda k, **o: k.LayerNormalization(**o), ROWS),
    "sequences": (lambda k, **o: k.LayerNormalization(epsilon=1e-5, **o), SEQUENCES),
    "images": (lambda k, **o: k.LayerNormalization(axis=[1, 2, 3], **o), IMAGES),
    "channels": (
        lambda k, **o: k.LayerNormalization(
            axis=(-1, 1), gamma_initializer="glorot_uniform", beta_initializer="uniform", **o
        ),
        IMAGES,
    ),
    "first axis": (lambda k, **o: k.LayerNormalization(axis=1, scale=False, **o), SEQUENCES),
    "no beta": (
        lambda k, **o: k.LayerNormalization(
            center=False, name="mine", gamma_constraint="non_neg", **o
        ),
        ROWS,
    ),
    "deviation alone": (
        lambda k, **o: k.LayerNormalization(
            axis=[1, 2], scale=False, rms_scaling=True, gamma_initializer="uniform", **o
        ),
        SEQUENCES,
    ),
}


pytestmark = pytest.mark.filterwarnings("ignore:.*rms_scaling=True")


def test_rms_scaling_is_said() -> None:
    with pytest.warns(UserWarning, match="`rms_scaling=True` .* use `tf.keras.layers.RMSNorm"):
        scratchnet.keras.layers.LayerNormalization(rms_scaling=True)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), 30)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "axis": (
        lambda tf: tf.keras.layers.LayerNormalization(axis="a"),
        "",
        "LayerNormalization: `axis` must be an int",
    ),
    "axis beyond": (
        lambda tf: tf.keras.layers.LayerNormalization(axis=5).compute_output_shape((2, 3)),
        "Axis 5 is out of bounds",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("name", CASES)
def test_float64(name: str) -> None:
    """As Keras does with 1e-15 of the numbers, or where its layer rounds on the way, 1e-7."""
    make, x = CASES[name]
    computes_alike(lambda k, dtype: make(k, dtype=dtype), x, "float64", 30)


def test_one_sample_and_none() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.LayerNormalization()
        return [layer(tf.constant(ROWS[:n])).numpy() for n in (1, 0)]

    close(program, 20)


@pytest.mark.parametrize("kind", ["int8", "int64", "bool", "float16", "float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_result_is_rounded_to_the_dtype_of_the_input(kind: str, dtype: str) -> None:
    def program(tf: Any) -> Any:
        x = tf.constant(np.array([[3, 0, -3, 3], [1, 2, -2, -1], [0, 0, 0, 1]]).astype(kind))
        layers = tf.keras.layers
        names = ("LayerNormalization", "GroupNormalization", "BatchNormalization")
        rules = [{}, {"groups": 2}, {}]
        made = [getattr(layers, n)(dtype=dtype, **r) for n, r in zip(names, rules, strict=True)]
        return [layer(x).numpy() for layer in made]

    close(program, 64)
