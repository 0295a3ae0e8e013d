"""tf.data: one pipeline, on scratchnet and on TensorFlow: the same elements, specs and errors."""

from __future__ import annotations

import collections
import inspect

import numpy as np
import pytest
import tensorflow as tf

import scratchnet
from scratchnet.data import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset
from scratchnet.data.element_spec import TensorSpec
from tests.support.datasets import X, Y, read, rows

Point = collections.namedtuple("Point", "x y")


def counted(ds, spec, values=(1, 2, 3)):
    return ds.from_generator(lambda: iter(values), output_signature=spec((), "int32"))


# Each pipeline is written once; ds is Dataset, spec is TensorSpec, of either library.
PIPELINES = {
    "slices": lambda ds, spec: rows(ds),
    "slices of one array": lambda ds, spec: ds.from_tensor_slices(X),
    "slices of a list": lambda ds, spec: ds.from_tensor_slices([1, 2, 3]),
    "slices of a list of arrays": lambda ds, spec: ds.from_tensor_slices([X, X]),
    "slices of a dict": lambda ds, spec: ds.from_tensor_slices({"b": X, "a": Y}),
    "slices of a 1-tuple": lambda ds, spec: ds.from_tensor_slices((X,)),
    "slices nested": lambda ds, spec: ds.from_tensor_slices(((X, Y), {"k": Y})),
    "slices of a named tuple": lambda ds, spec: ds.from_tensor_slices(Point([1, 2], [3.0, 4.0])),
    "slices of nothing": lambda ds, spec: ds.from_tensor_slices(X[:0]),
    "tensors": lambda ds, spec: ds.from_tensors((X, Y)),
    "range": lambda ds, spec: ds.range(5),
    "range from": lambda ds, spec: ds.range(2, 5),
    "range down": lambda ds, spec: ds.range(5, 0, -2),
    "range empty": lambda ds, spec: ds.range(5, 1),
    "range of floats": lambda ds, spec: ds.range(3, output_type="float32"),
    "batch": lambda ds, spec: rows(ds).batch(4),
    "batch, no remainder": lambda ds, spec: rows(ds).batch(4, drop_remainder=True),
    "batch too large": lambda ds, spec: rows(ds).batch(40),
    "batch too large, no remainder": lambda ds, spec: rows(ds).batch(40, drop_remainder=True),
    "batch of batches": lambda ds, spec: rows(ds).take(8).batch(2).batch(3),
    "batch of dicts": lambda ds, spec: ds.from_tensor_slices({"b": X, "a": Y}).batch(4),
    "batch of numbers": lambda ds, spec: ds.range(7).batch(3),
    "batch in parallel": lambda ds, spec: rows(ds).batch(4, num_parallel_calls=AUTOTUNE),
    "take": lambda ds, spec: rows(ds).take(3),
    "take all": lambda ds, spec: rows(ds).take(-1),
    "take more": lambda ds, spec: rows(ds).take(30).batch(4),
    "take none": lambda ds, spec: rows(ds).take(0),
    "skip": lambda ds, spec: rows(ds).skip(3).batch(3),
    "skip more": lambda ds, spec: rows(ds).skip(30),
    "skip all": lambda ds, spec: rows(ds).skip(-1),
    "repeat": lambda ds, spec: rows(ds).repeat(2).batch(4),
    "repeat none": lambda ds, spec: rows(ds).repeat(0),
    "repeat for ever, take": lambda ds, spec: rows(ds).repeat().take(25).batch(10),
    "repeat nothing for ever": lambda ds, spec: ds.range(0).repeat(),
    "map": lambda ds, spec: rows(ds).map(lambda x, y: (x * 2, y)),
    "map to one": lambda ds, spec: rows(ds).map(lambda x, y: x),
    "map to a list": lambda ds, spec: ds.range(3).map(lambda i: [i, i + 1]),
    "map to a dict": lambda ds, spec: ds.range(3).map(lambda i: {"z": i, "b": i + 1}),
    "map to a constant": lambda ds, spec: ds.range(3).map(lambda i: 1.5),
    "map a dict": lambda ds, spec: ds.from_tensor_slices({"b": X, "a": Y}).map(lambda d: d["a"]),
    "map a named tuple": lambda ds, spec: ds.from_tensor_slices(Point([1, 2], [3, 4])).map(
        lambda point: point.x
    ),
    "map batches": lambda ds, spec: rows(ds).batch(4).map(lambda x, y: (x[:, 0], y, x[0])),
    "map, then batch": lambda ds, spec: rows(ds).map(lambda x, y: (x + 1, y)).batch(4),
    "map in parallel": lambda ds, spec: ds.range(3).map(
        lambda i: i, num_parallel_calls=2, deterministic=True
    ),
    "filter": lambda ds, spec: rows(ds).filter(lambda x, y: y > 3),
    "take_while": lambda ds, spec: rows(ds).take_while(lambda x, y: y < 3).batch(2),
    "take_while, repeat": lambda ds, spec: ds.range(4).take_while(lambda i: i < 2).repeat(2),
    "take_while of nothing": lambda ds, spec: ds.range(4).take_while(lambda i: False),
    "unique": lambda ds, spec: ds.from_tensor_slices([1, 37, 2, 37, 2, 1]).unique().repeat(2),
    "unique rows": lambda ds, spec: ds.from_tensor_slices([[1, 2], [2, 1], [1, 2]]).unique(),
    "unique in a dict": lambda ds, spec: ds.from_tensor_slices({"a": [1, 1, 2]}).unique(),
    "shard": lambda ds, spec: rows(ds).shard(3, 1).batch(2),
    "shard of nothing": lambda ds, spec: ds.range(3).shard(9, 8),
    "shard of all": lambda ds, spec: ds.range(5).shuffle(3, seed=1).shard(1, 0).repeat(2),
    "shard of an endless one": lambda ds, spec: ds.range(4).repeat().shard(3, 1).take(5),
    "shard of an unknown one": lambda ds, spec: ds.range(5).unique().shard(2, 0),
    "filter by a Python bool": lambda ds, spec: rows(ds).filter(lambda x, y: True).batch(3),
    "filter, repeat": lambda ds, spec: ds.range(4).filter(lambda i: i > 1).repeat(2),
    "filter, take": lambda ds, spec: ds.range(4).filter(lambda i: i > 1).take(1),
    "filter, take none": lambda ds, spec: ds.range(4).filter(lambda i: i > 1).take(0),
    "filter, skip": lambda ds, spec: ds.range(4).filter(lambda i: i > 1).skip(1),
    "filter, batch": lambda ds, spec: ds.range(4).filter(lambda i: i > 1).batch(1),
    "filter, concatenate": lambda ds, spec: ds.range(4).concatenate(
        ds.range(4).filter(lambda i: i > 1)
    ),
    "filter, zip": lambda ds, spec: ds.zip(
        (ds.range(4).filter(lambda i: i > 1), ds.range(9).repeat())
    ),
    "zip": lambda ds, spec: ds.zip(ds.range(3), ds.range(10, 20)),
    "zip of a tuple": lambda ds, spec: ds.zip((ds.range(3), rows(ds))),
    "zip of a dict": lambda ds, spec: ds.zip({"b": ds.range(3), "a": rows(ds)}),
    "zip by keyword": lambda ds, spec: ds.zip(datasets=(ds.range(3), ds.range(2))),
    "zip of one": lambda ds, spec: ds.zip(ds.range(3)),
    "zip of a 1-tuple": lambda ds, spec: ds.zip((ds.range(3),)),
    "zip, batch": lambda ds, spec: ds.zip((ds.range(7), rows(ds))).batch(3),
    "enumerate": lambda ds, spec: rows(ds).enumerate(5),
    "prefetch": lambda ds, spec: rows(ds).batch(4).prefetch(AUTOTUNE),
    "cache": lambda ds, spec: rows(ds).cache().batch(4),
    "concatenate": lambda ds, spec: rows(ds).concatenate(rows(ds)),
    "concatenate other shapes": lambda ds, spec: ds.from_tensor_slices([[1, 2]]).concatenate(
        ds.from_tensor_slices([[1, 2, 3]])
    ),
    "concatenate other ranks": lambda ds, spec: ds.range(4).concatenate(ds.range(4).batch(2)),
    "unbatch": lambda ds, spec: rows(ds).batch(3).unbatch(),
    "unbatch even batches": lambda ds, spec: rows(ds).batch(5, drop_remainder=True).unbatch(),
    "apply": lambda ds, spec: rows(ds).apply(lambda dataset: dataset.batch(2)),
    "map to a structure": lambda ds, spec: ds.range(3).map(
        lambda i: {"a": (i, 1.5), "b": True, "c": np.arange(2), "d": [i, i]}
    ),
    "map to one number": lambda ds, spec: ds.range(3).map(lambda i: 7),
    "map a pair of structures": lambda ds, spec: ds.zip(
        ({"x": ds.range(3)}, (ds.range(3), ds.range(3)))
    ).map(lambda d, pair: (pair[0] - d["x"], pair)),
    "map with any number of arguments": lambda ds, spec: rows(ds).map(lambda *parts: parts),
    "map with a default": lambda ds, spec: ds.range(3).map(lambda i, more=2: i + more),
    "map by a built-in": lambda ds, spec: ds.range(3).map(abs),
    "map to named tuples": lambda ds, spec: ds.range(3).map(lambda i: Point(i, (i, i))),
    "map synchronously": lambda ds, spec: ds.range(3).map(lambda i: i, synchronous=True),
    "flat_map": lambda ds, spec: ds.range(4).flat_map(ds.range),
    "flat_map of pairs": lambda ds, spec: rows(ds).flat_map(
        lambda x, y: ds.zip(ds.from_tensor_slices(x), ds.from_tensors(y).repeat())
    ),
    "flat_map of batches": lambda ds, spec: (
        ds.range(7).batch(3).flat_map(lambda x: ds.from_tensor_slices(x).batch(2)).repeat(2)
    ),
    "flat_map to nothing": lambda ds, spec: ds.range(3).flat_map(lambda i: ds.range(0)),
    "flat_map of nothing": lambda ds, spec: ds.range(0).flat_map(ds.range),
    "flat_map to dicts": lambda ds, spec: ds.range(3).flat_map(
        lambda i: ds.from_tensors({"a": i, "b": (i, i)}).repeat(2)
    ),
    "generator": counted,
    "generator, batch": lambda ds, spec: counted(ds, spec).batch(2),
    "generator of tuples": lambda ds, spec: ds.from_generator(
        lambda: iter([(1, [2.0]), (3, [4.0, 5.0])]),
        output_signature=(spec((), "int32"), spec((None,), "float32")),
    ),
    "generator of dicts": lambda ds, spec: ds.from_generator(
        lambda: iter([{"a": 1, "b": [2]}]),
        output_signature={"b": spec((1,), "int32"), "a": spec((), "int64")},
    ),
    "generator with arguments": lambda ds, spec: ds.from_generator(
        lambda n, m: iter(range(n, m[1])), output_signature=spec((), "int32"), args=(2, [3, 6])
    ),
    "generator that narrows": lambda ds, spec: ds.from_generator(
        lambda: iter([1.7, np.float64(2.2)]), output_signature=spec((), "int32")
    ),
    "generator of types": lambda ds, spec: ds.from_generator(lambda: iter([1, 2]), "int64"),
    "generator of types, batch": lambda ds, spec: ds.from_generator(
        lambda: iter([1, 2]), "int64"
    ).batch(2),
    "generator of types and shapes": lambda ds, spec: ds.from_generator(
        lambda: iter([([1], [2.0, 3.0])]), ("int64", "float32"), ((None,), (2,))
    ),
    "generator of dict types": lambda ds, spec: ds.from_generator(
        lambda: iter([{"b": 1, "a": [2.0]}, {"a": [3.0, 4.0], "b": 5}]),
        {"b": "int32", "a": "float32"},
    ),
    "generator of dict types and shapes": lambda ds, spec: ds.from_generator(
        lambda: iter([({"b": 1, "a": [2.0]}, 3)]),
        ({"a": "float64", "b": "int64"}, "uint8"),
        ({"a": (None,), "b": ()}, ()),
    ),
    "the notebook's": lambda ds, spec: rows(ds).take(8).batch(3).repeat(2).prefetch(1),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_has_tensorflows_elements_spec_and_cardinality(name):
    ours, theirs = (
        PIPELINES[name](Dataset, TensorSpec),
        PIPELINES[name](tf.data.Dataset, tf.TensorSpec),
    )
    assert int(ours.cardinality()) == int(theirs.cardinality())
    assert repr(ours) == repr(theirs)
    assert repr(ours.element_spec) == repr(theirs.element_spec)
    for _ in range(2):  # a dataset can be read again
        ours_read, theirs_read = list(ours.as_numpy_iterator()), list(theirs.as_numpy_iterator())
        assert repr(ours_read) == repr(theirs_read)  # structure, dtypes, values
    assert repr(list(ours)) == repr(list(theirs))  # the same as tensors


ERRORS = {
    "slices of uneven arrays": lambda ds, spec: ds.from_tensor_slices((X, Y[:9])),
    "slices of a scalar": lambda ds, spec: ds.from_tensor_slices(3.0),
    "slices of ()": lambda ds, spec: ds.from_tensor_slices(()),
    "slices of None": lambda ds, spec: ds.from_tensor_slices(None),
    "slices of ragged lists": lambda ds, spec: ds.from_tensor_slices([[1, 2], [3]]),
    "batch 0": lambda ds, spec: rows(ds).batch(0),
    "batch 1.5": lambda ds, spec: rows(ds).batch(1.5),
    "batch of a string": lambda ds, spec: rows(ds).batch("a"),
    "batch None": lambda ds, spec: rows(ds).batch(None),
    "shuffle 0": lambda ds, spec: rows(ds).shuffle(0),
    "shuffle -1": lambda ds, spec: rows(ds).shuffle(-1),
    "shuffle 1.5": lambda ds, spec: rows(ds).shuffle(1.5),
    "shuffle None": lambda ds, spec: rows(ds).shuffle(None),
    "shuffle seed": lambda ds, spec: rows(ds).shuffle(3, seed=1.5),
    "shuffle reshuffle": lambda ds, spec: rows(ds).shuffle(3, reshuffle_each_iteration=3),
    "take 1.5": lambda ds, spec: rows(ds).take(1.5),
    "enumerate 1.5": lambda ds, spec: rows(ds).enumerate(1.5),
    "prefetch -2": lambda ds, spec: rows(ds).prefetch(-2),
    "from_tensors None": lambda ds, spec: ds.from_tensors(None),
    "from_tensors ()": lambda ds, spec: ds.from_tensors(()),
    "map to None": lambda ds, spec: list(rows(ds).map(lambda x, y: None)),
    "map to ()": lambda ds, spec: list(rows(ds).map(lambda x, y: ())),
    "map to []": lambda ds, spec: list(rows(ds).map(lambda x, y: [])),
    "map to {}": lambda ds, spec: list(rows(ds).map(lambda x, y: {})),
    "map to an object": lambda ds, spec: list(rows(ds).map(lambda x, y: object())),
    "map with too few arguments": lambda ds, spec: list(rows(ds).map(lambda x: x)),
    "map with too many arguments": lambda ds, spec: list(ds.range(3).map(lambda x, y: x)),
    "map in 0 parallel calls": lambda ds, spec: ds.range(3).map(abs, num_parallel_calls=0),
    "map in -2 parallel calls": lambda ds, spec: ds.range(3).map(abs, num_parallel_calls=-2),
    "map in 1.5 parallel calls": lambda ds, spec: ds.range(3).map(abs, num_parallel_calls=1.5),
    "map synchronously and not": lambda ds, spec: ds.range(3).map(
        abs, num_parallel_calls=2, synchronous=True
    ),
    "flat_map 3": lambda ds, spec: ds.range(3).flat_map(3),
    "flat_map to a tuple": lambda ds, spec: list(ds.range(3).flat_map(lambda i: (ds.range(i),))),
    "flat_map to None": lambda ds, spec: list(ds.range(3).flat_map(lambda i: None)),
    "apply to 3": lambda ds, spec: ds.range(3).apply(lambda dataset: 3),
    "apply 3": lambda ds, spec: ds.range(3).apply(3),
    "next of a dataset": lambda ds, spec: next(ds.range(3)),
    "range 0 step": lambda ds, spec: ds.range(0, 5, 0),
    "range of nothing": lambda ds, spec: ds.range(),
    "range of four": lambda ds, spec: ds.range(1, 2, 3, 4),
    "range of a float": lambda ds, spec: ds.range(1.5),
    "map 3": lambda ds, spec: rows(ds).map(3),
    "filter by a number": lambda ds, spec: list(rows(ds).filter(lambda x, y: y)),
    "filter by a vector": lambda ds, spec: list(rows(ds).filter(lambda x, y: x > 3)),
    "take_while of numbers": lambda ds, spec: list(ds.range(3).take_while(lambda i: i)),
    "take_while of no function": lambda ds, spec: ds.range(3).take_while(3),
    "unique floats": lambda ds, spec: ds.from_tensor_slices(X).unique(),
    "unique pairs": lambda ds, spec: ds.from_tensor_slices((Y, Y)).unique(),
    "shard of none": lambda ds, spec: ds.range(3).shard(0, 0),
    "shard beyond": lambda ds, spec: ds.range(3).shard(3, 3),
    "shard 2.0": lambda ds, spec: ds.range(3).shard(2.0, 0),
    "zip of a list": lambda ds, spec: ds.zip([ds.range(3), ds.range(4)]),
    "zip of a number": lambda ds, spec: ds.zip((ds.range(3), 3)),
    "zip of nothing": lambda ds, spec: ds.zip(),
    "zip both ways": lambda ds, spec: ds.zip(ds.range(3), datasets=(ds.range(3),)),
    "concatenate another structure": lambda ds, spec: rows(ds).concatenate(ds.range(3)),
    "concatenate another dtype": lambda ds, spec: ds.range(3).concatenate(
        ds.range(3, output_type="int32")
    ),
    "unbatch scalars": lambda ds, spec: ds.range(3).unbatch(),
    "len of infinite": lambda ds, spec: len(rows(ds).repeat()),
    "len of unknown": lambda ds, spec: len(rows(ds).filter(lambda x, y: y > 3)),
    "subscript": lambda ds, spec: rows(ds)[0],
    "ragged batch": lambda ds, spec: list(
        ds.from_generator(
            lambda: iter([[1, 2], [3]]), output_signature=spec((None,), "int32")
        ).batch(2)
    ),
    "reduce to another dtype": lambda ds, spec: ds.range(3).reduce(0, lambda s, i: 1.5),
    "reduce to another structure": lambda ds, spec: ds.range(3).reduce(
        np.int64(0), lambda s, i: (s, i)
    ),
    "reduce by 3": lambda ds, spec: ds.range(3).reduce(0, 3),
    "generator not callable": lambda ds, spec: ds.from_generator(
        [1], output_signature=spec((), "int32")
    ),
    "generator undescribed": lambda ds, spec: ds.from_generator(lambda: iter([1])),
    "generator described by 3": lambda ds, spec: ds.from_generator(
        lambda: iter([1]), output_signature=3
    ),
    "generator described twice": lambda ds, spec: ds.from_generator(
        lambda: iter([1]), "int32", output_signature=spec((), "int32")
    ),
    "generator of another structure": lambda ds, spec: list(
        ds.from_generator(
            lambda: iter([[1, 2]]), output_signature=(spec((), "int32"), spec((), "int32"))
        )
    ),
    "generator of a missing key": lambda ds, spec: list(
        ds.from_generator(lambda: iter([{}]), output_signature={"a": spec((), "int32")})
    ),
    "generator of another dtype": lambda ds, spec: list(
        ds.from_generator(lambda: iter(["a"]), output_signature=spec((), "int32"))
    ),
    "generator of another shape": lambda ds, spec: list(
        ds.from_generator(lambda: iter([[1, 2]]), output_signature=spec((), "int32"))
    ),
    "generator of a list of types": lambda ds, spec: ds.from_generator(list, ["int32", "int32"]),
    "generator of too few shapes": lambda ds, spec: ds.from_generator(
        list, ("int32", "int32"), ((),)
    ),
    "generator of None": lambda ds, spec: list(ds.from_generator(lambda: iter([None]), "int32")),
    "generator of a list for a tuple": lambda ds, spec: list(
        ds.from_generator(lambda: iter([[1]]), ("int32",))
    ),
    "spec of a negative size": lambda ds, spec: spec((2, -1)),
    "spec of a string": lambda ds, spec: spec("a"),
    "spec of no dtype": lambda ds, spec: spec((2,), "foo"),
}

# The words that both libraries use for it.
CORE = {
    "slices of uneven arrays": "Dimensions 11 and 9 are not compatible",
    "slices of a scalar": "Unbatching a tensor is only supported for rank >= 1",
    "slices of ()": "`element` should not be empty",
    "batch 0": "Batch size must be greater than zero",
    "batch 1.5": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "shuffle 0": "must be greater than zero",
    "map to an object": "Unsupported return value from function passed to Dataset.map(): <object",
    "map with too few arguments": "takes 1 positional argument but 2 were given",
    "map with too many arguments": "missing 1 required positional argument: 'y'",
    "map in 0 parallel calls": "must be greater than zero",
    "map synchronously and not": "`num_parallel_calls`",
    "flat_map 3": "must be a callable. Received",
    "flat_map to a tuple": "must return a `Dataset` object. Got <class 'tuple'>",
    "apply to 3": "must return a `tf.data.Dataset` object. Got <class 'int'>",
    "apply 3": "'int' object is not callable",
    "next of a dataset": "object is not an iterator",
    "generator of a list for a tuple": "did not match the expected structure. The expected "
    "structure was (tf.int32,), but the yielded element was [1]",
    "range 0 step": "step must be a non-zero integer",
    "range of nothing": "should be between 1 and 3 but was 0",
    "filter by a number": "return type is TensorSpec(shape=(), dtype=tf.int64, name=None)",
    "take_while of numbers": "`predicate` must return a `tf.bool` scalar tensor",
    "take_while of no function": "must be a callable. Received",
    "unique floats": "`tf.data.Dataset.unique` does not support type",
    "unique pairs": "UniqueDataset only supports inputs with a single component",
    "shard of none": "Number of shards must be greater than zero (currently num_shards = 0)",
    "shard beyond": "Index must be between 0 and 2 (currently index = 3)",
    "shard 2.0": "Cannot convert 2.0 to EagerTensor of dtype int64",
    "zip of a list": "Python `list` is not supported",
    "zip of a number": "encountered object of type <class 'int'>",
    "zip of nothing": "Must pass at least one dataset",
    "concatenate another dtype": "Incompatible dataset elements",
    "unbatch scalars": "Cannot unbatch an input with scalar components",
    "len of infinite": "The dataset is infinite",
    "len of unknown": "The dataset length is unknown",
    "subscript": "is not subscriptable",
    "ragged batch": "Cannot batch tensors with different shapes in component 0. First element had "
    "shape [2] and element 1 had shape [1].",
    "reduce to another dtype": "Expected <dtype: 'int32'> but got <dtype: 'float32'>",
    "reduce to another structure": "(initial_state=1, output=2)",
    "generator not callable": "`generator` must be a Python callable",
    "generator of another structure": "did not match the expected structure",
    "generator of another dtype": "The expected type was int32, but the yielded element was a",
    "generator of another shape": "of shape (2,) where an element of shape () was expected",
    "slices of None": "Invalid `element`. `element` should not be empty",
    "slices of ragged lists": "Can't convert non-rectangular Python sequence to Tensor",
    "batch of a string": "Cannot convert 'a' to EagerTensor of dtype int64",
    "batch None": "Attempt to convert a value (None) with an unsupported type",
    "shuffle -1": "must be greater than zero",
    "shuffle 1.5": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "shuffle None": "Attempt to convert a value (None) with an unsupported type",
    "shuffle seed": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "shuffle reshuffle": "Expected bool for argument 'reshuffle_each_iteration' not 3",
    "take 1.5": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "enumerate 1.5": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "prefetch -2": "must be >= 0",
    "map in -2 parallel calls": "must be greater than zero",
    "map in 1.5 parallel calls": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "map 3": "must be a callable. Received",
    "flat_map to None": "must return a `Dataset` object. Got <",
    "range of four": "should be between 1 and 3 but was 4",
    "range of a float": "Cannot convert 1.5 to EagerTensor of dtype int64",
    "filter by a vector": "return type is TensorSpec(shape=(2,), dtype=tf.bool, name=None)",
    "zip both ways": "Both `*args` and `datasets` cannot be set",
    "concatenate another structure": "Incompatible dataset elements",
    "reduce by 3": "must be a callable. Received",
    "generator undescribed": "To specify the output signature you need to provide either",
    "generator described by 3": "but found <class 'int'> which is not",
    "generator described twice": "`output_types` argument can not be used together with the",
    "generator of a missing key": "The expected structure was {'a': tf.int32}, but the yielded "
    "element was {}",
    "generator of a list of types": "Cannot convert the argument `type_value`: ['int32', 'int32']",
    "generator of None": "but the yielded element was None",
    "spec of a negative size": "Dimension -1 must be >= 0",
    "spec of a string": "Failed to convert ''a'' to a shape",
    "spec of no dtype": "Cannot convert the argument `type_value`: 'foo' to a TensorFlow DType",
}

# Where TensorFlow speaks of its inner parts: its words, and ours.
NONE_GIVEN = (
    "of 0 must be at least minimum 1",
    "must hold tensors, or tuples and dicts of tensors",
)

EMPTY_GIVEN = ("of 0 must be at least minimum 1", "must hold at least one tensor, got")

WORDS = {name: (text, text) for name, text in CORE.items()} | {
    "from_tensors None": NONE_GIVEN,
    "from_tensors ()": EMPTY_GIVEN,
    "map to None": NONE_GIVEN,
    "map to ()": EMPTY_GIVEN,
    "map to []": EMPTY_GIVEN,
    "map to {}": EMPTY_GIVEN,
    "generator of too few shapes": (
        "Input structure has length 1, while shallow structure has length 2",
        "`output_shapes` must have the structure of output_types=('int32', 'int32')",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses_is_refused_with_its_error_and_its_words(name):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (the type is what is found out)
        ERRORS[name](tf.data.Dataset, tf.TensorSpec)
    with pytest.raises(Exception) as ours:  # noqa: PT011
        ERRORS[name](Dataset, TensorSpec)
    assert ours.type.__name__ == theirs.type.__name__
    their_words, our_words = WORDS[name]
    assert their_words in str(theirs.value)
    assert our_words in str(ours.value)


def test_every_phrase_belongs_to_an_error():
    assert WORDS.keys() == ERRORS.keys()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: rows(Dataset).batch(2, drop_remainder=1), "drop_remainder"),
        (lambda: rows(Dataset).batch(2, num_parallel_calls=0), "num_parallel_calls"),
        (lambda: rows(Dataset).map(lambda *a: a, deterministic=2), "deterministic"),
        (lambda: rows(Dataset).cache("somewhere"), "filename='somewhere'"),
        (lambda: rows(Dataset).take([1, 2]), "one integer"),
        (lambda: Dataset.from_tensors((X, None)), "received None: leave the component out"),
        (lambda: list(Dataset.from_tensors((X, Y[:9])).unbatch()), "Encountered both 11 and 9"),
        (lambda: Dataset.from_generator(list, "int32").map(abs).element_spec, "element_spec"),
    ],
)
def test_what_tensorflow_does_not_check_is_refused_by_name(call, says):
    with pytest.raises((ValueError, TypeError, scratchnet.errors.InvalidArgumentError), match=says):
        call()


