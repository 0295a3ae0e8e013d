"""The shapes of all recurrent layers and of what is made of them, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
from tests.support.keras_programs import same

SHAPES: list[tuple[int | None, ...]] = [
    *((None, 5, 3), (2, None, 3), (2, 5, 3, 4), (3, 5)),
]
OPTIONS = [
    {"return_sequences": sequences, "return_state": states}
    for sequences in (False, True)
    for states in (False, True)
]


def makers(options: Any) -> dict[str, Any]:
    return {
        "RNN": lambda k: k.RNN(k.LSTMCell(3), **options),
        "RNN of several": lambda k: k.RNN([k.GRUCell(3), k.LSTMCell(2)], **options),
        **{
            f"{mode} of {name}": lambda k, mode=mode, name=name: k.Bidirectional(
                getattr(k, name)(3, **options), merge_mode=mode
            )
            for mode in ("concat", "sum", None)
            for name in ("LSTM", "GRU")
        },
    }


OTHERS: dict[str, Any] = {
    "each Dense": lambda k: k.TimeDistributed(k.Dense(2)),
    "each Flatten": lambda k: k.TimeDistributed(k.Flatten()),
    "each Dropout": lambda k: k.TimeDistributed(k.Dropout(0.5)),
    "cells": lambda k: k.StackedRNNCells([k.GRUCell(3), k.LSTMCell(2)]),
}
ALL = {f"{name} {o}": make for o in OPTIONS for name, make in makers(o).items()} | OTHERS


def described(y: Any) -> Any:
    if isinstance(y, list | tuple):
        return [described(part) for part in y]
    return tuple(y.shape), str(y.dtype)


def asked(tf: Any, name: str, shape: Any, symbolic: bool) -> Any:
    layer = ALL[name](tf.keras.layers)
    try:
        if symbolic:
            return described(layer(tf.keras.Input(batch_shape=shape)))
        return str(layer.compute_output_shape(shape))
    except Exception:
        return "refused"


@pytest.mark.parametrize("name", ALL)
def test_shapes(name: str) -> None:
    """Of a call on a KerasTensor, and of `compute_output_shape`; or both are refused."""

    def program(tf: Any) -> list[Any]:
        new = ALL[name](tf.keras.layers)
        found: list[Any] = [new.built, new.supports_masking, new.input_spec is None]
        for shape in SHAPES:
            found += [asked(tf, name, shape, symbolic) for symbolic in (True, False)]
        return found

    same(program)


def test_masks_of_every_kind() -> None:
    """`compute_mask` for one mask, for a list of them, and for none."""

    def program(tf: Any) -> list[Any]:
        x, found = tf.ones((2, 5, 3)), []
        for name, make in ALL.items():
            layer = make(tf.keras.layers)
            if "cells" in name or "each" in name:
                continue
            for mask in (None, "m", ["m", "n"]):
                try:
                    found.append((name, layer.compute_mask(x, mask)))
                except Exception:
                    found.append((name, "refused"))
        return found

    same(program)


REFUSED: list[tuple[Any, str]] = [
    (lambda k: k.StackedRNNCells(3), "`cells` must be a list of cells, received cells=3"),
    (lambda k: k.StackedRNNCells([]), "`cells` must hold at least one cell, received cells=[]"),
    (lambda k: k.StackedRNNCells([3]), "All cells must have a `call` method. Received cell"),
    (lambda k: k.StackedRNNCells([k.Dense(1)]), "All cells must have a `state_size` attribute"),
    (lambda k: k.TimeDistributed(3), "`TimeDistributed` layer with a `keras.layers.Layer` inst"),
    (
        lambda k: k.TimeDistributed(k.Dense(2)).build((2, 3)),
        "should be passed an `input_shape` with at least 3 dimensions, received: (2, 3)",
    ),
    (
        lambda k: k.TimeDistributed(k.Dense(2)).compute_output_shape((None,)),
        "at least 3 dimensions, received: (None,)",
    ),
]


@pytest.mark.parametrize("i", range(len(REFUSED)))
def test_what_is_said(i: int) -> None:
    program, text = REFUSED[i]
    with pytest.raises((TypeError, ValueError)) as caught:
        program(scratchnet.keras.layers)
    assert text in str(caught.value)
