"""TensorShape: comparisons, sums, slices and printed forms."""

from __future__ import annotations

import copy
import pickle

import pytest

import scratchnet
from tests.support.exact_programs import alike
from tests.support.paired import agree, programs

SHAPES = """None; []; [2, None]; 3; (); (1,); [-1, 2]; ['a']; [2.5]; {}; np.array([2, 3]);
    tf.constant([2, 3]); [np.int64(3)]; tf.TensorShape([4]); (i for i in [1, 2]); [None, None];
    tf.zeros([2, 5]).shape; tf.Variable([1.0]).shape; [0, 3]; [-1]; 0"""


@pytest.mark.parametrize("dims", SHAPES.replace("\n", " ").split("; "))
def test_a_shape_and_how_it_prints(dims: str) -> None:
    alike(f"tf.TensorShape({dims})")
    alike(f"str(tf.TensorShape({dims}))")
    alike(f"'{{}}'.format(tf.TensorShape({dims}))")


METHODS = """rank ndims dims as_list() num_elements() is_fully_defined() with_rank(2) with_rank(3)
    with_rank_at_least(3) with_rank_at_most(1) assert_has_rank(3) assert_is_fully_defined()
    assert_same_rank([2]) assert_is_compatible_with([2,4]) __len__() __bool__() [0] [1:] [-1] [0:1]
    [::-1] [7] [1:3] [-2:-1] [:-1] [:0] [0:0] [2:1] [1:-1] [-1:1] [1:1] is_compatible_with([2,None])
    is_compatible_with([2,4]) is_compatible_with(None) is_compatible_with([2]) merge_with([None,3])
    merge_with([3,3]) merge_with([3]) merge_with(None) concatenate([4]) concatenate(None)
    concatenate(5) most_specific_compatible_shape([3,None]) most_specific_compatible_shape([3])
    ==[2,3] ==(2,3) ==None =='a' ==2 !=[2,3] !=None +[3] +(3,) +None is_subtype_of(S([None,3]))
    is_subtype_of(S(None)) <[1] index(3) is_subtype_of(S([2])) is_subtype_of(S([2,3])) with_rank(1)
    with_rank_at_least(2) with_rank_at_least(1) with_rank_at_most(2) with_rank_at_most(0)
    assert_has_rank(2) assert_same_rank([2,2]) assert_same_rank(None) is_compatible_with([3])
    merge_with([2,4]) merge_with([2,3]) most_specific_compatible_shape(None)
    most_specific_compatible_shape([2,4]) ==[2] ==[2,None] ==[] num_elements()""".split()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dims", ["None", "[]", "[2]", "[2, 3]", "[2, None]"])
def test_what_shapes_do(dims: str, method: str) -> None:
    if method == "dims":  # TensorFlow wraps each of them
        alike(f"d = tf.TensorShape({dims}).dims\nd and [getattr(x, 'value', x) for x in d]")
        return
    dot = "" if method[0] in "[=!+<" else "."
    alike(f"S = tf.TensorShape\nS({dims}){dot}{method}")


def test_shapes_in_the_hands_of_python_and_numpy() -> None:
    for program in (
        "[7] + tf.TensorShape([2])",
        "(1,) + tf.TensorShape([2])",
        "np.zeros(tf.TensorShape([2, 3])).shape",
        "np.reshape(np.arange(6), tf.zeros([3, 2]).shape).tolist()",
        "tf.reshape(tf.range(6), tf.zeros([3, 2]).shape).numpy().tolist()",
        "tf.reduce_prod(tf.zeros([3, 2]).shape).numpy()",
        "isinstance(tf.TensorShape([2]), tuple)",
        "2 in tf.TensorShape([2, 3])",
        "tf.nest.flatten([tf.TensorShape([2, 3])])",
        "a, b = tf.zeros([3, 2]).shape\na * b",
        "len({tf.TensorShape([2]), tf.TensorShape([2]), tf.TensorShape(None)})",
        "tf.constant([3, 4]).shape.as_list()",
        "tf.zeros(tf.zeros([3, 2]).shape).shape",
        "tf.ones([1] + tf.zeros([3, 2]).shape[1:]).shape",
        "tf.TensorShape([2, 3]) * 2",
        "list(tf.TensorShape(None))",
        "list(tf.TensorShape([2, None]))",
    ):
        alike(program)
    shape = scratchnet.TensorShape([2, None])
    assert copy.deepcopy(shape) == shape == pickle.loads(pickle.dumps(shape))


@pytest.mark.parametrize(
    "text",
    programs("""
    tf.TensorShape([2, 3]) | tf.TensorShape([2, None]) | tf.TensorShape([2]) | tf.TensorShape([])
    tf.TensorShape([2, 3]) == [2, 3] | tf.TensorShape([2, 3]) == (2, 3)
    (2, 3) == tf.TensorShape([2, 3]) | tf.TensorShape([2, 3]) != [2, 3]
    tf.TensorShape([2, 3]) != (2, 3) | [2, 3] != tf.TensorShape([2, 3])
    tf.TensorShape([2, 3]) == [2, 4], tf.TensorShape([2, 3]) == 5, tf.TensorShape([2, 3]) == None
    tf.TensorShape([2, 3]) + [4] | [4] + tf.TensorShape([2, 3]) | (4,) + tf.TensorShape([2, 3])
    tf.TensorShape([2]) + tf.TensorShape([3]) | bool(tf.TensorShape([])), bool(tf.TensorShape([2]))
    tf.TensorShape([2, 3])[0], tf.TensorShape([2, 3])[-1] | tf.TensorShape([2, 3])[:1]
    tf.TensorShape([2, 3]).as_list(), tf.TensorShape([2, 3]).rank, tf.TensorShape([2, 3]).ndims
    tf.TensorShape([2, 3]).num_elements(), tf.TensorShape([]).num_elements()
    tf.TensorShape([2, None]).num_elements(), tf.TensorShape([2, None]).is_fully_defined()
    tuple(tf.TensorShape([2, 3])), list(tf.TensorShape([2, 3])), len(tf.TensorShape([2, 3]))
    np.zeros(tf.TensorShape([2, 3])) | hash(tf.TensorShape([2])) == hash(tf.TensorShape((2,)))
    f"{tf.zeros([2, 3]).shape}" | (tf.zeros([2, 3]).shape,) | type(tf.zeros([2, 3]).shape[0])
    """),
)
def test_shapes(text: str) -> None:
    agree(text)


def test_a_text_is_no_shape() -> None:
    with pytest.raises(TypeError) as caught:
        scratchnet.TensorShape("ab")
    assert str(caught.value) == (
        "Failed to convert ''ab'' to a shape: a shape is one size, or a list of sizes"
    )
    alike("tf.TensorShape('')")
