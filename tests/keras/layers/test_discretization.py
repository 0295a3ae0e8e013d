"""Discretization against Keras's: bins, boundaries found, models, files, complaints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same
from tests.support.layer_programs import configured_alike
from tests.support.saved_models import crosses

X = np.random.default_rng(1).normal(size=(40, 3)).astype("f")
MODES = ("int", "one_hot", "multi_hot", "count")


@pytest.mark.parametrize("mode", MODES)
def test_bins(mode: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for options in ({}, {"dtype": "float64"}):
            make = tf.keras.layers.Discretization
            layer = make(bin_boundaries=[-0.5, 0.0, 1.25], output_mode=mode, **options)
            for x in (
                *(X, X[:, :1], X[0], X.astype("d")[:2], X[:0], np.float32(0.25)),
                *([[0.0, 1.25], [1.2500001, -9.0]], np.array([[1, -2, 0]]), X[:2, :, None]),
                *(np.array([3, 0], "uint8"), np.array([np.nan, np.inf, -np.inf, -0.0], "f")),
            ):
                y = layer(x)
                found.append((y.dtype.name, y.shape.as_list(), y.numpy().tolist()))
            for shape in ((None, 3), (None, 1), (4,), (2, 3, 5)):
                found.append(layer.compute_output_shape(shape))
            rows = tf.data.Dataset.from_tensor_slices(X[:3]).map(layer)
            found.append([(x.dtype.name, x.numpy().tolist()) for x in rows])
        return found

    same(program)
    configured_alike(lambda k: k.Discretization([0.5, 1.5], output_mode=mode))


def test_adapt() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        data = tf.data.Dataset.from_tensor_slices(X).batch(7)
        integers = np.arange(100) % 17
        for n, epsilon in ((1, 0.01), (4, 0.01), (5, 0.3), (50, 0.1), (3, 2.0)):
            layer = tf.keras.layers.Discretization(num_bins=n, epsilon=epsilon)
            for given in (X, tf.constant(X), X.astype("d"), data, integers, [X, X * 2], X[:1]):
                layer.adapt(given)
                found.append((layer.bin_boundaries, layer.get_config()))
            layer.adapt(data, steps=2)
            found.append((layer.bin_boundaries, layer(X).numpy().tolist()))
        return found

    same(program)


def test_files(tmp_path: Path) -> None:
    def make(tf: Any) -> Any:
        layer = tf.keras.layers.Discretization(num_bins=4, output_mode="one_hot")
        layer.adapt(X)
        dense = tf.keras.layers.Dense(2)
        return tf.keras.Sequential([tf.keras.Input((3,)), layer, dense])

    crosses(make, X, tmp_path)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "neither": (lambda k: k.Discretization(), "set either `num_bins` or `bin_boundaries`", ""),
    "both": (lambda k: k.Discretization([0.0], 3), "should not be set", ""),
    "negative": (lambda k: k.Discretization(num_bins=-1), "greater than or equal to 0", ""),
    "mode": (lambda k: k.Discretization([0.0], output_mode="x"), "output_mode", "must be one of"),
    "adapt": (lambda k: k.Discretization([0.0]).adapt(X), "Cannot adapt a Discretization", ""),
    "not yet": (lambda k: k.Discretization(num_bins=3)(X), "You need to either pass the", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


@pytest.mark.parametrize("boundaries", [np.ones((2, 2)), [[1], [1, 2]], 3.0])
def test_boundaries_that_are_no_row_are_refused(boundaries: Any) -> None:
    with pytest.raises(ValueError, match="`bin_boundaries` must be a list of numbers"):
        scratchnet.keras.layers.Discretization(boundaries)


@pytest.mark.parametrize("dtype", [None, "float16", "float64", "int64"])
def test_the_dtype_of_the_layer_does_not_round_what_is_compared(dtype: Any) -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for x in ([0.1, 0.7, 1 / 3], [1, 2, 2**24 + 1], [True, False]):
            for kind in ("float64", "float32", "float16", None):
                array = np.array(x, kind if isinstance(x[0], float) else None)
                for mode in ("int", "one_hot"):
                    layer = tf.keras.layers.Discretization(
                        [0.1, 1 / 3, 0.7, 2.0, 2**24], output_mode=mode, dtype=dtype
                    )
                    found.append(layer(array).numpy().tolist())
        return found

    same(program)


def test_states_between() -> None:
    """A summary that grows, is taken and forgotten; without bins to find nothing happens."""

    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        layer, given = k.Discretization(num_bins=3), k.Discretization([0.0, 1.0])
        layer.update_state(X)
        layer.finalize_state()
        found = [layer.bin_boundaries]
        layer.reset_state()
        layer.finalize_state()
        found.append(layer.bin_boundaries)
        layer.adapt([X, X * 9], steps=1)
        found.append(layer.bin_boundaries)
        given.finalize_state()
        given.reset_state()
        found += [given.bin_boundaries, given.get_config()]
        for x in (np.float32(0.5), 0.5, 2, True, [True, False]):
            found.append(given(x).numpy().tolist())
        for mode in MODES:
            layer = k.Discretization(num_bins=3, output_mode=mode)
            found += [
                layer.compute_output_shape(s) for s in ((None, 2), (None, 1), (4,), (2, 3, 1))
            ]
            y = k.Discretization([0.0, 1.0], output_mode=mode)(tf.keras.Input((2,)))
            found += [tuple(y.shape), str(y.dtype)]
        config = {**k.Discretization(num_bins=2).get_config(), "bin_boundaries": [1.0]}
        again = k.Discretization.from_config(config)
        return [*found, again.num_bins, again.bin_boundaries, again([0.0, 2.0]).numpy().tolist()]

    same(program)


def test_no_bins_and_no_data() -> None:
    complain_alike(
        lambda tf: tf.keras.layers.Discretization(num_bins=0).adapt(X), "", "must be positive to"
    )
    with pytest.raises(TypeError, match=r"Discretization.adapt: `data` must be an array, a tensor"):
        scratchnet.keras.layers.Discretization(num_bins=2).adapt(3)
