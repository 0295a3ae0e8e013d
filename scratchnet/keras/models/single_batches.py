"""Single batches: what a model takes, and learning, measuring and predicting on one of them."""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.keras.models.compile_metrics import CompileMetrics
from scratchnet.keras.models.data_adapter import are_arrays, joined, one_batch, weights_of_classes
from scratchnet.keras.models.fit_arguments import check_class_weight
from scratchnet.keras.models.steps import Logs, Steps, numbers


class SingleBatches(Steps):
    """Steps, made on one batch each by hand."""

    # -- what a model takes ------------------------------------------------------------------------

    def _taken(self, x: Any, whole: bool = False) -> Any:
        """`x`, which may be anything that yields batches, `_arranged` if it is arrays."""
        return self._arranged(x, whole) if x is not None and are_arrays(x) else x

    def _arranged(self, x: Any, whole: bool = False) -> Any:
        """`x` as the model takes it; `whole` data are cut into batches of a size not known yet."""
        return x

    def _build_for_any_batch(self, x: Any) -> None:
        """Build the model for inputs like `x`, with any number of samples, if that is needed."""

    # -- one batch ---------------------------------------------------------------------------------

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Learn from one batch; returns what `evaluate` returns, measured on the way."""
        self._check_compiled()
        check_class_weight("train_on_batch", class_weight)
        if class_weight is not None:
            sample_weight = weights_of_classes(y, class_weight, sample_weight)
        self.reset_metrics()
        logs = numbers(self.train_step(one_batch(self._taken(x), y, sample_weight)))
        return logs if return_dict else self._in_order(logs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure one batch; returns what `evaluate` returns."""
        self._check_compiled()
        self.reset_metrics()
        logs = numbers(self.test_step(one_batch(self._taken(x), y, sample_weight)))
        return logs if return_dict else self._in_order(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """The predictions for one batch, as an array."""
        outputs = self.predict_step(one_batch(self._taken(x), None, None)[:1])
        return nest.pack(outputs, [joined((part,)) for part in nest.flatten(outputs)])

    def _in_order(self, logs: Logs) -> Any:
        """The values in the order of `metrics`; one value alone is not in a list."""
        names: list[str] = []
        for metric in self.metrics:
            inner = metric.metrics if isinstance(metric, CompileMetrics) else [metric]
            names += [m.name for m in inner]
        rest = [name for name in sorted(logs) if name not in names]
        values = [logs[name] for name in (*names, *rest) if name in logs]
        return values[0] if len(values) == 1 else values
