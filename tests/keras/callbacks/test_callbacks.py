"""The names in keras.callbacks: signatures, and what is not here."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, twins
from tests.support.training_programs import X, Y, linear


@pytest.mark.parametrize("name", ["SwapEMAWeights", "RemoteMonitor"])
def test_absent(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"does not have `tf.keras.callbacks.{name}`"):
        getattr(scratchnet.keras.callbacks, name)


@pytest.mark.parametrize(
    "name",
    [
        *("EarlyStopping", "LearningRateScheduler", "ModelCheckpoint", "CSVLogger"),
        *("TerminateOnNaN", "ReduceLROnPlateau"),
    ],
)
def test_signature(name: str) -> None:
    theirs, ours = twins(
        lambda tf: [
            (p.name, p.default)
            for p in inspect.signature(getattr(tf.keras.callbacks, name)).parameters.values()
            if p.name != "kwargs"  # of ReduceLROnPlateau, which overlooks them
        ]
    )
    assert ours == theirs


SETTINGS: dict[str, Any] = {
    "EarlyStopping: `patience`": lambda c: c.EarlyStopping("loss", 100, patience="a"),
    "EarlyStopping: `min_delta`": lambda c: c.EarlyStopping("loss", min_delta="a"),
    "ReduceLROnPlateau: `patience`": lambda c: c.ReduceLROnPlateau("loss", 0.1, "a", min_delta=99),
    "LearningRateScheduler: `schedule`": lambda c: c.LearningRateScheduler(5),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_callbacks_that_cannot_work(name: str) -> None:
    """Keras notices most of them in `fit`: here it is where they are given."""
    complain_alike(
        lambda tf: linear(tf).fit(
            X, Y, epochs=3, verbose=0, callbacks=[SETTINGS[name](tf.keras.callbacks)]
        ),
        *("", f"{name} must be a"),
    )
    with pytest.raises(TypeError, match=name):
        SETTINGS[name](scratchnet.keras.callbacks)
