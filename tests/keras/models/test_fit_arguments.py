"""Arguments of fit, evaluate and predict that cannot be, against Keras's."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.models.fit_arguments import (
    check_callbacks,
    check_class_weight,
    check_data,
    check_fit,
    check_steps,
    is_one_of,
)
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


NOT_A_COUNT = "must be an integer of at least"
# (function, arguments), which is taken.
TAKEN: list[tuple[Any, tuple[Any, ...]]] = [
    (check_data, ("fit", None, None)),
    (check_data, ("fit", X, 1, 1)),
    (check_data, ("fit", [X, None, X[:1]], np.int32(7), None)),
    (check_data, ("fit", "text", 1)),
    (check_fit, (0, None, 0, 1, True, None)),
    (check_fit, (np.int64(3), 0, 5, [], "batch", {})),
    (check_fit, (1, 1e-9, 0, [2, 0], False, {0: 1})),
    (check_fit, (1, np.float32(0.999), 0, 9, 1, {np.int8(2): np.array(3.0)})),
    (check_steps, ("fit", "steps", None)),
    (check_steps, ("fit", "steps", 1)),
    (check_class_weight, ("fit", None)),
    (check_callbacks, ("fit", "auto", None)),
    (check_callbacks, ("fit", 0, [])),
    (check_callbacks, ("fit", 2, [[scratchnet.keras.callbacks.History()]])),
]
# (function, arguments, error class, what its text begins with), which is refused.
REFUSED: list[tuple[Any, tuple[Any, ...], type[Exception], str]] = [
    (check_data, ("f", X, 0), ValueError, "f: `batch_size` must be a positive integer, received b"),
    (check_data, ("f", X, 1, 0), ValueError, "f: `validation_batch_size` must be a positive int"),
    (check_data, ("f", X, 1, True), ValueError, "f: `validation_batch_size` must be a positive"),
    (check_data, ("f", None, 2.0), ValueError, "f: `batch_size` must be a positive integer"),
    (
        check_data,
        ("f", [X, X[:0]], 1),
        ValueError,
        "f: `x` must hold at least one sample, received x of shape (22, 3), (0, 3)",
    ),
    (check_data, ("f", {}, 1), ValueError, "f: `x` must hold at least one sample, received x {}"),
    (
        check_data,
        ("f", [None], 1),
        ValueError,
        "f: `x` must hold at least one sample, received x [N",
    ),
    (
        check_fit,
        (-1, 0, 0, 1, 1, None),
        ValueError,
        "fit: `epochs` must be an integer of at least 0",
    ),
    (
        check_fit,
        (1.0, 0, 0, 1, 1, None),
        ValueError,
        "fit: `epochs` must be an integer of at least 0",
    ),
    (check_fit, (True, 0, 0, 1, 1, None), ValueError, "fit: `epochs` must be an integer of at le"),
    (
        check_fit,
        (1, 1, 0, 1, 1, None),
        ValueError,
        "fit: `validation_split` must lie between 0 and 1",
    ),
    (check_fit, (1, 1.0, 0, 1, 1, None), ValueError, "fit: `validation_split` must lie between"),
    (check_fit, (1, -0.1, 0, 1, 1, None), ValueError, "fit: `validation_split` must lie between"),
    (check_fit, (1, "0.5", 0, 1, 1, None), ValueError, "fit: `validation_split` must lie between"),
    (check_fit, (1, np.ones(2), 0, 1, 1, None), ValueError, "fit: `validation_split` must lie bet"),
    (check_fit, (1, 0, -1, 1, 1, None), ValueError, f"fit: `initial_epoch` {NOT_A_COUNT} 0, rec"),
    (check_fit, (1, 0, None, 1, 1, None), TypeError, f"fit: `initial_epoch` {NOT_A_COUNT} 0, rec"),
    (
        check_fit,
        (1, 0, 0, 0, 1, None),
        ZeroDivisionError,
        "fit: `validation_freq` must be at least",
    ),
    (check_fit, (1, 0, 0, -1, 1, None), ValueError, "fit: `validation_freq` must be at least 1, r"),
    (
        check_fit,
        (1, 0, 0, 1.0, 1, None),
        ValueError,
        "fit: `validation_freq` must be an integer or",
    ),
    (
        check_fit,
        (1, 0, 0, [1, 2.0], 1, None),
        ValueError,
        "fit: `validation_freq` must be an integ",
    ),
    (
        check_fit,
        (1, 0, 0, 1, None, None),
        ValueError,
        "fit: `shuffle` must be True, False or 'batch'",
    ),
    (
        check_fit,
        (1, 0, 0, 1, np.ones(2), None),
        ValueError,
        "fit: `shuffle` must be True, False or",
    ),
    (
        check_fit,
        (1, 0, 0, 1, 1, [1]),
        AttributeError,
        "fit: `class_weight` must be a dict of class",
    ),
    (
        check_class_weight,
        ("f", {"a": 1}),
        ValueError,
        "f: `class_weight` must be a dict of the num",
    ),
    (
        check_class_weight,
        ("f", {0: "a"}),
        ValueError,
        "f: `class_weight` must be a dict of the num",
    ),
    (
        check_class_weight,
        ("f", {0: np.ones(1)}),
        ValueError,
        "f: `class_weight` must be a dict of ",
    ),
    (check_steps, ("f", "steps", 0), ValueError, f"f: `steps` {NOT_A_COUNT} 1, received steps=0"),
    (
        check_steps,
        ("f", "steps", 1.0),
        TypeError,
        f"f: `steps` {NOT_A_COUNT} 1, received steps=1.0",
    ),
    (
        check_steps,
        ("f", "steps", False),
        TypeError,
        f"f: `steps` {NOT_A_COUNT} 1, received steps=F",
    ),
    (
        check_callbacks,
        ("f", 3, None),
        ValueError,
        "f: `verbose` must be 0, 1, 2 or 'auto', received",
    ),
    (
        check_callbacks,
        ("f", np.ones(2), None),
        ValueError,
        "f: `verbose` must be 0, 1, 2 or 'auto'",
    ),
    (
        check_callbacks,
        ("f", 1, np.ones(2)),
        AttributeError,
        "f: `callbacks` must be a Callback or a",
    ),
    (
        check_callbacks,
        ("f", 1, [print]),
        AttributeError,
        "f: `callbacks` must be a Callback or a l",
    ),
    (
        check_callbacks,
        ("f", 1, scratchnet.keras.callbacks.History),
        TypeError,
        "f: `callbacks` must hold objects: call the class, History(…), received",
    ),
]


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_taken(case: Any) -> None:
    check, arguments = case
    assert check(*arguments) is None


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: Any) -> None:
    check, arguments, kind, said = case
    with pytest.raises(kind) as caught:
        check(*arguments)
    assert type(caught.value) is kind
    assert str(caught.value).startswith(said)


def test_one_of_some_values() -> None:
    assert is_one_of(np.array(2), 1, 2)  # an array of rank 0 is a number
    assert is_one_of(None, None, 0)
    assert not is_one_of(np.array([2]), 1, 2)
    assert not is_one_of("b", "a")
