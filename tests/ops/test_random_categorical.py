"""Classes drawn by their probabilities: the very ones that TensorFlow draws at the same seeds."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import scratchnet
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.ops import random as sn
from tests.support.cases import TRUTH, Case, Draw, Sample, normal, seeds
from tests.support.ops_checks import DTYPES, check_against_tensorflow
from tests.support.paired import both_raise
from tests.support.random_numbers import assert_same_bits

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def classes(draw: Draw) -> Sample:
    rng = np.random.default_rng(draw(seeds()))
    shape = draw(st.integers(0, 9)), draw(st.integers(1, 9))
    attrs = {
        "num_samples": draw(st.integers(0, 9)),
        "seed": [draw(st.integers(-(2**31), 2**31 - 1)) for _ in range(2)],
        "dtype": draw(st.sampled_from(["int32", "int64"])),
    }
    return Sample([normal(rng, shape)], attrs)


CASES: dict[str, Case] = {"stateless_categorical": Case(classes(), **TRUTH)}


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


# -- seeds and streams -----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_stateful_draws(dtype: str) -> None:
    """Of one row and many, for one sample and many; a kernel with a seed of its own goes on."""
    numbers = np.random.default_rng(0)
    sizes = ((1, 65, 1), (64, 10, 1), (3, 4, 5), (4, 2, 8), (2, 1000, 6), (1, 3, 20_000), (2, 3, 0))
    scratchnet.random.set_seed(3), tf.random.set_seed(3)
    for rows, count, samples in sizes:
        x = (2 * numbers.standard_normal((rows, count))).astype(dtype)
        for seed in (None, 9, 9):
            for kind in (None, "int32"):
                found = scratchnet.random.categorical(x, samples, kind, seed)
                assert_same_bits(found, tf.random.categorical(x, samples, kind, seed))


def test_draws_of_keras_and_in_functions() -> None:
    x = [[0.0, 1.0, 2.0], [3.0, 1.0, 2.0]]
    for seed in (None, 5):
        drawn = []
        for module in (scratchnet, tf):
            module.keras.utils.set_random_seed(1)
            of_keras = [module.keras.random.categorical(x, 5, seed=seed) for _ in range(2)]
            function = module.function(lambda m=module: m.random.categorical(x, 5, seed=4))
            rows = module.data.Dataset.range(3).map(lambda i, m=module: m.random.categorical(x, 2))
            drawn.append([*of_keras, function(), function(), *rows])
        for found, expected in zip(*drawn, strict=True):
            assert_same_bits(found, expected)


def test_logits_that_are_not_finite() -> None:
    inf, nan = np.inf, np.nan
    x = np.array([[-inf, -inf], [inf, 0], [nan, 1], [0, nan], [-inf, -3e38]], np.float32)
    assert_same_bits(sn.categorical(x, 4), tf.random.categorical(x, 4))


COMPLAINTS = {
    "tf.random.categorical([1.0, 2.0], 3)": "logits should be a matrix, got shape [2]",
    "tf.random.categorical([[1.0, 2.0]], -3)": "num_samples should be non-negative, got -3",
    "tf.random.categorical(tf.zeros([2, 0]), 2)": "num_classes should be positive, got 0",
    "tf.random.categorical([[1.0, 2.0]], 2, 'float32')": "Accepted dtypes are",
    "tf.random.stateless_categorical([[1.0, 2.0]], 2, [1, 2, 3])": "seed must have shape [2], not",
    "tf.random.categorical([[1.0, 2.0]], 2.5)": "",
    "tf.keras.random.categorical([1.0, 2.0], 2)": "`logits` should be a 2-D tensor",
}


@pytest.mark.parametrize("program", COMPLAINTS)
def test_complaints(program: str) -> None:
    both_raise(program, COMPLAINTS[program])


def test_integers_are_refused_by_name() -> None:
    with pytest.raises(InvalidArgumentError, match="categorical: `logits` must be floating"):
        sn.categorical([[1, 2]], 2)
