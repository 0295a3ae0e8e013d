"""tf.nest: structures, and its errors to the letter."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

import numpy as np
import pytest

import scratchnet
from tests.support.exact_programs import alike

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
