"""Cross entropies against Keras's: values, gradients, labels, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.loss_programs import (
    BITS,
    CERTAIN,
    CHANCES,
    CLASSES,
    EXTREME,
    LOGITS,
    LOOSE,
    NUMBERS,
    ONE_HOT,
    PROBABILITIES,
    REDUCTIONS,
    SAMPLE_WEIGHTS,
    SOFT,
    SURE,
    class_alike,
    function_alike,
    value_and_gradient,
)
from tests.support.paired import agree
from tests.support.signatures import taken_alike

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "cce": ("categorical_crossentropy", {}, ONE_HOT, PROBABILITIES),
    "cce soft": ("categorical_crossentropy", {}, SOFT, PROBABILITIES),
    "cce logits": ("categorical_crossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "cce extreme": ("categorical_crossentropy", {"from_logits": True}, ONE_HOT, EXTREME),
    "cce certain": ("categorical_crossentropy", {}, ONE_HOT, CERTAIN),
    "cce loose": ("categorical_crossentropy", {}, ONE_HOT, LOOSE),
    "cce raw": ("categorical_crossentropy", {}, ONE_HOT, np.abs(LOGITS)),
    "cce smooth": ("categorical_crossentropy", {"label_smoothing": 0.2}, ONE_HOT, PROBABILITIES),
    "cce smooth logits": (
        "categorical_crossentropy",
        {"label_smoothing": 0.2, "from_logits": True},
        ONE_HOT,
        LOGITS,
    ),
    "cce axis": ("categorical_crossentropy", {"axis": 0}, ONE_HOT, PROBABILITIES),
    "cce of integers": ("categorical_crossentropy", {}, ONE_HOT.astype("int32"), PROBABILITIES),
    "scce": ("sparse_categorical_crossentropy", {}, CLASSES, PROBABILITIES),
    "scce column": ("sparse_categorical_crossentropy", {}, CLASSES[:, None], PROBABILITIES),
    "scce logits": ("sparse_categorical_crossentropy", {"from_logits": True}, CLASSES, LOGITS),
    "scce extreme": ("sparse_categorical_crossentropy", {"from_logits": True}, CLASSES, EXTREME),
    "scce certain": ("sparse_categorical_crossentropy", {}, CLASSES, CERTAIN),
    "scce loose": ("sparse_categorical_crossentropy", {}, CLASSES, LOOSE),
    "scce float labels": (
        "sparse_categorical_crossentropy",
        {},
        CLASSES.astype("f"),
        PROBABILITIES,
    ),
    "scce ignoring": (
        "sparse_categorical_crossentropy",
        {"ignore_class": 2},
        CLASSES,
        PROBABILITIES,
    ),
    "scce ignoring -1": (
        "sparse_categorical_crossentropy",
        {"ignore_class": -1, "from_logits": True},
        np.array([0, -1, 2, -1, 1]),
        LOGITS,
    ),
    "scce ignoring all": (
        "sparse_categorical_crossentropy",
        {"ignore_class": 255},
        np.full((5, 1), 255),
        PROBABILITIES,
    ),
    "scce ignoring floats": (
        "sparse_categorical_crossentropy",
        {"ignore_class": 0},
        CLASSES.astype("f"),
        PROBABILITIES,
    ),
    "bce axis": ("binary_crossentropy", {"axis": 0}, BITS, CHANCES),
    "bce": ("binary_crossentropy", {}, BITS, CHANCES),
    "bce logits": ("binary_crossentropy", {"from_logits": True}, BITS, NUMBERS * 5),
    "bce logits zero": ("binary_crossentropy", {"from_logits": True}, BITS, NUMBERS * 0),
    "bce certain": ("binary_crossentropy", {}, BITS, SURE),
    "bce smooth": ("binary_crossentropy", {"label_smoothing": 0.3}, BITS, CHANCES),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function_alike(*FUNCTIONS[name])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", SAMPLE_WEIGHTS)
@pytest.mark.parametrize("name", ["cce", "scce logits", "scce ignoring", "bce"])
def test_class(name: str, weights: Any, reduction: str | None) -> None:
    class_alike(*FUNCTIONS[name], weights, reduction)


def test_known_values() -> None:
    """The numbers that a perfect hit and a clean miss give (ε = 1e-7)."""
    losses = scratchnet.keras.losses
    hit, miss = np.array([[1, 0, 0]], "f"), np.array([[0, 1, 0]], "f")
    values = [losses.categorical_crossentropy(hit, p).numpy()[0] for p in (hit, miss)]
    values += [losses.sparse_categorical_crossentropy([0], p).numpy()[0] for p in (hit, miss)]
    np.testing.assert_allclose(
        values, [1.1920930e-07, 16.118095, 2.3841855e-07, 16.118095], rtol=1e-6
    )


def test_gradient_of_a_clipped_entry_is_0() -> None:
    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.categorical_crossentropy
        return value_and_gradient(tf, loss, ONE_HOT, CERTAIN)

    close(program, 4)


def test_fused_gradient_sums_to_0() -> None:
    loss = scratchnet.keras.losses.CategoricalCrossentropy(from_logits=True)
    _, gradient = value_and_gradient(scratchnet, loss, ONE_HOT, EXTREME)
    np.testing.assert_allclose(gradient.sum(-1), 0, atol=1e-7)


RANK = "Arguments `target` and `output` must have the same rank (ndim)"
SHAPE = "Arguments `target` and `output` must have the same shape"


def of(function: str, truth: Any, prediction: np.ndarray = PROBABILITIES, **options: Any) -> Any:
    """The program that calls a loss."""
    return lambda tf: getattr(tf.keras.losses, function)(truth, tf.constant(prediction), **options)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "cce rank": (of("categorical_crossentropy", CLASSES), RANK, "target.shape=(5,)"),
    "cce shape": (of("categorical_crossentropy", ONE_HOT[:, :3]), SHAPE, "output.shape=(5, 4)"),
    "cce column": (of("categorical_crossentropy", CLASSES[:, None]), SHAPE, "target.shape=(5, 1)"),
    "scce one-hot": (
        of("sparse_categorical_crossentropy", ONE_HOT),
        "Argument `output` must have rank (ndim) `target.ndim - 1`",
        "",
    ),
    "scce length": (of("sparse_categorical_crossentropy", CLASSES[:3]), SHAPE, "(3,)"),
    "scce axis": (of("sparse_categorical_crossentropy", CLASSES, axis=0), "axis=0", "last axis"),
    "bce rank": (of("binary_crossentropy", BITS[:, 0], CHANCES), RANK, ""),
    "one class": (
        of("categorical_crossentropy", BITS[:, :1], CHANCES[:, :1]),
        "categorical_crossentropy",
        "has one class, whose probability is always 1",
    ),
    "cce axis": (
        of("categorical_crossentropy", ONE_HOT, axis=True),
        "`axis` must be of type `int`",
        "received axis=True",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("label", [5, 4, -1])
def test_label_out_of_range(label: int) -> None:
    labels = np.array([0, 2, label, 1, 1])
    for tf in (tensorflow, scratchnet):
        with pytest.raises(
            tf.errors.InvalidArgumentError,
            match=rf"label value of {label} which is outside .*\[0, 4\)",
        ):
            tf.keras.losses.SparseCategoricalCrossentropy()(labels, tf.constant(PROBABILITIES))


def test_ignored_elements_of_an_image() -> None:
    """A class for each pixel, some without one; a softmax whose logits are hidden no more."""

    def program(tf: Any) -> list[Any]:
        rng = np.random.default_rng(2)
        truth, x = rng.integers(-1, 3, (2, 3, 4)), rng.normal(size=(2, 3, 4, 3)).astype("f")
        loss = tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
        return value_and_gradient(
            tf, lambda t, p: loss(t, tf.keras.activations.softmax(p)), truth, x
        )

    close(program, 60)


@pytest.mark.parametrize("label", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("as_class", [True, False])
def test_labels_must_be_finite(label: float, as_class: bool) -> None:
    """Keras computes with whatever integer nan is cast to."""
    losses = scratchnet.keras.losses
    loss = (
        losses.SparseCategoricalCrossentropy()
        if as_class
        else losses.get("sparse_categorical_crossentropy")
    )
    with pytest.raises(ValueError, match=f"`y_true` must hold finite labels.*y_true={label}"):
        loss(np.array([0, label], "f"), PROBABILITIES[:2])


def test_the_fraction_of_a_label_is_cut_off() -> None:
    labels = np.array([0.0, 1.7, 2.0, 3.2, 0.9], "f")
    close(
        lambda tf: tf.keras.losses.SparseCategoricalCrossentropy()(labels, PROBABILITIES).numpy(),
        20,
    )


@pytest.mark.parametrize("smoothing", [-0.1, 1.5, np.nan])
@pytest.mark.parametrize("kind", ["Categorical", "Binary"])
def test_label_smoothing_out_of_range_is_refused(kind: str, smoothing: float) -> None:
    """Keras takes it."""
    losses = scratchnet.keras.losses
    rule = r"`label_smoothing` must be in \[0, 1\]"
    with pytest.raises(ValueError, match=rule):
        getattr(losses, f"{kind}Crossentropy")(label_smoothing=smoothing)
    with pytest.raises(ValueError, match=rule):
        losses.get(f"{kind.lower()}_crossentropy")(BITS, CHANCES, label_smoothing=smoothing)


@pytest.mark.parametrize("ignored", ["0", "np.array([0])", "np.array([[1]])", "1.0", "True"])
def test_an_ignored_class_of_any_shape_and_dtype(ignored: str) -> None:
    agree(
        "loss = tf.keras.losses.sparse_categorical_crossentropy\n"
        "t, p = tf.constant([0, 1]), tf.constant([[0.25, 0.75]] * 2)\n"
        f"loss(t, p, ignore_class={ignored}).numpy() > 0"
    )


def test_the_last_axis_may_be_counted_from_the_front() -> None:
    y, p = np.array([1, 0]), np.array([[0.25, 0.75], [0.5, 0.5]], "f")
    close(lambda tf: tf.keras.losses.sparse_categorical_crossentropy(y, p, axis=1), 8)
    with pytest.raises(ValueError, match="`axis` must be the last axis"):
        scratchnet.keras.losses.sparse_categorical_crossentropy(y, p, axis=3)


@pytest.mark.parametrize("name", ["categorical", "binary", "sparse_categorical"])
def test_logits_or_not_is_true_or_false(name: str) -> None:
    loss = getattr(scratchnet.keras.losses, f"{name}_crossentropy")
    y = np.array([1]) if name == "sparse_categorical" else np.array([[0.0, 1.0]])
    with pytest.raises((TypeError, ValueError), match="`from_logits`"):
        loss(y, np.array([[0.5, 0.5]]), from_logits=np.array([True, False]))


def test_what_is_taken() -> None:
    names = (
        "BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy "
        "binary_crossentropy categorical_crossentropy sparse_categorical_crossentropy"
    )
    taken_alike("losses", *names.split())


def test_bounds_of_the_smoothing() -> None:
    losses = scratchnet.keras.losses
    for kind in ("Categorical", "Binary"):
        for smoothing in (0, 0.0, 1, 1.0, None):
            loss = getattr(losses, f"{kind}Crossentropy")(label_smoothing=smoothing)
            assert np.isfinite(loss(BITS, CHANCES).numpy())
        for smoothing, error, rule in (
            (1.01, ValueError, r"must be in \[0, 1\]"),
            (-0.01, ValueError, r"must be in \[0, 1\]"),
            ("a", TypeError, "must be a number"),
        ):
            text = f"`label_smoothing` {rule}, received label_smoothing="
            with pytest.raises(error, match=f"^{kind}Crossentropy: {text}"):
                getattr(losses, f"{kind}Crossentropy")(label_smoothing=smoothing)
            with pytest.raises(error, match=f"^{kind.lower()}_crossentropy: {text}"):
                losses.get(f"{kind.lower()}_crossentropy")(BITS, CHANCES, label_smoothing=smoothing)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("from_logits", [False, True])
def test_every_axis_of_three(axis: int, from_logits: bool) -> None:
    draw = np.random.default_rng(6)
    truth, chances = draw.uniform(0.05, 0.9, (2, 3, 4, 5)).astype("f")
    options = {"axis": axis, "from_logits": from_logits}
    for name in ("categorical_crossentropy", "binary_crossentropy"):
        if name[0] == "c" and from_logits and axis < -1:
            continue  # TensorFlow's fused op fails there
        function_alike(name, options, truth, np.log(chances) if from_logits else chances)


def test_shapes_that_do_not_fit_in_full() -> None:
    losses = scratchnet.keras.losses
    rank = "Arguments `target` and `output` must have the same rank (ndim). Received: target.shape="
    size = "Arguments `target` and `output` must have the same shape. Received: target.shape="
    number = "For labels that are the numbers of classes use `sparse_categorical_crossentropy`"
    one_hot = "`categorical_crossentropy` takes one-hot labels; for labels that are the numbers of"
    cases = [
        ("binary_crossentropy", (2,), (2, 3), f"{rank}(2,), output.shape=(2, 3). {number}"),
        ("binary_crossentropy", (2, 1), (2, 3), f"{size}(2, 1), output.shape=(2, 3). {number}"),
        ("categorical_crossentropy", (2,), (2, 3), f"{rank}(2,), output.shape=(2, 3). {one_hot}"),
        (
            "categorical_crossentropy",
            (2, 1),
            (2, 3),
            f"{size}(2, 1), output.shape=(2, 3). {one_hot}",
        ),
        ("categorical_crossentropy", (3,), (2, 3), f"{rank}(3,), output.shape=(2, 3)"),
        ("binary_crossentropy", (), (3,), f"{rank}(), output.shape=(3,)"),
        ("binary_crossentropy", (1,), (3,), f"{size}(1,), output.shape=(3,)"),
        ("binary_crossentropy", (2, 2), (2, 3), f"{size}(2, 2), output.shape=(2, 3)"),
    ]
    for name, truth, prediction, text in cases:
        with pytest.raises(ValueError, match=r"^Arguments") as caught:
            getattr(losses, name)(np.ones(truth, "f"), np.ones(prediction, "f"))
        assert str(caught.value).startswith(text), (str(caught.value), text)
        told = "use `sparse" in str(caught.value)
        assert told == (number in text or one_hot in text), str(caught.value)
    with pytest.warns(
        SyntaxWarning, match=r"^categorical_crossentropy: y_pred of shape \(2, 1\) has"
    ):
        losses.categorical_crossentropy(np.ones((2, 1)), np.ones((2, 1)))
    with pytest.raises(
        ValueError, match=r"`y_true` must have an axis of classes, received y_true=1\.0"
    ):
        losses.categorical_crossentropy(1.0, np.float32(0.5), label_smoothing=0.1)


def test_labels_in_full() -> None:
    loss = scratchnet.keras.losses.sparse_categorical_crossentropy
    one_hot = "`sparse_categorical_crossentropy` takes the numbers of classes; for one-hot labels"
    rank = "Argument `output` must have rank (ndim) `target.ndim - 1`. Received: target.shape="
    cases = [
        ((2, 3), (2, 3), f"{rank}(2, 3), output.shape=(2, 3). {one_hot}"),
        ((3,), (3,), f"{rank}(3,), output.shape=(3,)"),
        ((2, 2), (2, 3), f"{rank}(2, 2), output.shape=(2, 3)"),
        (
            (3,),
            (2, 3),
            "Arguments `target` and `output` must have the same shape, but for the classes at the "
            "end of `output`. Received: target.shape=(3,), output.shape=(2, 3)",
        ),
    ]
    for truth, prediction, text in cases:
        with pytest.raises(ValueError, match=r"^Argument") as caught:
            loss(np.zeros(truth, int), np.ones(prediction, "f"))
        assert str(caught.value).startswith(text), str(caught.value)
        assert ("one-hot" in str(caught.value)) == (one_hot in text)
    for ignored in ("a", np.array([1, 2])):
        with pytest.raises((TypeError, ValueError), match="`ignore_class` must be "):
            loss([0], [[0.5, 0.5]], ignore_class=ignored)
