"""What a training looks like from one sample: its trace at some of the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet import keras
from scratchnet.engine.dtypes import Array
from scratchnet.traces import Row, Trace
from scratchnet.traces.row import norm

CHANNELS = 8  # of a feature map that are kept at each step
LONGEST = 512  # of a vector that is kept


@dataclass
class Moment:
    """The trace of one step of a training, cut down to what the page shows of it.

    Attributes:
        step: how many updates came before.
        loss: of the sample.
        norms: by the number of the row, those of the output and of its gradient.
        pictures: by the number of the row, some channels of the output and of its gradient.
        filters: by the number of the row of a convolution, its first filters and their gradient.
    """

    step: int
    loss: float | None
    norms: dict[int, tuple[float, float]]
    pictures: dict[int, tuple[Array, Array]]
    filters: dict[int, tuple[Array, Array]]


def moment(trace: Trace, step: int) -> Moment:
    """What is kept of a trace.

    >>> import scratchnet as tf
    >>> w = tf.Variable([3.0, 4.0])
    >>> with tf.tracing() as trace:
    ...     with tf.GradientTape() as tape:
    ...         y = tf.reduce_sum(w * 1.0)
    ...     gw = tape.gradient(y, w)
    >>> moment(trace, 0).norms[1][0]
    5.0
    """
    rows = [row for row in trace.rows if row.op != "read_variable" and _has_gradient(row)]
    loss = trace.loss
    return Moment(
        step,
        None if loss is None or loss.size != 1 else float(loss.item()),
        {row.index: (norm(row.output), norm(row.gradient)) for row in rows},
        {row.index: (_some(row.output), _some(row.gradient)) for row in rows if _is_shown(row)},
        {
            row.index: (
                row.inputs[1][..., : 4 * CHANNELS],
                row.input_gradients[1][..., : 4 * CHANNELS],
            )
            for row in rows
            if row.op in ("conv2d", "fused_conv2d") and 1 in row.gx and row.inputs[1].shape[2] <= 3
        },
    )


def _has_gradient(row: Row) -> bool:
    return row.g is not None and not isinstance(row.g, tuple) and row.output.dtype.kind == "f"


def _is_shown(row: Row) -> bool:
    y = row.output
    return y.ndim == 4 or (y.ndim == 2 and 1 < y.size <= LONGEST)


def _some(x: Array) -> Array:
    return np.ascontiguousarray(x[:1, ..., :CHANNELS] if x.ndim == 4 else x)


class Recorder(keras.callbacks.Callback):
    """Calls `look` before the first update, after the last, and at steps between the two.

    Args:
        look: returns the trace of the sample, with the weights as they are.
        count: how many steps are to be recorded, at least 2.
    """

    def __init__(self, look: Callable[[], Trace], count: int) -> None:
        super().__init__()
        self._look, self._count = look, max(2, count)
        self.moments: list[Moment] = []
        self._step, self._wanted = 0, set[int]()

    def on_train_begin(self, logs: Any = None) -> None:
        total = int(self.params["epochs"]) * int(self.params["steps"])
        self._wanted = {round(k * total / (self._count - 1)) for k in range(self._count)}
        self._record()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step += 1
        self._record()

    def _record(self) -> None:
        if self._step in self._wanted:
            self.moments.append(moment(self._look(), self._step))
