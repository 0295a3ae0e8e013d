"""MultiHeadAttention against Keras's: values, gradients, masks, dropout, models, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import configured_alike
from tests.support.saved_models import crosses

RNG = np.random.default_rng(4)
QUERY, VALUE, KEY = (RNG.normal(size=(2, n, d)) for n, d in ((4, 6), (5, 3), (5, 7)))
IMAGE = RNG.normal(size=(2, 3, 4, 5))

LAYERS: dict[str, tuple[dict[str, Any], list[np.ndarray]]] = {
    "self": ({"num_heads": 2, "key_dim": 3}, [QUERY, QUERY]),
    "one head": ({"num_heads": 1, "key_dim": 1, "use_bias": False}, [QUERY, VALUE]),
    "key": ({"num_heads": 3, "key_dim": 2, "value_dim": 4}, [QUERY, VALUE, KEY]),
    "output": ({"num_heads": 2, "key_dim": 3, "output_shape": 5}, [QUERY, VALUE]),
    "output of two": ({"num_heads": 2, "key_dim": 3, "output_shape": [2, 3]}, [QUERY, VALUE]),
    "gate": ({"num_heads": 2, "key_dim": 3, "use_gate": True, "name": "g"}, [QUERY, VALUE]),
    "window": ({"num_heads": 2, "key_dim": 3, "sliding_window": 2}, [QUERY, QUERY]),
    "two axes": ({"num_heads": 2, "key_dim": 3}, [IMAGE, IMAGE]),
    "one of two axes": ({"num_heads": 2, "key_dim": 3, "attention_axes": 2}, [IMAGE, IMAGE]),
    "last of two axes": ({"num_heads": 2, "key_dim": 3, "attention_axes": (-2,)}, [IMAGE] * 2),
    "dropout": ({"num_heads": 2, "key_dim": 3, "dropout": 0.3, "seed": 5}, [QUERY, VALUE]),
    "dropout, no seed": ({"num_heads": 2, "key_dim": 3, "dropout": 0.3}, [QUERY, VALUE]),
}


def outcome(tf: Any, name: str, dtype: str) -> list[Any]:
    """Outputs, weights of the means, gradients, in and out of training."""
    options, data = LAYERS[name]
    layer = tf.keras.layers.MultiHeadAttention(dtype=dtype, **options)
    inputs, found = [tf.constant(x.astype(dtype)) for x in data], []
    calls: list[dict[str, bool]] = [{}, {"return_attention_scores": True}]
    if data[0].ndim == 3:  # a causal mask is along one axis
        calls.append({"use_causal_mask": True})
    for more in calls:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            y = layer(*inputs, training=True, **more)
            y = list(y) if isinstance(y, tuple) else [y]
            loss = tf.add_n([tf.reduce_sum(part * tf.cos(3 * part)) for part in y])
        grads = tape.gradient(loss, [*inputs, *layer.trainable_variables])
        # Together: that of the bias of the keys is 0, and on both sides what rounding leaves of it.
        found += [part.numpy() for part in y]
        found.append(np.concatenate([g.numpy().ravel() for g in grads]))
    return [*found, layer(*inputs).numpy(), layer.get_weights()]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str, dtype: str) -> None:
    close(lambda tf: outcome(tf, name, dtype), 120, float(np.finfo(dtype).eps))


@pytest.mark.parametrize("name", LAYERS)
def test_configuration_and_weights(name: str) -> None:
    options, data = LAYERS[name]
    configured_alike(lambda k: k.MultiHeadAttention(**options))

    def described(tf: Any) -> Any:
        layer = tf.keras.layers.MultiHeadAttention(**options)
        layer.build(*[x.shape for x in data])
        shapes = [(None, *x.shape[1:]) for x in data]
        paths = [(v.path, tuple(v.shape)) for v in layer.variables]
        config = {k: list(v) for k, v in layer.get_build_config()["shapes_dict"].items()}
        return paths, list(layer.compute_output_shape(*shapes)), config

    same(described)


QUERY_MASK = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], bool)
VALUE_MASK = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0]], bool)
SEEN = RNG.uniform(size=(2, 4, 5)) > 0.4


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("causal", [False, True])
def test_masks(causal: bool, dropout: float) -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.MultiHeadAttention(2, 3, dropout=dropout, seed=1)
        q, v, k = (tf.constant(x.astype("f")) for x in (QUERY, VALUE, KEY))
        found = []
        for masks in (
            {"value_mask": tf.constant(VALUE_MASK)},
            {"query_mask": tf.constant(QUERY_MASK), "value_mask": tf.constant(VALUE_MASK)},
            {"key_mask": tf.constant(VALUE_MASK), "value_mask": tf.constant(~VALUE_MASK)},
            {"attention_mask": tf.constant(SEEN)},
            {"attention_mask": SEEN.astype("int32")},
            {"attention_mask": tf.constant(SEEN[:1, None]), "value_mask": tf.constant(VALUE_MASK)},
        ):
            y, weights = layer(
                q, v, k, **masks, use_causal_mask=causal, return_attention_scores=True
            )
            found += [y.numpy(), weights.numpy()]
            found.append(layer(q, v, k, **masks, use_causal_mask=causal, training=True).numpy())
        return found

    close(program, 60)


def test_masks_of_embeddings_pass_through_a_model() -> None:
    numbers = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [1, 2, 3, 1]])

    def program(tf: Any) -> list[Any]:
        k, inputs = tf.keras.layers, tf.keras.Input((4,), dtype="int32")
        x = k.Embedding(5, 6, mask_zero=True)(inputs)
        y = k.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
        y = k.LayerNormalization()(k.Add()([x, y]))
        y = k.GlobalAveragePooling1D()(y)
        model = tf.keras.Model(inputs, k.Dense(1)(y))
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        fitted = model.fit(numbers, np.ones((3, 1), "f"), 2, 2, verbose=0, shuffle=False).history
        embedded = k.Embedding(5, 6, mask_zero=True)(numbers)
        attended = k.MultiHeadAttention(2, 3)(embedded, embedded)
        masks = [getattr(t, "_keras_mask", None) is not None for t in (embedded, attended)]
        weights = np.concatenate([w.ravel() for w in model.get_weights()])
        return [fitted, model.predict(numbers, verbose=0), weights, masks]

    close(program, 100)


@pytest.mark.parametrize("name", ["self", "key", "gate", "two axes", "dropout"])
def test_files(name: str, tmp_path: Path) -> None:
    options, data = LAYERS[name]

    def make(tf: Any) -> Any:
        inputs = [tf.keras.Input(x.shape[1:]) for x in data]
        return tf.keras.Model(inputs, tf.keras.layers.MultiHeadAttention(**options)(*inputs))

    crosses(make, [x.astype("f") for x in data], tmp_path, 200)


def test_of_nothing() -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.MultiHeadAttention(2, 3)
        return [layer(tf.zeros((n, 4, 6)), tf.zeros((n, m, 6))).shape.as_list() for n, m in
                ((0, 4), (1, 1))]  # fmt: skip

    same(program)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no heads": (lambda k: k.MultiHeadAttention(0, 3), "a positive integer", "num_heads=0"),
    "half a head": (lambda k: k.MultiHeadAttention(1.5, 3), "a positive integer", "num_heads=1.5"),
    "key_dim": (lambda k: k.MultiHeadAttention(2, -3), "a positive integer", "key_dim=-3"),
    "value_dim": (lambda k: k.MultiHeadAttention(2, 3, -1), "positive integer", "value_dim=-1"),
    "window": (lambda k: k.MultiHeadAttention(2, 3, sliding_window=0), "sliding_window", "=0"),
    "axes": (
        lambda k: k.MultiHeadAttention(2, 3, attention_axes="a"),
        "must be an int, list, or tuple",
        "",
    ),
    "lengths": (
        lambda k: k.MultiHeadAttention(2, 3)(*[x.astype("f") for x in (QUERY, VALUE, QUERY)]),
        "All dimensions of `value` and `key`, except the last one, must be equal",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


@pytest.mark.parametrize("given", [2.5, "three", {"a": 1}])
def test_an_output_shape_is_sizes(given: Any) -> None:
    with pytest.raises(ValueError, match="`output_shape` must be a tuple, list, or int"):
        scratchnet.keras.layers.MultiHeadAttention(2, 3, output_shape=given)


# -- every option with every call ------------------------------------------------------------------

_DRAW = np.random.default_rng(3)
THREE, FIVE, OTHER_FIVE = (
    _DRAW.normal(size=s).astype("f") for s in ((2, 3, 4), (2, 5, 4), (2, 5, 4))
)
GRID = _DRAW.normal(size=(2, 3, 4, 5)).astype("f")
OF_QUERIES = np.array([[1, 1, 0], [0, 1, 1]], bool)
OF_VALUES = np.array([[1, 0, 1, 1, 0], [1, 1, 1, 0, 0]], bool)
EACH = np.tile(OF_VALUES[:, None], (1, 3, 1))
MADE: list[dict[str, Any]] = [
    *({}, {"value_dim": 3}, {"use_bias": False}, {"output_shape": 7}, {"output_shape": (2, 3)}),
    *({"attention_axes": 1}, {"attention_axes": -2}, {"dropout": 0.3, "seed": 2}),
    *({"use_gate": True}, {"sliding_window": 2}, {"use_gate": True, "use_bias": False}),
]
CALLED: list[dict[str, Any]] = [
    *({}, {"query_mask": OF_QUERIES, "value_mask": OF_VALUES}, {"key_mask": OF_VALUES}),
    *({"attention_mask": EACH}, {"use_causal_mask": True, "return_attention_scores": True}),
    {"attention_mask": EACH[:1], "value_mask": OF_VALUES, "use_causal_mask": True},
    {"training": True},
]


@pytest.mark.parametrize("options", MADE, ids=str)
def test_every_option_with_every_call(options: dict[str, Any]) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for arguments in CALLED:
            for inputs in ((THREE, FIVE), (THREE, FIVE, OTHER_FIVE))[: 1 if arguments else 2]:
                tf.keras.utils.set_random_seed(1)
                layer = tf.keras.layers.MultiHeadAttention(2, 3, **options)
                try:
                    y = layer(*inputs, **arguments)
                except Exception as error:
                    found.append(type(error).__name__)
                    continue
                found += [part.numpy() for part in (y if isinstance(y, tuple) else (y,))]
        return [*found, str([(w.path, tuple(w.shape)) for w in layer.weights])]

    close(program, 60)


AXES = (None, (1,), (2,), (1, 2), -2, (-2, -3), (2, 1), (3,), 9)


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_every_axis_of_attention(axes: Any) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for scores in (False, True):
            tf.keras.utils.set_random_seed(1)
            layer = tf.keras.layers.MultiHeadAttention(2, 3, attention_axes=axes)
            try:
                y = layer(GRID, GRID, return_attention_scores=scores)
            except Exception as error:
                return [type(error).__name__]
            found += [part.numpy() for part in (y if scores else (y,))]
        return [*found, str(layer.attention_axes)]

    close(program, 60)


def test_shapes_that_fit() -> None:
    shapes: list[Any] = [
        *(((2, 3, 4), (2, 5, 4)), ((2, 3, 4), (2, 5, 4), (2, 5, 9))),
        *(((2, 3, 4), (2, 5, 4), (2, 6, 4)), ((2, 3, 4, 1), (2, 5, 4), (2, 5, 4))),
    ]

    def program(tf: Any) -> list[str]:
        kind, found = tf.keras.layers.MultiHeadAttention, []
        for options in ({}, {"output_shape": (2, 3)}):
            for given in shapes:
                try:
                    found.append(str(kind(2, 3, **options).compute_output_shape(*given)))
                except ValueError:
                    found.append("refused")
        y, scores = kind(2, 3)(
            tf.keras.Input((3, 4)), tf.keras.Input((5, 4)), return_attention_scores=True
        )
        layer = kind(2, 3, 5, dropout=0.25)
        names = ("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "attention_axes")
        found += [str(getattr(layer, name)) for name in names]
        return [*found, str(y.shape), str(scores.shape[:3])]  # Keras has the queries' number last

    same(program)
    limit = scratchnet.keras.layers.MultiHeadAttention
    for axis in (-(2**31) - 1, 2**31 + 1):
        with pytest.raises(ValueError, match="`attention_axes` must be an integer >= -2147483648"):
            limit(1, 2, attention_axes=axis)
    assert limit(1, 2, attention_axes=[-(2**31), 2**31]).attention_axes == (-(2**31), 2**31)


def test_attention_axes_of_sequences_from_end_to_end() -> None:
    def program(tf: Any) -> list[str]:
        x, found = np.ones((2, 3, 5), np.float32), []
        for axis in range(-10, 7):
            try:
                tf.keras.layers.MultiHeadAttention(1, 2, attention_axes=(axis,))(x, x)
                found.append(f"{axis} is taken")
            except IndexError:
                found.append(f"{axis} is refused")
        return found

    same(program)
