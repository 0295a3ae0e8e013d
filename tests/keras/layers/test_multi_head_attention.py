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
