"""The main job, `scratchnet train`: a convolutional network learns to read digits.

The network is that of the notebook which this project began with.  Two loops train it: `fit`, as
Keras users write it, and `fit_by_hand`, in which every step of gradient descent stands on the page.
"""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from scratchnet import keras
from scratchnet.data import Dataset
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.files import replacing
from scratchnet.job.images import CLASSES, Images, load_images
from scratchnet.job.options import Options

WEIGHTS, HISTORY, CURVES = "model.weights.h5", "history.json", "curves.png"
Logs = dict[str, float]
Keep = Callable[[Logs], None]  # what a loop calls after each epoch


def seed_network(input_shape: tuple[int, ...]) -> keras.Sequential:
    """The seed network; on images of 28 x 28 x 1 it has 1,199,882 parameters.

    Args:
        input_shape: (H, W, C) of an image; H and W at least 6.
    """
    return keras.Sequential(
        [
            keras.Input(shape=input_shape),
            keras.layers.Conv2D(32, (3, 3), activation="relu"),
            keras.layers.Conv2D(64, (3, 3), activation="relu"),
            keras.layers.MaxPooling2D(pool_size=(2, 2)),
            keras.layers.Dropout(0.25),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def make_optimizer(options: Options) -> Any:
    """The optimizer that the options name."""
    kinds = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    return kinds[options.optimizer](learning_rate=options.rate)


# -- the two loops --------------------------------------------------------------------------------


class AfterEpoch(keras.callbacks.Callback):
    """Calls a function with the logs of each epoch."""

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self._keep = keep

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._keep(logs or {})


def fit(model: keras.Sequential, images: Images, options: Options, keep: Keep) -> None:
    """Train with Keras's `compile` and `fit`."""
    model.compile(
        optimizer=make_optimizer(options),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    model.fit(
        images.x_train,
        images.y_train,
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=(images.x_test, images.y_test),
        callbacks=[AfterEpoch(keep)],
        verbose=verbosity(),
    )


def fit_by_hand(model: keras.Sequential, images: Images, options: Options, keep: Keep) -> None:
    """Train step by step: predict, measure, differentiate, move the weights."""
    optimizer = make_optimizer(options)
    loss_of = keras.losses.SparseCategoricalCrossentropy()
    train = Dataset.from_tensor_slices((images.x_train, images.y_train))
    train = train.shuffle(len(train)).batch(options.batch_size)
    test = Dataset.from_tensor_slices((images.x_test, images.y_test)).batch(options.batch_size)

    for epoch in range(options.epochs):
        print(f"Epoch {epoch + 1}/{options.epochs}")
        bar = keras.utils.Progbar(len(train), verbose=verbosity(), stateful_metrics=Score.NAMES)
        score = Score()
        for step, (x, y) in enumerate(train, start=1):
            with GradientTape() as tape:
                probabilities = model(x, training=True)
                loss = loss_of(y, probabilities)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

            score.add(loss, y, probabilities)
            bar.update(step, score.logs().items(), finalize=False)

        logs = score.logs() | evaluate(model, loss_of, test)
        bar.update(len(train), logs.items(), finalize=True)
        keep(logs)


def evaluate(model: keras.Sequential, loss_of: Callable[..., Tensor], test: Dataset) -> Logs:
    """The mean loss and the accuracy over the batches of `test`, without dropout."""
    score = Score("val_")
    for x, y in test:
        probabilities = model(x, training=False)
        score.add(loss_of(y, probabilities), y, probabilities)
    return score.logs()


class Score:
    """Loss and accuracy so far: means over the samples of all batches seen."""

    NAMES = ("loss", "accuracy", "val_loss", "val_accuracy")

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._loss = keras.metrics.Mean()
        self._accuracy = keras.metrics.SparseCategoricalAccuracy()

    def add(self, loss: Tensor, y: Tensor, probabilities: Tensor) -> None:
        """Count in one batch; `loss` is its mean, so it weighs as much as the batch has samples."""
        self._loss.update_state(loss, sample_weight=len(y))
        self._accuracy.update_state(y, probabilities)

    def logs(self) -> Logs:
        """Both numbers, by Keras's names."""
        return {
            f"{self._prefix}accuracy": float(self._accuracy.result()),
            f"{self._prefix}loss": float(self._loss.result()),
        }


def verbosity() -> int:
    """1, a moving bar, on a terminal; 2, one line per epoch, in a file or a pipe."""
    return 1 if sys.stdout.isatty() else 2


# -- the job --------------------------------------------------------------------------------------


@dataclass
class Job:
    """One training: what it works on, and what it has written so far."""

    options: Options
    images: Images
    folder: Path
    history: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def prepare(cls, options: Options) -> Job:
        """Read the data and make the output folder.

        Raises:
            OSError, ValueError: one of them cannot be used; the message says what and why.
        """
        images = load_images(options.data, options.limit_train, options.limit_test)
        folder = Path(options.out).expanduser()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=folder).close()  # fails here and now, not after an epoch
        except OSError as error:
            raise OSError(
                f"--out must be a folder that can be written to, received {folder}: {error}"
            ) from error
        return cls(options, images, folder)

    def run(self) -> None:
        """Train, show it, and keep the weights and the history of each finished epoch.

        Raises:
            KeyboardInterrupt: the user stopped it; the message says what was kept.
        """
        print(f"Data: {self.images}")
        keras.utils.set_random_seed(self.options.seed)
        model = seed_network(self.images.x_train.shape[1:])
        model.summary()
        loop = fit if self.options.loop == "fit" else fit_by_hand
        try:
            loop(model, self.images, self.options, lambda logs: self._keep(model, logs))
        except KeyboardInterrupt:
            if verbosity() == 1:
                print()  # ends the line of the bar
            raise KeyboardInterrupt(self._finish()) from None
        last = {name: values[-1] for name, values in self.history.items()}
        print(f"Test loss: {last['val_loss']:.4f} - test accuracy: {last['val_accuracy']:.4f}")
        print(self._finish())

    def _keep(self, model: keras.Sequential, logs: Logs) -> None:
        history = {name: [*self.history.get(name, ()), logs[name]] for name in sorted(logs)}
        with replacing(self.folder / WEIGHTS) as part:
            model.save_weights(part)
        with replacing(self.folder / HISTORY) as part:
            part.write_text(self._report(history), encoding="utf-8")
        self.history = history

    def _report(self, history: dict[str, list[float]]) -> str:
        settings = asdict(self.options) | {
            "data": self.images.origin,
            "learning_rate": self.options.rate,
            "train_images": len(self.images.x_train),
            "test_images": len(self.images.x_test),
        }
        # JSON has no NaN or infinity, which a diverged loss is: they become null.
        finite = {
            name: [value if math.isfinite(value) else None for value in values]
            for name, values in history.items()
        }
        report = {"history": finite, "settings": settings, "versions": versions()}
        return json.dumps(report, indent=2, allow_nan=False) + "\n"

    def _finish(self) -> str:
        """Draw the curves of what was kept, if anything was; a line that says what lies where."""
        epochs = len(self.history.get("loss", ()))
        if not epochs:
            return "No epoch was finished, nothing was written."
        from scratchnet.job.plots import draw_curves  # takes longer to import than all the rest

        chosen = self.options
        title = (
            f"{Path(self.images.origin).name}, {chosen.optimizer} at {chosen.rate:g}, "
            f"batches of {chosen.batch_size}, loop: {chosen.loop}"
        )
        draw_curves(self.history, self.folder / CURVES, title)
        return (
            f"Kept in {self.folder}: {WEIGHTS}, {HISTORY} and {CURVES}, after {epochs} of "
            f"{self.options.epochs} epochs."
        )


def versions(packages: tuple[str, ...] = ("scratchnet", "numpy", "numba")) -> dict[str, str]:
    """What the numbers may depend on, to be kept beside them."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # scratchnet run from its source, not installed
            found[package] = "unknown"
    return found
