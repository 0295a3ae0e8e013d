"""The step that the page shows: a network, one sample, and its trace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet import keras
from scratchnet.engine.dtypes import Array
from scratchnet.engine.tensor import convert
from scratchnet.explain.image_file import read_image
from scratchnet.explain.options import ExplainOptions
from scratchnet.keras.random import snapshot
from scratchnet.traces import Trace, trace, tracing
from scratchnet.train.images import Images, load_images
from scratchnet.train.network import build_own, model_file, seed_network

MOST = 10_000  # images of a data set that are read


@dataclass
class Task:
    """A network, and what it learns.

    Attributes:
        model: compiled.
        images: what it learns from.
        copies: whether it is to give back its input (an autoencoder) and not the class.
        name: of the network.
    """

    model: Any
    images: Images
    copies: bool
    name: str

    def target(self, x: Array, y: Array) -> Array:
        """What the network is to give for images `x` of classes `y`, as its loss takes it."""
        if self.copies:
            return x
        loss = self.model.loss
        name = getattr(loss, "name", None) or getattr(loss, "__name__", loss)
        if name != "categorical_crossentropy":
            return y
        classes = int(self.model(self.images.x_test[:1], training=False).shape[-1])
        return np.asarray(keras.utils.to_categorical(y, classes))

    @property
    def has_own_train_step(self) -> bool:
        """Whether the model's class says for itself what a training step is."""
        return type(self.model).train_step is not keras.Model.train_step


def prepare(tf: Any, options: ExplainOptions) -> Task:
    """The network of the options, compiled, with the weights of a file or untrained.

    Args:
        tf: scratchnet.

    Raises:
        OSError, ValueError: something cannot be read; the message says what.
    """
    images = load_images(options.data, MOST, MOST)
    tf.keras.utils.set_random_seed(options.seed)
    shape = images.x_train.shape[1:]
    if options.model is None:
        model, name = seed_network(shape), "seed network"
    else:
        model, name = build_own(model_file(options.model), tf), Path(options.model).name
    if not hasattr(model, "trainable_variables"):
        raise ValueError(f"--model: build(tf) must return a model, received {type(model).__name__}")
    weights = None if options.weights is None else Path(options.weights).expanduser()
    return task_of(model, images, name, weights)


def task_of(model: Any, images: Images, name: str, weights: Path | None = None) -> Task:
    """The task of a model on images, with the weights of a file if given; compiled if not yet.

    Raises:
        ValueError: it does not take such images, or gives neither a vector nor an image of their
            size.
    """
    shape = images.x_test.shape[1:]
    y = _tried(model, images.x_test[:1], name)
    copies = y.shape[1:] == shape
    if not copies and y.ndim != 2:
        raise ValueError(
            "--model: build(tf) must return a model that gives each image a vector, or an image of "
            f"its size, received outputs of shape {(None, *y.shape[1:])}"
        )
    if not copies:
        _check_classes(images, y.shape[-1])
    if weights is not None:
        _load(model, weights)
    if not getattr(model, "compiled", False):
        model.compile("adam", _loss_for(y, copies))
    return Task(model, images, copies, name)


def _check_classes(images: Images, outputs: int) -> None:
    """Refuse a network that has not an output for each label."""
    highest = max(int(y.max(initial=0)) for y in (images.y_train, images.y_test))
    if highest >= outputs:
        received = f"{outputs} output{'s' * (outputs != 1)}"
        raise ValueError(
            "--model: build(tf) must return a model with an output for each class: "
            f"{images.origin} has the labels 0 to {highest}, received {received}"
        )


def _tried(model: Any, x: Array, name: str) -> Array:
    """What the model gives for one image; that builds it."""
    try:
        return np.asarray(model(x, training=False))
    except Exception as error:
        raise ValueError(
            f"--model: build(tf) must return a model that takes images of shape {x.shape[1:]}, "
            f"received {name}: {type(error).__name__}: {error}"
        ) from error


def _loss_for(y: Array, copies: bool) -> Any:
    """The loss of a model that is not compiled, told from one of its outputs."""
    if copies:
        return "mse"
    are_probabilities = bool(y.min() >= 0 and abs(float(y.sum()) - 1) < 0.05)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=not are_probabilities)


def _load(model: Any, weights: Path) -> None:
    """Load the weights of the layers; the file may hold the state of whichever optimizer."""
    optimizer = getattr(model, "optimizer", None)
    try:
        if optimizer is not None:
            model.optimizer = None
        model.load_weights(str(weights))
    except (KeyError, OSError, ValueError) as error:
        said = re.sub(r", value=[^<>]*>", ">", str(error))  # Keras's prints whole variables
        raise ValueError(
            f"--weights: {weights}: not the weights of this network: {in_one_line(said)}"
        ) from error
    finally:
        if optimizer is not None:
            model.optimizer = optimizer


