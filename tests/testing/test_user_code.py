"""The code under test: called on copies, and watched."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.testing.user_code import UserCode, checked_names


def code(forward, vjp, *arrays):
    made = UserCode("check_vjp", forward, vjp, arrays, [f"x{i}" for i in range(len(arrays))])
    made.shapes = [y.shape for y in made.outputs(arrays)]
    return made


def test_several_outputs_are_one_vector():
    made = code(
        lambda x: (x, x.sum(axis=0)),
        lambda g, x: g[0] + g[1],
        np.arange(6.0).reshape(2, 3),
    )
    np.testing.assert_array_equal(made.value(made.arrays), [0, 1, 2, 3, 4, 5, 3, 5, 7])
    g = np.arange(9.0)
    assert [part.shape for part in made.split(g)] == [(2, 3), (3,)]
    np.testing.assert_array_equal(made.gradients(g, made.arrays)[0], [[6, 8, 10], [9, 11, 13]])


def test_the_arrays_handed_out_are_copies():
    seen = []
    x = np.ones(3)
    made = code(lambda x: x, lambda g, x: seen.append(x) or g, x)
    made.gradients(np.ones(3), [x])
    seen[0][:] = 5
    assert x.tolist() == [1, 1, 1]
    assert not made.changed


def test_each_change_is_noticed_once():
    def vjp(g, x):
        g += 1
        return g

    made = code(lambda x: x, vjp, np.ones(3))
    made.gradients(np.ones(3), made.arrays)
    made.gradients(np.ones(3), made.arrays)
    assert made.changed == ["the VJP changes the cotangent g in place"]


@pytest.mark.parametrize(
    ("f", "count", "names"),
    [
        (lambda x, k: x, 2, ["x", "k"]),
        (lambda x, k, stride=1: x, 2, ["x", "k"]),
        (lambda x, k, stride=1: x, 3, ["x", "k", "stride"]),
        (lambda *xs: xs, 1, ["argument 0"]),
        (np.add, 2, ["argument 0", "argument 1"]),
    ],
)
def test_names(f, count, names):
    assert checked_names("check_vjp", f, count, None) == names
