"""TensorSpec: what it says, and its errors to the letter."""

from __future__ import annotations

import pytest
import tensorflow

import scratchnet
from tests.support.exact_programs import alike, outcome

SPECS = """T([2,None]); T(None); T([2,None],tf.int32,'x'); T([]); T([2],'int'); T([-1]);
    T([2]).name;
    T(None).shape; T([2]).dtype; T.from_tensor(tf.ones([2])); T.from_tensor(tf.ones([2]),name='n');
    T.from_spec(T([2]),'q'); T([2]) == T([2]); T([2],name='a') == T([2],name='b'); T([2]) == 3;
    T([2,None]) == T([2,None]); hash(T([2])) == hash(T([2]));
    T([2,None]).is_subtype_of(T([None,None]));
    T([None,None]).is_subtype_of(T([2,None])); T([2,None]).is_compatible_with(tf.ones([2,3]));
    T([2,None]).is_compatible_with(tf.ones([3,3])); T([2,None]).is_compatible_with(tf.ones([2]));
    T([2,None]).is_compatible_with(np.ones([2,3])); T([2,None]).is_compatible_with(T([2,3]));
    T([2,None]).is_compatible_with(T([2,3],tf.int32)); T([2,None]).is_compatible_with([[1.0]]);
    T([2]).is_subtype_of(3); T([2]).is_subtype_of(tf.ones([2]));
    T([2]).is_subtype_of(T([2],tf.int32));
    T([2]).is_subtype_of(T([2])); T([2]).is_subtype_of(T(None)); T.from_spec(T([2],name='a'));
    T.from_spec(T([2],name='a'),'b').name; T.from_tensor(tf.ones([2])).name; T([2]) == T([3]);
    T([2],tf.int32) == T([2]); T(3).shape; T([2]).dtype; T(shape=[1],dtype='half').dtype"""


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
