"""The networks that are trained: the seed network, or the one in a file of the user's.

A file of the user's has a function ``build(tf)`` that returns a model.  It is given scratchnet or
TensorFlow, whichever trains, under the name `tf`, and so is written once for both:

    def build(tf):
        return tf.keras.Sequential([tf.keras.Input((28, 28, 1)), …])
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet import keras
from scratchnet.train.images import CLASSES, Images


def seed_network(input_shape: tuple[int, ...], keras: Any = keras) -> Any:
    """The seed network; on images of 28 x 28 x 1 it has 1,199,882 parameters.

    Args:
        input_shape: (H, W, C) of an image; H and W at least 6.
        keras: scratchnet's or TensorFlow's.
    """
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(shape=input_shape),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def make_network(tf: Any, path: str | None, images: Images) -> Any:
    """The network of the file `path`, or the seed network, built for the images.

    Args:
        tf: scratchnet or TensorFlow.
        path: of a Python file with ``build(tf)``; None for the seed network.
        images: what the network is to learn.

    Raises:
        OSError: there is no such file.
        ValueError: it has no `build`, fails, or returns no classifier of such images; the message
            names the line.
    """
    if path is None:
        return seed_network(images.x_train.shape[1:], tf.keras)
    file = model_file(path)
    model = build_own(file, tf)
    return _naming_the_line(file, lambda: _checked(model, images))


def model_file(path: str) -> Path:
    """The file that ``--model`` names.

    Raises:
        OSError: there is no such file.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise FileNotFoundError(
            f"--model must be the path of a Python file with build(tf), received {path}: no such "
            "file"
        )
    return file


def build_own(file: Path, tf: Any) -> Any:
    """The model of a file of the user's, for scratchnet or TensorFlow.

    Raises:
        ValueError: the file has no `build`, or fails; the message names the line.
    """
    build = _naming_the_line(file, lambda: _build_of(file))
    return _naming_the_line(file, lambda: build(tf))


def _build_of(file: Path) -> Callable[[Any], Any]:
    """The function `build` of a file, which may import what lies beside it."""
    spec = importlib.util.spec_from_file_location(f"{file.stem}_of_the_user", file)
    if spec is None or spec.loader is None:
        raise ValueError("is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    if not callable(getattr(module, "build", None)):
        raise ValueError("must define a function build(tf) that returns a model")
    build: Callable[[Any], Any] = module.build
    return build


def _checked(model: Any, images: Images) -> Any:
    """The model, after it has seen one image: that builds it, and shows what it returns."""
    if not hasattr(model, "trainable_variables"):
        raise ValueError(f"build(tf) must return a model, received {type(model).__name__}")
    outputs = np.asarray(model(images.x_test[:1]))
    shape = outputs.shape
    classes = 1 + int(max(images.y_train.max(), images.y_test.max()))
    if len(shape) != 2 or shape[1] < classes:
        raise ValueError(
            "build(tf) must return a model that gives each image the probabilities of at least "
            f"{classes} classes, received outputs of shape {(None, *shape[1:])}"
        )
    values = outputs.astype(np.float32)  # float16 and bfloat16 round: hence the tolerance
    if not (values.min() >= 0 and abs(values.sum() - 1) < 0.05):
        raise ValueError(
            "build(tf) must return a model that gives probabilities, none negative and 1 in all "
            f"(let it end in a softmax), received one that gives {values[0].round(2).tolist()}"
        )
    return model


def _naming_the_line(file: Path, step: Callable[[], Any]) -> Any:
    """What `step` returns; whatever goes wrong in the user's file is said with its line."""
    try:
        return step()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if Path(f.filename).resolve() == file.resolve()]
        if isinstance(error, SyntaxError):
            lines = [error.lineno]
        where = f"{file}:{lines[-1]}" if lines else f"{file}"
        kind = "" if type(error) is ValueError and not lines else f"{type(error).__name__}: "
        raise ValueError(f"{where}: {kind}{error}") from error
