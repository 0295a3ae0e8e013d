"""Embedding against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import configured_alike

IDS = np.array([[1, 3, 0], [3, 3, 2]])


def outcome(tf: Any, make: Any, ids: Any) -> Any:
    layer = make(tf.keras.layers)
    with tf.GradientTape() as tape:
        y = layer(ids)
    g = np.random.default_rng(2).normal(size=tuple(y.shape)).astype(y.dtype.name)
    found = tape.gradient(y, layer.trainable_variables, output_gradients=tf.constant(g))
    mask = getattr(y, "_keras_mask", None)
    grads = [tf.convert_to_tensor(part).numpy() for part in found]
    return [y.numpy(), grads, layer.get_weights(), None if mask is None else mask.numpy()]


@pytest.mark.parametrize(
    "ids",
    [
        *(IDS, IDS.astype("int32"), IDS.astype("uint8"), IDS + 0.7, IDS.astype("f"), IDS - 4),
        *(np.array([2, 0]), np.array(3), np.zeros((2, 0), int), IDS[None, None]),
    ],
    ids=lambda x: f"{x.dtype}{x.shape}{x.min(initial=0)}",
)
@pytest.mark.parametrize("mask_zero", [False, True])
def test_rows_and_gradients(ids: Any, mask_zero: bool) -> None:
    close(lambda tf: outcome(tf, lambda k: k.Embedding(4, 3, mask_zero=mask_zero), ids), 10)


def test_options() -> None:
    def make(k: Any) -> Any:
        return k.Embedding(4, 3, "glorot_uniform", "l2", "non_neg", dtype="float64")

    close(lambda tf: outcome(tf, make, IDS), 10, 1e-7)
    configured_alike(make)
    configured_alike(lambda k: k.Embedding(4, 3, mask_zero=True, trainable=False))


def test_weights_and_shapes() -> None:
    def program(tf: Any) -> Any:
        k = tf.keras.layers
        first = k.Embedding(2, 2, weights=[np.eye(2)])
        second = k.Embedding(2, 2, weights=np.eye(2) * 2)
        y = k.Embedding(7, 2)(tf.keras.Input((None, 4), dtype="int32"))
        shapes = [tuple(k.Embedding(5, 3).compute_output_shape(s)) for s in ((None, 4), (2,))]
        paths = [(v.path, v.trainable) for v in first.weights]
        return [first.get_weights()[0].tolist(), second(np.array([1])).numpy().tolist(), paths,
                first.built, y.shape, y.dtype, shapes]  # fmt: skip

    same(program)


def test_training_a_shared_table() -> None:
    """Slices of both uses reach Adam; rows that nobody looks up keep moving."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        a, b = tf.keras.Input((3,), dtype="int32"), tf.keras.Input((2,), dtype="int32")
        table = k.Embedding(6, 4, embeddings_regularizer=None)
        parts = [k.Flatten()(table(a)), k.Flatten()(table(b))]
        model = tf.keras.Model([a, b], k.Dense(1)(k.Concatenate()(parts)))
        model.compile(tf.keras.optimizers.Adam(0.05), "mse")
        rng = np.random.default_rng(0)
        x = [rng.integers(0, 5, (20, 3)), rng.integers(0, 3, (20, 2))]
        history = model.fit(x, rng.normal(size=(20, 1)), 4, 3, verbose=0, shuffle=False)
        return [history.history["loss"], *model.get_weights()]

    close(program, 3000)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no rows": (lambda k: k.Embedding(0, 2), "`input_dim`", "received input_dim=0"),
    "a bool": (lambda k: k.Embedding(True, 2), "", "received input_dim=True"),
    "no columns": (lambda k: k.Embedding(2, -1), "`output_dim`", "received output_dim=-1"),
    "out of range": (
        lambda k: k.Embedding(3, 2)(np.array([[1, 7]])),
        "indices[0,1] = 7 is not in [0, 3)",
        "",
    ),
    "far below": (lambda k: k.Embedding(3, 2)(np.array([[-4]])), "is not in [0, 3)", ""),
    "before build": (
        lambda k: k.Embedding(3, 2).embeddings,
        "You must build the layer before accessing `embeddings`.",
        "",
    ),
    "input_length": (lambda k: k.Embedding(3, 2, input_length=4), "is deprecated", "input_length"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    program, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared, ours)


def test_a_list_of_tensors_is_refused() -> None:
    with pytest.raises(ValueError, match="Embedding: `inputs` must be one tensor, received"):
        scratchnet.keras.layers.Embedding(3, 2)([np.array([[1]]), np.array([[2]])])


def test_places_counted_from_the_end() -> None:
    """Negative ones, among others and alone; of no place at all."""

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Embedding(4, 2, "normal")
        tf.keras.utils.set_random_seed(1)
        places = ([[-1, 2]], [[-4, -1]], [[0, 3]], [[0, -1, 3, -2]])
        layer.build()
        layer.embeddings.assign(np.arange(8.0).reshape(4, 2))
        return [layer(np.array(at, kind)).numpy().tolist() for at in places for kind in (int, "f")]

    same(program)
