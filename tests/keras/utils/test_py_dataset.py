"""PyDataset against Keras's: batches, their order, hooks and refusals."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import same
from tests.support.signatures import taken_alike

X = np.random.default_rng(0).normal(size=(10, 3)).astype("f")
Y = (X.sum(1) > 0).astype("int64")
W = np.linspace(0.5, 2, 10).astype("f")


def dataset(tf: Any, events: list[str], *parts: np.ndarray, ends: bool = True) -> Any:
    """Batches of four of the arrays, and what happened to them among `events`."""

    class Batches(tf.keras.utils.PyDataset):  # type: ignore[misc, unused-ignore]
        def __getitem__(self, index: int) -> Any:
            rows = [(4 * index + i) % 10 for i in range(4)]
            return tuple(part[rows] for part in parts)

        @property
        def num_batches(self) -> int | None:
            return 3 if ends else None

        def on_epoch_begin(self) -> None:
            events.append("begin")

        def on_epoch_end(self) -> None:
            events.append("end")

    return Batches(workers=1)


def outcome(tf: Any, shuffle: bool) -> tuple[list[Any], list[np.ndarray]]:
    """(the hooks in their order, all numbers) of fit, evaluate and predict."""
    random.seed(4)
    tf.keras.utils.set_random_seed(2)
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    events: list[str] = []
    ours: list[str] = []
    data, validation = dataset(tf, events, X, Y, W), dataset(tf, ours, X, Y)
    epochs = 1 if shuffle else 2  # Keras reads ahead: when it shuffles again is up to threads
    history = model.fit(data, validation_data=validation, epochs=epochs, verbose=0, shuffle=shuffle)
    model.fit(dataset(tf, events, X, Y), class_weight={0: 1.0, 1: 3.0}, verbose=0, shuffle=False)
    model.fit(
        dataset(tf, [], X, Y, ends=False), steps_per_epoch=5, epochs=2, verbose=0, shuffle=False
    )
    found = [
        *(np.array(losses) for losses in history.history.values()),
        np.array(model.evaluate(dataset(tf, events, X, Y), verbose=0)),
        model.predict(dataset(tf, events, X), verbose=0),
        *model.get_weights(),
    ]
    return [events, ours], found


@pytest.mark.parametrize("shuffle", [False, True])
def test_training(shuffle: bool) -> None:
    (hooks, ours), (wanted, theirs) = outcome(scratchnet, shuffle), outcome(tensorflow, shuffle)
    assert hooks == wanted
    for found, value in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found, value, rtol=2e-5, atol=1e-6)


def test_refusals() -> None:
    k = scratchnet.keras
    assert k.utils.Sequence is k.utils.PyDataset
    with pytest.raises(NotImplementedError, match="PyDataset must have a `__getitem__`"):
        k.utils.PyDataset()[0]
    with pytest.raises(NotImplementedError, match="`__len__`, or a property `num_batches`"):
        iter(k.utils.PyDataset())
    model = k.Sequential([k.Input((3,)), k.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="`y` must not be given where `x` is a PyDataset"):
        model.fit(dataset(scratchnet, [], X, Y), Y)
    with pytest.raises(ValueError, match=r"(?s)must return a dict, .* of type tuple"):
        model.fit(dataset(scratchnet, [], X, Y, W, W), verbose=0)
    with pytest.raises(ValueError, match="must not be given both"):
        model.fit(dataset(scratchnet, [], X, Y, W), verbose=0, class_weight={0: 1.0})


def test_what_is_taken() -> None:
    taken_alike("utils", "PyDataset")


def test_settings_and_numbers_of_batches() -> None:
    def program(tf: Any) -> list[Any]:
        class Three(tf.keras.utils.PyDataset):  # type: ignore[misc, unused-ignore]
            def __len__(self) -> int:
                return 3

            def __getitem__(self, index: int) -> int:
                return index * 10

        made = Three(workers=3, use_multiprocessing=True, max_queue_size=7)
        settings = [(x.workers, x.use_multiprocessing, x.max_queue_size) for x in (made, Three())]
        return [*settings, made.num_batches, list(made)]

    same(program)


def test_batches_without_an_end() -> None:
    batches = dataset(scratchnet, [], np.arange(10), ends=False)
    found = [batch[0][0] for batch in itertools.islice(batches, 6)]
    assert found == [0, 4, 8, 2, 6, 0]
