"""RNN, and what all recurrent layers share, against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.recurrent_programs import MASK, RNG, X, computes_alike

LAYERS: dict[str, Any] = {
    "simple": lambda k, **kw: k.SimpleRNN(5, **kw),
    "lstm": lambda k, **kw: k.LSTM(5, **kw),
    "gru": lambda k, **kw: k.GRU(5, **kw),
    "gru before": lambda k, **kw: k.GRU(5, reset_after=False, **kw),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "last": {},
    "sequences": {"return_sequences": True},
    "all": {"return_sequences": True, "return_state": True},
    "backwards": {"return_sequences": True, "return_state": True, "go_backwards": True},
    "zeros": {"return_sequences": True, "zero_output_for_mask": True},
    "zero last": {"return_state": True, "zero_output_for_mask": True, "go_backwards": True},
    "unrolled": {"return_sequences": True, "return_state": True, "unroll": True},
    "without bias": {"use_bias": False, "return_state": True},
}


def count(name: str) -> int:
    return 2 if name == "lstm" else 1


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("masked", [False, True])
def test_values_and_gradients(name: str, option: str, masked: bool) -> None:
    options = OPTIONS[option]
    mask = MASK if masked else None
    computes_alike(lambda k, **kw: LAYERS[name](k, **options, **kw), mask=mask)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("masked", [False, True])
def test_float64_and_initial_states(name: str, masked: bool) -> None:
    states = [RNG.normal(size=(3, 5)) for _ in range(count(name))]
    mask = MASK if masked else None

    def make(k: Any, **kw: Any) -> Any:
        return LAYERS[name](k, return_sequences=True, return_state=True, **kw)

    computes_alike(make, 1e9, dtype="float64", mask=mask, states=states)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("rates", [(0.5, 0.0), (0.0, 0.3), (0.5, 0.3), (1.0, 0.3)], ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_dropout(name: str, rates: tuple[float, float], training: bool) -> None:
    rate, recurrent = rates

    def make(k: Any, **kw: Any) -> Any:
        return LAYERS[name](k, dropout=rate, recurrent_dropout=recurrent, seed=3, **kw)

    computes_alike(make, training=training, calls=2, mask=MASK)


@pytest.mark.parametrize("name", LAYERS)
def test_states_kept_between_batches(name: str) -> None:
    computes_alike(lambda k, **kw: LAYERS[name](k, stateful=True, **kw), calls=3)


@pytest.mark.parametrize("name", LAYERS)
def test_one_sample_one_step(name: str) -> None:
    computes_alike(lambda k, **kw: LAYERS[name](k, return_sequences=True, **kw), x=X[:1, :1])
