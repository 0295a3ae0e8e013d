"""Policies of layers: `keras.mixed_precision`, `keras.DTypePolicy`, as Keras's."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras import mixed_precision
from tests.support.keras_programs import same
from tests.support.signatures import taken_alike


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Layers of the dtype policy")
        yield
    for tf in (tensorflow, scratchnet):
        tf.keras.utils.clear_session(free_memory=False)


def test_the_policy_of_layers() -> None:
    def program(tf: Any) -> list[str]:
        keras, mp = tf.keras, tf.keras.mixed_precision
        found: list[Any] = [mp.global_policy(), keras.config.dtype_policy()]
        mp.set_global_policy("mixed_float16")
        found += [mp.global_policy(), mp.Policy("mixed_float16") == mp.dtype_policy()]
        policies: list[Any] = [None, "float32", mp.Policy("float64"), keras.DTypePolicy("float64")]
        for layer in [keras.layers.Dense(2, dtype=policy) for policy in policies]:
            found += [
                layer.dtype_policy,
                layer.dtype,
                layer.variable_dtype,
                layer.get_config()["dtype"],
            ]
        found.append(keras.Sequential([keras.layers.Dense(1)]).dtype_policy)
        keras.config.set_dtype_policy(mp.Policy("float64"))
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.ReLU()])
        y = model(np.ones((1, 3), "f"))
        found += [model.dtype_policy, y.dtype.name, *(w.dtype for w in model.weights)]
        keras.utils.clear_session(free_memory=False)
        return [*map(str, found), str(keras.config.dtype_policy())]

    same(program)


def test_policies() -> None:
    def program(tf: Any) -> list[str]:
        mp, found = tf.keras.mixed_precision, []
        for name in ("mixed_float16", "mixed_bfloat16", "float16", "float32", "float64", "int32"):
            p = mp.Policy(name)
            found += [repr(p), p.name, p.compute_dtype, p.variable_dtype, p.get_config()]
            found += [mp.Policy.from_config({"name": name}) == p, p == name]
            found.append(tf.keras.utils.serialize_keras_object(p))
        return [str(x) for x in [*found, mp.Policy()]]

    same(program)


def test_it_stays_when_floatx_changes_after_it_was_asked_for() -> None:
    def program(tf: Any) -> list[str]:
        config = tf.keras.config
        first = config.dtype_policy()
        config.set_floatx("float64")
        try:
            found = [first, config.dtype_policy(), tf.keras.layers.Dense(1).dtype]
            tf.keras.utils.clear_session(free_memory=False)
            return [*map(str, found), str(config.dtype_policy())]
        finally:
            config.set_floatx("float32")

    same(program)


@pytest.mark.parametrize("bad", ["x", 3, None, ["float32"], "mixed_x", np.ones(2)])
def test_what_is_no_policy(bad: Any) -> None:
    mixed_precision.set_global_policy("float64")
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match=r"polic|DTypePolicy"):
            tf.keras.mixed_precision.set_global_policy(bad)
    assert mixed_precision.global_policy().name == "float64"
    if bad is not None:
        kind = ValueError if isinstance(bad, str) else TypeError
        with pytest.raises(kind, match=r"DTypePolicy: `name` must be .*, received name="):
            mixed_precision.Policy(bad)


def test_mixed_policies_say_what_they_are() -> None:
    with pytest.warns(UserWarning, match="here they compute in float32"):
        mixed_precision.set_global_policy("mixed_float16")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # not again for each layer
        layer = scratchnet.keras.layers.Dense(2)
    assert layer(np.ones((1, 3), "f")).dtype == "float32"
    with pytest.raises(AttributeError, match="compute in float32 here"):
        _ = mixed_precision.LossScaleOptimizer


def test_what_they_take() -> None:
    taken_alike("mixed_precision")
    taken_alike("config", "set_dtype_policy", "dtype_policy")
