"""The arguments of random ops: shapes, bounds and dtypes, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet
from scratchnet import ops
from scratchnet import random as snr
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.ops import random as sn

BAD_SHAPES = [
    (None, ValueError),
    ([3, None], ValueError),
    (2, InvalidArgumentError),
    ([[2]], InvalidArgumentError),
    ([2.5], InvalidArgumentError),
    ([True], InvalidArgumentError),
    ([-1], InvalidArgumentError),
    ([2**33, 2**33], InvalidArgumentError),
    (np.array([2], np.int16), InvalidArgumentError),
]


@pytest.mark.parametrize(("shape", "error"), BAD_SHAPES)
@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal"])
def test_bad_shapes(name: str, shape: Any, error: type[Exception]) -> None:
    theirs = tf.errors.InvalidArgumentError if error is InvalidArgumentError else error
    for mine, twin in (
        (getattr(sn, name), getattr(tf.random, name)),
        (
            lambda s: getattr(sn, f"stateless_{name}")(s, (1, 2)),
            lambda s: getattr(tf.random, f"stateless_{name}")(s, (1, 2)),
        ),
        (
            getattr(snr.Generator.from_seed(1), name),
            getattr(tf.random.Generator.from_seed(1), name),
        ),
    ):
        with pytest.raises(error):
            mine(shape)
        with pytest.raises(theirs):
            twin(shape)


UNIFORM = [
    ({"dtype": "int8"}, ValueError, "got invalid value int8"),
    ({"dtype": "bool"}, ValueError, "got invalid value bool"),
    ({"dtype": "complex64"}, ValueError, "got invalid value complex64"),
    ({"dtype": "foo"}, TypeError, "foo"),
    ({"dtype": None}, TypeError, "None"),
    ({"minval": None}, ValueError, "None"),
    ({"minval": None, "maxval": None}, ValueError, "None"),
    ({"minval": 3, "maxval": 3, "dtype": "int32"}, InvalidArgumentError, "got 3 >= 3"),
    ({"minval": 5, "maxval": 3, "dtype": "int64"}, InvalidArgumentError, "got 5 >= 3"),
    ({"minval": [0, 1], "maxval": 5, "dtype": "int32"}, InvalidArgumentError, "minval must be 0-D"),
    ({"minval": 0, "maxval": [5], "dtype": "int32"}, InvalidArgumentError, "maxval must be 0-D"),
    ({"minval": 0.5, "maxval": 5, "dtype": "int32"}, TypeError, "Cannot convert 0.5"),
    ({"minval": [0.0, 1.0, 2.0], "maxval": 3}, InvalidArgumentError, "Incompatible shapes"),
    ({"maxval": "a"}, TypeError, "a"),
]


@pytest.mark.parametrize(("keywords", "error", "text"), UNIFORM)
def test_bad_arguments_of_uniform(keywords: Any, error: type[Exception], text: str) -> None:
    theirs = tf.errors.InvalidArgumentError if error is InvalidArgumentError else error
    if keywords != {"minval": None, "maxval": None}:  # full range, for a stateless op
        with pytest.raises(error, match=text):
            sn.uniform([2], **keywords)
        with pytest.raises(theirs):
            tf.random.uniform([2], **keywords)
    with pytest.raises(error, match=text):
        sn.stateless_uniform([2], (1, 2), **keywords)
    with pytest.raises(theirs):
        tf.random.stateless_uniform([2], (1, 2), **keywords)


def test_integers_need_both_bounds() -> None:
    with pytest.raises(ValueError, match="Must specify maxval for integer dtype"):
        sn.uniform([2], dtype="int32")
    for keywords in ({}, {"minval": None, "maxval": 3}):
        with pytest.raises(ValueError, match="must be both None or not None"):
            sn.stateless_uniform([2], (1, 2), dtype="int32", **keywords)
        with pytest.raises(ValueError, match="both `None` or both non-`None`"):
            snr.Generator.from_seed(1).uniform([2], dtype="int32", **keywords)
    with pytest.raises(ValueError, match="don't use unsigned integers"):
        sn.stateless_uniform([2], (1, 2), 1, 3, "uint32")
    with pytest.raises(ValueError, match="got invalid value uint32"):
        sn.uniform([2], maxval=3, dtype="uint32")


def test_an_empty_range_of_no_integers_is_no_error() -> None:
    assert sn.stateless_uniform([0], (1, 2), 5, 3, "int32").shape == [0]
    assert sn.uniform([0], 3, 3, "int32").shape == [0]


@pytest.mark.parametrize("name", ["normal", "truncated_normal"])
def test_bad_arguments_of_normal(name: str) -> None:
    generator = snr.Generator.from_seed(1)
    for call in (
        getattr(sn, name),
        lambda shape, *a, **k: getattr(sn, f"stateless_{name}")(shape, (1, 2), *a, **k),
        getattr(generator, name),
    ):
        with pytest.raises(TypeError, match=r"Cannot convert 0.0 to EagerTensor of dtype int32"):
            call([2], dtype="int32")
        with pytest.raises(InvalidArgumentError, match="`dtype` must be float16"):
            call([2], 0, 1, dtype="int32")
        with pytest.raises(ValueError, match="None"):
            call([2], mean=None)
        with pytest.raises(TypeError):
            call([2], mean="a")
        with pytest.raises(ValueError, match="requested dtype float32"):
            call([2], stddev=ops.constant(2.0, "float64"))
        with pytest.raises(InvalidArgumentError, match="Incompatible shapes"):
            call([2], mean=[1.0, 2.0, 3.0])
    assert generator.state.numpy().tolist() == [1, 0, 0]


CALLS = [
    "uniform([5])",
    "uniform([5], 0.5)",
    "uniform([5], -2.0, 3.0)",
    "uniform([5], 0, 1)",
    "uniform([5], 1, 2)",
    "uniform([5], maxval=7, dtype='int32')",
    "uniform([5], -3, 8, 'int64', 4)",
    "uniform([2, 2], [1.0, 2.0], [[3.0], [4.0]])",
    "uniform([5], dtype='float16')",
    "normal([5])",
    "normal([5], 3.0)",
    "normal([5], 0.0, 2.0)",
    "normal([5], 1.0, 1.0, 'float64', 7)",
    "normal([2, 2], [1.0, 2.0], [[3.0], [4.0]])",
    "truncated_normal([5])",
    "truncated_normal([5], -1.0, 0.5, 'float64')",
    "truncated_normal([5], seed=3)",
    "uniform([0, 2])",
    "normal(np.array([2, 1]))",
]


@pytest.mark.parametrize("call", CALLS)
def test_draws_with_some_arguments(call: str) -> None:
    """Twice after the seed was set: the same bits, the second ones others than the first."""
    drawn = []
    for module in (snr, tf.random):
        module.set_seed(11)
        drawn.append([eval(f"m.{call}", {"m": module, "np": np}).numpy() for _ in range(2)])
    for ours, theirs in zip(*drawn, strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_array_equal(ours, theirs)


REFUSED = {
    "normal([2], 0, 1, 'int32')": "normal: `dtype` must be float16, float32 or float64, received",
    "normal([2, 3], [1.0, 2.0])": "normal: Incompatible shapes: [2,3] vs. [2] vs. []",
    "normal([2, 3], 1.0, [1.0, 2.0])": "normal: Incompatible shapes: [2,3] vs. [] vs. [2]",
    "uniform([2], [0, 1], 5, 'int32')": "uniform: minval must be 0-D, got shape [2]",
    "uniform([2], 0, [5, 6], 'int32')": "uniform: maxval must be 0-D, got shape [2]",
    "uniform([2], 5, 5, 'int32')": "uniform: Need minval < maxval, got 5 >= 5",
    "uniform([2], 6, 5, 'int64')": "uniform: Need minval < maxval, got 6 >= 5",
    "uniform(3)": "uniform: shape must be a vector of {int32,int64}, got shape []",
    "uniform([2, -1])": "uniform: Dimension -1 must be >= 0 in `shape` (2, -1)",
    "uniform([2**32, 2**31])": "uniform: Shape [4294967296,2147483648] would have more than 2**63",
    "uniform([1.5])": "uniform: `shape` must hold integers of int32 or int64, received shape=[1.5]",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused_in_full(call: str) -> None:
    with pytest.raises((ValueError, InvalidArgumentError)) as caught:
        eval(f"m.{call}", {"m": snr})
    assert REFUSED[call] in str(caught.value)


NAMED: dict[str, tuple[type[Exception], str]] = {
    "uniform('a')": (TypeError, "uniform: `shape`: convert_to_tensor: tensors of strings are not"),
    "uniform([None])": (ValueError, "uniform: `shape`: Attempt to convert a value (None) with an"),
    "uniform([2], 'a')": (TypeError, "uniform: `minval`: Cannot convert 'a' to EagerTensor of dt"),
    "uniform([2], 1, 'a')": (TypeError, "uniform: `maxval`: Cannot convert 'a' to EagerTensor of"),
    "uniform([2], 0, 'a')": (TypeError, "uniform: `maxval`: Cannot convert 'a' to EagerTensor of"),
    "uniform([2], 0, 1.5, 'int32')": (TypeError, "uniform: `maxval`: Cannot convert 1.5 to Eager"),
    "uniform([2], dtype='x')": (TypeError, "uniform: `dtype`: Cannot convert the argument `type_"),
    "normal('a')": (TypeError, "normal: `shape`: convert_to_tensor: tensors of strings are not"),
    "normal([2], None)": (ValueError, "normal: `mean`: Attempt to convert a value (None) with an"),
    "normal([2], 0, 'a')": (TypeError, "normal: `stddev`: Cannot convert 'a' to EagerTensor of"),
    "normal([2], dtype=7)": (TypeError, "normal: `dtype`: Cannot convert the argument `type_valu"),
    "truncated_normal([2], 'a')": (TypeError, "truncated_normal: `mean`: Cannot convert 'a' to"),
    "categorical([[1.0]], 1, 'x')": (TypeError, "categorical: `dtype`: Cannot convert the argume"),
    "shuffle(None)": (ValueError, "shuffle: `value`: Attempt to convert a value (None) with an u"),
    "shuffle([[1], [1, 2]])": (ValueError, "shuffle: `value`: Can't convert non-rectangular Pyt"),
    "stateless_uniform([2], 'a')": (TypeError, "stateless_uniform: `seed`: convert_to_tensor: t"),
    "stateless_normal([2], None)": (ValueError, "stateless_normal: `seed`: Attempt to convert a"),
    "stateless_uniform([2], (1, 2), dtype='x')": (TypeError, "stateless_uniform: `dtype`: Cannot"),
    "stateless_uniform([2], (1, 2), alg=np.ones(2))": (
        ValueError,
        "stateless_uniform: Argument `alg` got unsupported value [1. 1.]. Supported values are",
    ),
    "split('a')": (TypeError, "split: `seed`: convert_to_tensor: tensors of strings are not supp"),
    "split((1, 2), 'a')": (TypeError, "split: `num` must be an integer (the shape of the result"),
    "split((1, 2), alg=np.ones(0))": (ValueError, "split: Argument `alg` got unsupported value ["),
    "fold_in((1, 2), 'a')": (TypeError, "fold_in: `data`: convert_to_tensor: tensors of strings"),
    "fold_in('a', 1)": (TypeError, "fold_in: `seed`: convert_to_tensor: tensors of strings are no"),
    "Generator.from_seed(1).normal('a')": (TypeError, "normal: `shape`: convert_to_tensor: tenso"),
    "Generator.from_seed(1).uniform([2], dtype=7)": (TypeError, "uniform: `dtype`: Cannot conver"),
    "Generator.from_seed(1).split('a')": (TypeError, "split: `count` must be an integer, received"),
    "Generator.from_seed(1).make_seeds(1.5)": (TypeError, "make_seeds: `count` must be an intege"),
}


@pytest.mark.parametrize("call", NAMED)
def test_each_argument_is_named(call: str) -> None:
    """TensorFlow refuses the same calls, in its own words or in those of NumPy and Python."""
    kind, text = NAMED[call]
    for m, error in ((tf.random, Exception), (scratchnet.random, kind)):
        with pytest.raises(error) as caught:
            eval(f"m.{call}", {"m": m, "np": np})
    assert str(caught.value).startswith(text), str(caught.value)


def test_the_number_of_an_algorithm_as_a_tensor() -> None:
    found = []
    for library in (tf, scratchnet):
        alg = library.constant(1)
        found.append(library.random.stateless_uniform([3], (1, 2), alg=alg).numpy().tolist())
    assert found[0] == found[1]
