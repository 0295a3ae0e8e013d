"""The package `train`: what TensorFlow has under that name, it says, is not here."""

from __future__ import annotations

import pytest

import scratchnet.train.training
from scratchnet.unsupported import REASONS


def test_names_of_tensorflows_tf_train_are_said_not_to_be_here():
    with pytest.raises(AttributeError, match=r"tf\.train\.Checkpoint") as caught:
        scratchnet.train.Checkpoint  # noqa: B018
    assert REASONS["tf.train"] in str(caught.value)
    assert scratchnet.train.training.TrainingRun
