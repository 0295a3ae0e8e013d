"""Arguments of fit, evaluate and predict that cannot be, against Keras's."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.training_programs import TERMS, WEIGHTS, X, Y, linear

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "split 1": (
        lambda tf: linear(tf).fit(X, Y, validation_split=1.0, verbose=0),
        "`validation_split",
        "must lie between 0 and 1, or be 0 for no validation, received validation_split=1.0",
    ),
    "frequency": (
        lambda tf: linear(tf).fit(X, Y, validation_data=(X, Y), validation_freq="a", verbose=0),
        "validation_freq=",
        "must be an integer or a list of epochs",
    ),
    "evaluate argument": (
        lambda tf: linear(tf).evaluate(X, Y, foo=3),
        "{'foo': 3}",
        "evaluate: unknown arguments",
    ),
    "weights twice": (
        lambda tf: linear(tf).train_on_batch(X, Y, sample_weight=WEIGHTS, class_weight={0: 1.0}),
        "`class_weight`",
        "`class_weight` and `sample_weight` must not be given both",
    ),
}

NO_COUNTS: dict[str, dict[str, Any]] = {
    "steps_per_epoch": {"steps_per_epoch": -1},
    "steps_per_epoch ": {"steps_per_epoch": 2.0},
    "validation_steps": {"validation_data": (X, Y), "validation_steps": -1},
    "validation_freq": {"validation_data": (X, Y), "validation_freq": 0},
    "validation_freq ": {"validation_data": (X, Y), "validation_freq": (1,)},
    "initial_epoch": {"initial_epoch": 1.0},
    "callbacks": {"callbacks": 5},
    "callbacks ": {"callbacks": ["a"]},
    "callbacks  ": {"callbacks": [tensorflow.keras.callbacks.TerminateOnNaN]},
    "class_weight": {"class_weight": 5},
    "class_weight ": {"class_weight": [1.0, 2.0]},
    "class_weight  ": {"class_weight": {int(Y[0, 0]): "a"}},
}


@pytest.mark.parametrize("name", NO_COUNTS)
def test_what_fit_cannot_use_is_refused_with_keras_s_class(name: str) -> None:
    told = f"fit: `{name.strip()}` must"
    complain_alike(lambda tf: linear(tf).fit(X, Y, **{"verbose": 0, **NO_COUNTS[name]}), "", told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("steps_per_epoch", 0), ("validation_steps", 0), ("initial_epoch", -1)),
        *(("validation_freq", -1), ("verbose", 3), ("verbose", "x"), ("verbose", None)),
        *(("shuffle", "x"), ("shuffle", 5), ("shuffle", None)),
        *(("class_weight", {"a": 1.0}), ("class_weight", {1: None})),
    ],
)
def test_what_keras_overlooks_in_fit_is_refused(name: str, value: Any) -> None:
    options: dict[str, Any] = {"validation_data": (X, Y), "verbose": 0, name: value}
    rule = rf"^fit: `{name}` must .*, received {re.escape(f'{name}={value!r}')}$"
    with pytest.raises(ValueError, match=rule):
        linear(scratchnet).fit(X, Y, **options)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_evaluate_and_predict_refuse_it_too(method: str) -> None:
    def called(**options: Any) -> Any:
        data = (X, Y) if method == "evaluate" else (X,)
        return lambda tf: getattr(linear(tf), method)(*data, **{"verbose": 0, **options})

    complain_alike(called(steps=-1), "", f"{method}: `steps` must be an integer of at least 1")
    complain_alike(called(steps="a"), "", f"{method}: `steps` must be an integer of at least 1")
    complain_alike(called(callbacks=5), "", f"{method}: `callbacks` must be a Callback")
    for name, value in (("steps", 0), ("verbose", 3)):
        with pytest.raises(ValueError, match=f"{method}: `{name}` must .* received {name}={value}"):
            called(**{name: value})(scratchnet)


def test_what_fit_takes_stays_allowed() -> None:
    def program(tf: Any) -> Any:
        options = {"validation_data": (X, Y), "validation_freq": [1, 3], "shuffle": False}
        options |= {"steps_per_epoch": None, "initial_epoch": 1, "verbose": False}
        weights = {np.int64(0): np.float32(2.0), 1: 1}
        options |= {"callbacks": tf.keras.callbacks.TerminateOnNaN(), "class_weight": weights}
        return linear(tf).fit(X, Y, epochs=3, **options).epoch

    same(program)


def test_one_batch_needs_a_dict_of_class_weights() -> None:
    complain_alike(
        lambda tf: linear(tf).train_on_batch(X, Y, class_weight=5),
        *("", "train_on_batch: `class_weight` must be a dict"),
    )


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("size", [-1, 2.5, "a"])
def test_batch_size(size: Any) -> None:
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        linear(scratchnet).fit(X, Y, batch_size=size, verbose=0)


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", True])
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_batch_sizes_that_are_none_are_refused(method: str, size: Any) -> None:
    """Keras takes 0 for 32, and True for 1."""
    data = (X,) if method == "predict" else (X, Y)
    rule = re.escape(f"{method}: `batch_size` must be a positive integer, received batch_size=")
    with pytest.raises(ValueError, match=rule):
        getattr(linear(scratchnet), method)(*data, batch_size=size, verbose=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("validation_split", share) for share in (1.0, -0.1, 1.5, float("nan"), "a")],
        *[("epochs", epochs) for epochs in (-1, "2", 2.0, None, True)],
        ("validation_batch_size", 0),
    ],
)
def test_numbers_out_of_range_are_refused_by_fit(name: str, value: Any) -> None:
    """Keras takes some of them, and fails on others with a complaint about something else."""
    with pytest.raises(ValueError, match=f"fit: `{name}` must .*received {name}={value!r}"):
        linear(scratchnet).fit(X, Y, verbose=0, **{name: value})


def test_numpy_integers_are_integers() -> None:
    close(
        lambda tf: (
            linear(tf)
            .fit(X, Y, epochs=np.int64(2), batch_size=np.int64(22), shuffle=False, verbose=0)
            .history["loss"]
        ),
        TERMS,
    )
