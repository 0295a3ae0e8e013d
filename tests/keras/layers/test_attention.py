"""Attention against Keras's: values, gradients, masks, dropout, models, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import computes_alike, configured_alike

RNG = np.random.default_rng(4)
QUERY, VALUE, KEY = (RNG.normal(size=(2, n, 3)).astype("f") for n in (4, 5, 5))
WIDE = RNG.normal(size=(2, 5, 6)).astype("f")

LAYERS: dict[str, tuple[Any, list[np.ndarray]]] = {
    "dot": (lambda k, **o: k.Attention(**o), [QUERY, VALUE]),
    "key": (lambda k, **o: k.Attention(use_scale=True, **o), [QUERY, WIDE, KEY]),
    "concat": (lambda k, **o: k.Attention(score_mode="concat", **o), [QUERY, VALUE]),
    "concat scale": (lambda k, **o: k.Attention(True, "concat", **o), [QUERY, VALUE, KEY]),
    "additive": (lambda k, **o: k.AdditiveAttention(**o), [QUERY, WIDE, KEY]),
    "additive plain": (lambda k, **o: k.AdditiveAttention(False, name="a", **o), [QUERY, VALUE]),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str, dtype: str) -> None:
    make, x = LAYERS[name]
    computes_alike(make, x, dtype, 60)


@pytest.mark.parametrize("name", LAYERS)
def test_configuration(name: str) -> None:
    configured_alike(LAYERS[name][0])


QUERY_MASK = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], bool)
VALUE_MASK = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 1]], bool)


@pytest.mark.parametrize("masks", [None, (1, 1), (1, 0), (0, 1)])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
def test_masks(kind: str, causal: bool, masks: Any) -> None:
    def program(tf: Any) -> list[Any]:
        layer = getattr(tf.keras.layers, kind)(dropout=0.3, seed=2)
        mask = None
        if masks:
            mask = [tf.constant(QUERY_MASK), tf.constant(VALUE_MASK)]
            mask = [m if on else None for m, on in zip(mask, masks, strict=True)]
        q, v = tf.constant(QUERY), tf.constant(VALUE)
        found = []
        for training in (False, True):
            with tf.GradientTape() as tape:
                tape.watch([q, v])
                y, weights = layer(
                    [q, v],
                    mask=mask,
                    training=training,
                    return_attention_scores=True,
                    use_causal_mask=causal,
                )
                loss = tf.reduce_sum(y * tf.cos(y))
            found += [y.numpy(), weights.numpy()]
            found += [g.numpy() for g in tape.gradient(loss, [q, v])]
        return found

    close(program, 60)


@pytest.mark.parametrize("name", LAYERS)
def test_in_a_model(name: str) -> None:
    make, data = LAYERS[name]

    def program(tf: Any) -> list[Any]:
        inputs = [tf.keras.Input(x.shape[1:]) for x in data]
        model = tf.keras.Model(inputs, make(tf.keras.layers)(inputs))
        shape = (2, *model.output_shape[1:])
        if not model.weights:
            return [list(model.output_shape), model.predict(data, verbose=0)]
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        history = model.fit(data, np.ones(shape, "f"), 1, 2, shuffle=False, verbose=0).history
        return [list(model.output_shape), history, model.get_weights()]

    close(program, 100)


@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
def test_masks_of_an_embedding_in_a_model(kind: str) -> None:
    numbers = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [1, 2, 3, 1]])

    def program(tf: Any) -> Any:
        k, inputs = tf.keras.layers, tf.keras.Input((4,), dtype="int32")
        x = k.Embedding(5, 3, mask_zero=True)(inputs)
        y = k.GlobalAveragePooling1D()(getattr(k, kind)()([x, x]))
        return tf.keras.Model(inputs, y).predict(numbers, verbose=0)

    close(program, 20)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "mode": (lambda k: k.Attention(score_mode="x"), "score_mode=", "must be 'dot' or 'concat'"),
    "one tensor": (lambda k: k.Attention()(QUERY), "must be called on a list of inputs", ""),
    "one input": (lambda k: k.AdditiveAttention()([QUERY]), "of length 2 or 3", ""),
    "mask": (
        lambda k: k.Attention()([QUERY, VALUE], mask=QUERY_MASK),
        "mask must be a list",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


# -- every option with every call ------------------------------------------------------------------

_DRAW = np.random.default_rng(3)
THREE, FIVE, OTHER_FIVE = (
    _DRAW.normal(size=s).astype("f") for s in ((2, 3, 4), (2, 5, 4), (2, 5, 4))
)
OF_QUERIES = np.array([[1, 1, 0], [0, 1, 1]], bool)
OF_VALUES = np.array([[1, 0, 1, 1, 0], [1, 1, 1, 0, 0]], bool)
MADE: list[tuple[str, dict[str, Any]]] = [
    *(("Attention", options) for options in ({}, {"use_scale": True}, {"dropout": 0.4, "seed": 3})),
    *(("Attention", {"score_mode": "concat", "use_scale": scale}) for scale in (False, True)),
    *(("AdditiveAttention", options) for options in ({}, {"use_scale": False}, {"dropout": 0.4})),
]
CALLED: list[dict[str, Any]] = [
    *({}, {"training": True}, {"use_causal_mask": True}, {"return_attention_scores": True}),
    *({"mask": mask} for mask in ([OF_QUERIES, OF_VALUES], [None, OF_VALUES], [OF_QUERIES, None])),
    {"mask": [OF_QUERIES, OF_VALUES], "use_causal_mask": True, "return_attention_scores": True},
    *({"mask": mask} for mask in ([OF_QUERIES, OF_VALUES, OF_VALUES], [OF_QUERIES], OF_QUERIES)),
    *({"mask": mask} for mask in ([], (OF_QUERIES, OF_VALUES), [OF_QUERIES] * 4)),
]


@pytest.mark.parametrize(("name", "options"), MADE, ids=str)
def test_every_option_with_every_call(name: str, options: dict[str, Any]) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for arguments in CALLED:
            for inputs in ([THREE, FIVE], [THREE, FIVE, OTHER_FIVE]):
                layer = getattr(tf.keras.layers, name)(**{"seed": 1, **options})
                try:
                    y = layer(inputs, **arguments)
                except ValueError:
                    found.append("refused")
                    continue
                found += [part.numpy() for part in (y if isinstance(y, tuple) else (y,))]
                found += [w.name for w in layer.weights]
        return found

    close(program, 60)


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_what_is_said_of_inputs_and_masks(name: str) -> None:
    x = THREE
    layer = getattr(scratchnet.keras.layers, name)()
    for inputs in ((x, x), x):
        with pytest.raises(ValueError, match=f"{name} layer must be called on a list of inputs, "):
            layer(inputs)
    for inputs in ([], [x], [x] * 4):
        with pytest.raises(ValueError, match=f"accepts .* or 3, .*length: {len(inputs)}"):
            layer(inputs)
    for mask in ([OF_QUERIES], OF_QUERIES, (None, None), [None] * 4):
        complain_alike(
            lambda tf, mask=mask: getattr(tf.keras.layers, name)()([x, x], mask=mask),
            f"{name} layer ",
            f"{name} layer mask must be a list, namely [query_mask, value_mask]. Received: mask=",
        )

    def program(tf: Any) -> list[Any]:
        layer = getattr(tf.keras.layers, name)()
        symbols = [tf.keras.Input((3, 4)), tf.keras.Input((5, 4)), tf.keras.Input((5, 6))]
        y, scores = layer(symbols[:2], return_attention_scores=True)
        found = [y.shape, scores.shape, y.dtype, layer(symbols[:2]).shape]
        found += [layer.compute_output_shape([(2, 3, 4), (2, 5, 7)])]
        return [str(part) for part in found]

    same(program)
