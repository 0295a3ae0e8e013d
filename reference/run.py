"""The full training: the job of `scratchnet train` on TensorFlow, on all devices that are there."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from scratchnet.engine.dtypes import Array
from scratchnet.keras.utils import Progbar
from scratchnet.train.images import Images, load_images
from scratchnet.train.network import make_network, model_file
from scratchnet.train.training import Logs, TrainingRun, make_folder, verbosity, versions

from . import checkpoints
from .checkpoints import Progress
from .data import Orders, pipeline, shares
from .devices import Setup, set_up
from .meeting import check_alike
from .options import FullOptions
from .steps import Steps
from .workers import Cluster, Watchdog

NAMES = ("accuracy", "loss", "val_accuracy", "val_loss")
KEPT = (*NAMES, "seconds")
GOAL = 0.99  # the test accuracy whose time is told
CHUNK = {"CPU": 16, "GPU": 64}  # steps that TensorFlow takes without coming back to Python
# What makes a run the same run: a checkpoint is only for one in which all of these are the same.
SAME = ("batch_size", "optimizer", "rate", "seed", "loop", "mixed_precision")


@dataclass
class Clock:
    """How fast the steps are, once TensorFlow has made its graphs."""

    images: int = 0
    seconds: float = 0.0
    warm: bool = False

    def add(self, images: int, seconds: float) -> None:
        """Count steps in, but not the first ones, in which the graphs are made."""
        if self.warm:
            self.images += images
            self.seconds += seconds
        self.warm = True

    @property
    def rate(self) -> float | None:
        """Images per second."""
        return self.images / self.seconds if self.seconds else None


class FullTrainingRun(TrainingRun):
    """One full training, as `TrainingRun` is one of scratchnet's."""

    options: FullOptions

    def __init__(self, options: FullOptions, cluster: Cluster, watchdog: Watchdog) -> None:
        """Read the data, set up the devices, meet the other workers, make or restore the network.

        Raises:
            OSError, ValueError: one of them cannot be used; the message says what and why.
        """
        images = load_images(options.data, options.limit_train, options.limit_test)
        self.setup: Setup = set_up(options, cluster)
        self.identity = identity(options, images)
        if len(cluster) > 1:
            watchdog.sign("comparing the options of all workers")
            check_alike(self.setup, self.identity | {"epochs": options.epochs})
        check_batches(len(images.x_train), options.batch_size, self.setup.replicas)
        tf.keras.utils.set_random_seed(options.seed)
        with self.setup.strategy.scope():
            model = make_network(tf, options.model, images)
            kinds = {"sgd": tf.keras.optimizers.SGD, "adam": tf.keras.optimizers.Adam}
            optimizer = kinds[options.optimizer](learning_rate=options.rate)
            self.steps = Steps(self.setup, model, optimizer)
        folder = make_folder(options.out) if cluster.is_chief else Path(options.out)
        super().__init__(options, images, folder, model)
        self.watchdog, self.clock, self.progress = watchdog, Clock(), Progress()
        self._marked = time.monotonic()
        self._from = self._begin()

    # -- the loop ----------------------------------------------------------------------------------

    def _loop(self) -> None:
        print(f"Devices: {self.setup}{self._from}")
        images, self._marked = self.images, time.monotonic()
        with tf.device("/cpu:0"):  # a GPU takes what it needs, when it needs it
            train = tf.constant(images.x_train), tf.constant(images.y_train)
            test = tf.constant(images.x_test), tf.constant(images.y_test)
        orders = Orders(len(images.x_train), self.options.loop)
        for _ in range(self.progress.epoch):
            next(orders)
        while self.progress.epoch < self.options.epochs:
            self._epoch(train, test, next(orders))

    def _epoch(self, train: Any, test: Any, order: Any) -> None:
        """One epoch, or what is left of it."""
        done, options, n = self.progress, self.options, len(order)
        print(f"Epoch {done.epoch + 1}/{options.epochs}")
        total = math.ceil(n / options.batch_size)
        rows = self._shares(n)[done.step * len(self.setup.own) :]
        iterator = pipeline(self.setup.strategy, train, order, rows)
        bar = Progbar(total, verbose=verbosity(), stateful_metrics=NAMES)
        while done.step < total:
            self._take(iterator, min(self._until_next_stop(), total - done.step), n)
            bar.update(done.step, self._logs(n).items(), finalize=False)
            if options.checkpoint_every and done.step % options.checkpoint_every == 0:
                self._checkpoint()
        logs = self._logs(n) | self._measure(test)
        bar.update(total, logs.items(), finalize=True)
        done.epoch, done.step, done.loss, done.hits = done.epoch + 1, 0, 0.0, 0.0
        self._keep(logs | {"seconds": self._seconds()})
        self._checkpoint()

    def _take(self, iterator: Any, count: int, n: int) -> None:
        """Train for `count` steps."""
        done, batch = self.progress, self.options.batch_size
        self.watchdog.sign(f"training: epoch {done.epoch + 1}, after step {done.step}")
        started = time.monotonic()
        loss, hits = self.steps.train(iterator, count)
        self.clock.add(
            min((done.step + count) * batch, n) - done.step * batch, time.monotonic() - started
        )
        done.step, done.loss, done.hits = done.step + count, done.loss + loss, done.hits + hits

    def _until_next_stop(self) -> int:
        """How many steps to take at once: up to the next look at them, or the next checkpoint."""
        every, step = self.options.checkpoint_every, self.progress.step
        look = CHUNK[self.setup.device] - step % CHUNK[self.setup.device]
        return min(look, every - step % every) if every else look

    def _measure(self, test: Any) -> Logs:
        n = len(self.images.x_test)
        self.watchdog.sign(f"testing: epoch {self.progress.epoch + 1}")
        iterator = pipeline(self.setup.strategy, test, tf.range(n), self._shares(n))
        loss, hits = self.steps.measure(iterator, math.ceil(n / self.options.batch_size))
        return {"val_accuracy": float(hits / n), "val_loss": float(loss / n)}

    def _logs(self, n: int) -> Logs:
        done = self.progress
        seen = min(done.step * self.options.batch_size, n)
        return {"accuracy": float(done.hits / seen), "loss": float(done.loss / seen)}

    def _shares(self, n: int) -> Array:
        return shares(n, self.options.batch_size, self.setup.replicas, self.setup.own)

    def _seconds(self) -> float:
        """The time since the training began, kept up to date in the progress."""
        now = time.monotonic()
        self.progress.seconds += now - self._marked
        self._marked = now
        return self.progress.seconds

    # -- checkpoints -------------------------------------------------------------------------------

    def _begin(self) -> str:
        """Go on from the checkpoint, if that is wanted; all workers from that of the first.

        Returns:
            What is to be said about it.
        """
        path, said = self.folder / checkpoints.FILE, ""
        chief = self.setup.cluster.is_chief
        if self.options.resume and chief and path.exists():
            self.progress, arrays = checkpoints.load(path, self.identity)
            self.steps.set_state(arrays)
            self.watchdog.resumable, said = True, f"\n{self._goes_on(path)}"
        elif self.options.resume and chief:
            said = f"\nThere is no checkpoint in {self.folder}: beginning anew."
        elif chief and checkpoints.is_unfinished(path):
            raise ValueError(
                f"{path} is of a training that was not finished: go on with it by --resume, or "
                "remove the file, or choose another --out"
            )
        if len(self.setup.cluster) > 1:
            self.watchdog.sign("agreeing on where to begin")
            self._agree()
        self.history = self.progress.history
        return said

    def _goes_on(self, path: Path) -> str:
        done, wanted = self.progress.epoch, self.options.epochs
        if done < wanted:
            return f"Going on from {path}: {self.progress}"
        return f"Nothing is left to train: {path} has {done} finished epochs, --epochs is {wanted}."

    def _agree(self) -> None:
        """Let all workers be as far as the first is."""
        done = self.progress
        numbers = np.array([done.epoch, done.step, done.loss, done.hits, done.seconds])
        epoch, step, *rest = self.steps.of_chief(numbers)
        own = [done.history.get(name, [0.0] * int(epoch)) for name in KEPT]
        # (TensorFlow crashes where workers exchange arrays without elements.)
        lists = self.steps.of_chief(np.array(own)) if epoch else own
        history = {name: list(map(float, values)) for name, values in zip(KEPT, lists, strict=True)}
        loss, hits, seconds = map(float, rest)
        self.progress = Progress(int(epoch), int(step), loss, hits, seconds, history)
        self.watchdog.resumable = bool(epoch or step)
        self.steps.take_from_chief()

    def _checkpoint(self) -> None:
        self._seconds()
        if self.setup.cluster.is_chief:
            path, state = self.folder / checkpoints.FILE, self.steps.state()
            checkpoints.save(path, self.identity, self.options.epochs, self.progress, state)
        self.watchdog.resumable = True  # on the others, too: the first one saves as they go on

    # -- what is said and kept ---------------------------------------------------------------------

    def about(self, history: dict[str, list[float]]) -> dict[str, Any]:
        """What made the numbers, to be kept beside them."""
        found = super().about(history)
        found["versions"] = versions("scratchnet", "numpy", "tensorflow", "keras")
        found["run"] = self.setup.facts() | {
            "images_per_second": self.clock.rate,
            "seconds_to_99_percent": seconds_to(GOAL, history),
            "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "as TensorFlow chooses"),
        }
        return found

    def _result(self) -> str:
        rate, best = self.clock.rate, max(self.history["val_accuracy"])
        speed = "too few steps to tell" if rate is None else f"{rate:,.0f} images per second"
        seconds = seconds_to(GOAL, self.history)
        goal = f"not reached, the best was {best:.4f}" if seconds is None else f"{seconds:.1f} s"
        return (
            f"{super()._result()}\n"
            f"Speed: {speed}, on {self.setup}\n"
            f"Time to {GOAL:.0%} test accuracy: {goal}"
        )

    def _keep(self, logs: Logs) -> None:
        if self.setup.cluster.is_chief:
            super()._keep(logs)
        else:
            self.history = {name: [*self.history.get(name, ()), logs[name]] for name in logs}
        self.progress.history = self.history

    def _finish(self) -> str:
        cluster = self.setup.cluster
        if not cluster.is_chief:
            return f"The results are kept by {cluster.workers[0]}."
        path = self.folder / checkpoints.FILE
        if not checkpoints.is_unfinished(path):
            return super()._finish()
        kept = super()._finish() if self.history else f"Kept in {self.folder}: {path.name}."
        return f"{kept} Go on with --resume."


