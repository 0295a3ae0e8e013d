"""Errors in layers that are tried out for their shapes: None, where nobody wrote a size."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet as tf
from scratchnet import keras


def layer(function: Any) -> Any:
    class Own(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return function(x)

    return Own()


def message(function: Any, shape: Any = (10,)) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the text is what is tested
        layer(function)(keras.Input(shape))
    return str(caught.value)


def test_a_size_of_the_batch_is_none() -> None:
    assert "In[0]: [None,10], In[1]: [3,3]" in message(lambda x: x @ tf.ones((3, 3)))


def test_what_the_layer_itself_wrote_stays() -> None:
    assert "[None,6] vs. [6,7]" in message(lambda x: x + tf.ones((6, 7)), (6,))


def test_products_of_unknown_sizes_are_none() -> None:
    text = message(lambda x: tf.reshape(x, (5, 7)), (None, 10))
    assert "a tensor with None values, but the requested shape has 35" in text


def test_any_error_of_the_layers() -> None:
    def wrong(x: Any) -> Any:
        raise LookupError(f"no weights for {x.shape} of {object()}")

    assert "no weights for (None, 10)" in message(wrong)
    assert "None" in message(lambda x: {}[x.shape[0]])


def test_an_error_of_one_trial_alone_says_what_stood_for_none() -> None:
    def picky(x: Any) -> Any:
        if x.shape[0] == 6:
            raise ValueError(f"refused {x.shape}")
        raise ValueError("refused, too")

    assert "refused (6, 10)\n\n(sizes that are None were tried as 6, of the batch" in message(picky)


def test_a_model_that_is_built() -> None:
    class Own(keras.Model):
        def call(self, x: Any) -> Any:
            return x + tf.ones((5, 5))

    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[None,4\] vs. \[5,5\]"):
        Own().build((None, 4))
