"""Initial values while a file is loaded: not made, unless nothing else comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet import keras
from scratchnet.keras.initializers.postponed import postponing
from tests.support.threads import elsewhere


def _dense(**options: Any) -> Any:
    layer = keras.layers.Dense(4, kernel_initializer=keras.initializers.Orthogonal(seed=3))
    layer.build((None, 5))
    return layer


EXPECTED = keras.initializers.Orthogonal(seed=3)((5, 4)).numpy()


def test_a_variable_that_got_no_other_values_gets_its_initial_ones() -> None:
    with postponing():
        layer = _dense()
        assert not layer.kernel.numpy().any()
    np.testing.assert_array_equal(layer.kernel.numpy(), EXPECTED)
    np.testing.assert_array_equal(_dense().kernel.numpy(), EXPECTED)


def test_one_that_got_others_keeps_them() -> None:
    with postponing():
        layer = _dense()
        layer.kernel.assign(np.zeros((5, 4)))  # the same numbers, but on purpose
    assert not layer.kernel.numpy().any()


def test_after_an_error_nothing_waits_any_more() -> None:
    with pytest.raises(KeyError), postponing():
        raise KeyError
    np.testing.assert_array_equal(_dense().kernel.numpy(), EXPECTED)


def test_it_is_for_the_thread_that_loads() -> None:
    with postponing():
        kernel = elsewhere(lambda: _dense().kernel.numpy())
    np.testing.assert_array_equal(kernel, EXPECTED)


def test_seeds_that_move_on_are_used_at_once() -> None:
    """What comes after would draw other numbers."""
    seed = keras.random.SeedGenerator(1)
    layer = keras.layers.Dense(4, kernel_initializer=keras.initializers.RandomNormal(seed=seed))
    with postponing():
        layer.build((None, 5))
        assert layer.kernel.numpy().any()


@keras.saving.register_keras_serializable()
class KeepsToItself(keras.layers.Layer):
    """A layer that reads its weight when it has it, and leaves it out of files."""

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((3, 3), keras.initializers.Orthogonal(seed=1))
        self.first = self.w.numpy()

    def call(self, x: Any) -> Any:
        return x @ self.w

    def save_own_variables(self, store: Any) -> None:
        pass

    def load_own_variables(self, store: Any) -> None:
        pass


def _model(*layers: Any) -> Any:
    return keras.Sequential([keras.Input((3,)), *layers])


def test_a_layer_of_ones_own_that_keeps_its_weights_to_itself(tmp_path: Path) -> None:
    path = str(tmp_path / "m.keras")
    model = _model(KeepsToItself(name="mine"))
    model.save(path)
    layer = keras.models.load_model(path).layers[0]
    np.testing.assert_array_equal(layer.w.numpy(), model.layers[0].w.numpy())
    np.testing.assert_array_equal(layer.first, layer.w.numpy())


def test_loading_decomposes_no_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a kernel of 4096 by 4096 takes a minute."""
    path = str(tmp_path / "m.keras")
    model = _model(keras.layers.Dense(4, kernel_initializer="orthogonal"))
    model.compile(keras.optimizers.Adam(use_ema=True), "mse")
    model.fit(np.ones((2, 3)), np.ones((2, 4)), verbose=0)
    model.save(path)

    def not_now(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("an initializer was called")

    monkeypatch.setattr(keras.initializers.Orthogonal, "__call__", not_now)
    again = keras.models.load_model(path)
    for a, b in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
