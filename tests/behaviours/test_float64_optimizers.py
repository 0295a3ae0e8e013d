"""Optimizers on variables of other dtypes than float32, and on what is no variable; as Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close

GRADIENTS = np.random.default_rng(0).normal(size=(8, 5))
START = np.random.default_rng(1).normal(size=5)
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"weight_decay": 0.01}),
    ("SGD", {"clipnorm": 0.3}),
    ("SGD", {"global_clipnorm": 0.3}),
    ("SGD", {"clipvalue": 0.3}),
    ("SGD", {"use_ema": True, "ema_momentum": 0.93, "ema_overwrite_frequency": 3}),
    ("SGD", {"loss_scale_factor": 3.3}),
    ("SGD", {"gradient_accumulation_steps": 3}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("Adam", {"beta_1": 0.7, "beta_2": 0.83, "epsilon": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.03, "use_ema": True}),
    ("RMSprop", {}),
    ("Nadam", {"beta_1": 0.7, "epsilon": 0.1}),
    ("Adagrad", {}),
    ("Adadelta", {"rho": 0.77}),
    ("Adamax", {"beta_1": 0.7, "beta_2": 0.83}),
    ("Ftrl", {"l1_regularization_strength": 0.01, "beta": 0.3}),
    ("Lion", {}),
    ("Adafactor", {}),
    ("RMSprop", {"momentum": 0.9, "centered": True, "rho": 0.77}),
]


@pytest.mark.parametrize("dtype", ["float64", "float16"])
@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_steps_agree_to_the_last_bits(name: str, options: dict[str, Any], dtype: str) -> None:
    def program(tf: Any) -> list[Any]:
        v, u = tf.Variable(START, dtype=dtype), tf.Variable(START[:2] * 3, dtype=dtype)
        optimizer = getattr(tf.keras.optimizers, name)(0.1, **options)
        for g in GRADIENTS:
            pairs = [(tf.constant(g, dtype), v), (tf.constant(g[:2] * 2, dtype), u)]
            optimizer.apply_gradients(pairs)
        return [v.numpy() - START.astype(dtype), u.numpy() - START[:2].astype(dtype) * 3]

    close(program, 64, eps=float(np.finfo(dtype).eps))  # 8 roundings


def pair(tf: Any) -> tuple[Any, Any]:
    return tf.ones(2), tf.Variable([1.0, 2.0])


WRONG: dict[str, Any] = {
    "lists the wrong way round": lambda tf, of: of.apply_gradients(
        [[tf.ones(2), tf.ones(2)], [pair(tf)[1], pair(tf)[1]]]
    ),
    "pairs the wrong way round": lambda tf, of: of.apply_gradients([pair(tf)[::-1]]),
    "a number": lambda tf, of: of.apply_gradients([(tf.ones(2), 3.0)]),
    "a string": lambda tf, of: of.apply_gradients([(tf.ones(2), "w")]),
    "None": lambda tf, of: of.apply_gradients([(tf.ones(2), None)]),
    "an array": lambda tf, of: of.apply_gradients([(tf.ones(2), np.ones(2))]),
    "apply": lambda tf, of: of.apply([tf.ones(2)], [tf.ones(2)]),
    "build": lambda tf, of: of.build([tf.ones(2)]),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize("built", [False, True])
def test_what_is_no_variable_is_refused(name: str, wrong: str, built: bool) -> None:
    for tf in (tensorflow, scratchnet):
        optimizer = getattr(tf.keras.optimizers, name)()
        if built and wrong != "build":
            optimizer.apply_gradients([pair(tf)])
        with pytest.raises(AttributeError):
            WRONG[wrong](tf, optimizer)


def test_one_gradient_for_two_variables_is_refused() -> None:
    variables = [scratchnet.Variable([1.0]), scratchnet.Variable([2.0])]
    with pytest.raises(ValueError, match="1 gradients and 2 variables"):
        scratchnet.keras.optimizers.SGD().apply([scratchnet.ones(1)], variables)