def in_one_line(said: str) -> str:
    """An error of `load_weights` in one line: a row of its table becomes a part of the sentence.

    >>> in_one_line("1 lost:\\n  name  expected shape  found shape\\n  k  (3,)  (4,)")
    '1 lost: k: expected shape (3,), found shape (4,);'
    """
    parts: list[str] = []
    heads: list[str] = []
    for line in said.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if len(cells) == 1 or (not heads and cells[0] != "name"):
            parts += line.split()
        elif not heads:
            heads = cells
        elif set(line) - {"-", " "}:
            told = zip(heads[1:], cells[1:], strict=False)
            parts.append(f"{cells[0]}: {', '.join(f'{head} {cell}' for head, cell in told)};")
    return " ".join(parts)


def sample(task: Task, options: ExplainOptions) -> tuple[Array, Array, str]:
    """The image (1, H, W, C), its class (1,) and what it is called.

    Raises:
        ValueError: there is no such image, no such class, or it cannot be read.
    """
    images = task.images
    if options.image is not None:
        x = read_image(options.image, images.x_test.shape[1:])[None]
        label = options.label
        if label is None:  # the class that the network sees, so that there is a loss
            y = np.asarray(task.model(x, training=False))
            label = 0 if task.copies else int(y[0].argmax())
        name = Path(options.image).name
    else:
        index = first_unsure(task) if options.index is None else options.index
        if index >= len(images.x_test):
            raise ValueError(
                f"--index must be below the number of test images ({len(images.x_test)}), received "
                f"{index}"
            )
        x, name = images.x_test[index : index + 1], f"{images.origin}, test image {index}"
        label = options.label
        if label is None:
            label = int(images.y_test[index])
    classes = 1 if task.copies else int(task.model(x, training=False).shape[-1])
    if not task.copies and not 0 <= label < classes:
        raise ValueError(f"--label must be in [0, {classes}), received {label}")
    return x, np.array([label]), name


def first_unsure(task: Task) -> int:
    """The first test image to whose class the network gives less than 0.9; 0 if there is none.

    Where the loss is nearly 0, so are all gradients, and there is little to see.
    """
    x, y = task.images.x_test[:200], task.images.y_test[:200]
    if task.copies:
        return 0
    p = np.asarray(task.model(x, training=False), np.float64)
    if p.min() < 0 or abs(p[0].sum() - 1) > 0.05:  # logits
        p = np.exp(p - p.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
    unsure = np.flatnonzero(p[np.arange(len(y)), y] < 0.9)
    return int(unsure[0]) if len(unsure) else 0


def traced(task: Task, x: Array, y: Array, training: bool = True) -> Trace:
    """The trace of one training step on a sample; the weights are as before.

    A model with a `train_step` of its own runs that, whatever `training` says.
    """
    target, model = task.target(x, y), task.model
    variables = [*model.variables, *getattr(model.optimizer, "variables", [])]
    before = [variable.numpy().copy() for variable in variables]

    def put_back() -> None:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)  # moving averages, too

    def own_step() -> Trace:
        with tracing() as found, model._step_context():
            model.train_step((convert(x), convert(target)))
        return found

    try:
        if not task.has_own_train_step:
            return trace(model, x, target, training=training)
        rewind = snapshot()
        found = own_step()
        if any(row.compiled for row in found):  # its times are those of compiling
            put_back()
            rewind()
            found = own_step()
        return found
    finally:
        put_back()


# Layers that do something else in training, and by which word the page calls that.
_IN_TRAINING = {"Dropout": "dropout", "Noise": "noise", "BatchNormalization": "statistics"}


def about(task: Task, x: Array, y: Array, name: str, step: Trace | None = None) -> dict[str, Any]:
    """What the page says of the step.

    Where `step`, which is one of training, gives another class than the network does outside of
    training, both are named, with what makes the difference.
    """
    from scratchnet.version import SCRATCHNET_VERSION

    prediction = np.asarray(task.model(x, training=False))
    found: dict[str, Any] = {
        "title": f"scratchnet explain: {task.name}",
        "model": task.name,
        "sample": name,
        "version": SCRATCHNET_VERSION,
    }
    if not task.copies:
        found["label"] = int(y[0])
        if np.isnan(prediction[0]).any():  # it sees no class
            return found
        found["prediction"] = int(prediction[0].argmax())
        calls = [call for call in step._calls if call.layer is task.model] if step else []
        if calls and np.isnan(calls[-1].output[0]).any():
            del found["prediction"]
        elif calls and int(calls[-1].output[0].argmax()) != found["prediction"]:
            bases = [base for call in calls[-1]._trace.layers for base in type(call.layer).__mro__]
            kinds = {base.__name__ for base in bases}
            words = [w for kind, w in _IN_TRAINING.items() if any(kind in k for k in kinds)]
            found["in_training"] = {"prediction": int(calls[-1].output[0].argmax()), "with": words}
    return found
