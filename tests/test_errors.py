"""tf.errors: every class of TensorFlow's, with its code and its bases."""

from __future__ import annotations

import pickle

import pytest
import tensorflow

import scratchnet
from tests.support.paired import run

PUBLIC = [name for name in dir(tensorflow.errors) if not name.startswith("_")]


def test_every_error_is_here() -> None:
    ours = [name for name in dir(scratchnet.errors) if not name.startswith("_")]
    assert set(PUBLIC) - set(ours) == set()


@pytest.mark.parametrize("name", PUBLIC)
def test_errors_are_those_of_tensorflow(name: str) -> None:
    mine, theirs = getattr(scratchnet.errors, name), getattr(tensorflow.errors, name)
    if isinstance(theirs, int):
        assert mine == theirs
        return
    assert [k.__name__ for k in mine.__mro__] == [k.__name__ for k in theirs.__mro__]
    if not issubclass(theirs, tensorflow.errors.OpError):
        return
    code = (5,) if name == "OpError" else ()
    made, like = mine(None, None, "a text", *code), theirs(None, None, "a text", *code)
    for attribute in ("message", "error_code", "op", "node_def", "experimental_payloads"):
        assert getattr(made, attribute) == getattr(like, attribute)
    assert str(made) == str(like)
    assert str(pickle.loads(pickle.dumps(made))) == "a text"
    assert mine("a text").message == "a text"


def test_the_code_of_an_error_that_was_raised() -> None:
    program = """
try:
    tf.matmul(tf.ones([2, 3]), tf.ones([2, 3]))
except tf.errors.OpError as error:
    found = error.error_code, error.op, error.node_def
found"""
    assert run(program, scratchnet) == run(program, tensorflow) == (3, None, None)
