"""TensorBoard: what a training tells, in files that TensorBoard shows."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import Any

import numpy as np

from scratchnet import summary
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.config import check_flags, check_integers


class TensorBoard(Callback):
    """Writes the logs of a training for TensorBoard (``keras.callbacks.TensorBoard``).

    Into the folders ``train`` and ``validation`` of `log_dir` go the logs of each epoch and the
    learning rate; ``tensorboard --logdir logs`` shows them.  The package tensorboard writes the
    files: ``pip install tensorboard``.

    Args:
        log_dir: the folder.
        histogram_freq: after how many epochs histograms of the weights are written; 0 for never.
        write_graph: whether the layers of the model are written.
        write_images: whether the weights are written as images, too.
        write_steps_per_second: whether the speed is written.
        update_freq: ``"epoch"``; ``"batch"``, or after how many batches the running logs are
            written, too.
        profile_batch: which batches Keras profiles, a number, or the first and the last; here none
            is, and a warning says so unless it is 0.
        embeddings_freq: must be 0.
        embeddings_metadata: must be None.

    Raises:
        ImportError: tensorboard is not installed.
        ValueError: an argument that is not here; a `profile_batch` that is neither an integer >= 0
            nor two of them.
    """

    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: int | str = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        where = "TensorBoard"
        summary._package(where)
        check_integers(where, 0, histogram_freq=histogram_freq)
        check_flags(where, write_graph=write_graph, write_images=write_images)
        check_flags(where, write_steps_per_second=write_steps_per_second)
        if any(_first_and_last(profile_batch)):
            rule = "is passed over: nothing is profiled here; use `model.fit` under `cProfile`"
            warn(say(where, "profile_batch", rule, profile_batch))
        if embeddings_freq or embeddings_metadata is not None:
            rule = "must be 0, and `embeddings_metadata` None: use `get_weights` of the layer"
            raise ValueError(say(where, "embeddings_freq", rule, embeddings_freq))
        self.log_dir, self.histogram_freq = str(log_dir), histogram_freq
        self.write_graph, self.write_images = write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        if self.update_freq != "epoch":
            check_integers(where, 1, update_freq=self.update_freq)
        self.embeddings_freq, self.embeddings_metadata = embeddings_freq, embeddings_metadata
        self._global_train_batch = self._global_test_batch = 0
        self._writers: dict[str, Any] = {}
        self._contexts: list[ExitStack] = []

    @property
    def summary(self) -> Any:
        """The module `tf.summary`."""
        return summary

    def set_model(self, model: Any) -> None:
        """Take the model, and write its layers."""
        super().set_model(model)
        self._writers = {}
        if self.write_graph and type(model).__name__ in ("Functional", "Sequential"):
            with self._writer("train").as_default():
                self._write_layers()

    def _writer(self, name: str) -> Any:
        if name not in self._writers:
            self._writers[name] = summary.create_file_writer(os.path.join(self.log_dir, name))
        return self._writers[name]

    def _write_layers(self) -> None:
        try:
            text = self.model.to_json()
        except Exception as error:
            warn(f"Model failed to serialize as JSON. Ignoring... {error}")
            return
        metadata = summary._package("TensorBoard").SummaryMetadata()
        metadata.plugin_data.plugin_name = "graph_keras_model"
        metadata.plugin_data.content = b"1"
        summary.write("keras", text, 0, metadata)

    # -- the running logs --------------------------------------------------------------------------

    def _push_writer(self, name: str, step: int) -> None:
        if self.update_freq == "epoch":
            return
        stack = ExitStack()
        stack.enter_context(self._writer(name).as_default(step))
        stack.enter_context(summary.record_if(step % int(self.update_freq) == 0))
        self._contexts.append(stack)

    def _pop_writer(self) -> None:
        if self.update_freq != "epoch":
            self._contexts.pop().close()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin to count batches."""
        self._global_train_batch = 0
        self._push_writer("train", 0)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the files."""
        self._pop_writer()
        for writer in self._writers.values():
            writer.close()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Begin with the validation's file."""
        self._push_writer("validation", self._global_test_batch)

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Write the logs of the validation over the optimizer's steps."""
        optimizer = self.model.optimizer
        if optimizer is not None:
            with self._writer("validation").as_default():
                for name, value in (logs or {}).items():
                    tag = f"evaluation_{name}_vs_iterations"
                    summary.scalar(tag, value, int(optimizer.iterations))
        self._pop_writer()

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Count."""
        self._global_train_batch += 1
        if self.update_freq != "epoch":
            self._pop_writer()
            self._push_writer("train", self._global_train_batch)
        self._batch_start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Write the running logs, if it is time."""
        step = self._global_train_batch
        if self.write_steps_per_second:
            seconds = max(time.perf_counter() - self._batch_start, 1e-9)
            summary.scalar("batch_steps_per_second", 1.0 / seconds, step)
        for name, value in (logs or {}).items():
            summary.scalar(f"batch_{name}", value, step)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Count."""
        self._global_test_batch += 1
        if self.update_freq != "epoch":
            self._pop_writer()
            self._push_writer("validation", self._global_test_batch)

    # -- epochs ------------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Take the time."""
        if self.write_steps_per_second:
            self._iterations_before = int(self.model.optimizer.iterations)
            self._epoch_start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the logs of the epoch, and the weights, if it is time."""
        if logs:
            self._write_logs(epoch, logs)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            with self._writer("train").as_default():
                self._write_weights(epoch)

    def _write_logs(self, epoch: int, logs: Logs) -> None:
        train = {name: value for name, value in logs.items() if not name.startswith("val_")}
        train["learning_rate"] = float(np.asarray(self.model.optimizer.learning_rate))
        if self.write_steps_per_second:
            steps = int(self.model.optimizer.iterations) - self._iterations_before
            train["steps_per_second"] = steps / max(time.perf_counter() - self._epoch_start, 1e-9)
        val = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        for folder, values in (("train", train), ("validation", val)):
            if values:
                with self._writer(folder).as_default():
                    for name, value in values.items():
                        summary.scalar(f"epoch_{name}", value, epoch)

    def _write_weights(self, epoch: int) -> None:
        for layer in self.model.layers:
            for weight in layer.weights:
                name = weight.path.replace(":", "_")
                summary.histogram(f"{name}/histogram", weight, epoch)
                if self.write_images:
                    picture = _as_image(weight.numpy())
                    if picture.ndim == 4 and picture.shape[-1] in (1, 3, 4):
                        summary.image(f"{name}/image", picture, epoch)


def _first_and_last(profile_batch: Any) -> tuple[int, int]:
    """`profile_batch` as the numbers of two batches.

    Raises:
        ValueError: it says none.
    """
    given = profile_batch.split(",") if isinstance(profile_batch, str) else profile_batch
    pair = given if isinstance(given, list | tuple) else [given]
    try:
        first, last = int(pair[0]), int(pair[-1])
    except (TypeError, ValueError, IndexError):
        first, last = -1, -1
    if isinstance(given, Operators | np.ndarray) or len(pair) > 2 or not 0 <= first <= last:
        rule = "must be a non-negative integer or 2-tuple of positive integers"
        raise ValueError(say("TensorBoard", "profile_batch", rule, profile_batch))
    return first, last


def _as_image(weight: Array) -> Array:
    """A weight as images, as Keras lays it out."""
    x = np.squeeze(weight)
    if x.ndim == 1:
        return x.reshape(1, len(x), 1, 1)
    if x.ndim == 2:
        x = x.T if x.shape[0] > x.shape[1] else x
        return x.reshape(1, *x.shape, 1)
    if x.ndim == 3:
        return x.transpose(2, 0, 1)[..., None]
    return x
