"""flat_map: random numbers and shuffles inside it are TensorFlow's."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

import scratchnet


def test_random_ops_and_shuffles_inside_flat_map_are_tensorflows():
    def run(module, set_seed):
        set_seed(5)
        ds = module.data.Dataset
        seeded = ds.range(3).flat_map(lambda i: ds.range(6).shuffle(6, seed=1))
        noisy = ds.range(3).flat_map(lambda i: ds.from_tensors(module.random.uniform([2])))
        return [[np.asarray(x).tolist() for x in d] for d in (seeded, seeded, noisy, noisy)]

    assert run(scratchnet, scratchnet.random.set_seed) == run(tf, tf.random.set_seed)
