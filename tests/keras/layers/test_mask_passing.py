"""How masks pass through layers, models, losses and metrics, against Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.keras_mask import get_mask
from tests.support.keras_programs import close, same
from tests.support.recurrent_programs import MASK, RNG

X = RNG.normal(size=(3, 6, 4)).astype("f") * MASK[..., None]

LAYERS: dict[str, Any] = {
    "dense": lambda k: k.Dense(2),
    "activation": lambda k: k.Activation("relu"),
    "relu": lambda k: k.ReLU(),
    "leaky": lambda k: k.LeakyReLU(),
    "prelu": lambda k: k.PReLU(),
    "dropout": lambda k: k.Dropout(0.5),
    "batch normalization": lambda k: k.BatchNormalization(),
    "rescaling": lambda k: k.Rescaling(2.0),
    "time distributed": lambda k: k.TimeDistributed(k.Dense(2)),
    "lstm": lambda k: k.LSTM(2, return_sequences=True),
    "last": lambda k: k.LSTM(2),
    "flatten": lambda k: k.Flatten(),
    "reshape": lambda k: k.Reshape((24,)),
    "masking": lambda k: k.Masking(),
    "bidirectional": lambda k: k.Bidirectional(k.GRU(2, return_sequences=True)),
}


def described(y: Any, heard: list[Any]) -> list[Any]:
    mask = getattr(y, "_keras_mask", None)
    lost = [str(w.message) for w in heard if "does not support masking" in str(w.message)]
    return [None if mask is None else mask.numpy().tolist(), lost]


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    def program(tf: Any) -> Any:
        k = tf.keras.layers
        layer = LAYERS[name](k)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            y = layer(k.Masking()(X))
        return [*described(y, heard), layer.supports_masking]

    same(program)


def own(tf: Any, supports: bool) -> Any:
    class Twice(tf.keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            if supports:
                self.supports_masking = True
            self.seen: Any = "not called"

        def call(self, inputs: Any, mask: Any = None) -> Any:
            self.seen = None if mask is None else mask.numpy().tolist()
            return inputs * 2

    return Twice()


@pytest.mark.parametrize("supports", [False, True])
def test_layers_of_ones_own(supports: bool) -> None:
    def program(tf: Any) -> Any:
        layer = own(tf, supports)
        x = tf.keras.layers.Masking()(X)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            y = layer(x)
            seen = layer.seen
            layer(x, mask=tf.constant(~MASK))
        return [*described(y, heard), seen, layer.seen]

    same(program)


def test_a_layer_that_makes_masks() -> None:
    def program(tf: Any) -> Any:
        class Positive(tf.keras.layers.Layer):
            def call(self, inputs: Any) -> Any:
                return inputs

            def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
                return tf.reduce_any(inputs > 0, axis=-1)

        y = tf.keras.layers.Dense(2)(Positive()(tf.constant(X) * 1))
        return y._keras_mask.numpy().tolist()

    same(program)


def test_several_inputs() -> None:
    def program(tf: Any) -> Any:
        class Both(tf.keras.layers.Layer):
            def call(self, a: Any, b: Any, a_mask: Any = None, b_mask: Any = None) -> Any:
                self.seen = [m is not None and m.numpy().tolist() for m in (a_mask, b_mask)]
                return a

        k, layer = tf.keras.layers, Both()
        x, plain = k.Masking()(X), tf.constant(X) * 1
        found = []
        for pair in ((x, plain), (plain, x), (x, x)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                layer(*pair)
            found.append(layer.seen)
        return found

    same(program)


MERGING = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]


@pytest.mark.parametrize("name", MERGING)
def test_merging(name: str) -> None:
    other = np.where(RNG.random((3, 6, 1)) < 0.5, RNG.normal(size=(3, 6, 4)), 0).astype("f")

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        masked, second, plain = k.Masking()(X), k.Masking()(other), tf.constant(X) + 1
        found: list[Any] = []
        for pair in ([masked, second], [masked, plain], [plain, plain]):
            y = getattr(k, name)()(pair)
            mask = getattr(y, "_keras_mask", None)
            found += [y.numpy(), None if mask is None else mask.numpy()]
        if name == "Concatenate":
            found.append(k.Concatenate(axis=1)([masked, second])._keras_mask.numpy())
            found.append(k.Concatenate(axis=1)([plain, second])._keras_mask.numpy())
        return found

    close(program, 8)


def test_the_mask_is_not_looked_for_beside_an_initial_state() -> None:
    """As in Keras: of two tensors a mask must be called ``sequences_mask``."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        layer, x = k.SimpleRNN(2), k.Masking()(X)
        state = tf.ones((3, 2))
        return [layer(x).numpy(), layer(x, initial_state=state).numpy(),
                layer(x, initial_state=state, mask=x._keras_mask).numpy()]  # fmt: skip

    close(program, 60)


REDUCTIONS = ["sum_over_batch_size", "sum", "none", "mean_with_sample_weight"]


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_losses(reduction: str) -> None:
    truth = RNG.normal(size=(3, 6, 4)).astype("f")
    weights = {"steps": RNG.random((3, 6)), "samples": RNG.random((3, 1)), "none": None}

    def program(tf: Any) -> Any:
        k = tf.keras
        loss = k.losses.MeanSquaredError(reduction=reduction)
        found = []
        for weight in weights.values():
            for x in (X, X * 0):
                y = k.layers.Masking()(x)
                given = None if weight is None else tf.constant(weight.astype("f"))
                found.append(loss(tf.constant(truth), y, sample_weight=given).numpy())
        return found

    close(program, 30)


