"""TimeseriesGenerator against Keras's: batches, training, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.signatures import attributes_alike, taken_alike

SERIES = np.random.default_rng(0).normal(size=(23, 2)).astype("f")
TARGETS = np.arange(23)

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batches": {"batch_size": 4},
    "strides": {"batch_size": 3, "stride": 2, "sampling_rate": 2, "reverse": True},
    "a part": {"start_index": 3, "end_index": 12, "batch_size": 5},
    "drawn": {"shuffle": True, "batch_size": 6},
}


def made(tf: Any, data: Any, targets: Any, length: int, **options: Any) -> Any:
    sequence = tf.keras.preprocessing.sequence
    return sequence.TimeseriesGenerator(data, targets, length, **options)


@pytest.mark.parametrize("name", OPTIONS)
def test_batches(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for data, targets in ((SERIES, TARGETS), (TARGETS.tolist(), SERIES.tolist())):
            series = made(tf, data, targets, 4, **OPTIONS[name])
            np.random.seed(3)
            found += [len(series), [list(series[i]) for i in range(len(series))]]
        return found

    close(program, 0)


def test_training() -> None:
    def program(tf: Any) -> list[Any]:
        layers = [tf.keras.layers.SimpleRNN(3), tf.keras.layers.Dense(1)]
        model = tf.keras.Sequential([tf.keras.Input((5, 2)), *layers])
        model.compile("sgd", "mse")
        series = made(tf, SERIES, TARGETS / 23, 5, batch_size=6)
        history = model.fit(series, epochs=2, verbose=0, shuffle=False)
        return [history.history["loss"], model.predict(series, verbose=0)]

    close(program, 300)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "targets": (lambda tf: made(tf, SERIES, TARGETS[1:], 3), "Data length is 23 while target", ""),
    "long": (lambda tf: made(tf, SERIES, TARGETS, 30), "end_index=22", "with length=30 must be"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_what_is_taken() -> None:
    taken_alike("preprocessing.sequence", "TimeseriesGenerator")


def test_numbers_out_of_range() -> None:
    for option, least in (
        ("length", 0),
        ("start_index", 0),
        ("sampling_rate", 1),
        ("stride", 1),
        ("batch_size", 1),
    ):
        given = {"length": 2, option: least - 1}
        text = f"TimeseriesGenerator: `{option}` must be an integer >= {least}, received"
        with pytest.raises(ValueError, match=text):
            made(scratchnet, SERIES, TARGETS, **given)
        assert len(made(scratchnet, SERIES, TARGETS, **{**given, option: least})) >= 1
    for flag in ("shuffle", "reverse"):
        with pytest.raises(ValueError, match=f"TimeseriesGenerator: `{flag}` must be True or F"):
            made(scratchnet, SERIES, TARGETS, 2, **{flag: np.ones(2)})
    assert len(made(scratchnet, SERIES, TARGETS, 2, start_index=20)) == 1
    with pytest.raises(ValueError, match="with length=2 must be at most end_index=22, received st"):
        made(scratchnet, SERIES, TARGETS, 2, start_index=21)


def test_attributes() -> None:
    for options in OPTIONS.values():
        attributes_alike(
            lambda keras, options=options: keras.preprocessing.sequence.TimeseriesGenerator(
                SERIES, TARGETS, 3, **options
            )
        )
