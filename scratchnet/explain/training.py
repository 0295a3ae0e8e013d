"""What a training looks like from one sample: its trace at some of the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scratchnet import keras
from scratchnet.engine.dtypes import Array
from scratchnet.traces import Row, Trace
from scratchnet.traces.row import norm

CHANNELS = 8  # of a feature map that are kept at each step
FILTERS = 32
LONGEST = 512  # of a vector that is kept


@dataclass
class Moment:
    """The trace of one step of a training, cut down to what the page shows of it.

    Attributes:
        step: how many updates came before.
        loss: of the sample.
        norms: by the name of an op, those of its output and of its gradient.
        pictures: by the same, some channels of the output and of its gradient.
        filters: by the name of a convolution of an image, its first filters and their gradient.
    """

    step: int
    loss: float | None
    norms: dict[str, tuple[float, float]] = field(default_factory=dict)
    pictures: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    filters: dict[str, tuple[Array, Array]] = field(default_factory=dict)


def moment(trace: Trace, step: int) -> Moment:
    """What is kept of a trace; of several backward passes, of the last.

    >>> import scratchnet as tf
    >>> w = tf.Variable([3.0, 4.0])
    >>> with tf.tracing() as trace:
    ...     with tf.GradientTape() as tape:
    ...         y = tf.reduce_sum(w * 1.0)
    ...     gw = tape.gradient(y, w)
    >>> moment(trace, 0).norms["multiply"][0]
    5.0
    """
    trace = trace.passes[-1] if trace.passes else trace
    loss = trace.loss
    found = Moment(step, None if loss is None or loss.size != 1 else float(loss.item()))
    for row in trace.rows:
        if row.op == "read_variable" or row.g is None or isinstance(row.g, tuple):
            continue
        y, g, name = row.output, row.gradient, _name(row, found.norms)
        found.norms[name] = norm(y), norm(g)
        if y.ndim == 4 or (y.ndim == 2 and 1 < y.size <= LONGEST):
            found.pictures[name] = _some(y), _some(g)
        if _sees_the_image(row):
            k, gk = row.inputs[1], row.input_gradients[1]
            found.filters[name] = k[..., :FILTERS].copy(), gk[..., :FILTERS].copy()
    return found


def _name(row: Row, taken: dict[str, Any]) -> str:
    """Op and layer, with a number where there are several."""
    layer = " ".join(name for name in ((row.layer or "").rpartition("/")[2], row.part) if name)
    name = row.op.replace("_", " ") + f" · {layer}" * bool(layer)
    count = sum(other == name or other.startswith(f"{name} #") for other in taken)
    return f"{name} #{count + 1}" if count else name


def _sees_the_image(row: Row) -> bool:
    """Whether it is a convolution of an image: its filters can be looked at."""
    is_convolution = row.op in ("conv2d", "fused_conv2d") and 1 in row.gx
    return is_convolution and row.inputs[1].shape[2] in (1, 3)


def _some(x: Array) -> Array:
    return (x[:1, ..., :CHANNELS] if x.ndim == 4 else x).copy()


class Recorder(keras.callbacks.Callback):
    """Keeps what a sample looks like before the first update, after the last, and between the two.

    Args:
        look: returns the trace of the sample, with the weights as they are.
        count: how many steps are to be recorded, at least 2.
    """

    def __init__(self, look: Callable[[], Trace], count: int) -> None:
        super().__init__()
        self._look, self._count = look, max(2, count)
        self.moments: list[Moment] = []
        self._step = 0
        self._wanted: set[int] = set()

    def on_train_begin(self, logs: Any = None) -> None:
        params = self.params or {}
        total = int(params["epochs"]) * int(params["steps"])
        self._wanted = {round(k * total / (self._count - 1)) for k in range(self._count)}
        self._record()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step += 1
        self._record()

    def _record(self) -> None:
        if self._step in self._wanted:
            self.moments.append(moment(self._look(), self._step))
