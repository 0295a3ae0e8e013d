"""tf.data.experimental: the names of older programs."""

from __future__ import annotations

import tensorflow as tf

import scratchnet


def test_the_names_of_older_programs():
    def program(module):
        experimental = module.data.experimental
        return (
            experimental.AUTOTUNE,
            experimental.INFINITE_CARDINALITY,
            experimental.UNKNOWN_CARDINALITY,
            repr(experimental.cardinality(module.data.Dataset.range(3))),
        )

    assert program(scratchnet) == program(tf)
