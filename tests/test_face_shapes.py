"""TensorShape, TensorSpec and tf.nest: what they say, and their errors to the letter."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.paired import run

Pair = namedtuple("Pair", "x y")
START = (
    "from collections import OrderedDict, defaultdict\nfrom tests.support.exact_programs import Pair\n"
)


def outcome(program: str, tf: object) -> str:
    """What a program gives, as text; of an error, its class and text."""
    try:
        return repr(run(START + program, tf))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def alike(program: str) -> None:
    theirs, ours = outcome(program, tensorflow), outcome(program, scratchnet)
    assert ours == theirs, f"\n{ours}\nbut TensorFlow:\n{theirs}"


SHAPES = """None; []; [2, None]; 3; (); (1,); [-1, 2]; ['a']; [2.5]; {}; np.array([2, 3]);
    tf.constant([2, 3]); [np.int64(3)]; tf.TensorShape([4]); (i for i in [1, 2]); [None, None];
    tf.zeros([2, 5]).shape; tf.Variable([1.0]).shape"""


@pytest.mark.parametrize("dims", SHAPES.replace("\n", " ").split("; "))
def test_a_shape_and_how_it_prints(dims: str) -> None:
    alike(f"tf.TensorShape({dims})")
    alike(f"str(tf.TensorShape({dims}))")
    alike(f"'{{}}'.format(tf.TensorShape({dims}))")


METHODS = """rank ndims dims as_list() num_elements() is_fully_defined() with_rank(2) with_rank(3)
    with_rank_at_least(3) with_rank_at_most(1) assert_has_rank(3) assert_is_fully_defined()
    assert_same_rank([2]) assert_is_compatible_with([2,4]) __len__() __bool__() [0] [1:] [-1] [0:1]
    [::-1] [7] [1:3] [-2:-1] [:-1] is_compatible_with([2,None])
    is_compatible_with([2,4]) is_compatible_with(None) is_compatible_with([2]) merge_with([None,3])
    merge_with([3,3]) merge_with([3]) merge_with(None) concatenate([4]) concatenate(None)
    concatenate(5) most_specific_compatible_shape([3,None]) most_specific_compatible_shape([3])
    ==[2,3] ==(2,3) ==None =='a' ==2 !=[2,3] !=None +[3] +(3,) +None is_subtype_of(S([None,3]))
    is_subtype_of(S(None)) <[1] index(3)""".split()


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


SPECS = """T([2,None]); T(None); T([2,None],tf.int32,'x'); T([]); T([2],'int'); T([-1]);
    T([2]).name;
    T(None).shape; T([2]).dtype; T.from_tensor(tf.ones([2])); T.from_tensor(tf.ones([2]),name='n');
    T.from_spec(T([2]),'q'); T([2]) == T([2]); T([2],name='a') == T([2],name='b'); T([2]) == 3;
    T([2,None]) == T([2,None]); hash(T([2])) == hash(T([2]));
    T([2,None]).is_subtype_of(T([None,None]));
    T([None,None]).is_subtype_of(T([2,None])); T([2,None]).is_compatible_with(tf.ones([2,3]));
    T([2,None]).is_compatible_with(tf.ones([3,3])); T([2,None]).is_compatible_with(tf.ones([2]));
    T([2,None]).is_compatible_with(np.ones([2,3])); T([2,None]).is_compatible_with(T([2,3]));
    T([2,None]).is_compatible_with(T([2,3],tf.int32)); T([2,None]).is_compatible_with([[1.0]])"""


@pytest.mark.parametrize("program", [part.strip() for part in SPECS.split(";")])
def test_specs(program: str) -> None:
    alike(f"T = tf.TensorSpec\n{program}")


def test_a_spec_is_made_of_tensors_only() -> None:
    for value in ("np.ones(2)", "[1, 2]"):
        theirs, ours = (
            outcome(f"tf.TensorSpec.from_tensor({value})", tf) for tf in (tensorflow, scratchnet)
        )
        assert ours == theirs
        assert ours.startswith("ValueError: `tensor` should be a tf.Tensor, but got type")


# -- tf.nest --------------------------------------------------------------------------------------

NESTS = """{'b':[1,2],'a':(3,)}; None; 5; []; 'abc'; Pair(1,{'z':2,'y':3}); {1,2}; range(3);
    OrderedDict([('b',1),('a',[2])]); defaultdict(list,{'b':1,'a':2}); {}.keys(); {'k': 1}.values();
    [[], [1]]; ((),); {1: 'x', 0: None}; [np.float64(1.5)]; b'x'; {'a': {'c': 1, 'b': {}}}"""


@pytest.mark.parametrize("structure", [part.strip() for part in NESTS.split(";")])
def test_nested_structures(structure: str) -> None:
    alike(f"tf.nest.is_nested({structure})")
    alike(f"tf.nest.flatten({structure})")
    if "keys" in structure or "values" in structure or "range" in structure:
        return  # which TensorFlow packs into generators
    alike(f"tf.nest.map_structure(lambda x: [x, x], {structure})")
    alike(f"tf.nest.pack_sequence_as({structure}, list('pqr')[:len(tf.nest.flatten({structure}))])")


CALLS = """map_structure(lambda x, y: x + y, [1, (2, 3)], [10, (20, 30)])
map_structure(lambda x, y: x + y, [1, 2], [1])
map_structure(lambda x, y: x + y, [1, 2], (1, 2))
map_structure(lambda x, y: x + y, [1, 2], (1, 2), check_types=False)
map_structure(lambda x, y: x + y, [1, [2]], [1, 2])
map_structure(lambda x: x)
map_structure(3, [1])
map_structure(lambda x: x, [1], foo=3)
map_structure(lambda x, y: (x, y), {'a': 1, 'b': 2}, OrderedDict(b=3, a=4))
assert_same_structure([1, 2], [3, 4])
assert_same_structure([1, 2], [3, [4]])
assert_same_structure({'a': 1}, {'b': 1})
assert_same_structure([1, 2], [1])
assert_same_structure(1, [1])
assert_same_structure([1], 1)
assert_same_structure([1], (1,))
assert_same_structure([1], (1,), check_types=False)
assert_same_structure({'a': 1}, OrderedDict(a=1))
assert_same_structure(Pair(1, 2), (1, 2))
assert_same_structure(Pair(1, 2), Pair(3, 4))
assert_same_structure({'a': [1, 2], 'b': 3}, {'a': [1], 'b': 3})
assert_same_structure([[1], 2], [[1, 5], 2, 3])
pack_sequence_as({'a': 1, 'b': [2, 3]}, [7, 8, 9])
pack_sequence_as([1, 2], [1])
pack_sequence_as([1], [1, 2])
pack_sequence_as(1, [5])
pack_sequence_as(1, [5, 6])
pack_sequence_as(1, [])
pack_sequence_as(1, 5)
pack_sequence_as([1], 5)
pack_sequence_as([1, 2], (1, 2))
flatten({1: 2, 'a': 3})
flatten({'b': 1, 'a': 2}, expand_composites=True)"""


@pytest.mark.parametrize("program", CALLS.split("\n"))
def test_nest_functions_and_their_complaints(program: str) -> None:
    alike(f"tf.nest.{program}")


def test_tensors_and_arrays_are_leaves() -> None:
    leaves = [scratchnet.constant([1, 2]), scratchnet.Variable(1.0), np.ones(2)]
    structure = {"t": leaves[0], "a": [leaves[1], (leaves[2],)]}
    assert not any(map(scratchnet.nest.is_nested, leaves))
    flat = scratchnet.nest.flatten(structure)
    assert all(a is b for a, b in zip(flat, [leaves[1], leaves[2], leaves[0]], strict=True))
    packed = scratchnet.nest.pack_sequence_as(structure, flat)
    assert packed["a"][1][0] is leaves[2]
    assert isinstance(scratchnet.nest.map_structure(str, defaultdict(int, a=1)), defaultdict)
    assert isinstance(scratchnet.nest.map_structure(str, OrderedDict(a=1)), OrderedDict)
