"""What `compile` was given: a loss and metrics, chosen when the first batch shows its shapes."""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import losses, metrics
from scratchnet.keras.config import floatx
from scratchnet.keras.losses.loss import Loss, LossFunctionWrapper, in_dtype
from scratchnet.keras.metrics.metric import Metric
from scratchnet.keras.naming import object_name


def _kind(y_true: Tensor, y_pred: Tensor) -> str:
    """What the shapes say: "binary" (one column), "sparse" (integers) or "categorical"."""
    truth, prediction = y_true._data.shape, y_pred._data.shape
    if prediction[-1] == 1:
        return "binary"
    if len(truth) < len(prediction) or truth[-1] == 1:
        return "sparse"
    return "categorical"


_ACCURACY: dict[str, Any] = {
    "binary": metrics.BinaryAccuracy,
    "sparse": metrics.SparseCategoricalAccuracy,
    "categorical": metrics.CategoricalAccuracy,
}
_CROSSENTROPY = {
    "binary": losses.binary_crossentropy,
    "sparse": losses.sparse_categorical_crossentropy,
    "categorical": losses.categorical_crossentropy,
}


class CompileLoss:
    """The loss of a model with one output.

    Args:
        loss: a Loss, a function, a name, or a list of one; ``"crossentropy"`` is chosen by the
            shapes.
        loss_weights: the factor of the loss, or a list of one.
    """

    def __init__(self, loss: Any, loss_weights: Any = None) -> None:
        self._given = _only("loss", loss)
        self._weight = None if loss_weights is None else _only("loss_weights", loss_weights)
        self._loss: Loss | None = None

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any) -> Tensor:
        """The loss, a scalar."""
        if self._loss is None:
            self._loss = _resolved_loss(self._given, y_true, y_pred)
        value = in_dtype(self._loss(y_true, y_pred, sample_weight), floatx())
        return value if self._weight is None else value * self._weight


def _only(name: str, value: Any) -> Any:
    parts = nest.flatten(value)
    if len(parts) != 1:
        raise ValueError(say("compile", name, "must be one: this model has one output", value))
    return parts[0]


def _resolved_loss(identifier: Any, y_true: Tensor, y_pred: Tensor) -> Loss:
    if str(identifier).lower() in ("crossentropy", "ce"):
        found = _CROSSENTROPY[_kind(y_true, y_pred)]
    else:
        found = losses.get(identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else object_name(found)
    return LossFunctionWrapper(found, name=name)


class CompileMetrics(Metric):
    """The metrics of a model with one output, as one metric whose result is a dict.

    Args:
        metrics: a list of metrics, functions and names; ``"accuracy"`` is chosen by the shapes.
        weighted_metrics: those that take the sample weights into account.

    Raises:
        ValueError: neither is a list, tuple or dict.
    """

    def __init__(self, metrics: Any, weighted_metrics: Any) -> None:
        super().__init__(name="compile_metrics")
        for name, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if given and not isinstance(given, list | tuple | dict):
                raise ValueError(say("compile", name, "must be a list, tuple or dict", given))
        self._given = nest.flatten(metrics or []), nest.flatten(weighted_metrics or [])
        self._plain: list[Metric] = []
        self._weighted: list[Metric] = []
        self.built = False

    @property
    def metrics(self) -> list[Metric]:
        """All of them; none before the first batch."""
        return self._plain + self._weighted

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> None:
        """Take one batch into account."""
        if not self.built:
            self._plain, self._weighted = (
                [_resolved_metric(m, y_true, y_pred) for m in given] for given in self._given
            )
            self.built = True
        for metric in self._plain:
            metric.update_state(y_true, y_pred)
        for metric in self._weighted:
            metric.update_state(y_true, y_pred, sample_weight)

    def reset_state(self) -> None:
        """Forget all batches."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """name -> value; a second metric of one name is called ``name_1``, or ``weighted_name``."""
        found: dict[str, Any] = {}
        for metric in self._plain:
            found[_unused(metric.name, found)] = metric.result()
        for metric in self._weighted:
            name = metric.name if metric.name not in found else f"weighted_{metric.name}"
            found[_unused(name, found)] = metric.result()
        return found


def _unused(name: str, taken: dict[str, Any]) -> str:
    count = 0
    unused = name
    while unused in taken:
        count += 1
        unused = f"{name}_{count}"
    return unused


def _resolved_metric(identifier: Any, y_true: Tensor, y_pred: Tensor) -> Metric:
    if str(identifier).lower() in ("accuracy", "acc"):
        accuracy: Metric = _ACCURACY[_kind(y_true, y_pred)](name=str(identifier))
        return accuracy
    found = metrics.get(identifier)
    if found is None:
        raise ValueError("compile: `metrics` must hold no None")
    known = isinstance(found, Metric)
    metric: Metric = found if known else metrics.MeanMetricWrapper(found, name=object_name(found))
    if isinstance(identifier, str):
        metric.name = identifier
    return metric
