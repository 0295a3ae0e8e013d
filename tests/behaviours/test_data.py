"""tf.data and shuffling: element structures, lengths, complaints, the very orders."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import complains, is_silent
from tests.support.keras_programs import close, complain_alike, fresh, same

X = np.arange(40, dtype="f").reshape(10, 2, 2, 1)
Y = np.arange(10)


def slices(tf: Any, of: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices(of)


def numbers(dataset: Any) -> list[int]:
    return [int(i) for i in dataset]


def test_96_slices() -> None:
    """First axes must be equal, and be there; tuples give tuples, dicts dicts."""
    for tf in (tensorflow, scratchnet):
        unequal = lambda tf: slices(tf, (np.ones((10, 2)), np.ones(9)))  # noqa: E731
        complains(tf, unequal, "ValueError", "Dimensions 10 and 9 are not compatible")
        says = "Unbatching a tensor is only supported for rank >= 1"
        complains(tf, lambda tf: slices(tf, 3.0), "ValueError", says)

    def program(tf: Any) -> list[str]:
        pair, named = next(iter(slices(tf, (X, Y)))), next(iter(slices(tf, {"x": X, "y": Y})))
        return [type(pair).__name__, type(named).__name__, ",".join(named)]

    assert same(program) == ["tuple", "dict", "x,y"]


def test_97_lengths() -> None:
    """`len` counts elements where that is known; a dataset is true even if it is empty."""

    def program(tf: Any) -> list[Any]:
        return [len(slices(tf, Y).batch(4)), bool(slices(tf, Y)), bool(tf.data.Dataset.range(0))]

    assert same(program) == [3, True, True]
    complain_alike(lambda tf: len(slices(tf, Y).repeat()), "The dataset is infinite.")
    complain_alike(lambda tf: slices(tf, Y)[0], "is not subscriptable")


def test_98_batches() -> None:
    """The rest is kept unless told; a size of 0 is an error, as are elements of several shapes."""

    def program(tf: Any) -> list[Any]:
        batches = slices(tf, Y)
        return [[len(b) for b in batches.batch(4, drop_remainder=drop)] for drop in (False, True)]

    assert same(program) == [[4, 4, 2], [4, 4]]

    def ragged(tf: Any) -> Any:
        signature = tf.TensorSpec((None,), "int32")
        rows = tf.data.Dataset.from_generator(lambda: ([1, 2], [3]), output_signature=signature)
        return list(rows.batch(2))

    for tf in (tensorflow, scratchnet):
        for step in ("batch", "shuffle"):
            empty = lambda tf, step=step: list(getattr(slices(tf, Y), step)(0))  # noqa: E731
            complains(tf, empty, "InvalidArgumentError", "must be")
        says = "Cannot batch tensors with different shapes in component 0"
        complains(tf, ragged, "InvalidArgumentError", says)


def test_99_specs_and_steps() -> None:
    """The repr of a dataset tells its elements; the steps do what their names say."""

    def program(tf: Any) -> list[Any]:
        data, pairs = tf.data.Dataset, slices(tf, (X, Y.astype("int32")))
        return [
            repr(pairs.batch(4)),
            numbers(data.range(5).map(lambda i: i * 2).filter(lambda i: i > 2).take(2)),
            numbers(data.range(2).repeat(2).prefetch(1)),
            numbers(data.range(6).batch(4).unbatch().cache()),
            [(int(i), int(j)) for i, j in data.zip((data.range(2), data.range(5, 7)))],
            [(int(i), int(j)) for i, j in data.range(5, 7).enumerate()],
            int(data.range(5).reduce(np.int64(0), lambda total, i: total + i)),
            [x.tolist() for x in data.range(3).batch(2).as_numpy_iterator()],
        ]

    shown, *_ = same(program)
    assert shown == (
        "<_BatchDataset element_spec=(TensorSpec(shape=(None, 2, 2, 1), dtype=tf.float32, "
        "name=None), TensorSpec(shape=(None,), dtype=tf.int32, name=None))>"
    )


@pytest.mark.parametrize("buffer", [1, 4, 10, 25])
def test_100_the_orders_of_shuffle(buffer: int) -> None:
    """For buffers smaller than the data, as large, and larger: each reading its own order.

    Without `reshuffle_each_iteration` one order repeats.
    """

    def program(tf: Any) -> list[Any]:
        data = tf.data.Dataset.range(10)
        moving = data.shuffle(buffer, seed=3)
        fixed = data.shuffle(buffer, seed=3, reshuffle_each_iteration=False)
        return [[numbers(each) for _ in range(3)] for each in (moving, fixed)]

    moving, fixed = same(program)
    assert fixed[0] == fixed[1] == fixed[2]
    assert (moving[0] == moving[1]) == (buffer == 1)
    for i, seen in enumerate(moving[0]):  # nothing comes before it is in the buffer
        assert seen < i + buffer
    assert [sorted(order) for order in moving] == [list(range(10))] * 3


def test_101_seeds_of_shuffle() -> None:
    """A seed alone stands beside 87654321; a global seed alone beside the next draw from it."""

    def program(tf: Any) -> list[Any]:
        def order(global_seed: int | None, seed: int | None) -> list[int]:
            tf.random.set_seed(global_seed)
            return numbers(tf.data.Dataset.range(10).shuffle(10, seed=seed))

        draw = random.Random(7).randint(0, 2**31 - 1)
        return [order(None, 3), order(87654321, 3), order(7, None), order(7, draw)]

    alone, named, drawn, given = same(program)
    assert alone == named
    assert drawn == given
    assert alone != drawn


def net(tf: Any) -> Any:
    model = tf.keras.Sequential(
        [tf.keras.Input((2, 2, 1)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


def test_102_fit_on_a_dataset() -> None:
    """Its own shuffling and batching hold: `shuffle=True` warns, `batch_size` does nothing.

    A dataset that was not batched fails: its elements lack an axis.
    """
    truth = Y.astype("f")
    complain_alike(
        lambda tf: net(tf).fit(slices(tf, (X, truth)).batch(4), shuffle=True, verbose=0),
        "`shuffle=True`",
    )

    def sized(tf: Any) -> Any:
        data = slices(tf, (X, truth)).batch(4)
        return net(tf).fit(data, shuffle=False, batch_size=2, verbose=0).params["steps"]

    for tf in (tensorflow, scratchnet):
        is_silent(tf, sized)
    assert same(sized) == 3
    loose = lambda tf: net(tf).fit(slices(tf, (X, truth)), shuffle=False, verbose=0)  # noqa: E731
    complain_alike(loose, "incompatible")


def words(tf: Any, n: int, seed: int) -> np.ndarray:
    """The first `n` 32-bit words of an op's stream of bits."""
    low, high = -(2**31), 2**31 - 1  # of one width less than all: as good as the bits themselves
    found = tf.random.uniform((n,), low, high, tf.int32, seed=seed).numpy()
    return (found.astype(np.int64) - low).astype(np.uint64)


def test_103_shuffle_is_fisher_yates_from_the_front() -> None:
    """Swap i with i + word_i mod (n - i), for i from 0 on."""
    n = 12

    def program(tf: Any) -> list[Any]:
        fresh(tf, 5)
        bits = words(tf, n, 3)
        fresh(tf, 5)
        return [bits, tf.random.shuffle(tf.range(n), seed=3).numpy()]

    bits, shuffled = close(program, 0)
    order = list(range(n))
    for i in range(n - 1):
        j = i + int(bits[i]) % (n - i)
        order[i], order[j] = order[j], order[i]
    assert shuffled.tolist() == order


def test_104_uniform_numbers_are_the_bits_of_the_stream() -> None:
    """The low 23 bits of each word, as a fraction."""

    def program(tf: Any) -> list[Any]:
        fresh(tf, 5)
        bits = words(tf, 9, 3)
        fresh(tf, 5)
        return [bits, tf.random.uniform((9,), seed=3).numpy(), tf.random.uniform((5,)).numpy()]

    bits, numbers_, _ = close(program, 0)
    np.testing.assert_array_equal(numbers_, (bits & np.uint64(0x7FFFFF)) * 2.0**-23)