def test_metrics() -> None:
    labels, other = RNG.integers(0, 4, (3, 6)), RNG.normal(size=(3, 6, 4)).astype("f")

    def program(tf: Any) -> Any:
        k = tf.keras
        y = k.layers.Masking()(X)
        found = []
        for weight in (None, np.ones((3, 6), "f") * 2, np.arange(3, dtype="f")):
            for metric, truth in (
                (k.metrics.SparseCategoricalAccuracy(), labels),
                (k.metrics.MeanSquaredError(), other),
                (k.metrics.SparseCategoricalCrossentropy(from_logits=True), labels),
            ):
                try:
                    metric.update_state(truth, y, sample_weight=weight)
                    found.append(metric.result().numpy())
                except Exception:
                    found.append("an error")
        return found

    close(program, 30)


def inner_models(tf: Any) -> list[Any]:
    k, inputs = tf.keras.layers, tf.keras.Input((6, 4))
    chain = tf.keras.Sequential([tf.keras.Input((6, 4)), k.GRU(2)])
    late = tf.keras.Sequential([k.GRU(2)])
    return [chain, late, tf.keras.Model(inputs, k.LSTM(2, return_sequences=True)(inputs))]


def test_models_on_masked_tensors() -> None:
    """They warn that the mask ends there; their layers have it all the same."""

    def program(tf: Any) -> Any:
        found: list[Any] = []
        for model in inner_models(tf):
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always")
                y = model(tf.keras.layers.Masking()(X))
                z = model(tf.constant(X), mask=tf.constant(MASK))
            found += [y.numpy(), z.numpy(), str(described(y, heard))]
        return found

    close(program, 60)


def test_masked_tensors_of_an_outer_model() -> None:
    def program(tf: Any) -> Any:
        found = []
        for model in inner_models(tf):
            inputs = tf.keras.Input((6, 4))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                outer = tf.keras.Model(inputs, model(tf.keras.layers.Masking()(inputs)))
                found.append(outer(X).numpy())
        return found

    close(program, 60)


def test_no_masks_no_search() -> None:
    """A layer hands on the very tensor that it made, without a mask."""
    y = scratchnet.keras.layers.Dense(2)(np.ones((1, 2), "f"))
    assert get_mask(y) is None
    assert get_mask(np.ones(2)) is None


EVERY: list[Any] = [
    *(lambda k, n=n: getattr(k, n)() for n in ("Flatten", "PReLU", "Identity", "ELU")),
    *(lambda k, n=n: getattr(k, n)() for n in ("LeakyReLU", "ReLU", "Normalization", "Masking")),
    *(lambda k, n=n: getattr(k, n)() for n in ("LayerNormalization", "BatchNormalization")),
    *(lambda k, n=n: getattr(k, n)() for n in ("RMSNormalization", "UnitNormalization")),
    *(lambda k, n=n: getattr(k, n)() for n in ("GlobalAveragePooling1D", "GlobalMaxPooling1D")),
    *(lambda k, n=n: getattr(k, n)(2) for n in ("Dense", "MaxPooling1D", "GRU")),
    *(lambda k, n=n: getattr(k, n)(2) for n in ("AveragePooling1D", "UpSampling1D", "Rescaling")),
    *(lambda k, n=n: getattr(k, n)(1) for n in ("ZeroPadding1D", "DepthwiseConv1D")),
    *(lambda k, n=n: getattr(k, n)(0.5) for n in ("Dropout", "SpatialDropout1D", "AlphaDropout")),
    *(lambda k, n=n: getattr(k, n)(0.5) for n in ("GaussianNoise", "GaussianDropout")),
    *(lambda k, n=n: getattr(k, n)(2, 1) for n in ("Conv1D", "SeparableConv1D", "Conv1DTranspose")),
    *(lambda k, n=n: getattr(k, n)(2, return_sequences=True) for n in ("LSTM", "SimpleRNN")),
    *(lambda k, o=o: k.Bidirectional(k.LSTM(2, return_sequences=o)) for o in (False, True)),
    *(lambda k, n=n: k.Activation(n) for n in ("relu", "softmax")),
    *(lambda k: k.TimeDistributed(k.Dense(2)), lambda k: k.Reshape((2, 3))),
    *(lambda k: k.ActivityRegularization(), lambda k: k.Permute((2, 1))),
    *(lambda k: k.Lambda(lambda x: x * 2.0), lambda k: k.Cropping1D((0, 1))),
    *(lambda k: k.GroupNormalization(1), lambda k: k.CategoryEncoding(9)),
    *(lambda k: k.EinsumDense("abc,cd->abd", (None, 2)), lambda k: k.Discretization([0.5])),
]


@pytest.mark.parametrize("i", range(len(EVERY)))
def test_every_layer_on_a_masked_tensor(i: int) -> None:
    """The mask of what it returns, and whether it warns that the mask ends there."""

    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        layer = EVERY[i](k)
        x = k.Masking()(np.array([[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]], "f"))
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            y = layer(x)
        mask = getattr(y, "_keras_mask", None)
        words = [str(w.message) for w in heard if "mask" in str(w.message)]
        return [layer.supports_masking, None if mask is None else mask.numpy().tolist(), words]

    same(program)
