"""Input and InputLayer against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike, same
from tests.support.paired import agree

X = np.random.default_rng(1).normal(size=(2, 4)).astype("f")

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "Input": (lambda tf: tf.keras.Input(), "`shape`", "one of `shape` and `batch_shape`"),
}


def test_names_of_keras_2() -> None:
    made = "tf.keras.layers.InputLayer({}, dtype='int32', name='x').get_config()"
    agree(made.format("batch_input_shape=(4, 2, 3)"))
    with pytest.warns(UserWarning, match="`input_shape`"):
        agree(made.format("input_shape=(2, 3)"))


def test_a_tensor_that_becomes_an_input() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras
        x = k.Input((4,), name="x")
        middle = k.layers.Dense(3, name="first")(x)
        whole = k.Model(x, k.layers.Dense(2, name="last")(middle))
        before = whole(X).numpy()
        begin = k.layers.Input(tensor=middle, name="begin", sparse=False, optional=False)
        found = [begin is middle, begin.shape, begin.dtype]
        rest = k.Model(begin, whole.output)
        found += [layer.name for layer in rest.layers]
        z = np.ones((2, 3), "f")
        layer = k.layers.InputLayer(input_tensor=k.Input((4,), dtype="int32"), dtype="int32")
        found += [layer.get_config()["batch_shape"], layer.get_config()["dtype"]]
        return [*found, before, whole(X).numpy(), rest(z).numpy()]

    close(program, 20)


def beside(**given: Any) -> Any:
    """A program that gives more than the tensor."""
    return lambda tf: tf.keras.layers.InputLayer(input_tensor=tf.keras.Input((4,)), **given)


COMPLAINTS |= {
    "no KerasTensor": (
        lambda tf: tf.keras.layers.InputLayer(input_tensor=np.ones(3)),
        "`input_tensor` must be a KerasTensor",
        "",
    ),
    "batch size": (beside(batch_size=3), "incompatible `batch_size` argument", ""),
    "shape": (beside(shape=(3,)), "incompatible `shape` argument", ""),
    "batch shape": (beside(batch_shape=(3, 4)), "incompatible `batch_shape` argument", ""),
    "dtype": (beside(dtype="int32"), "incompatible `dtype` argument", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.filterwarnings("ignore")
def test_every_way_to_say_a_shape() -> None:
    """What belongs together is taken, what contradicts is refused."""

    def program(tf: Any) -> list[Any]:
        given = tf.keras.Input((3,), batch_size=2, dtype="int32")
        ways: list[dict[str, Any]] = [
            *({"shape": (3,)}, {"shape": (3,), "batch_size": 2}, {"batch_shape": (2, 3)}, {}),
            *({"shape": (3,), "batch_shape": (2, 3)}, {"batch_shape": (2, 3), "batch_size": 2}),
            *({"input_shape": (4,)}, {"batch_input_shape": (5, 4)}, {"input_tensor": 3}),
            *({"shape": (), "dtype": "bool"}, {"shape": (None, 2), "name": "x"}, {"shape": [3]}),
            *({"shape": (-1,)}, {"shape": "ab"}, {"input_tensor": given}),
            *({"input_tensor": given, "batch_size": size} for size in (2, 3)),
            *({"input_tensor": given, "shape": shape} for shape in ((3,), (4,))),
            *({"input_tensor": given, "batch_shape": shape} for shape in ((2, 3), (1, 3))),
            *({"input_tensor": given, "dtype": dtype} for dtype in ("int32", "float32")),
        ]
        found: list[Any] = []
        for way in ways:
            try:
                layer = tf.keras.layers.InputLayer(**way)
            except Exception as error:
                found.append(type(error).__name__)
                continue
            config = layer.get_config()
            found += [layer.batch_shape, str(layer.dtype), layer.built, layer.output.shape]
            found += [layer.output.dtype, config["dtype"], config["batch_shape"]]
        for way in (
            {"tensor": given},
            {"tensor": given, "shape": (4,)},
            {},
            {"batch_shape": (None,)},
        ):
            try:
                x = tf.keras.Input(**way)
                found += [x.shape, x.dtype]
            except Exception as error:
                found.append(type(error).__name__)
        return found

    same(program)