def test_reduce():
    def run(ds, zero):
        return (
            ds.range(5).reduce(zero, lambda total, i: total + i),
            ds.range(5).reduce((zero, 1.5), lambda state, i: (state[0] + i, state[1] * 2)),
            ds.range(5).reduce({"a": zero}, lambda state, i: {"a": state["a"] + i}),
            rows(ds).reduce(0.0, lambda total, xy: total + xy[0][0]),
            ds.range(0).reduce(7, lambda total, i: total),
        )

    assert repr(run(Dataset, np.int64(0))) == repr(run(tf.data.Dataset, np.int64(0)))


def test_an_iterator_ends_as_tensorflows_does():
    for ds, out_of_range in (
        (Dataset, scratchnet.errors.OutOfRangeError),
        (tf.data.Dataset, tf.errors.OutOfRangeError),
    ):
        iterator = iter(ds.range(1))
        assert iterator is iter(iterator)
        assert int(iterator.get_next()) == 0
        with pytest.raises(out_of_range, match="End of sequence"):
            iterator.get_next()
        optional = iter(ds.range(1, 3)).get_next_as_optional()
        assert (bool(optional.has_value()), int(optional.get_value())) == (True, 1)
        optional = iterator.get_next_as_optional()
        assert not bool(optional.has_value())
        with pytest.raises(Exception, match="optional does not have a value"):
            optional.get_value()
        with pytest.raises(StopIteration):
            next(iterator)


