"""What both sides run: one program text, with the module bound as `tf`."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scratchnet.train.images import Images, load_images
from scratchnet.train.network import seed_network
from scratchnet.twin.options import TwinOptions

Logs = dict[str, float]


def run(tf: Any, options: TwinOptions, epoch_ended: Callable[[Logs], None]) -> None:
    """Set the seed, and train.

    Args:
        tf: TensorFlow or scratchnet.
        options: what to run.
        epoch_ended: called after each epoch of the loop with a tape; `fit` is listened to anyway.

    Raises:
        Exception: whatever the program raises.
    """
    if options.script is not None:
        tf.keras.utils.set_random_seed(options.seed)
        return run_script(tf, Path(options.script).expanduser())
    images = load_images(options.data, options.limit_train, 1)
    tf.keras.utils.set_random_seed(options.seed)
    model = _model(tf, options, images)
    if options.loop == "fit":
        fit(tf, model, options, images)
    else:
        fit_by_hand(tf, model, options, images, epoch_ended)


def _model(tf: Any, options: TwinOptions, images: Images) -> Any:
    if options.model is None:
        return seed_network(images.x_train.shape[1:], tf.keras)
    path = Path(options.model).expanduser()
    _find_neighbours_of(path)
    names = runpy.run_path(str(path), run_name="model")
    if not callable(names.get("build")):
        raise NoBuildError(f"--model {options.model}: must define a function build(tf)")
    model = names["build"](tf)
    if not isinstance(model, tf.keras.Model):
        raise NoBuildError(
            f"--model {options.model}: build(tf) must return a keras.Model, returned "
            f"{type(model).__name__}"
        )
    return model


class NoBuildError(ValueError):
    """The file of `--model` is not what it must be; the message is the whole story."""


def _optimizer(tf: Any, options: TwinOptions) -> Any:
    kinds = {"sgd": tf.keras.optimizers.SGD, "adam": tf.keras.optimizers.Adam}
    return kinds[options.optimizer](learning_rate=options.rate)


def fit(tf: Any, model: Any, options: TwinOptions, images: Images) -> None:
    """Train with `compile`, unless the model is compiled, and `fit`."""
    if not model.compiled:
        model.compile(
            optimizer=_optimizer(tf, options),
            loss=tf.keras.losses.SparseCategoricalCrossentropy(),
            metrics=["accuracy"],
        )
    model.fit(
        images.x_train,
        images.y_train,
        batch_size=options.batch_size,
        epochs=options.epochs,
        verbose=0,
    )


def fit_by_hand(
    tf: Any,
    model: Any,
    options: TwinOptions,
    images: Images,
    epoch_ended: Callable[[Logs], None],
) -> None:
    """Train step by step, in an order that differs from epoch to epoch."""
    optimizer = _optimizer(tf, options)
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy()
    data = tf.data.Dataset.from_tensor_slices((images.x_train, images.y_train))
    data = data.shuffle(len(images.x_train)).batch(options.batch_size)

    for _ in range(options.epochs):
        mean = tf.keras.metrics.Mean()
        accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
        for x, y in data:
            with tf.GradientTape() as tape:
                probabilities = model(x, training=True)
                loss = loss_of(y, probabilities)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))  # noqa: B905
            mean.update_state(loss, sample_weight=len(y))
            accuracy.update_state(y, probabilities)
        epoch_ended({"loss": float(mean.result()), "accuracy": float(accuracy.result())})


def run_script(tf: Any, path: Path) -> None:
    """Run a script, in whose imports TensorFlow and Keras are `tf`."""
    if tf.__name__ != "tensorflow":
        for name, module in list(sys.modules.items()):
            if name == tf.__name__ or name.startswith(tf.__name__ + "."):
                rest = name.removeprefix(tf.__name__)
                sys.modules["tensorflow" + rest] = module
                if rest.startswith(".keras"):
                    sys.modules[rest[1:]] = module
    sys.argv = [str(path)]
    _find_neighbours_of(path)
    runpy.run_path(str(path), run_name="__main__")


def _find_neighbours_of(path: Path) -> None:
    """Let a file of the user's import what lies beside it, as Python lets a script."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
