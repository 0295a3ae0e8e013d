"""Workers that meet: what they tell each other, and whether they are for the same training."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from scratchnet.engine.dtypes import Array

from .devices import Setup

ROOM = 4096  # bytes for what a worker says; all exchange arrays of one shape, whatever they say


def check_alike(setup: Setup, mine: Mapping[str, Any]) -> None:
    """Compare what makes the training the same on all workers.

    Raises:
        ValueError: on every worker, if one differs from the first; the message says in what.
    """
    text = json.dumps(mine).encode().ljust(ROOM)
    rows = of_all(setup, np.frombuffer(text, np.uint8).astype(np.float64))
    first, *others = (json.loads(row.astype(np.uint8).tobytes()) for row in rows)
    wrong = [
        f"{name} {other.get(name)} on worker {i} and {first.get(name)} on worker 0"
        for i, other in enumerate(others, 1)
        for name in first
        if other.get(name) != first.get(name)
    ]
    if wrong:
        _part(setup)
        raise ValueError(
            f"all workers must be started with the same options and data, received "
            f"{', '.join(wrong)}"
        )


def _part(setup: Setup) -> None:
    """Meet once more: who left at once would take along what the others have not yet received."""
    try:
        of_all(setup, np.zeros(1))
    except tf.errors.OpError:  # the other has left, so it knows
        pass


def of_all(setup: Setup, own: Array) -> Array:
    """The `own` of each worker, float64 vectors of one length, in the order of the workers."""
    cluster, each = setup.cluster, len(setup.own)
    rows = np.zeros((len(cluster), len(own)))
    rows[cluster.index] = own

    # The first replica of each machine speaks for it.
    return sum_of(setup.strategy, rows, lambda replica: replica % each == 0)


def sum_of(strategy: Any, values: Array, speaks: Callable[[Any], Any]) -> Array:
    """The `values`, float64, of those replicas added up of which `speaks(number)` is true."""
    own = tf.constant(values, tf.float64)

    def own_or_nothing() -> Any:
        context = tf.distribute.get_replica_context()
        value = tf.where(speaks(context.replica_id_in_sync_group), own, tf.zeros_like(own))
        return context.all_reduce(tf.distribute.ReduceOp.SUM, value)

    found = tf.function(lambda: strategy.run(own_or_nothing))()
    return np.asarray(strategy.experimental_local_results(found)[0])
