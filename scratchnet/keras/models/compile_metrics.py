"""CompileMetrics: the metrics that `compile` was given, made when the first batch is seen.

Only then the shapes say which accuracy ``"accuracy"`` is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import metrics
from scratchnet.keras.metrics.metric import Metric
from scratchnet.keras.models.output_structure import OutputStructure, label_encoding
from scratchnet.keras.naming import object_name

_ACCURACY: dict[str, Any] = {
    "binary": metrics.BinaryAccuracy,
    "sparse": metrics.SparseCategoricalAccuracy,
    "categorical": metrics.CategoricalAccuracy,
}
# For each output, its metrics.
_PerOutput = list[list[Metric]]


class CompileMetrics(Metric):
    """The metrics of a model, as one metric whose result is a dict.

    Args:
        metrics: a list of metrics, functions and names; ``"accuracy"`` is chosen by the shapes.
            For several outputs, a list with one entry for each, or a dict by their names.
        weighted_metrics: those that take the sample weights into account.
        names: the names of the outputs, if the model knows them.

    Raises:
        ValueError: neither is a list, tuple or dict.
    """

    def __init__(self, metrics: Any, weighted_metrics: Any, names: list[str] | None = None) -> None:
        super().__init__(name="compile_metrics")
        for name, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if isinstance(given, np.ndarray) or (
                given and not isinstance(given, list | tuple | dict)
            ):
                raise ValueError(say("compile", name, "must be a list, tuple or dict", given))
        self._given = {"metrics": metrics or [], "weighted_metrics": weighted_metrics or []}
        self._names = names
        self._plain: _PerOutput = []
        self._weighted: _PerOutput = []
        self._prefixes: list[str] = []
        self.built = False

    @property
    def metrics(self) -> list[Metric]:
        """All of them; none before the first batch."""
        return [metric for of_output in self._plain + self._weighted for metric in of_output]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account.

        Raises:
            ValueError: metrics or targets that do not fit the outputs.
        """
        outputs = OutputStructure(y_pred, self._names)
        targets = outputs.per_output("y", y_true)
        if not self.built:
            self._build(targets, outputs)
        weights = [sample_weight] * len(targets)
        if nest.is_nested(sample_weight):
            weights = outputs.per_output("sample_weight", sample_weight)
        for i, prediction in enumerate(outputs.values):
            for metric in self._plain[i]:
                metric.update_state(targets[i], prediction)
            for metric in self._weighted[i]:
                metric.update_state(targets[i], prediction, weights[i])

    def _build(self, targets: list[Any], outputs: OutputStructure) -> None:
        self._plain, self._weighted = (
            [
                [_get_metric(m, target, prediction) for m in of_output]
                for of_output, target, prediction in zip(
                    given, targets, outputs.values, strict=True
                )
            ]
            for given in (_metrics_given(name, part, outputs) for name, part in self._given.items())
        )
        several = len(outputs.values) > 1
        self._prefixes = [f"{name}_" if several and name else "" for name in outputs.names]
        self.built = True

    def reset_state(self) -> None:
        """Forget all batches."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """name -> value; a second metric of one name is called ``name_1``, or ``weighted_name``.

        With several outputs, the name of the output comes first.
        """
        found: dict[str, Any] = {}
        for prefix, of_output in zip(self._prefixes, self._plain, strict=True):
            for metric in of_output:
                found[_unused_name(prefix + metric.name, found)] = metric.result()
        for prefix, of_output in zip(self._prefixes, self._weighted, strict=True):
            for metric in of_output:
                is_new = prefix + metric.name not in found
                name = metric.name if is_new else f"weighted_{metric.name}"
                found[_unused_name(prefix + name, found)] = metric.result()
        return found


def _metrics_given(name: str, given: Any, outputs: OutputStructure) -> list[list[Any]]:
    """The list of what `compile` was given for each output."""
    if not given:
        return [[] for _ in outputs.values]
    if len(outputs.values) == 1:
        return [nest.flatten(given)]
    return [[] if part is None else nest.flatten(part) for part in outputs.per_output(name, given)]


def _unused_name(name: str, taken: dict[str, Any]) -> str:
    count = 0
    unused = name
    while unused in taken:
        count += 1
        unused = f"{name}_{count}"
    return unused


def _get_metric(identifier: Any, y_true: Tensor, y_pred: Tensor) -> Metric:
    if str(identifier).lower() in ("accuracy", "acc"):
        accuracy: Metric = _ACCURACY[label_encoding(y_true, y_pred)](name=str(identifier))
        return accuracy
    found = metrics.get(identifier)
    if found is None:
        raise ValueError("compile: `metrics` must hold no None")
    known = isinstance(found, Metric)
    metric: Metric = found if known else metrics.MeanMetricWrapper(found, name=object_name(found))
    if isinstance(identifier, str):
        metric.name = identifier
    return metric
