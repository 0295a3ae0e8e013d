"""scan: TensorFlow's states, specs and errors."""

from __future__ import annotations

import pytest

from tests.support.datasets import rows, same_error, unequal

PIPELINES = {
    "sums": lambda tf, ds: ds.range(5).scan(tf.constant(0, tf.int64), lambda s, i: (s + i, s)),
    "pairs as they are": lambda tf, ds: rows(ds).scan(1.5, lambda s, pair: (s + pair[0][0], pair)),
    "a state of many": lambda tf, ds: ds.range(5).scan(
        {"a": 1, "b": (2.0, True)}, lambda s, i: [{"a": s["a"] + 1, "b": s["b"]}, (s["b"][0], i)]
    ),
    "a state that grows": lambda tf, ds: ds.range(4).scan(
        tf.zeros([1]), lambda s, i: (tf.concat([s, [1.0]], 0), s)
    ),
    "of nothing": lambda tf, ds: ds.range(0).scan(0, lambda s, i: (s, s)),
    "of the endless": lambda tf, ds: (
        ds.range(3).repeat().scan(0, lambda s, i: (s + 1, (s, i))).take(7)
    ),
    "random": lambda tf, ds: ds.range(3).scan(
        0.0, lambda s, i: (s + tf.random.uniform([]), tf.random.uniform([2]))
    ),
    "then batch": lambda tf, ds: ds.range(7).scan(1.0, lambda s, i: (s * 2, s)).batch(3),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_scanned_elements_are_tensorflows(name):
    assert unequal(PIPELINES[name]) == []


ERRORS = {
    "no function": (lambda tf, ds: ds.range(3).scan(0, 3), "must be a callable. Received"),
    "no pair": (lambda tf, ds: list(ds.range(3).scan(0, lambda s, i: s)), "should return a pair"),
    "three": (
        lambda tf, ds: list(ds.range(3).scan(0, lambda s, i: (s, s, s))),
        "should return a pair",
    ),
    "another dtype": (
        lambda tf, ds: list(ds.range(3).scan(0, lambda s, i: (1.5, i))),
        "must match the initial state",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses(name):
    same_error(*ERRORS[name])
