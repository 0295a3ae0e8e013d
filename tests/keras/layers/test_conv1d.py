"""Conv1D against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "plain": (
        lambda k, **o: k.Conv1D(3, 2, **o),
        SEQUENCES,
    ),
    "same": (
        lambda k, **o: k.Conv1D(
            4, 3, padding="same", activation="relu", bias_initializer="uniform", **o
        ),
        SEQUENCES,
    ),
    "strides": (
        lambda k, **o: k.Conv1D(4, (2,), strides=2, padding="same", use_bias=False, **o),
        SEQUENCES,
    ),
    "causal": (
        lambda k, **o: k.Conv1D(4, 3, padding="causal", dilation_rate=2, name="c", **o),
        SEQUENCES,
    ),
    "groups": (
        lambda k, **o: k.Conv1D(4, 2, groups=2, kernel_constraint="max_norm", **o),
        SEQUENCES,
    ),
    "activation": (
        lambda k, **o: k.Convolution1D(2, 5, activation="tanh", kernel_regularizer="l2", **o),
        SEQUENCES,
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, dtype: str) -> None:
    make, x = CASES[name]
    computes_alike(make, x, dtype, 60)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "filters": (
        lambda tf: tf.keras.layers.Conv1D(0, 3),
        "filters",
        "Conv1D: `filters` must be a positive integer",
    ),
    "kernel": (
        lambda tf: tf.keras.layers.Conv1D(2, (3, 3)),
        "kernel_size",
        "Conv1D: `kernel_size` must be one positive integer",
    ),
    "padding": (
        lambda tf: tf.keras.layers.Conv1D(2, 3, padding="full"),
        "padding",
        "Conv1D: `padding` must be",
    ),
    "both": (
        lambda tf: tf.keras.layers.Conv1D(2, 3, 2, dilation_rate=2),
        "",
        "Conv1D: `dilation_rate` must be 1",
    ),
    "groups": (
        lambda tf: tf.keras.layers.Conv1D(3, 3, groups=2),
        "groups",
        "must divide filters=3",
    ),
    "channels": (
        lambda tf: tf.keras.layers.Conv1D(4, 3, groups=4)(SEQUENCES),
        "groups",
        "must divide the channels",
    ),
    "short": (
        lambda tf: tf.keras.layers.Conv1D(4, 9)(SEQUENCES),
        "",
        "the kernel must fit into the sequence",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_channels_first() -> None:
    """Ours of both layouts: TensorFlow's CPU kernels have one."""
    layers = scratchnet.keras.layers
    last = layers.Conv1D(3, 2, padding="same")
    first = layers.Conv1D(3, 2, padding="same", data_format="channels_first")
    y, turned = last(SEQUENCES), SEQUENCES.transpose(0, 2, 1).copy()
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    np.testing.assert_array_equal(first(turned).numpy().transpose(0, 2, 1), y.numpy())
    assert first.compute_output_shape((None, 6, 5)) == (None, 3, 5)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_in_fit_and_a_file(tmp_path: Any) -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        parts = [k.Conv1D(4, 2, activation="relu"), k.MaxPooling1D(), k.GlobalAveragePooling1D()]
        model = tf.keras.Sequential([tf.keras.Input((5, 6)), *parts, k.Dense(1)])
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        history = model.fit(SEQUENCES, np.ones((2, 1), "f"), 1, 2, shuffle=False, verbose=0)
        path = tmp_path / "m.keras"  # the second program reads its own, too
        model.save(path)
        read = tf.keras.models.load_model(path)
        return [history.history, model.get_weights(), read.predict(SEQUENCES, verbose=0)]

    close(program, 100)


def test_inputs_of_another_rank() -> None:
    shapes = {"Conv1D": (2, 5, 7, 4), "SeparableConv1D": (2, 5, 7, 4), "Conv2D": (2, 5, 7, 3, 4)}
    for name, shape in shapes.items():
        kernel = (3,) * (len(shape) - 3) + (4, 3)

        def program(tf: Any, name: str = name, shape: tuple[int, ...] = shape) -> Any:
            return getattr(tf.keras.layers, name)(3, 3)(np.zeros(shape, np.float32))

        complain_alike(program, f"kernel of shape {kernel} and input of shape {shape}")
    layer = scratchnet.keras.layers.Conv1D(3, 3)
    layer(np.zeros((2, 5, 4), np.float32))
    refused = scratchnet.errors.InvalidArgumentError
    with pytest.raises(refused, match=r"`inputs` must have rank 3.*\(2, 5, 7, 4\)"):
        layer(np.zeros((2, 5, 7, 4), np.float32))
