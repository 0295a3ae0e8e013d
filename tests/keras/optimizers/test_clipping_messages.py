"""Gradients that are None: errors and warnings say how to ask why."""

from __future__ import annotations

import inspect
import re

import pytest

import scratchnet as tf
from scratchnet import keras
from scratchnet.engine.errors import WHY_NONE


def test_no_gradient_at_all() -> None:
    with pytest.raises(ValueError, match=r"^No gradients provided.*tape\.explain_none"):
        keras.optimizers.SGD().apply_gradients([(None, tf.Variable(1.0))])


def test_some_gradients() -> None:
    pairs = [(None, tf.Variable(1.0, name="w")), (tf.constant(1.0), tf.Variable(2.0))]
    with pytest.warns(UserWarning, match=r"Gradients do not exist.*tape\.explain_none"):
        keras.optimizers.SGD().apply_gradients(pairs)


@pytest.mark.parametrize(
    "use",
    [
        lambda: None + tf.constant(1.0),
        lambda: tf.constant(1.0) * None,
        lambda: tf.reduce_sum(None),
        lambda: tf.norm(None),
        lambda: tf.Variable(1.0).assign_sub(None),
    ],
)
def test_none_reaches_an_op(use) -> None:
    with pytest.raises(ValueError, match=r"If it is a gradient.*tape\.explain_none"):
        use()


def test_the_call_that_the_messages_name_is_there() -> None:
    (arguments,) = re.findall(r"`tape\.explain_none\((.*)\)`", WHY_NONE)
    inspect.signature(tf.GradientTape().explain_none).bind(*arguments.split(", "))
