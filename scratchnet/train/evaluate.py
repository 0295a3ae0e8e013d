"""`scratchnet evaluate`: what weights are worth, whichever library they were trained with."""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.engine.dtypes import Array
from scratchnet.train.images import Images, load_images
from scratchnet.train.network import make_network
from scratchnet.train.options import check_option
from scratchnet.train.training import HISTORY, has_other_history

BATCH = 256


@dataclass(frozen=True)
class EvaluateOptions:
    """What is to be measured, by the names of the command's options.

    Raises:
        ValueError: a value out of range; the message names the option, the rule and the value.
    """

    weights: str
    data: str | None = None
    model: str | None = None
    limit_test: int = 1_000
    predictions: str | None = None
    on: str = "scratchnet"

    def __post_init__(self) -> None:
        check_option("limit_test", self.limit_test, self.limit_test >= 1, "at least 1")
        libraries = ("scratchnet", "tensorflow")
        check_option("on", self.on, self.on in libraries, " or ".join(libraries))


@dataclass(frozen=True)
class Evaluation:
    """Weights on test images: the mean loss, the accuracy, and the probabilities behind them."""

    images: Images
    loss: float
    accuracy: float
    probabilities: Array  # (n, classes), float32


def evaluate(tf: Any, options: EvaluateOptions) -> Evaluation:
    """Measure weights on test images.

    Args:
        tf: scratchnet or TensorFlow, whichever is to compute.

    Raises:
        OSError, ValueError: something cannot be read, or the weights are not that network's; the
            message says what.
    """
    weights = Path(options.weights).expanduser()
    if not weights.is_file():
        raise FileNotFoundError(f"WEIGHTS must be the path of a file, received {options.weights}")
    images = load_images(options.data, 1, options.limit_test)
    network = make_network(tf, options.model, images)
    try:
        network.load_weights(str(weights))
    except (KeyError, OSError, ValueError) as error:
        reason = re.sub(r", value=[^<>]*>", ">", str(error))  # Keras's prints whole variables
        raise ValueError(f"{weights}: not the weights of this network: {reason}") from error
    # Keras's `compile` and `evaluate`, which take the logits behind a softmax as training does.
    network.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = network.evaluate(images.x_test, images.y_test, batch_size=BATCH, verbose=0)
    probabilities = np.asarray(network.predict(images.x_test, batch_size=BATCH, verbose=0))
    return Evaluation(images, float(loss), float(accuracy), probabilities)


def check_folder(predictions: str) -> None:
    """An OSError if there is no folder for the predictions: said now, not after the work."""
    folder = Path(predictions).expanduser().parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"--predictions must be in a folder that is there, received {predictions}: no folder "
            f"{folder}"
        )


def run(options: EvaluateOptions, tf: Any = None) -> None:
    """Evaluate, print what was found, and keep the predictions if that is wanted.

    Args:
        tf: scratchnet if not given.
    """
    if options.predictions is not None:
        check_folder(options.predictions)
    found = evaluate(tf or importlib.import_module("scratchnet"), options)
    if has_other_history(Path(options.weights).expanduser()):
        print(
            f"Note: {HISTORY} beside {options.weights} is of other weights: the training ended "
            "while it kept an epoch, or one of the two files was replaced.",
            file=sys.stderr,
        )
    print(f"Data: {found.images.origin}, the first {len(found.probabilities):,} test images")
    print(f"Test loss: {found.loss:.4f} - test accuracy: {found.accuracy:.4f}")
    if options.predictions is not None:
        with replacing(Path(options.predictions).expanduser()) as part, part.open("wb") as file:
            np.save(file, found.probabilities)
        print(f"Kept in {options.predictions}: probabilities, shape {found.probabilities.shape}")
