"""Training: compile, fit, evaluate and predict, and one step of each.

`fit` is a loop over epochs and batches around `train_step`, and `train_step` is a forward pass
under a GradientTape, a loss, its gradient, and one step of the optimizer: nothing that you could
not write yourself.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import config, ops
from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.graph import Graph
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.keras import optimizers
from scratchnet.keras.callbacks import CallbackList, History
from scratchnet.keras.callbacks.callback_list import plain
from scratchnet.keras.config import check_flags, is_strict_compile_enabled
from scratchnet.keras.configs.compile_config import CompileArguments, serialize_compile
from scratchnet.keras.layers.call_context import any_batch
from scratchnet.keras.layers.input_conversion import shapes
from scratchnet.keras.metrics.metric import Mean, Metric
from scratchnet.keras.models.compile_loss import CompileLoss
from scratchnet.keras.models.compile_metrics import CompileMetrics
from scratchnet.keras.models.compile_saved import compile_saved
from scratchnet.keras.models.data_adapter import (
    are_arrays,
    class_weight_to_sample_weight,
    concatenated,
    make_batches,
    one_batch,
    train_validation_split,
    unpack_x_y_sample_weight,
)
from scratchnet.keras.models.epoch_iterator import EpochIterator
from scratchnet.keras.models.fit_arguments import (
    check_callbacks,
    check_class_weight,
    check_data,
    check_fit,
    check_steps,
    is_one_of,
)

if TYPE_CHECKING:
    from scratchnet.keras.layers.layer import Layer as Mixin  # what it is mixed into
else:
    Mixin = object

Logs = dict[str, Any]


class _StepTape(GradientTape):
    """The tape of a training step: it leaves out frozen variables, whose gradients nobody wants.

    So what is computed from frozen weights alone, below all others, is not kept for a way back.
    """

    def access(self, variable: Any) -> None:
        if variable.trainable:
            super().access(variable)


class Training(Mixin):
    """What makes a layer trainable; `Model` mixes it into `Layer` (Keras calls it ``Trainer``).

    Attributes:
        compiled: whether `compile` was called.
        optimizer, loss, run_eagerly, jit_compile, steps_per_execution: what `compile` was given,
            the optimizer made of its name.
        stop_training: a callback sets it, so that `fit` ends after this batch.
        history: what the last `fit` returned.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.compiled = False
        self.optimizer: Any = None
        self.loss: Any = None
        self.stop_training = False
        self._initial_epoch: int | None = None
        self.history: History | None = None
        self.run_eagerly = False
        self.jit_compile = False
        self.steps_per_execution = 1
        self._compile_arguments: CompileArguments | None = None
        self._loss_tracker: Mean | None = None
        self._compiled_loss: CompileLoss | None = None
        self._compiled_metrics: CompileMetrics | None = None

    # -- compile -----------------------------------------------------------------------------------

    @filters_tracebacks
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str | None = "auto",
        auto_scale_loss: bool = True,
        **misplaced: Any,
    ) -> None:
        """Set the optimizer, the loss and the metrics.

        Called again, it keeps the loss if none is given, and the metrics if neither `metrics` nor
        `weighted_metrics` are: ``metrics=[]`` takes them away.

        Args:
            optimizer: an optimizer or its name.
            loss: a loss, a function ``f(y_true, y_pred)``, or a name; for several outputs, one
                for all, or a list or a dict by the names of the outputs.
            loss_weights: the factors of the losses, in the same form.
            metrics: a list of metrics, functions and names; ``"accuracy"`` is chosen by the shapes.
                For several outputs, a list with an entry for each, or a dict by their names.
            weighted_metrics: those that take the sample weights into account.
            run_eagerly: whether each step runs as it is written. It always does; but else, as in
                TensorFlow's graphs, cross entropies take the logits behind `tf.nn.softmax` and
                `tf.sigmoid`, and not only behind activations.
            steps_per_execution: how many batches `fit`, `evaluate` and `predict` take between two
                calls of the callbacks.
            jit_compile: True, False, ``"auto"`` or None.  Nothing is compiled by XLA here; the
                numbers are the same.
            auto_scale_loss: scales the loss of float16 models; there are none, so it changes
                nothing.

        Raises:
            TypeError: an unknown argument. (`validation_split` and `shuffle`, which belong to `fit`
                and which older versions overlooked here, are ignored with a warning, unless
                `keras.config.enable_strict_compile` was called.)
            ValueError: an unknown name, `metrics` that are no list, `steps_per_execution` below 1.
        """
        _report_misplaced(misplaced)
        self.jit_compile = _checked_options(steps_per_execution, jit_compile, run_eagerly)
        self.optimizer = optimizers.get(optimizer)
        self.run_eagerly = run_eagerly
        self.steps_per_execution = steps_per_execution
        names = getattr(self, "output_names", None)
        if loss is not None:
            self.loss = loss
            self._compiled_loss = CompileLoss(loss, loss_weights, names, run_eagerly)
        if metrics is not None or weighted_metrics is not None:
            self._compiled_metrics = CompileMetrics(metrics, weighted_metrics, names)
        self._loss_tracker = Mean(name="loss")
        self._compile_arguments = CompileArguments(
            optimizer=self.optimizer,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=self.jit_compile,
        )
        self.stop_training = False
        self.compiled = True

    def _check_compiled(self) -> None:
        if not self.compiled:
            raise ValueError("You must call `compile()` before using the model.")

    def get_compile_config(self) -> dict[str, Any]:
        """How the model was compiled, as plain data; {} if it was not."""
        return serialize_compile(self)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile the model as `get_compile_config` described it.

        Without metrics that cannot be made, and not at all without loss or optimizer; it warns.
        """
        if type(self).compile is not Training.compile:
            warn(
                "`compile()` was not called as part of model loading because the model's "
                "`compile()` method is custom. Override `get_compile_config()` and "
                "`compile_from_config(config)`, too, or call `compile()` after loading"
            )
            return
        compile_saved(self, config)

    # -- fit ---------------------------------------------------------------------------------------

    @filters_tracebacks
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | list[int] = 1,
    ) -> History:
        """Train.

        Args:
            x, y: arrays; or `x` alone: a Dataset, a generator, or anything that yields ``(x, y)``
                batches.
            batch_size: how many samples of the arrays make a batch, 32 if not given.
            epochs: the number of the epoch to stop before.
            verbose: 0: silent; 1 or ``"auto"``: a progress bar; 2: one line for each epoch.
            callbacks: a list of `keras.callbacks.Callback`.
            validation_split: the share of the arrays, at their end, to validate on.
            validation_data: instead: ``(x, y)``, ``(x, y, sample_weight)`` or a Dataset.
            shuffle: whether arrays are read in random order (with `set_random_seed`, one order for
                all epochs), or ``"batch"``: only within each batch.
            class_weight: class -> the weight of its samples.
            sample_weight: the weight of each sample.
            initial_epoch: the number of the first epoch.
            steps_per_epoch: batches in an epoch; the next epoch goes on where this one stopped.
            validation_steps, validation_batch_size: likewise for the validation.
            validation_freq: validate after every such number of epochs, or after those listed (from
                1).

        Returns:
            A History: `history` holds the running means of loss and metrics at the end of each
            epoch (over batches seen while the weights changed), the validation's as ``val_…``.

        Raises:
            ValueError: not compiled; no samples; data that do not fit; a number out of range.
            TypeError, AttributeError: an argument of another kind than is told here.
        """
        self._check_compiled()
        check_fit(epochs, validation_split, initial_epoch, validation_freq, shuffle, class_weight)
        check_data("fit", x, batch_size, validation_batch_size)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = train_validation_split(
                (x, y, sample_weight), validation_split
            )
        x = self._in_input_structure(x, any_batch_size=True)
        batches = make_batches(x, y, sample_weight, batch_size, shuffle, class_weight)
        every = self.steps_per_execution
        training = EpochIterator(batches, steps_per_epoch, "fit", "steps_per_epoch", every)
        training.rewind()
        validation = None
        if validation_data is not None:
            val_x, val_y, val_weight = unpack_x_y_sample_weight(validation_data)
            val_x = self._in_input_structure(val_x, any_batch_size=True)
            batches = make_batches(val_x, val_y, val_weight, validation_batch_size or batch_size)
            validation = EpochIterator(batches, validation_steps, "fit", "validation_steps", every)
        callbacks = self._callback_list("fit", callbacks, verbose, epochs, training.steps)
        self.stop_training = False
        logs: Logs | None = None
        step_logs: Logs = {}
        callbacks.on_train_begin()
        # What `BackupAndRestore` found stays, as in Keras, for later calls of `fit`, too.
        for epoch in range(self._initial_epoch or initial_epoch, epochs):
            self.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            step_logs = self._train_epoch(training, callbacks, step_logs)
            logs = self._metrics_or(step_logs)
            if validation is not None and _is_due(epoch + 1, validation_freq):
                val_logs = self._test_epoch(validation, callbacks)
                logs |= {f"val_{name}": value for name, value in val_logs.items()}
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if self.optimizer is not None and logs is not None:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        callbacks.on_train_end(logs)
        return self.history  # type: ignore[return-value]  # the callback list has set it

    def _train_epoch(self, batches: EpochIterator, callbacks: CallbackList, logs: Logs) -> Logs:
        """What the last step returned; `logs` where the data ran dry before the first one."""
        for step, execution in batches.enumerate_executions(callbacks.on_train_batch_begin):
            for batch in execution:
                with any_batch(), self._step_context():
                    logs = self.train_step(self._as_tensors(batch))
            callbacks.on_train_batch_end(step, logs)
            if self.stop_training:
                break
        return logs

    def _metrics_or(self, logs: Logs) -> Logs:
        """The values of all metrics at the end of an epoch, if a step returns just these names.

        As in Keras: a step of one's own that returns other names has the last word on its logs.
        """
        found = self.get_metrics_result()
        return found if found.keys() == logs.keys() else dict(logs)

    def train_step(self, data: Any) -> Logs:
        """Learn from one batch ``(x, y, sample_weight)``; returns the running loss and metrics."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with _StepTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
        self._track_loss(loss, x)
        variables = self.trainable_variables
        if variables:
            if self.optimizer is None:
                raise AttributeError(say("compile", "optimizer", "must be given to train", None))
            gradients = tape.gradient(scaled, variables)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        else:
            warn(f"fit: {self.name!r} has no weights to train: none, or all are frozen")
        return self.compute_metrics(x, y, y_pred, sample_weight)

    # -- evaluate ----------------------------------------------------------------------------------

    @filters_tracebacks
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Measure loss and metrics, without learning.

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as of `fit`.
            steps: how many batches to read, all if not given.
            return_dict: return name -> value.

        Returns:
            ``[loss, metric, …]``, or the loss alone if there are no metrics.

        Raises:
            ValueError: not compiled; an unknown argument; no samples; data that do not fit.
        """
        self._check_compiled()
        if kwargs:
            raise ValueError(f"evaluate: unknown arguments, received {kwargs}")
        check_flags("evaluate", return_dict=return_dict)
        check_data("evaluate", x, batch_size)
        x = self._in_input_structure(x, any_batch_size=True)
        data, every = make_batches(x, y, sample_weight, batch_size), self.steps_per_execution
        batches = EpochIterator(data, steps, "evaluate", "steps", every)
        callbacks = self._callback_list("evaluate", callbacks, verbose, 1, batches.steps)
        logs = self._test_epoch(batches, callbacks)
        return logs if return_dict else self._as_list(logs)

    def _test_epoch(self, batches: EpochIterator, callbacks: CallbackList) -> Logs:
        callbacks.on_test_begin()
        batches.rewind()
        self.reset_metrics()
        logs: Logs = {}
        for step, execution in batches.enumerate_executions(callbacks.on_test_batch_begin):
            for batch in execution:
                with any_batch(), self._step_context():
                    logs = self.test_step(self._as_tensors(batch))
            callbacks.on_test_batch_end(step, logs)
        logs = plain(self._metrics_or(logs))
        callbacks.on_test_end(logs)
        return logs

    def test_step(self, data: Any) -> Logs:
        """Measure one batch ``(x, y, sample_weight)``; returns the running loss and metrics."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._track_loss(self.compute_loss(x, y, y_pred, sample_weight, training=False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    # -- predict -----------------------------------------------------------------------------------

    @filters_tracebacks
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The predictions for all samples, as an array.

        Args:
            x, batch_size, verbose, callbacks: as of `fit`.
            steps: how many batches to read, all if not given.

        Raises:
            ValueError: no samples; an input that the model does not take, such as one image.
        """
        check_data("predict", x, batch_size)
        data = make_batches(self._in_input_structure(x), batch_size=batch_size)
        batches = EpochIterator(data, steps, "predict", "steps", self.steps_per_execution)
        callbacks = self._callback_list("predict", callbacks, verbose, 1, batches.steps)
        outputs = self._predict_epoch(batches, callbacks)
        if not outputs:
            raise ValueError(f"predict: `x` must hold at least one sample, received x={x!r}")
        columns = zip(*[nest.flatten(batch) for batch in outputs], strict=True)
        return nest.pack(outputs[0], [concatenated(column) for column in columns])

    def _predict_epoch(self, batches: EpochIterator, callbacks: CallbackList) -> list[Any]:
        callbacks.on_predict_begin()
        outputs: list[Any] = []
        for step, execution in batches.enumerate_executions(callbacks.on_predict_batch_begin):
            parts = []
            for batch in execution:
                with any_batch(), self._step_context():
                    parts.append(self.predict_step(batch))
            outputs.append(_end_to_end(parts))
            callbacks.on_predict_batch_end(step, {"outputs": outputs[-1]})
        callbacks.on_predict_end()
        return outputs

    def predict_step(self, data: Any) -> Any:
        """The predictions for one batch ``(x,)``."""
        return self(unpack_x_y_sample_weight(data)[0], training=False)

    # -- one batch ---------------------------------------------------------------------------------

    @filters_tracebacks
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
        check_flags("train_on_batch", return_dict=return_dict)
        check_class_weight("train_on_batch", class_weight)
        if class_weight is not None:
            sample_weight = class_weight_to_sample_weight(y, class_weight, sample_weight)
        self.reset_metrics()
        batch = one_batch(self._in_input_structure(x), y, sample_weight)
        with self._step_context():
            logs = plain(self.train_step(batch))
        return logs if return_dict else self._as_list(logs)

    @filters_tracebacks
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure one batch; returns what `evaluate` returns."""
        self._check_compiled()
        check_flags("test_on_batch", return_dict=return_dict)
        self.reset_metrics()
        batch = one_batch(self._in_input_structure(x), y, sample_weight)
        with self._step_context():
            logs = plain(self.test_step(batch))
        return logs if return_dict else self._as_list(logs)

    @filters_tracebacks
    def predict_on_batch(self, x: Any) -> Any:
        """The predictions for one batch, as an array."""
        batch = one_batch(self._in_input_structure(x), None, None)[:1]
        with self._step_context():
            outputs = self.predict_step(batch)
        return nest.pack(outputs, [concatenated((part,)) for part in nest.flatten(outputs)])

    # -- loss and metrics --------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Metric]:
        """The running loss, the metrics of `compile`, those that the model and its layers hold."""
        first: list[Metric]
        first = [m for m in (self._loss_tracker, self._compiled_metrics) if m is not None]
        first += self._compiled_loss.metrics if self._compiled_loss else []
        inside = [] if self._compiled_metrics is None else self._compiled_metrics.metrics
        if Metric.are_all(first + inside):
            return first
        held = [m for _, metrics in self._flatten_layers_with(Metric) for m in metrics]
        return first + [m for m in held if all(m is not known for known in first)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`."""
        return [m.name for m in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics forget all batches."""
        for metric in self.metrics:
            metric.reset_state()

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
            loss = self._compiled_loss(y, y_pred, sample_weight)
            parts = parts if loss is None else [loss, *parts]
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

    @property
    def compiled_metrics(self) -> Any:
        """Its older name for the metrics of `compile`: ``update_state(y, y_pred)``, with a warning.

        Use ``for metric in model.metrics: metric.update_state(y, y_pred)``.
        """
        return _OldMetrics(self)

    def compiled_loss(
        self, y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None
    ) -> Tensor:
        """An older name, with a warning: use ``model.compute_loss(x, y, y_pred)``."""
        warn(
            "`model.compiled_loss()` is deprecated. Instead, use `model.compute_loss(x, y, y_pred, "
            "sample_weight, training)`."
        )
        return self.compute_loss(None, y, y_pred, sample_weight)

    def get_metrics_result(self) -> Logs:
        """name -> value of all metrics, as tensors.

        A metric whose result is a dict stands with its entries in place of its name; one of
        `compile` with the whole dict, whose entries `fit` and `evaluate` take out.  A result that
        is a variable itself changes with it: as in Keras, `fit` then tells of each epoch with a
        validation what the validation left there.
        """
        found: Logs = {}
        for metric in self.metrics:
            value = metric.result()
            found.update(value if isinstance(value, dict) else {metric.name: value})
        return found

    def _track_loss(self, loss: Tensor, x: Any) -> None:
        if self._loss_tracker is not None:
            samples = len(nest.flatten(x)[0]._data)
            self._loss_tracker.update_state(
                loss, sample_weight=Tensor(np.array(samples, np.float32))
            )

    def _as_list(self, logs: Logs) -> Any:
        """The values in the order of `metrics`; one value alone is not in a list."""
        if len(logs) == 1:
            return next(iter(logs.values()))
        names: list[str] = []
        for metric in self.metrics:
            inner = metric.metrics if isinstance(metric, CompileMetrics) else [metric]
            names += [m.name for m in inner]
        rest = [name for name in sorted(logs) if name not in names]
        return [logs[name] for name in (*names, *rest) if name in logs]

    # -- batches -----------------------------------------------------------------------------------

    def _in_input_structure(self, x: Any, any_batch_size: bool = False) -> Any:
        """`x` in the structure of the model's inputs; what yields batches comes back as it is.

        Args:
            x: arrays, or what yields batches.
            any_batch_size: `x` will be cut into batches of a size that is not known yet.
        """
        if x is None or not are_arrays(x):
            return x
        return self._match_input_structure(x, any_batch_size)

    def _match_input_structure(self, x: Any, any_batch_size: bool = False) -> Any:
        """The arrays `x` in the structure of the model's inputs, for models that know it."""
        return x

    def _build_for_any_batch_size(self, x: Any) -> None:
        """Build for inputs like `x`, if needed; here only keep their shape, for `get_build_config`.

        A model without a graph is built while `call` runs.
        """
        if not self.built and hasattr(x, "shape"):
            self.build_shape = (None, *shapes(x)[1:])

    def _step_context(self) -> AbstractContextManager[Any]:
        """What a step runs in: in TensorFlow a graph, unless it is run eagerly."""
        eager = self.run_eagerly or config.functions_run_eagerly()
        return nullcontext() if eager else Graph()

    def _as_tensors(self, batch: Any) -> Any:
        """The arrays of a batch as tensors, which a Dataset's are already; builds the model."""
        leaves = [
            leaf if leaf is None or type(leaf) is Tensor else convert(leaf)
            for leaf in nest.flatten(batch)
        ]
        batch = nest.pack(batch, leaves)
        self._build_for_any_batch_size(unpack_x_y_sample_weight(batch)[0])
        return batch

    def _callback_list(
        self, where: str, callbacks: Any, verbose: int | str, epochs: int, steps: int | None
    ) -> CallbackList:
        if isinstance(callbacks, CallbackList):
            return callbacks
        check_callbacks(where, verbose, callbacks)
        return CallbackList(
            callbacks,
            add_history=where == "fit",
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=steps,
        )


def _report_misplaced(arguments: dict[str, Any]) -> None:
    for name, value in arguments.items():
        if name not in ("validation_split", "shuffle") or is_strict_compile_enabled():
            raise TypeError(f"Trainer.compile() got an unexpected keyword argument '{name}'")
        warn(
            f"compile(): `{name}` is an argument of fit() and has no effect here; "
            f"call fit(…, {name}={value!r}) instead."
        )


def _checked_options(steps_per_execution: Any, jit_compile: Any, run_eagerly: bool) -> bool:
    """What `jit_compile` comes to."""
    if steps_per_execution is None:
        rule = "must be an integer of at least 1"
        raise TypeError(say("compile", "steps_per_execution", rule, steps_per_execution))
    check_steps("compile", "steps_per_execution", steps_per_execution)
    check_flags("compile", run_eagerly=run_eagerly)
    if jit_compile is not None and not is_one_of(jit_compile, "auto", False, True):
        rule = "must be True, False, 'auto' or None"
        raise ValueError(say("compile", "jit_compile", rule, jit_compile))
    if jit_compile is True and run_eagerly:
        warn(
            "If `run_eagerly` is True, then `jit_compile` cannot also be True. Disabling "
            "`jit_compile`."
        )
        return False
    if is_one_of(jit_compile, "auto", None):
        return False  # as Keras resolves it on a CPU
    return bool(jit_compile)


def _end_to_end(parts: list[Any]) -> Any:
    """The predictions of the batches of one execution as those of one batch."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*[nest.flatten(part) for part in parts], strict=True)
    return nest.pack(parts[0], [ops.concat(list(column), 0) for column in columns])


def _is_due(epoch: int, frequency: int | list[int]) -> bool:
    return epoch in frequency if isinstance(frequency, list) else epoch % frequency == 0


class _OldMetrics:
    """What `compiled_metrics` was in Keras 2."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account in all metrics; a `Mean` gets the predictions."""
        warn(
            "`model.compiled_metrics()` is deprecated. Instead, use e.g.:\n```\nfor metric in "
            "self.metrics:\n    metric.update_state(y, y_pred)\n```\n"
        )
        for metric in self._model.metrics:
            if isinstance(metric, Mean):
                metric.update_state(y_pred, sample_weight=sample_weight)
            else:
                metric.update_state(y, y_pred, sample_weight=sample_weight)
