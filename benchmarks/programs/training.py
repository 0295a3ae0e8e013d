"""Training steps and predictions of the seed network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.case import Library, Work
from benchmarks.programs.draws import Array, nudged, pictures

NUDGES = 3


def network(tf: Any, size: int, filters: tuple[int, int] | None = None) -> Any:
    """The seed network on square images, or one with other numbers of filters."""
    from scratchnet.train.network import seed_network

    tf.keras.utils.set_random_seed(0)
    model = seed_network((size, size, 1), tf.keras)
    if filters is None:
        return model
    rest = [type(layer).from_config(layer.get_config()) for layer in model.layers[2:]]
    first, second = (tf.keras.layers.Conv2D(count, (3, 3), activation="relu") for count in filters)
    tf.keras.utils.set_random_seed(0)
    return tf.keras.Sequential([tf.keras.Input((size, size, 1)), first, second, *rest])


def flops(size: int, batch: int, training: bool = True) -> float:
    """Of a step of the seed network, counted from its shapes.

    A product and a sum for each weight that an output sees, in the two convolutions and the two
    dense layers; three times that for a training step, since each gradient costs as much as the way
    forward, but for the gradient of the images, which nobody needs.
    """
    a, b, pooled = size - 2, size - 4, (size - 4) // 2
    first = 2.0 * a * a * 32 * 9
    rest = 2.0 * (b * b * 64 * 9 * 32 + pooled * pooled * 64 * 128 + 128 * 10)
    return batch * ((2 * first + 3 * rest) if training else first + rest)


def fit(
    lib: Library, batch: int, steps: int, size: int = 28, filters: tuple[int, int] | None = None
) -> Work:
    """An epoch of `steps` steps by Keras's `fit`, with Adam, which draws a new order each time."""
    x, y = pictures(batch * steps, size)
    model = network(lib.tf, size, filters)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def epoch(x: Array, y: Array) -> Any:
        return model.fit(x, y, batch_size=batch, epochs=1, verbose=0).history["loss"]

    return Work(lambda: epoch(x, y), first_step(model, lambda: epoch(x[:batch], y[:batch])))


def first_step(model: Any, step: Callable[[], Any]) -> Callable[[], list[Any]]:
    """What a step from the first weights did: its loss, and how far it moved each weight."""

    def check() -> list[Any]:
        before = [_sample(w) for w in model.trainable_variables]
        (loss,) = step()
        moved = [_sample(w) - old for w, old in zip(model.trainable_variables, before, strict=True)]
        return [float(loss), *moved]

    return check


def nudges(
    check: Callable[[Array], list[Any]], x: Array, variables: list[Any]
) -> Callable[[], Any]:
    """`check`, three times, for inputs changed by as much as rounding, from the same state.

    Args:
        check: what is compared, of the inputs.
        x: the inputs.
        variables: all that `check` changes and begins from, at their values of now.
    """
    before = [variable.numpy().copy() for variable in variables]

    def again() -> list[Any]:
        results = []
        for seed in range(NUDGES):
            for variable, value in zip(variables, before, strict=True):
                variable.assign(value)
            results.append(check(nudged(x, seed)))
        return results

    return again


def _sample(weight: Any) -> Array:
    """A copy of a weight's numbers; of more than two millions some that are evenly spread."""
    flat: Array = weight.numpy().ravel()
    return flat[:: max(1, flat.size // 1_000_000)].copy()


def loop(lib: Library, batch: int, steps: int) -> Work:
    """The same epoch, written out with a tape."""
    tf = lib.tf
    x, y = pictures(batch * steps, 28)
    model = network(tf, 28)
    optimizer = tf.keras.optimizers.Adam()
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy()
    accuracy = tf.keras.metrics.SparseCategoricalAccuracy()

    def step(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            probabilities = model(images, training=True)
            loss = loss_of(labels, probabilities)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        accuracy.update_state(labels, probabilities)
        return loss

    step = lib.compiled(step)
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(batch)

    def epoch() -> float:
        return sum(float(step(images, labels)) for images, labels in data)

    def check() -> list[float]:
        return [float(step(tf.constant(x[:batch]), tf.constant(y[:batch])))]

    return Work(epoch, first_step(model, check))


def predict(lib: Library, batch: int, steps: int) -> Work:
    """The probabilities of `steps` batches by Keras's `predict`."""
    x, _ = pictures(batch * steps, 28)
    model = network(lib.tf, 28)
    return Work(lambda: model.predict(x, batch_size=batch, verbose=0))


def predict_calls(lib: Library, batch: int, calls: int) -> Work:
    """One batch at a time, each by a call of `predict`."""
    x, _ = pictures(batch, 28)
    model = network(lib.tf, 28)
    return Work(lambda: [model.predict(x, verbose=0) for _ in range(calls)])


def model_calls(lib: Library, batch: int) -> Work:
    """One batch by calling the model."""
    x, _ = pictures(batch, 28)
    model = network(lib.tf, 28)
    images = lib.tf.constant(x)
    return Work(lib.compiled(lambda: model(images, training=False)))
