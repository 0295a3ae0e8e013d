"""keras.ops between the layers of a functional model, against Keras, files both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

X = np.random.default_rng(4).normal(size=(2, 4, 3)).astype("f")

# Calls of `o`, keras.ops, on `x`, an Input: none looks at the batch axis.
CALLS = """o.mean(x, axis=1) | o.sum(x, (1, 2), keepdims=True) | o.concatenate([x, 2 * x], axis=-1)
o.reshape(x, (-1, 6)) | o.transpose(x, (0, 2, 1)) | o.softmax(x, 1) | o.clip(x, -1, 1)
o.expand_dims(x, 1) | o.squeeze(x[:, :1], 1) | o.one_hot(o.argmax(x, -1), 3) | o.where(x > 0, x, 0)
o.where(x1=x, condition=x > 0, x2=0.0) | o.take(x, [1, -1], axis=1) | o.stack([x, x], axis=1)
o.split(x, 2, axis=1)[0] | o.top_k(x, 2)[1] | o.einsum("bij,bkj->bik", x, x) | o.norm(x, axis=-1)
o.matmul(x, o.transpose(x, (0, 2, 1))) | o.logsumexp(x, axis=1) | o.cast(x, "int32") | o.abs(x)
o.leaky_relu(x, 0.1) | o.gelu(x, False) | o.std(x, axis=1) | o.any(x > 0, axis=1) | o.swish(x)
o.maximum(x, 0.5) | o.add(x, 1) | o.divide(1.0, x) | o.not_equal(x, 0) | o.full_like(x, 3.0)
o.pad(x, ((0, 0), (1, 1), (0, 0))) | o.pad(x, ((0, 0), (0, 1), (1, 0)), constant_values=2.0)
o.cumsum(x, axis=1) | o.unstack(x, axis=1)[1] | o.stop_gradient(x) | o.zeros_like(x)
o.tril(x) | o.triu(x, 1) | o.max_pool(x, 2) | o.average_pool(x, 2, padding="same") | o.glu(x, 1)
o.rms_normalization(x) | o.layer_normalization(x, epsilon=0.1) | o.normalize(x) | o.nan_to_num(x)
o.batch_normalization(x, np.zeros(3, "f"), np.ones(3, "f"), -1, scale=2 * np.ones(3, "f"))
o.batch_normalization(x, o.mean(x, (0, 1)), o.var(x, (0, 1)), -1) | o.diff(x, axis=1) | o.exp2(x)
o.moments(x, 1)[1] | o.hstack([x, x]) | o.arctan2(x, 2.0) | o.logaddexp(x, x) | o.isclose(x, x)
o.count_nonzero(x, 1) | o.average(x, 1) | o.diagonal(x, 0, 1, 2) | o.hard_silu(x) | o.log2(o.abs(x))
o.conv(x, np.ones((2, 3, 2), "f")) | o.take_along_axis(x, x > 0, 1)
o.depthwise_conv(x, np.ones((2, 3, 1), "f")) | o.squareplus(x, 2.0)
o.hard_swish(x) | o.logical_xor(x > 0, x > 1) | o.divide_no_nan(x, x)
o.binary_crossentropy(o.sigmoid(x), o.sigmoid(x)) | o.slice(x, (0, 1, 0), (2, 2, 3))
o.dot_product_attention(x[:, :, None], x[:, :, None], x[:, :, None])"""


NOT_HERE = {"sparse", "rms_scaling", "synchronized", "flash_attention", "attn_logits_soft_cap"}


def made(keras: Any) -> Any:
    keras.backend.clear_session()
    x = keras.Input((4, 3), name="x")
    calls = CALLS.replace("\n", " | ").split(" | ")
    return keras.Model(x, [eval(call, {"o": keras.ops, "x": x, "np": np}) for call in calls])


def test_values_shapes_and_files(tmp_path: Path) -> None:
    ours, theirs = made(scratchnet.keras), made(tensorflow.keras)
    assert [tuple(shape) for shape in ours.output_shape] == theirs.output_shape
    assert [y.dtype for y in ours.outputs] == [y.dtype for y in theirs.outputs]
    names = [layer["name"] for layer in theirs.get_config()["layers"]]
    assert [layer["name"] for layer in ours.get_config()["layers"]] == names
    for a, b in zip(ours.get_config()["layers"], theirs.get_config()["layers"], strict=True):
        assert [a[key] for key in ("class_name", "module")] == [b["class_name"], b["module"]]
        given = {key: value for key, value in a["config"].items() if value is not None}
        assert given.items() <= b["config"].items()  # Keras says what None stands for
        assert set(b["config"]) - set(a["config"]) <= NOT_HERE
    wanted = [np.asarray(y) for y in theirs(X)]
    paths = tmp_path / "ours.keras", tmp_path / "theirs.keras"
    ours.save(paths[0])
    theirs.save(paths[1])
    loaded = [
        tensorflow.keras.models.load_model(paths[0]),
        *map(scratchnet.keras.models.load_model, paths),
    ]
    for model in (ours, *loaded):
        for found, value in zip(model(X), wanted, strict=True):
            np.testing.assert_allclose(np.asarray(found), value, rtol=1e-5, atol=1e-6)


def test_training_and_refusals() -> None:
    def trained(keras: Any) -> list[np.ndarray]:
        keras.utils.set_random_seed(3)
        x = keras.Input((4, 3))
        y = keras.layers.Dense(2)(keras.ops.mean(keras.layers.Dense(5)(x) ** 2, axis=1))
        model = keras.Model(x, keras.ops.log_softmax(y))
        model.compile("sgd", "mse")
        model.fit(X, np.ones((2, 2)), verbose=0)
        return model.get_weights()

    for ours, theirs in zip(trained(scratchnet.keras), trained(tensorflow.keras), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    k = scratchnet.keras
    x = k.Input((4, 3))
    with pytest.raises(ValueError, match="clip: `x_min` must not be a KerasTensor"):
        k.ops.clip(x, x, 1)
    with pytest.raises(TypeError, match="missing a required argument: 'x_max'"):
        k.ops.clip(x, 1)


def test_operations_as_files_describe_them() -> None:
    """With what is not here, where nothing asks for it; lists for tuples; defaults left out."""
    serialization = scratchnet.keras.utils
    described = {
        "module": "keras.src.ops.nn",
        "class_name": "OneHot",
        "config": {"name": "o", "num_classes": 3, "sparse": False},
        "registered_name": "OneHot",
    }
    made = serialization.deserialize_keras_object(described)
    assert made.get_config() == {"name": "o", "num_classes": 3, "axis": -1, "dtype": None}
    assert made(scratchnet.constant([2, 0])).numpy().tolist() == [[0, 0, 1], [1, 0, 0]]
    described["config"]["sparse"] = True
    with pytest.raises(TypeError, match="sparse"):
        serialization.deserialize_keras_object(described)
    described |= {"module": "keras.src.ops.numpy", "class_name": "Transpose"}
    described["registered_name"] = "Transpose"
    described["config"] = {"name": "t", "axes": [1, 0]}
    made = serialization.deserialize_keras_object(described)
    assert made.get_config() == {"name": "t", "axes": (1, 0)}


def test_more_tensors_than_one_and_tensors_by_name() -> None:
    k = scratchnet.keras
    x = k.Input((4, 3))
    one, two = np.ones((2, 4, 3), "f"), 2 * np.ones((2, 4, 3), "f")
    grid = k.ops.meshgrid(k.Input((), name="a"), k.Input((), name="b"), indexing="ij")
    assert [tuple(y.shape) for y in grid] == [(None, None)] * 2
    found = k.Model(x, k.ops.where(x > 1.5, x2=x, x1=0.0))(two)
    assert not found.numpy().any()
    with pytest.raises(ValueError, match="reshape: `newshape` must not be a KerasTensor"):
        k.ops.reshape(one, x)
    with pytest.raises(ValueError, match="mean: `axis` must not be a KerasTensor, received axis="):
        k.ops.mean(one, [x])
