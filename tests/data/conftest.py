"""What the tests of data share."""

from __future__ import annotations

import pytest
import tensorflow as tf

from scratchnet.ops.random_seeds import set_seed


@pytest.fixture(autouse=True)
def _same_seeds():
    set_seed(0), tf.random.set_seed(0)
