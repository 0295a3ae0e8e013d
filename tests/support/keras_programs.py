"""One Keras program, run on TensorFlow's Keras and on scratchnet's, from the same state."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow

import scratchnet

Program = Callable[[Any], Any]
EPS = float(np.finfo(np.float32).eps)


def fresh(tf: Any, seed: int = 1) -> None:
    """Names counted from the beginning, seeds as after `set_random_seed`."""
    tf.keras.utils.clear_session(free_memory=False)  # the search takes longer than most programs
    tf.keras.utils.set_random_seed(seed)


def twins(program: Program) -> tuple[Any, Any]:
    """What `program` returns on TensorFlow, and here."""
    results = []
    for tf in (tensorflow, scratchnet):
        fresh(tf)
        results.append(program(tf))
    return results[0], results[1]


def same(program: Program) -> Any:
    """`program` returns equal plain values on both; what it returns."""
    theirs, ours = twins(program)
    assert ours == theirs, f"\n{ours}\nbut Keras:\n{theirs}"
    return theirs


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in leaves(value[key])]
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def close(program: Program, terms: float, eps: float = EPS) -> Any:
    """`program` returns equal structures of numbers on both; what it returns on Keras.

    The bound is ``eps terms`` times the size of the data: what `terms` roundings of one value can
    do.
    """
    theirs, ours = twins(program)
    left, right = leaves(ours), leaves(theirs)
    assert len(left) == len(right)
    for a, b in zip(left, right, strict=True):
        if b is None or isinstance(b, str):
            assert a == b
            continue
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype, f"dtype {a.dtype}, but Keras: {b.dtype}"
        assert a.shape == b.shape, f"shape {a.shape}, but Keras: {b.shape}"
        scale = float(np.abs(b[np.isfinite(b)]).max(initial=0.0))
        np.testing.assert_allclose(a, b, rtol=eps * terms, atol=eps * terms * scale)
    return theirs


def printed(program: Program, tf: Any) -> str:
    """What `program` writes to stdout."""
    fresh(tf)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        program(tf)
    return out.getvalue()


def prints_the_same(program: Program, clean: Callable[[str], str] = str) -> None:
    """`program` writes the same text on both, once `clean` has taken out what may differ."""
    theirs, ours = clean(printed(program, tensorflow)), clean(printed(program, scratchnet))
    assert ours == theirs, f"\n{ours}\nbut Keras:\n{theirs}"


def complaint(program: Program, tf: Any) -> tuple[str, list[str], str]:
    """(error class, warning classes, all their texts) of `program`."""
    fresh(tf)
    error = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            program(tf)
        except Exception as found:
            error, text = type(found).__name__, str(found)
        else:
            text = ""
    heard = [w for w in caught if issubclass(w.category, UserWarning | SyntaxWarning)]
    texts = [text, *(str(w.message) for w in heard)]
    return error, [w.category.__name__ for w in heard], "\n".join(texts)


def complain_alike(program: Program, shared: str, ours: str = "") -> None:
    """`program` raises an error of the same class and warns as often on both.

    Args:
        program: must make both complain.
        shared: a phrase of Keras's that both texts hold.
        ours: a phrase of our own text, where its words differ.
    """
    expected, received = complaint(program, tensorflow), complaint(program, scratchnet)
    assert expected[0] or expected[1], "Keras does not complain"
    assert received[:2] == expected[:2], f"\n{received}\nbut Keras:\n{expected}"
    assert shared in expected[2], expected[2]
    assert shared in received[2], received[2]
    assert ours in received[2], received[2]
    assert shared or ours


def seed_net(keras: Any) -> Any:
    """The network of the notebook that this project began with."""
    k = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            k.Conv2D(32, [3, 3], activation="relu"),
            k.Conv2D(64, [3, 3], activation="relu"),
            k.MaxPooling2D(pool_size=(2, 2)),
            k.Dropout(0.25),
            k.Flatten(),
            k.Dense(128, activation="relu"),
            k.Dropout(0.5),
            k.Dense(10, activation="softmax"),
        ]
    )
