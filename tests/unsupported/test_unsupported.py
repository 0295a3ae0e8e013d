"""A name that is not here is told with what there is instead."""

from __future__ import annotations

import pytest

import scratchnet
from scratchnet.unsupported import REASONS
from tests.support.paired import families
from tests.support.unsupported_names import text_of


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("log", "module 'scratchnet' has no attribute 'log': it is `tf.math.log`"),
        ("relu", "it is `tf.nn.relu`"),
        ("Dense", "it is `tf.keras.layers.Dense`"),
        ("nn.Dense", "it is `tf.keras.layers.Dense`"),
        ("keras.layers.sgd", ""),
        ("keras.Dense", "it is `tf.keras.layers.Dense`"),
        ("nn.rleu", "did you mean `tf.nn.relu`?"),
        ("math.reduce_summ", "did you mean `tf.math.reduce_sum`?"),
        ("GradientTap", "did you mean `tf.GradientTape`?"),
        ("Session", "graphs and sessions are TensorFlow 1's"),
        ("train", "`tf.train.Checkpoint` and its like are not here: keep a Keras model with"),
        ("keras.layers.SpectralNormalization", "write a class of `tf.keras.layers.Layer`"),
        ("keras.layers.ConvLSTM2D", "of layers for sequences there are RNN, LSTM, GRU"),
        ("keras.layers.Quux", "`dir(tf.keras.layers)` lists what is there"),
        ("keras.layers.Conv2d", "did you mean `tf.keras.layers.Conv2D`?"),
        ("ConvLSTM1D", "scratchnet does not have `tf.keras.layers.ConvLSTM1D`; of layers"),
        ("linalg.logm", "`numpy.linalg`"),
        ("nn.conv1d", "use `tf.keras.layers.Conv1D`"),
        ("keras.ops.conv_transpose", "does not have `tf.keras.ops.conv_transpose`; use `tf.nn.con"),
        ("nn.separable_conv2d", "use `tf.keras.layers.SeparableConv2D`"),
        ("nn.max_pool1d", "use `tf.keras.layers.MaxPooling1D`"),
        ("keras.utils.split_dataset", "use `dataset.take(n)` and `dataset.skip(n)`"),
        ("compat.v1.Session", "there is no TensorFlow 1 here"),
        ("compat.v1.logging.flush", "`tf.get_logger()`"),
        ("bitcast", "`.numpy().view(dtype)`"),
        ("truncatediv", "use `tf.truediv` for the quotient"),
        ("eig", "use `numpy.linalg`"),
        ("sysconfig", "scratchnet is not compiled"),
        ("zzz", "`dir(tf)` lists what is there"),
        ("test.TestCase", "use `pytest` or `unittest`"),
    ],
)
def test_an_absent_name_says_what_there_is_instead(name: str, phrase: str) -> None:
    assert phrase in text_of(name)


@pytest.mark.parametrize("name", REASONS)
def test_every_reason_is_about_what_is_not_here(name: str) -> None:
    assert REASONS[name] in text_of(name.removeprefix("tf."))


def test_a_plain_attribute_error() -> None:
    assert families(_error())[:2] == ["AttributeError", "Exception"]


def _error() -> Exception:
    try:
        scratchnet.nothing_at_all  # noqa: B018
    except AttributeError as error:
        return error
    raise AssertionError
