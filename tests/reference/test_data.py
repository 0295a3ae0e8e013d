"""The order of the images, and who takes which."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import scratchnet
from reference.data import Orders, pipeline, shares
from scratchnet.data import Dataset

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("seed", [0, 7])
def test_the_orders_are_those_of_the_loops(seed):
    tf.keras.utils.set_random_seed(seed)
    orders = Orders(23, "tape")
    found = [next(orders).numpy().tolist() for _ in range(3)]
    scratchnet.keras.utils.set_random_seed(seed)
    dataset = Dataset.from_tensor_slices(np.arange(23)).shuffle(23)
    assert found == [[int(i) for i in dataset] for _ in range(3)]
    assert found[0] != found[1]

    tf.keras.utils.set_random_seed(seed)
    orders = Orders(23, "fit")
    found = [next(orders).numpy().tolist() for _ in range(2)]
    assert found[0] == found[1]
    assert sorted(found[0]) == list(range(23)) != found[0]


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 5))
def test_the_shares_of_all_replicas_are_all_images_once(count, batch, replicas):
    rows = shares(count, batch, replicas, range(replicas)).reshape(-1, replicas, 4)
    assert len(rows) == -(-count // batch)
    taken = [i for begin, end, _, _ in rows.reshape(-1, 4) for i in range(begin, end)]
    assert taken == list(range(count))
    sizes = rows[..., 1] - rows[..., 0]
    np.testing.assert_array_equal(sizes.sum(1), rows[:, 0, 3])
    assert (np.ptp(sizes, axis=1) <= 1).all()
    np.testing.assert_array_equal(rows[..., 0] - rows[:, :1, 0], rows[..., 2])
    for replica in range(replicas):
        np.testing.assert_array_equal(shares(count, batch, replicas, [replica]), rows[:, replica])


def test_the_pipeline_gives_the_shares_in_the_order_and_begins_again():
    x, y = tf.constant(np.arange(7) * 10), tf.constant(np.arange(7))
    order = tf.constant([6, 5, 4, 3, 2, 1, 0])
    parts = pipeline(tf.distribute.get_strategy(), (x, y), order, shares(7, 4, 1, [0]))
    found = [next(parts) for _ in range(3)]
    assert [part[0].numpy().tolist() for part in found] == [
        [60, 50, 40, 30],
        [20, 10, 0],
        [60, 50, 40, 30],
    ]
    assert [(int(part[2]), int(part[3])) for part in found] == [(0, 4), (0, 3), (0, 4)]
