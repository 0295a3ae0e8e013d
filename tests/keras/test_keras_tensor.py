"""What a KerasTensor, which has no values, refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same

REFUSED: dict[str, tuple[Any, str, str]] = {
    "bool": (lambda tf: bool(tf.keras.Input((3,))), "cannot be used as a bool", ""),
    "numpy": (lambda tf: np.sin(tf.keras.Input((3,))), "", "call layers"),
    "tensorflow": (lambda tf: tf.sin(tf.keras.Input((3,))), "", "call layers on it"),
    "iterating": (lambda tf: list(tf.keras.Input((3,))), "", "cannot be iterated over"),
    "int": (lambda tf: int(tf.keras.Input((3,))), "", "has no values to make an int of"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


def test_what_it_is() -> None:
    def program(tf: Any) -> list[Any]:
        made = [
            tf.keras.KerasTensor((None, 3)),
            tf.keras.KerasTensor([2], "int32", name="mine"),
            tf.keras.KerasTensor((), name=""),
            tf.keras.Input((4,), 2, dtype="float64", name="x"),
            tf.keras.Input((4,), name="y"),
        ]
        made.append(tf.keras.layers.Dense(2, name="d")(made[-1]))
        return [(repr(x), tuple(x.shape), x.dtype, x.name, x.ndim, x.sparse) for x in made]

    same(program)
    made = scratchnet.keras.KerasTensor((2,))
    assert (made.layer, made.index, made.ragged) == (None, 0, False)
    dense = scratchnet.keras.layers.Dense(1)
    assert dense(scratchnet.keras.Input((3,))).layer is dense


HOW = "; what a layer returns for data x, `keras.Model(model.inputs, layer.output)([x])` computes"
TOLD: dict[str, tuple[Any, type[Exception], str]] = {
    "an array": (
        np.asarray,
        ValueError,
        "a KerasTensor stands for a shape and a dtype and has no values to make an array of: call "
        "layers on it, or do it in the `call` of a Layer of your own{}; received {}",
    ),
    "a float": (
        float,
        ValueError,
        "a KerasTensor stands for a shape and a dtype and has no values to make a float of: call "
        "layers on it, or do it in the `call` of a Layer of your own{}; received {}",
    ),
    "an int": (
        int,
        ValueError,
        "a KerasTensor stands for a shape and a dtype and has no values to make an int of: call "
        "layers on it, or do it in the `call` of a Layer of your own{}; received {}",
    ),
    "a bool": (
        bool,
        TypeError,
        "a KerasTensor cannot be used as a bool: its values are not known{}; received {}",
    ),
    "a list": (
        list,
        NotImplementedError,
        "a KerasTensor cannot be iterated over: its values are not known{}; received {}",
    ),
    **{
        name: (
            lambda x, name=name: getattr(x, name),
            AttributeError,
            f"'KerasTensor' object has no attribute {name!r}: its values are not known{{}}",
        )
        for name in ("numpy", "eval", "item", "tolist", "astype", "value")
    },
}


@pytest.mark.parametrize("name", TOLD)
def test_complete_texts(name: str) -> None:
    use, error, text = TOLD[name]
    alone = scratchnet.keras.KerasTensor((2,), name="x")
    output = scratchnet.keras.layers.ReLU(name="r")(scratchnet.keras.Input((2,)))
    for tensor, how in ((alone, ""), (output, HOW)):
        with pytest.raises(error) as caught:
            use(tensor)
        assert str(caught.value) == text.format(how, repr(tensor))
