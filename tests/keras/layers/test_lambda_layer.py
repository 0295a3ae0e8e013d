"""Lambda against Keras's: values, gradients, shapes, configurations, files that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, same, twins
from tests.support.layer_inputs import ROWS, SEQUENCES
from tests.support.layer_programs import outcome_of_call

CASES: dict[str, Any] = {
    "square": lambda tf: tf.keras.layers.Lambda(lambda x: x**2),
    "of the module": lambda tf: tf.keras.layers.Lambda(tf.nn.relu, name="mine"),
    "arguments": lambda tf: tf.keras.layers.Lambda(lambda x, by: x * by, arguments={"by": 3.0}),
    "training": lambda tf: tf.keras.layers.Lambda(lambda x, training: -x if training else x),
    "reduced": lambda tf: tf.keras.layers.Lambda(lambda x: tf.reduce_sum(x, 1)),
    "shape": lambda tf: tf.keras.layers.Lambda(lambda x: x[:, :2], output_shape=(2,)),
    "shape of a function": lambda tf: tf.keras.layers.Lambda(
        lambda x: x[:, :2], output_shape=lambda shape: (shape[0], 2)
    ),
}


@pytest.mark.parametrize("training", [None, True])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, training: bool | None) -> None:
    close(lambda tf: outcome_of_call(tf, lambda _: CASES[name](tf), ROWS, training), 8)


@pytest.mark.parametrize("name", CASES)
def test_in_a_model(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        inputs = tf.keras.Input((6,))
        model = tf.keras.Model(inputs, CASES[name](tf)(inputs))
        return [list(model.output_shape), model.predict(ROWS, verbose=0)]

    close(program, 8)


def test_several_inputs() -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.Lambda(lambda pair: pair[0] - pair[1])
        return layer([tf.constant(ROWS), tf.constant(ROWS[::-1].copy())]).numpy()

    close(program, 2)


@pytest.mark.parametrize("name", ["square", "arguments", "shape", "shape of a function"])
def test_config_of_code_is_that_of_keras_and_is_not_run(name: str) -> None:
    theirs, ours = twins(lambda tf: CASES[name](tf))
    assert ours.get_config() == theirs.get_config()
    with pytest.raises(ValueError, match="no code from a file is run"):
        type(ours).from_config(theirs.get_config())


def test_a_registered_function_goes_through_a_config() -> None:
    def program(tf: Any) -> list[Any]:
        @tf.keras.utils.register_keras_serializable("tests")
        def twice(x: Any) -> Any:
            return x * 2

        layer = tf.keras.layers.Lambda(twice, output_shape=(6,))
        config = layer.get_config()
        again = tf.keras.layers.Lambda.from_config(config)
        return [layer.get_config(), again(tf.constant(ROWS)).numpy().tolist()]

    same(program)


def test_a_file(tmp_path: Any) -> None:
    keras = scratchnet.keras
    model = keras.Sequential([keras.Input((6,)), keras.layers.Lambda(lambda x: x + 1)])
    model.save(tmp_path / "m.keras")
    with pytest.raises((TypeError, ValueError), match="no code from a file is run"):
        keras.models.load_model(tmp_path / "m.keras")


def test_mask() -> None:
    layer = scratchnet.keras.layers.Lambda(lambda x: x, mask=lambda x, mask: mask)
    assert layer.compute_mask(SEQUENCES, np.ones(2)) is not None
    assert layer.supports_masking


@pytest.mark.filterwarnings("ignore:.*does not support masking")
def test_shapes_masks_and_flags() -> None:
    def program(tf: Any) -> list[Any]:
        kind, x, found = tf.keras.layers.Lambda, np.ones((2, 3), "f"), []
        for options in (
            *({}, {"output_shape": (7,)}, {"output_shape": lambda shape: (shape[0], 9)}),
            {"arguments": {"n": 3.0}},
        ):
            layer = kind(lambda x, n=2.0: x * n, **options)
            found += [tuple(layer.compute_output_shape((2, 3))), layer(x).numpy().tolist()]
            found += [tuple(layer(tf.keras.Input((3,))).shape), layer.built]
            found.append(layer.compute_mask(x, None))
        for mask in (None, np.array([True, False]), lambda x, mask: "m"):
            layer = kind(lambda x: x, mask=mask)
            found += [str(layer.compute_mask(x, None)), layer.supports_masking]

        def in_training(x: Any, training: bool = False) -> Any:
            return x * (2.0 if training else 1.0)

        def masked(x: Any, mask: Any = None) -> Any:
            return x * (0.0 if mask is None else 3.0)

        first, second = kind(in_training), kind(masked)
        found += [first(x).numpy().tolist(), first(x, training=True).numpy().tolist()]
        found += [second(x).numpy().tolist(), second(x, mask=np.ones(2, bool)).numpy().tolist()]
        return found

    same(program)