def test_a_dataset_is_true_and_knows_its_length():
    assert bool(Dataset.range(0)) is True
    assert len(rows(Dataset).batch(4)) == 3
    assert INFINITE_CARDINALITY == tf.data.INFINITE_CARDINALITY
    assert UNKNOWN_CARDINALITY == tf.data.UNKNOWN_CARDINALITY
    assert AUTOTUNE == tf.data.AUTOTUNE


def test_as_numpy_iterator_gives_nothing_that_could_change_the_dataset():
    (x, _), *_ = rows(Dataset).as_numpy_iterator()
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 9.0


def test_slices_are_a_copy_of_the_array():
    array = np.zeros(2)
    dataset = Dataset.from_tensor_slices(array)
    array[:] = 9
    assert read(dataset) == [0, 0]


def parameters(function):
    """The parameters after `self`, without `name`, which shows up in TensorFlow's profiles only."""
    kept = [p for p in inspect.signature(function).parameters.values() if p.name != "name"]
    return [(p.name, p.kind, p.default) for p in kept]


def public(owner):
    return {name for name in dir(owner) if not name.startswith("_")}


HERE = sorted(public(Dataset) & public(tf.data.Dataset) - {"element_spec", "range"})


@pytest.mark.parametrize("name", HERE)
def test_every_method_takes_tensorflows_arguments(name):
    assert parameters(getattr(Dataset, name)) == parameters(getattr(tf.data.Dataset, name))


def test_a_dataset_has_no_methods_of_its_own():
    assert public(Dataset) <= public(tf.data.Dataset)
