"""Nested structures: flattened and packed again as TensorFlow does, and kept by a tape."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.engine import nest
from tests.support.paired import agree, both_raise, titled
from tests.support.taped import WATCHED, taped

STRUCTURES = """
# a named tuple
Pair = collections.namedtuple("Pair", "a b")
g = t.gradient(y, Pair(x, [x]))
type(g).__name__, g.a, g.b

# an ordered dict
g = t.gradient(y, collections.OrderedDict(b=x, a=x))
type(g).__name__, list(g), g["a"]

# a dict with defaults
d = collections.defaultdict(list)
d["k"] = x
g = t.gradient(y, d)
type(g).__name__, g["k"], g["new"]
"""


@pytest.mark.parametrize("rest", titled(STRUCTURES))
def test_structures_keep_their_classes(rest: str) -> None:
    agree(taped(WATCHED, rest, "import collections\nx = tf.constant(3.0)"))


def test_keys_that_cannot_be_sorted() -> None:
    both_raise(taped(WATCHED, "t.gradient(y, {1: x, 'a': x})"), "'<' not supported between")


LEAVES = st.recursive(
    st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
)


@given(LEAVES)
def test_nest_is_tensorflow_s(structure: Any) -> None:
    flat = nest.flatten(structure)
    assert flat == tensorflow.nest.flatten(structure)
    assert nest.is_nested(structure) == tensorflow.nest.is_nested(structure)
    assert nest.pack(structure, flat) == structure
    doubled = [2 * leaf for leaf in flat]
    packed = nest.pack(structure, doubled)
    assert packed == tensorflow.nest.pack_sequence_as(structure, doubled)
    assert repr(packed) == repr(tensorflow.nest.pack_sequence_as(structure, doubled))


def test_nest_refuses_a_wrong_number_of_leaves() -> None:
    with pytest.raises(ValueError, match="Structure had 2 atoms, but flat_sequence had 1 items"):
        nest.pack([1, 2], [1])