def seconds_to(goal: float, history: Mapping[str, list[float]]) -> float | None:
    """How long it took to reach a test accuracy; None if that was not reached.

    >>> seconds_to(0.9, {"val_accuracy": [0.8, 0.9, 0.95], "seconds": [3.0, 6.0, 9.0]})
    6.0
    """
    pairs = zip(history["val_accuracy"], history["seconds"], strict=True)
    return next((seconds for accuracy, seconds in pairs if accuracy >= goal), None)


def check_batches(count: int, batch: int, replicas: int) -> None:
    """A ValueError where a batch of `count` images would leave a replica without any."""
    for size in (min(batch, count), count % batch or batch):
        if size < replicas:
            raise ValueError(
                f"--batch-size must leave each of {replicas} copies of the network an image of "
                f"each batch, received {batch}, with a batch of {size} of the {count} images"
            )


def identity(options: FullOptions, images: Images) -> dict[str, Any]:
    """What makes a training the same training, so that one can go on where the other was."""
    found: dict[str, Any] = {name: getattr(options, name) for name in SAME}
    file = options.model and model_file(options.model)
    model = file and hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    digest = hashlib.sha256()
    for array in (images.x_train, images.y_train, images.x_test, images.y_test):
        digest.update(np.ascontiguousarray(array).data)  # no copy: 60,000 images are 188 MB
    data, count = Path(images.origin).name, len(images.x_train)
    return found | {
        "model": model or "the seed network",
        "data": f"{data} ({digest.hexdigest()[:12]})",
        "train_images": count,
    }
