"""The input pipeline: in which order the images come, and how they reach the devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from scratchnet.engine.dtypes import Array


class Orders:
    """In which order the training images come, epoch by epoch, as the seed says.

    It is the order in which `scratchnet train` visits them with the same seed: that of
    ``Dataset.shuffle`` for the loop "tape", that of ``Model.fit`` for "fit", which is, as in Keras,
    the same in every epoch.  To be made after the network, and once: it takes the next seed.

    Args:
        count: how many images there are.
        loop: "fit" or "tape".
    """

    def __init__(self, count: int, loop: str) -> None:
        if loop == "tape":
            self._dataset = tf.data.Dataset.range(count).shuffle(count).batch(count)
        else:
            numbers = tf.range(count, dtype=tf.int64)
            self._dataset = tf.data.Dataset.range(1).map(lambda _: tf.random.shuffle(numbers))

    def __next__(self) -> Any:
        """The numbers of the images in the order of the next epoch: int64 [count]."""
        return next(iter(self._dataset))


def shares(count: int, batch: int, replicas: int, own: Sequence[int]) -> Array:
    """Which images each replica takes of each batch.

    A batch of n images is cut into `replicas` parts that differ by at most one.

    Args:
        count: of all images.
        batch: images per step, over all replicas.
        replicas: how many there are.
        own: those of this machine.

    Returns:
        int64 [steps * len(own), 4]; a row is: where the part begins and ends among all images,
        where it begins in its batch, how many images the batch has.

    >>> shares(7, 4, replicas=2, own=[0, 1])
    array([[0, 2, 0, 4],
           [2, 4, 2, 4],
           [4, 5, 0, 3],
           [5, 7, 1, 3]])
    """
    first = np.arange(0, count, batch)[:, None]
    last = np.minimum(first + batch, count)
    edges = first + (last - first) * np.arange(replicas + 1) // replicas
    begin, end = edges[:, list(own)], edges[:, [i + 1 for i in own]]
    rows: Array = np.stack([begin, end, begin - first, (last - first) + 0 * begin], axis=-1)
    return rows.reshape(-1, 4)


def pipeline(strategy: Any, images: tuple[Any, Any], order: Any, rows: Array) -> Any:
    """An iterator over the parts ``(images, labels, begin, size of the batch)``, for `strategy`.

    The images lie in memory.  Several threads gather the next parts, which are moved to their
    devices while these still compute.  It never ends; who reads it counts.

    Args:
        strategy: whose replicas take one part each per step.
        images: all of them and their labels, as tensors.
        order: the numbers of the images in the order in which they come.
        rows: as of `shares`.
    """

    x, y = images
    with tf.device("/cpu:0"):  # where the images are
        order = tf.identity(order)

    def part(row: Any) -> Any:
        chosen = order[row[0] : row[1]]
        return tf.gather(x, chosen), tf.gather(y, chosen), row[2], row[3]

    def dataset(context: Any) -> Any:
        parts = tf.data.Dataset.from_tensor_slices(rows).repeat()
        return parts.map(part, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    return iter(strategy.distribute_datasets_from_function(dataset))
