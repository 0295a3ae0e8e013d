"""`scratchnet train`: a convolutional network learns to read digits.

The network is that of the notebook which this project began with.  Two loops train it: `fit`, as
Keras users write it, and `fit_by_hand`, in which every step of gradient descent stands on the page.
"""

from __future__ import annotations

import hashlib
import importlib
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
from scratchnet.atomic_files import replacing, uninterrupted
from scratchnet.data import Dataset
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.train.images import Images, load_images
from scratchnet.train.network import make_network
from scratchnet.train.network import seed_network as seed_network
from scratchnet.train.options import Options

WEIGHTS, HISTORY, CURVES = "model.weights.h5", "history.json", "curves.png"
DIGEST = "weights_sha256"  # in the history: of which weights it is
Logs = dict[str, float]
Keep = Callable[[Logs], None]  # what a loop calls after each epoch


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


def fit(model: Any, images: Images, options: Options, keep: Keep) -> None:
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


def fit_by_hand(model: Any, images: Images, options: Options, keep: Keep) -> None:
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


def evaluate(model: Any, loss_of: Callable[..., Tensor], test: Dataset) -> Logs:
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


# -- one run of the command ------------------------------------------------------------------------


@dataclass
class TrainingRun:
    """One run of `scratchnet train`: what it works on, and what it has written so far."""

    options: Options
    images: Images
    folder: Path
    model: Any
    history: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def prepare(cls, options: Options) -> TrainingRun:
        """Read the data, make the output folder and the network.

        Raises:
            OSError, ValueError: one of them cannot be used; the message says what and why.
        """
        images = load_images(options.data, options.limit_train, options.limit_test)
        keras.utils.set_random_seed(options.seed)
        scratchnet = importlib.import_module("scratchnet")  # as users import it
        model = make_network(scratchnet, options.model, images)
        return cls(options, images, make_folder(options.out), model)

    def run(self) -> None:
        """Train, show it, and keep the weights and the history of each finished epoch.

        Raises:
            KeyboardInterrupt: the user stopped it; the message says what was kept.
        """
        print(f"Data: {self.images}")
        self.model.summary()
        if self.model.compiled:
            print("Its compile() is not used: --optimizer and --learning-rate say how it learns.")
        try:
            self._loop()
        except KeyboardInterrupt:
            if verbosity() == 1:
                print()  # ends the line of the bar
            raise KeyboardInterrupt(self._finish()) from None
        print(self._result())
        print(self._finish())

    def _loop(self) -> None:
        loop = fit if self.options.loop == "fit" else fit_by_hand
        loop(self.model, self.images, self.options, self._keep)

    def _result(self) -> str:
        last = {name: values[-1] for name, values in self.history.items()}
        return f"Test loss: {last['val_loss']:.4f} - test accuracy: {last['val_accuracy']:.4f}"

    def _keep(self, logs: Logs) -> None:
        history = {name: [*self.history.get(name, ()), logs[name]] for name in sorted(logs)}
        named = self.folder / HISTORY
        # Both are written before either takes its place: a process that is killed leaves two of one
        # epoch, or, killed between the two renames, two that do not have the same digest.
        with uninterrupted():
            with replacing(named) as report, replacing(self.folder / WEIGHTS) as weights:
                self.model.save_weights(weights)
                text = self._report(history, digest_of(weights))
                try:
                    report.write_text(text, encoding="utf-8")
                except OSError as error:
                    raise OSError(error.errno, error.strerror, str(named)) from error
            self.history = history

    def about(self, history: dict[str, list[float]]) -> dict[str, Any]:
        """What made the numbers of the history, to be kept beside them."""
        settings = asdict(self.options) | {
            "data": self.images.origin,
            "learning_rate": self.options.rate,
            "train_images": len(self.images.x_train),
            "test_images": len(self.images.x_test),
        }
        return {"settings": settings, "versions": versions("scratchnet", "numpy", "numba")}

    def _report(self, history: dict[str, list[float]], digest: str) -> str:
        # JSON has no NaN or infinity, which a diverged loss is: they become null.
        finite = {
            name: [value if math.isfinite(value) else None for value in values]
            for name, values in history.items()
        }
        report = {"history": finite} | self.about(history) | {DIGEST: digest}
        return json.dumps(report, indent=2, allow_nan=False) + "\n"

    def _finish(self) -> str:
        """Draw the curves of what was kept, if anything was; a line that says what lies where."""
        epochs = len(self.history.get("loss", ()))
        if not epochs:
            return "No epoch was finished, nothing was written."
        from scratchnet.train.plots import draw_curves  # takes longer to import than all the rest

        chosen = self.options
        wanted = max(epochs, chosen.epochs)  # a resumed training may have had more than it is to
        title = (
            f"{Path(self.images.origin).name}, {chosen.optimizer} at {chosen.rate:g}, "
            f"batches of {chosen.batch_size}, loop: {chosen.loop}"
        )
        draw_curves(self.history, self.folder / CURVES, title)
        return (
            f"Kept in {self.folder}: {WEIGHTS}, {HISTORY} and {CURVES}, after {epochs} of "
            f"{wanted} epochs."
        )


def digest_of(weights: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_other_history(weights: Path) -> bool:
    """Whether the history that a training left beside `weights` is that of other weights."""
    try:
        report = json.loads((weights.parent / HISTORY).read_text(encoding="utf-8"))
        digest = report.get(DIGEST) if isinstance(report, dict) else None
        return weights.name == WEIGHTS and digest is not None and digest != digest_of(weights)
    except (OSError, ValueError, RecursionError):
        return False  # there is none that says it


def make_folder(out: str) -> Path:
    """The folder `out`, made if it is not there.

    Raises:
        OSError: it cannot be, or cannot be written to.
    """
    folder = Path(out).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()  # fails here and now, not after an epoch
    except OSError as error:
        raise OSError(
            f"--out must be a folder that can be written to, received {folder}: {error}"
        ) from error
    return folder


def versions(*packages: str) -> dict[str, str]:
    """What the numbers may depend on: Python, the kind of machine, and these packages."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # scratchnet run from its source, not installed
            found[package] = "unknown"
    return found
