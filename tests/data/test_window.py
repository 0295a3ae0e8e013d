"""window and group_by_window: TensorFlow's windows, groups and errors."""

from __future__ import annotations

import pytest

from tests.support.datasets import X, Y, rows, same_error, unequal

PIPELINES = {
    "window": lambda tf, ds: ds.range(7).window(3),
    "one window": lambda tf, ds: ds.range(2).window(5),
    "windows of nothing": lambda tf, ds: ds.range(0).window(5),
    "windows of a pair": lambda tf, ds: rows(ds).window(4, shift=3),
    "windows of a dict": lambda tf, ds: ds.from_tensor_slices({"b": X, "a": (Y,)}).window(4),
    "windows for ever": lambda tf, ds: ds.range(7).repeat().window(3).take(4),
    "windows of elements": lambda tf, ds: rows(ds).map(lambda x, y: (x + 1, y)).window(5, 2, 3),
    "windows of windows": lambda tf, ds: ds.range(7).window(2).window(2),
    "windows of filtered": lambda tf, ds: ds.range(9).filter(lambda i: i > 2).window(2),
    "windows shuffled": lambda tf, ds: ds.range(9).shuffle(9, seed=1).window(2).shuffle(3, seed=2),
    "batches of windows": lambda tf, ds: (
        ds.range(9).window(4, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(4))
    ),
    "even batches of windows": lambda tf, ds: (
        ds.from_tensor_slices(X)
        .window(4, 1, drop_remainder=True)
        .flat_map(lambda w: w.batch(4, drop_remainder=True))
        .map(lambda w: (w[:-1], w[-1]))
    ),
    "zips of windows": lambda tf, ds: (
        rows(ds).window(3, 2).flat_map(lambda x, y: ds.zip((x.batch(3), y.batch(3))))
    ),
    "windows mapped": lambda tf, ds: (
        ds.range(7).window(3).map(lambda w: w.map(lambda i: i * i)).flat_map(lambda w: w)
    ),
    "windows in turns": lambda tf, ds: ds.range(7).window(3).interleave(lambda w: w.repeat(2), 2),
    "windows zipped": lambda tf, ds: ds.zip((ds.range(7).window(3), ds.range(9))),
    "windows concatenated": lambda tf, ds: ds.range(4).window(3).concatenate(ds.range(5).window(2)),
    "windows reduced": lambda tf, ds: ds.from_tensors(
        ds.range(7).window(3).reduce(tf.constant(0, tf.int64), lambda s, w: s + w.cardinality())
    ),
    "a window's sum": lambda tf, ds: (
        ds.range(7).window(3).map(lambda w: w.reduce(tf.constant(0, tf.int64), lambda s, i: s + i))
    ),
    "groups": lambda tf, ds: ds.range(10).group_by_window(
        lambda i: i % 3, lambda key, group: group.batch(3), window_size=3
    ),
    "groups of pairs by size": lambda tf, ds: rows(ds).group_by_window(
        lambda x, y: -(y % 3),
        lambda key, group: ds.zip((ds.from_tensors(key).repeat(), group)),
        window_size_func=lambda key: key + 3,
    ),
    "padded groups": lambda tf, ds: (
        ds.range(9)
        .map(lambda i: tf.fill([i % 4 + 1], i))
        .group_by_window(
            lambda x: tf.cast(tf.shape(x)[0] // 2, "int64"), lambda k, g: g.padded_batch(3), 3
        )
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_windows_are_tensorflows(name):
    assert unequal(PIPELINES[name]) == []


@pytest.mark.parametrize("drop", [False, True])
def test_windows_of_all_sizes(drop):
    for n, size, shift, stride in [
        *((n, 3, shift, stride) for n in (0, 1, 5, 8) for shift in (1, 3, 5) for stride in (1, 3)),
        *((6, 1, 1, 4), (6, 4, 2, 2), (6, 9, 9, 1), (6, 2, 99, 1)),
    ]:
        for source in ("range", "rows"):
            assert [] == unequal(
                lambda tf, ds, n=n, source=source, sizes=(size, shift, stride): (
                    ds.range(n) if source == "range" else ds.from_tensor_slices(Y[:n])
                ).window(*sizes, drop_remainder=drop)
            )


ERRORS = {
    "window 0": (lambda tf, ds: ds.range(3).window(0), "ize must be greater than zero"),
    "window 1.5": (lambda tf, ds: ds.range(3).window(1.5), "Cannot convert 1.5"),
    "shift 0": (lambda tf, ds: ds.range(3).window(2, shift=0), "hift must be greater than zero"),
    "stride 0": (lambda tf, ds: ds.range(3).window(2, stride=0), "tride must be greater than zero"),
    "as NumPy": (lambda tf, ds: ds.range(3).window(2).as_numpy_iterator(), "as_numpy_iterator"),
    "groups, no size": (
        lambda tf, ds: ds.range(3).group_by_window(abs, lambda k, g: g),
        "must be specified",
    ),
    "groups, two sizes": (
        lambda tf, ds: ds.range(3).group_by_window(abs, lambda k, g: g, 2, abs),
        "must be specified",
    ),
    "groups of size 0": (
        lambda tf, ds: list(ds.range(3).group_by_window(lambda i: i, lambda k, g: g, 0)),
        "indow size must be greater than zero, but got 0",
    ),
    "a vector of keys": (
        lambda tf, ds: list(
            ds.range(3).group_by_window(lambda i: tf.stack([i, i]), lambda k, g: g, 2)
        ),
        "Invalid `key_func`",
    ),
    "groups reduced to a number": (
        lambda tf, ds: list(ds.range(3).group_by_window(lambda i: i, lambda k, g: k, 2)),
        "Invalid `reduce_func`",
    ),
    "padded windows": (
        lambda tf, ds: ds.range(3).window(2).padded_batch(2),
        "not supported for datasets of datasets",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses(name):
    same_error(*ERRORS[name])
