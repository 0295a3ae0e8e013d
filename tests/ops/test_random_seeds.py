"""Seeds of stateful random ops: global, of an op, of traced functions, of threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scratchnet.ops import random as sn
from scratchnet.ops import random_seeds
from scratchnet.ops.random_seeds import MODULUS
from tests.support.random_numbers import GOLDEN, assert_golden, assert_same_bits, set_both_seeds


@pytest.mark.parametrize("case", GOLDEN["stateful_graph"])
def test_golden_stateful_graph(case: dict[str, Any]) -> None:
    sn.set_seed(case["set_seed"])
    traced = sn.TracedOps()
    for call in case["calls"]:
        with traced.call():
            for (op, shape, seed), out in zip(case["ops"], call, strict=True):
                if op == "shuffle":
                    found = sn.shuffle(np.arange(shape[0], dtype=np.int32), seed=seed)
                elif op == "uniform_int_0_10_int32":
                    found = sn.uniform(shape, 0, 10, "int32", seed)
                else:
                    found = getattr(sn, op)(shape, seed=seed)
                assert_golden(found, out)


def test_an_op_seed_alone_is_enough() -> None:
    sn.set_seed(None)
    tf.random.set_seed(None)
    for _ in range(3):
        assert_same_bits(sn.normal([3], seed=11), tf.random.normal([3], seed=11))


def test_a_kernel_per_dtype_of_the_shape() -> None:
    set_both_seeds(1)
    for shape in ([3], np.array([3]), [3], np.array([3])):
        assert_same_bits(sn.uniform(shape, seed=5), tf.random.uniform(shape, seed=5))


@pytest.mark.parametrize("seed", [5, -5, np.int64(5), True, 2**40])
def test_seeds_of_ops(seed: Any) -> None:
    set_both_seeds(1)
    assert_same_bits(sn.uniform([3], seed=seed), tf.random.uniform([3], seed=seed))
    set_both_seeds(seed)
    assert_same_bits(sn.uniform([3]), tf.random.uniform([3]))


def test_forgotten_kernels_begin_again() -> None:
    set_both_seeds(1)
    first = sn.uniform([3], seed=5).numpy()
    assert not np.array_equal(sn.uniform([3], seed=5), first)
    sn.forget_kernels()
    assert_same_bits(sn.uniform([3], seed=5), first)


def test_threads_share_the_seeds() -> None:
    """Four threads make the very calls that one would: none twice, none left out."""
    sn.set_seed(1)
    expected = sorted(sn.uniform([], seed=3).numpy() for _ in range(200))
    sn.set_seed(1)
    found: list[Any] = []

    def work() -> None:
        found.extend(sn.uniform([], seed=3).numpy() for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == expected


def program(m: Any) -> list[Any]:
    a = m.uniform([3])
    b = m.normal([2], seed=11)
    c = m.normal([2], seed=11)
    d = m.uniform([4], maxval=9, dtype="int32")
    return [a, b, c, d, m.shuffle(np.arange(6))]


def test_traced_functions() -> None:
    set_both_seeds(7)
    function, traced = tf.function(lambda: program(tf.random)), sn.TracedOps()
    for seed in (None, None, 8, None):  # a new global seed restarts the kernels, but is not theirs
        if seed is not None:
            set_both_seeds(seed)
        with traced.call():
            found = program(sn)
        for x, y in zip(found, function(), strict=True):
            assert_same_bits(x, y)
        assert_same_bits(sn.uniform([2]), tf.random.uniform([2]))  # the eager ops go their own way


@pytest.mark.parametrize("seed", [3, 0])
def test_random_ops_in_dataset_map(seed: int) -> None:
    set_both_seeds(seed)
    dataset = tf.data.Dataset.range(4).map(lambda i: tf.random.uniform([2]))
    traced = sn.TracedOps()
    for _ in range(2):
        iterator = traced.restarted()
        for expected in dataset:
            with iterator.call():
                assert_same_bits(sn.uniform([2]), expected)


def test_a_traced_function_inside_another() -> None:
    sn.set_seed(1)
    outer, inner = sn.TracedOps(), sn.TracedOps()
    with outer.call():
        first = sn.uniform([2])
        with inner.call():
            nested = sn.uniform([2])
        second = sn.uniform([2])
    assert_same_bits(first, nested)
    assert not np.array_equal(first, second)
    sn.set_seed(None)
    unseeded = sn.TracedOps()
    with unseeded.call():
        assert not np.array_equal(sn.uniform([2]), sn.uniform([2]))


@pytest.mark.parametrize("seed", ["a", [1, 2], 1.5])
def test_bad_seeds(seed: Any) -> None:
    for call in (sn.uniform, sn.normal, sn.truncated_normal, sn.shuffle):
        with pytest.raises(TypeError, match="`seed` must be an integer"):
            call([2], seed=seed)
    with pytest.raises(TypeError, match="set_seed: `seed` must be an integer"):
        sn.set_seed(float("nan") if seed == 1.5 else seed)
    with pytest.raises(TypeError, match="`seed` must be an integer"):
        sn.ShuffleStream(3, seed=seed)


def test_a_float_is_a_global_seed() -> None:
    for seed in (1.0, 0.0, 7.0, 2.0**40, 1.7, -1.5, -3.0, 1e20, np.float64(0.25)):
        sn.set_seed(seed), tf.random.set_seed(seed)
        assert_same_bits(sn.uniform([3]), tf.random.uniform([3]))
        assert_same_bits(sn.uniform([3], seed=4), tf.random.uniform([3], seed=4))


# -- the seeds themselves --------------------------------------------------------------------------


def test_the_global_seed_is_told() -> None:
    told = {5: 5, -1: -1, 2**40: 2**40, 7.9: 7, -1.5: MODULUS - 2, None: None}
    for seed, wanted in told.items():
        sn.set_seed(seed)
        assert random_seeds.global_seed() == wanted


def test_pairs_of_seeds() -> None:
    """The global one or the default one, then that of the op, both modulo 2**31 - 1."""
    sn.set_seed(None)
    assert random_seeds.seed_pair(None) is None
    assert random_seeds.seed_pair(3) == (87654321, 3)
    sn.set_seed(MODULUS + 5)
    assert random_seeds.seed_pair(MODULUS + 2) == (5, 2)
    sn.set_seed(0)
    assert random_seeds.seed_pair(0) == random_seeds.seed_pair(MODULUS) == (0, MODULUS)
    assert random_seeds.seed_pair(1) == (0, 1)
    drawn = {random_seeds.seed_pair(None) for _ in range(3)}
    assert len(drawn) == 3
    assert all(first == 0 and 0 <= own < MODULUS for first, own in drawn)


def test_what_is_drawn_untouched_is_drawn_again() -> None:
    sn.set_seed(4)
    sn.uniform([2], seed=1)
    with random_seeds.untouched():
        inside = [sn.uniform([2], seed=1).numpy(), sn.uniform([2]).numpy()]
    after = [sn.uniform([2], seed=1).numpy(), sn.uniform([2]).numpy()]
    np.testing.assert_array_equal(inside, after)
    rewind = random_seeds.snapshot()
    once = [sn.uniform([2], seed=1).numpy(), sn.uniform([2]).numpy()]
    for _ in range(2):  # as often as one likes
        rewind()
        again = [sn.uniform([2], seed=1).numpy(), sn.uniform([2]).numpy()]
        np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, after)


def test_what_runs_is_known_on_its_thread_until_it_ends() -> None:
    traced, function = sn.TracedOps(), random_seeds.FunctionOps()
    assert not random_seeds.in_traced_function()
    with traced.call():
        assert random_seeds.in_traced_function()
        with sn.TracedOps().call():
            assert random_seeds.in_traced_function()
        assert random_seeds.in_traced_function()
    with function.call(lambda: 0):
        assert not random_seeds.in_traced_function()
    assert not random_seeds.in_traced_function()


def drawn_in(traced: Any, seed: int | None = None) -> Any:
    with traced.call():
        return np.stack([sn.uniform([2], seed=seed), sn.uniform([2], seed=seed)])


def test_the_ops_of_a_traced_function() -> None:
    sn.set_seed(8)
    traced = sn.TracedOps()
    first, second = drawn_in(traced), drawn_in(traced)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], first[1])  # ops of seeds 0 and 1
    np.testing.assert_array_equal(drawn_in(traced.restarted()), first)
    sn.set_seed(9)  # the seed at tracing counts, the kernels begin again
    np.testing.assert_array_equal(drawn_in(traced), first)
    np.testing.assert_array_equal(drawn_in(traced), second)
    np.testing.assert_array_equal(drawn_in(traced.restarted()), first)
    same = drawn_in(sn.TracedOps(), seed=3)
    np.testing.assert_array_equal(same[0], same[1])  # each op is a kernel of its own
    sn.set_seed(None)
    unseeded = sn.TracedOps()
    assert not np.array_equal(drawn_in(unseeded), drawn_in(unseeded))


def test_the_ops_of_a_function_by_the_kind_of_its_arguments() -> None:
    sn.set_seed(8)
    function = random_seeds.FunctionOps()

    def drawn(kind: str, seed: int | None = 3) -> Any:
        with function.call(lambda: kind):
            return np.stack([sn.uniform([2], seed=seed), sn.uniform([2], seed=seed)])

    first, other = drawn("a"), drawn("b")
    np.testing.assert_array_equal(first, other)  # each graph has kernels of its own
    np.testing.assert_array_equal(first[0], first[1])
    assert not np.array_equal(drawn("a"), first)
    outside = np.stack([sn.uniform([2]), sn.uniform([2])])
    sn.set_seed(8)
    np.testing.assert_array_equal(drawn("a", None), outside)  # without a seed as outside
    with function.call(lambda: "a"), random_seeds.FunctionOps().call(lambda: "c"):
        inner = sn.uniform([2], seed=3).numpy()
    np.testing.assert_array_equal(inner, first[0])  # of the graph around it, whose kernels restart


def test_without_a_seed_nobody_can_foresee_a_number() -> None:
    sn.set_seed(None)
    drawn = [draw([3]).numpy() for draw in (sn.uniform, sn.normal) for _ in range(2)]
    assert len({tuple(numbers) for numbers in drawn}) == 4
