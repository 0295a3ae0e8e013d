"""Metrics over several updates, asked on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import close, same
from tests.support.metric_inputs import CHANCES
from tests.support.signatures import attributes_alike

SAMPLES = np.array([[1, 0, 2, 0.5, 1, 1, 3]] * 3, "f")
ELEMENTS = CHANCES * 2
WEIGHTS = {"no weights": None, "of samples": SAMPLES, "of elements": ELEMENTS}


def over_updates(make: Any, truth: Any, prediction: Any, weights: Any = None) -> None:
    """Result and variables are Keras's after each of three batches, and after a reset.

    Args:
        make: of the module of metrics, makes the metric.
        truth, prediction, weights: three batches.
    """

    def program(tf: Any) -> list[Any]:
        metric, found = make(tf.keras.metrics), []
        for i in (0, 1, 2, 0):
            weight = None if weights is None else weights[i]
            value = metric(tf.constant(truth[i]), tf.constant(prediction[i]), weight)
            found += [value.numpy(), *(v.numpy() for v in metric.variables)]
            if i == 2:
                metric.reset_state()
                found += [v.numpy() for v in metric.variables]
        return found

    close(program, 40)


def known_alike(make: Any) -> None:
    """Config, attributes and variables are Keras's; a metric made again has them, too."""

    def program(tf: Any) -> list[Any]:
        metric = make(tf.keras.metrics)
        again = type(metric).from_config(metric.get_config())
        data = tf.keras.metrics.serialize(metric)
        third = tf.keras.metrics.deserialize(data)
        return [
            [x.get_config() for x in (metric, again, third)],
            *(list(metric.get_config()), data, metric.dtype, getattr(metric, "_direction", None)),
            [(v.name, v.path, v.dtype, tuple(v.shape)) for v in metric.variables],
        ]

    same(program)
    attributes_alike(lambda keras: make(keras.metrics))
