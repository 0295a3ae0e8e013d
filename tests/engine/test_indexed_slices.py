"""IndexedSlices, and the rows of variables that they change: as TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.engine.indexed_slices import slices_of
from tests.support.paired import agree, both_raise, error_of

START = "v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])\n"
METHODS = [f"scatter_{how}" for how in ("add", "sub", "mul", "div", "max", "min", "update")]
SLICES = {
    "rows": "tf.IndexedSlices(tf.constant([[10.0, -2.0], [30.0, 40.0]]), tf.constant([0, 2]))",
    "one twice": "tf.IndexedSlices(tf.constant([[10.0, 2.0], [-3.0, 4.0]]), tf.constant([1, 1]))",
    "lists": "tf.IndexedSlices([[1, 2]], [0])",
    "arrays": "tf.IndexedSlices(np.full((1, 2), 7, 'f'), np.array([1]))",
    "a scalar index": "tf.IndexedSlices(tf.constant([1.0, 9.0]), tf.constant(0))",
    "nested indices": "tf.IndexedSlices(tf.constant([[[1.0, 9.0]]]), tf.constant([[2]], 'int64'))",
    "one number": "tf.IndexedSlices(tf.constant(4.0), tf.constant([0, 2]))",
    "none": "tf.IndexedSlices(tf.zeros((0, 2)), tf.zeros((0,), 'int32'))",
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("which", SLICES)
def test_rows_of_a_variable_change(method: str, which: str) -> None:
    agree(f"{START}before = v.read_value()\n[v.{method}({SLICES[which]}), v, before]")


@pytest.mark.parametrize("method", METHODS)
def test_integers(method: str) -> None:
    slices = "tf.IndexedSlices(tf.constant([2, -3, 2]), tf.constant([1, 0, 1]))"
    agree(f"v = tf.Variable([-7, 11, 3])\nv.{method}({slices})\nv")


BAD = {
    "out of range": ("tf.IndexedSlices([[1.0, 2.0]], [3])", "indices[0] = 3 is not in [0, 3)"),
    "negative": (
        "tf.IndexedSlices([[1.0, 2.0], [1.0, 2.0]], [0, -1])",
        "indices[1] = -1 is not in [0, 3)",
    ),
    "too few rows": ("tf.IndexedSlices([[1.0, 2.0]], [0, 2])", "must be a prefix of the shape of"),
    "a tensor": ("tf.constant([1.0])", "Argument `sparse_delta` must be a `tf.IndexedSlices`."),
    "another dtype": (
        "tf.IndexedSlices(tf.constant([[1.0, 2.0]], 'float64'), [0])",
        "requested dtype float32 for Tensor with dtype float64",
    ),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("why", BAD)
def test_bad_rows_are_refused(method: str, why: str) -> None:
    slices, phrase = BAD[why]
    both_raise(f"{START}v.{method}({slices})", phrase)


def test_what_tensorflow_reads_past_the_end_of_or_ends_the_process_for() -> None:
    short = error_of(f"{START}v.scatter_add(tf.IndexedSlices([[1.0], [2.0]], [0, 2]))", scratchnet)
    assert str(short).startswith("scatter_add: `values`: ")
    zero = error_of("tf.Variable([1, 2]).scatter_div(tf.IndexedSlices([0], [1]))", scratchnet)
    assert str(zero).startswith("scatter_div: `values` Integer division by zero")
    floats = error_of(f"{START}v.scatter_add(tf.IndexedSlices([[1.0, 2.0]], [0.0]))", scratchnet)
    assert "`indices` must be integers" in str(floats)
    scalar = error_of("tf.Variable(1.0).scatter_add(tf.IndexedSlices(2.0, 0))", scratchnet)
    assert "`indices` must be of a variable with rows" in str(scalar)
    for error in (short, zero, floats, scalar):
        assert isinstance(error, scratchnet.errors.InvalidArgumentError)


WHOLE = "s = tf.IndexedSlices(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([1, {}]), {})\n"
KNOWN = WHOLE.format(1, "tf.constant([3, 2])")


@pytest.mark.parametrize(
    "answer",
    [
        "s.values, s.indices, s.dense_shape, s.dtype, s.shape, str(s)",
        "tf.convert_to_tensor(s), tf.add(s, 1.0), tf.reduce_sum(s)",
        "isinstance(s, tf.Tensor), s == s",
    ],
)
def test_slices_and_the_tensor_they_stand_for(answer: str) -> None:
    agree(KNOWN + answer)


def test_without_a_dense_shape() -> None:
    agree(WHOLE.format(0, None) + "s.dense_shape, s.shape, str(s)")
    both_raise(WHOLE.format(0, None) + "tf.convert_to_tensor(s)", "without dense_shape")


@pytest.mark.parametrize("optimizer", ["SGD(0.5)", "SGD(0.5, momentum=0.9)", "Adam(0.5)"])
def test_optimizers_take_them_for_gradients(optimizer: str) -> None:
    # Of a row that occurs twice Keras's Adam adds up the squares, ours squares the sum.
    for at in (0, 1) if optimizer.startswith("SGD") else (0,):
        slices = WHOLE.format(at, "tf.constant([3, 2])")
        program = f"{START}{slices}o = tf.keras.optimizers.{optimizer}\n"
        program += "o.apply_gradients([(s, v)])\nv.numpy().round(5)"
        agree(program)


def test_rows_that_are_read() -> None:
    agree(f"{START}v.sparse_read([0, 2]), v.gather_nd([[0, 1], [2, 0]])")


def test_a_keras_variable_has_them_by_its_value() -> None:
    agree(
        "v = tf.keras.Variable([1.0, 2.0])\n"
        "v.value.scatter_add(tf.IndexedSlices([5.0], [1]))\nv.numpy()"
    )


def test_no_tape_records_it() -> None:
    def program(tf: Any) -> Any:
        v = tf.Variable([1.0, 2.0])
        with tf.GradientTape() as tape:
            y = v * v
            v.scatter_add(tf.IndexedSlices([5.0], [1]))
            z = y * v
        return tape.gradient(z, v).numpy()

    np.testing.assert_array_equal(program(scratchnet), program(tensorflow))


def test_an_object_that_tells_its_tensor() -> None:
    """TensorFlow's protocol, for classes of one's own."""

    class Own:
        def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> Any:
            return scratchnet.constant([1.0, 2.0])

    assert (scratchnet.constant(3.0) * Own()).numpy().tolist() == [3, 6]
    with pytest.raises(ValueError, match="requested dtype int32"):
        scratchnet.convert_to_tensor(Own(), "int32")


# -- gradients that keep their slices --------------------------------------------------------------


def gathered(*ways: Any) -> Any:
    """The gradient of a variable of 4 rows that is read in several `ways`."""
    v = scratchnet.Variable(np.arange(8.0).reshape(4, 2))
    with scratchnet.GradientTape() as tape:
        y = sum(scratchnet.reduce_sum(way(v) ** 2) for way in ways)
    return tape.gradient(y, v)


def test_the_sum_of_two_gradients_of_slices_has_the_slices_of_both() -> None:
    gather = scratchnet.gather
    g = gathered(lambda v: gather(v, [[3, 1]]), lambda v: gather(v, [1]))
    slices = slices_of(g)
    assert slices.indices.numpy().tolist() == [1, 3, 1]
    assert slices.indices.dtype == "int64"
    assert slices.values.numpy().tolist() == [[4, 6], [12, 14], [4, 6]]
    assert slices.dense_shape == (4, 2)
    np.testing.assert_array_equal(slices.dense(), g)
    for ways in ((lambda v: gather(v, [1]), lambda v: v), (lambda v: v, lambda v: gather(v, [1]))):
        assert slices_of(gathered(*ways)) is None


def test_slices_pass_through_what_is_linear() -> None:
    g = gathered(lambda v: scratchnet.gather(v, [2, 2]))
    minus = -g
    assert slices_of(minus).values.numpy().tolist() == [[-8, -10], [-8, -10]]
    assert slices_of(minus).indices.numpy().tolist() == [2, 2]
    assert slices_of(minus).dense_shape is not None
    assert slices_of(-scratchnet.ones(2)) is None
    assert slices_of(g * 2.0) is None
    assert slices_of(3) is None


def test_the_whole_of_slices_in_a_shape_that_is_given() -> None:
    slices = scratchnet.IndexedSlices([[1.0, 2.0], [3.0, 4.0]], [1, 1])
    assert slices.dense((3, 2)).numpy().tolist() == [[0, 0], [4, 6], [0, 0]]
    known = scratchnet.IndexedSlices([[1.0, 2.0]], [0], [1, 2])
    assert known.dense((3, 2)).shape == known.shape == (1, 2)  # its own counts
    assert str(known) == "IndexedSlices(indices=[0], values=[[1.0, 2.0]], dense_shape=[1, 2])"
    with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
        slices.dense((1, 2))
    assert str(caught.value) == ("convert_to_tensor: `indices`: indices[0] = 1 is not in [0, 1)")
    with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
        slices.dense((3, 3))
    assert str(caught.value) == (
        "convert_to_tensor: `values`: The shape of indices ([2]) must be a prefix of the shape of "
        "updates ([2, 2]), which must be (2, 3)"
    )
