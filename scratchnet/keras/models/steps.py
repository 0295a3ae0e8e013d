"""Steps: what `compile` sets up, and one step of training, measuring and predicting.

`train_step` is a forward pass under a GradientTape, a loss, its gradient, and one step of the
optimizer: nothing that you could not write yourself.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import optimizers
from scratchnet.keras.callbacks import History
from scratchnet.keras.config import is_strict_compile_enabled
from scratchnet.keras.configs.compile_config import Compiled
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.metrics.metric import Mean, Metric
from scratchnet.keras.models.compile_loss import CompileLoss
from scratchnet.keras.models.compile_metrics import CompileMetrics
from scratchnet.keras.models.data_adapter import unpack

Logs = dict[str, Any]


class Steps(Layer):
    """A layer that knows its loss, its optimizer and its metrics."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.compiled = False
        self.optimizer: Any = None
        self.loss: Any = None
        self.stop_training = False
        self.history: History | None = None
        self.run_eagerly = False
        self._compile_arguments: Compiled | None = None
        self._loss_tracker: Mean | None = None
        self._compiled_loss: CompileLoss | None = None
        self._compiled_metrics: CompileMetrics | None = None

    # -- compile -----------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        **misplaced: Any,
    ) -> None:
        """Say how to train.

        Args:
            optimizer: an optimizer or its name.
            loss: a loss, a function ``f(y_true, y_pred)``, or a name; for several outputs, one
                for all, or a list or a dict by the names of the outputs.
            loss_weights: the factors of the losses, in the same form.
            metrics: a list of metrics, functions and names; ``"accuracy"`` is chosen by the shapes.
                For several outputs, a list with an entry for each, or a dict by their names.
            weighted_metrics: those that take the sample weights into account.
            run_eagerly: whether each step runs as it is written; it always does.
            steps_per_execution: must be 1.
            jit_compile: must be ``"auto"`` or False.
            auto_scale_loss: scales the loss of float16 models; there are none, so it changes
                nothing.

        Raises:
            TypeError: an unknown argument. (`validation_split` and `shuffle`, which belong to `fit`
                and which older versions overlooked here, are ignored with a warning, unless
                `keras.config.enable_strict_compile` was called.)
            ValueError: an unknown name, `metrics` that are no list.
        """
        _report_misplaced(misplaced)
        _refuse_graph_options(steps_per_execution, jit_compile)
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        self.run_eagerly = run_eagerly
        names = getattr(self, "output_names", None)
        self._compiled_loss = None
        if loss is not None:
            self._compiled_loss = CompileLoss(loss, loss_weights, names, run_eagerly)
        self._compiled_metrics = None
        if metrics is not None or weighted_metrics is not None:
            self._compiled_metrics = CompileMetrics(metrics, weighted_metrics, names)
        self._loss_tracker = Mean(name="loss")
        self._compile_arguments = Compiled(
            optimizer=self.optimizer,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
        )
        self.stop_training = False
        self.compiled = True

    def _check_compiled(self) -> None:
        if not self.compiled:
            raise ValueError("You must call `compile()` before using the model.")

    @property
    def metrics(self) -> list[Metric]:
        """The running loss, the metrics of `compile`, those that the model and its layers hold."""
        first = [m for m in (self._loss_tracker, self._compiled_metrics) if m is not None]
        first += self._compiled_loss.metrics if self._compiled_loss else []
        held = [m for _, metrics in self._holdings(Metric) for m in metrics]
        return first + [m for m in held if all(m is not known for known in first)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`."""
        return [m.name for m in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics forget all batches."""
        for metric in self.metrics:
            metric.reset_state()

    # -- one step: override these to train in another way ------------------------------------------

    def train_step(self, data: Any) -> Logs:
        """Learn from one batch ``(x, y, sample_weight)``; returns the running loss and metrics."""
        x, y, sample_weight = unpack(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
        self._track_loss(loss, x)
        variables = self.trainable_variables
        if variables:
            gradients = tape.gradient(scaled, variables)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        else:
            warnings.warn(
                f"fit: {self.name!r} has no weights to train: none, or all are frozen", stacklevel=2
            )
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> Logs:
        """Measure one batch ``(x, y, sample_weight)``; returns the running loss and metrics."""
        x, y, sample_weight = unpack(data)
        y_pred = self(x, training=False)
        self._track_loss(self.compute_loss(x, y, y_pred, sample_weight, training=False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """The predictions for one batch ``(x,)``."""
        return self(unpack(data)[0], training=False)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The loss of `compile` plus the penalties of the regularized weights.

        Raises:
            ValueError: neither a loss nor a penalty; no `y`.
        """
        parts = [loss if loss.ndim == 0 else ops.reduce_sum(loss) for loss in self.losses]
        if self._compiled_loss is not None:
            if y is None:
                raise ValueError(
                    "None values not supported: the loss needs the truth `y`, received y=None"
                )
            parts = [self._compiled_loss(y, y_pred, sample_weight), *parts]
        if not parts:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Logs:
        """Take one batch into account in the metrics of `compile`; returns all values."""
        if self._compiled_metrics is not None:
            self._compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> Logs:
        """name -> value of all metrics, as floats, in alphabetical order."""
        found: Logs = {}
        for metric in self.metrics:
            value = metric.result()
            found.update(value if isinstance(value, dict) else {metric.name: value})
        return numbers(found)

    def _track_loss(self, loss: Tensor, x: Any) -> None:
        if self._loss_tracker is not None:
            samples = len(nest.flatten(x)[0]._data)
            self._loss_tracker.update_state(
                loss, sample_weight=Tensor(np.array(samples, np.float32))
            )


def numbers(logs: Logs) -> Logs:
    """`logs` in alphabetical order, with floats for tensors of one element."""
    return {name: _number(logs[name]) for name in sorted(logs)}


def _number(value: Any) -> Any:
    return float(value._data) if isinstance(value, Tensor) and value._data.size == 1 else value


def _report_misplaced(arguments: dict[str, Any]) -> None:
    for name, value in arguments.items():
        if name not in ("validation_split", "shuffle") or is_strict_compile_enabled():
            raise TypeError(f"Trainer.compile() got an unexpected keyword argument '{name}'")
        warnings.warn(
            f"compile(): `{name}` is an argument of fit() and has no effect here; "
            f"call fit(…, {name}={value!r}) instead.",
            stacklevel=3,
        )


def _refuse_graph_options(steps_per_execution: int, jit_compile: bool | str) -> None:
    if steps_per_execution != 1:
        raise ValueError(
            say("compile", "steps_per_execution", "must be 1 here", steps_per_execution)
        )
    if jit_compile not in ("auto", False):
        raise ValueError(say("compile", "jit_compile", "must be 'auto' or False here", jit_compile))
