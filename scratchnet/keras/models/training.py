"""Trainer: fit, evaluate and predict, loops over the steps of `scratchnet.keras.models.steps`."""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.callbacks import CallbackList, History
from scratchnet.keras.layers.call_context import any_batch
from scratchnet.keras.models.data_adapter import joined, make_batches, split_off_validation, unpack
from scratchnet.keras.models.epoch_iterator import Epochs
from scratchnet.keras.models.fit_arguments import check_arguments, check_fit, check_run
from scratchnet.keras.models.single_batches import SingleBatches
from scratchnet.keras.models.steps import Logs, numbers


class Trainer(SingleBatches):
    """A layer that can be trained; `Model` is one."""

    # -- fit ---------------------------------------------------------------------------------------

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
            callbacks: called at the turning points.
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
        check_arguments("fit", x, batch_size, validation_batch_size)
        if validation_split and validation_data is None:
            parts = split_off_validation((x, y, sample_weight), validation_split)
            (x, y, sample_weight), validation_data = parts
        x = self._taken(x, whole=True)
        batches = make_batches(x, y, sample_weight, batch_size, shuffle, class_weight)
        data = Epochs(batches, steps_per_epoch, "fit", "steps_per_epoch")
        held_out = (validation_data, validation_batch_size or batch_size, validation_steps)
        validation = self._validation_epochs(*held_out)
        run = self._callback_list("fit", callbacks, verbose, epochs, data)
        self.stop_training, logs = False, None
        run.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            self.reset_metrics()
            run.on_epoch_begin(epoch)
            logs = self._train_epoch(data, run)
            if validation is not None and _is_due(epoch + 1, validation_freq):
                logs |= {f"val_{k}": v for k, v in self._evaluate(validation, run).items()}
            run.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        self._finish_training(run, logs)
        return self.history  # type: ignore[return-value]  # the callback list has set it

    def _finish_training(self, run: CallbackList, logs: Logs | None) -> None:
        if self.optimizer is not None and logs is not None:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        run.on_train_end(logs)

    def _train_epoch(self, data: Epochs, run: CallbackList) -> Logs:
        logs: Logs = {}
        for step in data.epoch():
            run.on_train_batch_begin(step)
            batch = data.next_batch()
            if batch is None:
                break
            with any_batch():
                logs = numbers(self.train_step(self._as_tensors(batch)))
            run.on_train_batch_end(step, logs)
            if self.stop_training:
                break
        return dict(logs)

    def _evaluate(self, data: Epochs, run: CallbackList) -> Logs:
        run.on_test_begin()
        data.rewind()
        self.reset_metrics()
        logs: Logs = {}
        for step in data.epoch():
            run.on_test_batch_begin(step)
            batch = data.next_batch()
            if batch is None:
                break
            with any_batch():
                logs = numbers(self.test_step(self._as_tensors(batch)))
            run.on_test_batch_end(step, logs)
        run.on_test_end(logs)
        return logs

    def _validation_epochs(
        self, given: Any, batch_size: int | None, steps: int | None
    ) -> Epochs | None:
        if given is None:
            return None
        x, y, sample_weight = unpack(given)
        batches = make_batches(self._taken(x, whole=True), y, sample_weight, batch_size)
        return Epochs(batches, steps, "fit", "validation_steps")

    def _callback_list(
        self, where: str, callbacks: Any, verbose: int | str, epochs: int, data: Epochs
    ) -> CallbackList:
        if isinstance(callbacks, CallbackList):
            return callbacks
        check_run(where, verbose, callbacks)
        return CallbackList(
            callbacks,
            add_history=where == "fit",
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=data.steps,
        )

    def _as_tensors(self, batch: Any) -> Any:
        """The parts of a batch as tensors; a Dataset's are already."""
        leaves = [
            leaf if leaf is None or type(leaf) is Tensor else convert(leaf)
            for leaf in nest.flatten(batch)
        ]
        batch = nest.pack(batch, leaves)
        self._build_for_any_batch(unpack(batch)[0])
        return batch

    # -- evaluate and predict ----------------------------------------------------------------------

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
        check_arguments("evaluate", x, batch_size)
        batches = make_batches(self._taken(x, whole=True), y, sample_weight, batch_size)
        data = Epochs(batches, steps, "evaluate")
        logs = self._evaluate(data, self._callback_list("evaluate", callbacks, verbose, 1, data))
        return logs if return_dict else self._in_order(logs)

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
        check_arguments("predict", x, batch_size)
        data = Epochs(make_batches(self._taken(x), batch_size=batch_size), steps, "predict")
        run = self._callback_list("predict", callbacks, verbose, 1, data)
        run.on_predict_begin()
        found: list[Any] = []
        for step in data.epoch():
            run.on_predict_batch_begin(step)
            batch = data.next_batch()
            if batch is None:
                break
            with any_batch():
                found.append(self.predict_step(batch))
            run.on_predict_batch_end(step, {"outputs": found[-1]})
        run.on_predict_end()
        if not found:
            raise ValueError(f"predict: `x` must hold at least one sample, received x={x!r}")
        columns = zip(*[nest.flatten(outputs) for outputs in found], strict=True)
        return nest.pack(found[0], [joined(column) for column in columns])


def _is_due(epoch: int, frequency: int | list[int]) -> bool:
    return epoch in frequency if isinstance(frequency, list) else epoch % frequency == 0
