"""The shapes and dtypes of what every layer returns, with every option, against Keras's.

Both say the same of a KerasTensor, and `compute_output_shape` of its shape; or both refuse it.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.engine.errors import say
from tests.support.keras_programs import twins
from tests.support.layer_arguments import LAYERS, NEEDED

# What each layer is made with, beside the arguments that it needs.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "AveragePooling1D": [
        dict(pool_size=3, strides=2),
        dict(padding="same"),
        dict(data_format="channels_first"),
    ],
    "AveragePooling2D": [
        dict(pool_size=(3, 2), strides=(1, 2)),
        dict(padding="same"),
        dict(data_format="channels_first"),
    ],
    "BatchNormalization": [dict(axis=1), dict(axis=-2, center=False), dict(scale=False)],
    "CategoryEncoding": [dict(output_mode="one_hot"), dict(output_mode="count")],
    "CenterCrop": [dict(data_format="channels_first"), dict(height=9, width=2)],
    "Concatenate": [dict(axis=1), dict(axis=-2)],
    "Conv1D": [
        dict(padding="same", strides=2),
        dict(padding="causal", dilation_rate=2),
        dict(groups=2, use_bias=False, activation="relu"),
        dict(data_format="channels_first"),
        dict(kernel_size=4, dilation_rate=2),
    ],
    "Conv1DTranspose": [
        dict(padding="same", strides=3),
        dict(strides=3, output_padding=1, use_bias=False),
        dict(padding="same", strides=2, output_padding=0),
        dict(data_format="channels_first"),
        dict(activation="relu", dilation_rate=2),
    ],
    "Conv2D": [
        dict(padding="same", strides=(2, 1)),
        dict(kernel_size=(3, 2), dilation_rate=(1, 2)),
        dict(groups=2, use_bias=False, activation="relu"),
        dict(data_format="channels_first"),
        dict(activation="relu"),
    ],
    "Conv2DTranspose": [
        dict(padding="same", strides=(3, 2)),
        dict(kernel_size=(3, 2), strides=(3, 2), output_padding=(2, 1), use_bias=False),
        dict(padding="same", strides=2, output_padding=(0, 1)),
        dict(data_format="channels_first"),
        dict(activation="relu"),
    ],
    "Cropping1D": [dict(cropping=(2, 0)), dict(cropping=2)],
    "Cropping2D": [
        dict(cropping=((1, 0), (0, 2))),
        dict(cropping=(1, 2), data_format="channels_first"),
    ],
    "Dense": [dict(use_bias=False, activation="relu")],
    "DepthwiseConv1D": [
        dict(padding="same", strides=2, depth_multiplier=2),
        dict(data_format="channels_first", use_bias=False),
        dict(dilation_rate=2, activation="relu"),
    ],
    "DepthwiseConv2D": [
        dict(padding="same", strides=2, depth_multiplier=2),
        dict(data_format="channels_first", use_bias=False),
        dict(kernel_size=(2, 1), dilation_rate=2, activation="relu"),
    ],
    "SeparableConv1D": [
        dict(padding="same", strides=2, depth_multiplier=2),
        dict(data_format="channels_first", use_bias=False),
        dict(dilation_rate=2, activation="relu"),
    ],
    "SeparableConv2D": [
        dict(padding="same", strides=2, depth_multiplier=2),
        dict(data_format="channels_first", use_bias=False),
        dict(kernel_size=(2, 1), dilation_rate=2, activation="relu"),
    ],
    "Discretization": [dict(output_mode=m) for m in ("one_hot", "multi_hot", "count")],
    "Dropout": [dict(noise_shape=(None, 1))],
    "EinsumDense": [
        dict(equation="abc,cd->abd", output_shape=(None, 3), bias_axes="d"),
        dict(equation="...x,xy->...y", output_shape=3, bias_axes="y"),
        dict(equation="ax...,xy->ay...", output_shape=3, bias_axes="y"),
    ],
    "Embedding": [dict(mask_zero=True)],
    "Flatten": [dict(data_format="channels_first")],
    "GRU": [dict(return_sequences=True), dict(return_state=True)],
    "LSTM": [dict(return_sequences=True), dict(return_state=True)],
    "SimpleRNN": [dict(return_sequences=True), dict(return_state=True)],
    "GlobalAveragePooling1D": [
        dict(keepdims=True),
        dict(data_format="channels_first"),
        dict(keepdims=True, data_format="channels_first"),
    ],
    "GlobalMaxPooling1D": [
        dict(keepdims=True),
        dict(data_format="channels_first"),
        dict(keepdims=True, data_format="channels_first"),
    ],
    "GlobalAveragePooling2D": [
        dict(keepdims=True),
        dict(data_format="channels_first"),
        dict(keepdims=True, data_format="channels_first"),
    ],
    "GlobalMaxPooling2D": [
        dict(keepdims=True),
        dict(data_format="channels_first"),
        dict(keepdims=True, data_format="channels_first"),
    ],
    "GroupNormalization": [
        dict(groups=2),
        dict(groups=-1, axis=1),
        dict(groups=1, axis=-2, center=False, scale=False),
        dict(groups=3),
    ],
    "IntegerLookup": [
        dict(vocabulary=[3, 1, 2]),
        dict(vocabulary=[3, 1, 2], output_mode="one_hot"),
        dict(vocabulary=[3, 1], output_mode="multi_hot", mask_token=0),
        dict(vocabulary=[3, 1], output_mode="count", num_oov_indices=2),
        dict(vocabulary=[3, 1], max_tokens=6, pad_to_max_tokens=True, output_mode="count"),
    ],
    "LayerNormalization": [
        dict(axis=1),
        dict(axis=(-1, 1), center=False),
        dict(axis=[2, 1], scale=False),
    ],
    "MaxPooling1D": [
        dict(pool_size=3, strides=2),
        dict(padding="same"),
        dict(data_format="channels_first"),
    ],
    "MaxPooling2D": [
        dict(pool_size=(3, 2), strides=(1, 2)),
        dict(padding="same"),
        dict(data_format="channels_first"),
    ],
    "Normalization": [
        dict(axis=None, mean=2.0, variance=4.0),
        dict(axis=1),
        dict(axis=(1, 2)),
        dict(mean=1.0, variance=4.0, invert=True),
    ],
    "PReLU": [dict(shared_axes=1), dict(shared_axes=[1, 2])],
    "Permute": [dict(dims=(1,)), dict(dims=(3, 1, 2))],
    "RMSNormalization": [dict(axis=1), dict(axis=[1, 2])],
    "RandomCrop": [dict(data_format="channels_first")],
    "ReLU": [dict(max_value=1.0, negative_slope=0.1, threshold=0.5)],
    "Rescaling": [dict(scale=2, offset=1)],
    "Reshape": [
        dict(target_shape=(-1, 2)),
        dict(target_shape=(-1,)),
        dict(target_shape=(3, -1, 1)),
        dict(target_shape=()),
    ],
    "Resizing": [
        dict(interpolation="nearest"),
        dict(crop_to_aspect_ratio=True),
        dict(pad_to_aspect_ratio=True, fill_value=1.0),
        dict(data_format="channels_first"),
    ],
    "Softmax": [dict(axis=1), dict(axis=(-1, 1))],
    "SpatialDropout2D": [dict(data_format="channels_first")],
    "UnitNormalization": [dict(axis=1), dict(axis=(1, -1))],
    "UpSampling2D": [
        dict(size=(1, 3)),
        dict(interpolation="bilinear"),
        dict(data_format="channels_first"),
    ],
    "ZeroPadding1D": [dict(padding=(0, 2)), dict(data_format="channels_first")],
    "ZeroPadding2D": [
        dict(padding=((1, 0), (0, 2))),
        dict(padding=(1, 2), data_format="channels_first"),
    ],
}

CELLS = ("GRUCell", "LSTMCell", "SimpleRNNCell")
OF_SEVERAL = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
OF_OTHERS = ("AdditiveAttention", "Attention", "Concatenate", "Dot", "InputLayer", "Lambda")
ALONE = {*LAYERS} - {*CELLS, *OF_SEVERAL, *OF_OTHERS, "MultiHeadAttention"}
SHAPES: list[tuple[int | None, ...]] = [
    *((3,), (None, 6), (2, 1), (None, 5, 6), (None, None, 4), (2, 1, 6), (None, 6, 5, 4)),
    *((None, 4, None, 2), (2, 1, 2, 2)),
]
OF_INTEGERS = ((None, 6), (None, 5, 6), (None, 6, 5, 4))


def plain(x: Any) -> Any:
    return tuple(plain(part) for part in x) if isinstance(x, list | tuple) else x


def described(y: Any) -> Any:
    if isinstance(y, list | tuple):
        return [described(part) for part in y]
    return tuple(y.shape), str(y.dtype)


def said(tf: Any, layer: str, options: dict[str, Any], shape: Any, dtype: str) -> Any:
    """What `layer` makes of a KerasTensor, and of its shape; ``"refused"`` for any error."""
    made = getattr(tf.keras.layers, layer)(**{**NEEDED.get(layer, {}), **options})
    try:
        y = made(tf.keras.Input(batch_shape=shape, dtype=dtype))
    except Exception:
        return "refused"
    return described(y), plain(made.compute_output_shape(shape))


@pytest.mark.parametrize("layer", sorted(ALONE))
def test_shapes(layer: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for options in ({}, *OPTIONS.get(layer, ())):
            for shape in SHAPES:
                if layer in ("RandomCrop", "Resizing") and len(shape) < 3:
                    continue  # which Keras takes until it is called on values
                if options.get("equation") == "...x,xy->...y" and len(shape) > 3:
                    continue  # whose hidden sizes Keras returns in reverse order
                for dtype in ("float32", *(("int32",) if shape in OF_INTEGERS else ())):
                    case = f"{options} {shape} {dtype}"
                    found.append((case, said(tf, layer, options, shape, dtype)))
        return found

    warnings.simplefilter("ignore")
    theirs, ours = twins(program)
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("layer", sorted(ALONE - {"RandomCrop", "Resizing"}))
def test_built_for_one_shape(layer: str) -> None:
    """Which other shapes a layer takes that was built for one, and which ones it refuses."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        first = [options for options in OPTIONS.get(layer, ()) if "equation" not in options]
        for options in ({}, *first[:1]):
            for shape in ((2, 6), (2, 5, 6), (2, 6, 5, 4)):
                made = getattr(tf.keras.layers, layer)(**{**NEEDED.get(layer, {}), **options})
                try:
                    made(tf.keras.Input(batch_shape=shape))
                except Exception:
                    continue
                others = [(*shape[:i], shape[i] + 1, *shape[i + 1 :]) for i in range(len(shape))]
                for other in (*others, shape[:-1], (*shape[:-1], 2, shape[-1])):
                    try:
                        y = made(tf.keras.Input(batch_shape=other))
                        found.append((shape, other, described(y)))
                    except Exception:
                        found.append((shape, other, "refused"))
        return found

    warnings.simplefilter("ignore")
    theirs, ours = twins(program)
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []


def complaint_of(call: Any) -> str:
    """What an error says that the layer expected of the rank; ``"taken"`` without an error."""
    try:
        call()
    except Exception as error:
        found = re.search(r"incompatible with the layer: (expected \w*ndim=\d+)", str(error))
        return found[1] if found else "refused"
    return "taken"


OF_OTHER_RANKS = {"Conv1DTranspose", "RandomCrop", "Resizing"}  # of which Keras says less, or later


@pytest.mark.parametrize("layer", sorted(ALONE - OF_OTHER_RANKS))
def test_ranks(layer: str) -> None:
    """What is said of inputs of every rank, before a layer is built and afterwards."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        shapes = [(2, 6, 5, 4, 3)[:rank] for rank in range(1, 6)]
        for shape in shapes:
            made = getattr(tf.keras.layers, layer)(**NEEDED.get(layer, {}))
            x = tf.keras.Input(batch_shape=shape)
            found.append((shape, complaint_of(lambda made=made, x=x: made(x))))
            if found[-1][1] == "taken":
                for other in shapes:
                    y = tf.keras.Input(batch_shape=other)
                    found.append((other, complaint_of(lambda made=made, y=y: made(y))))
        return found

    warnings.simplefilter("ignore")
    theirs, ours = twins(program)
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []


ATTRIBUTES = (
    *("built", "supports_masking", "name", "trainable", "path", "losses", "metrics"),
    *("compute_dtype", "variable_dtype", "weights", "trainable_variables"),
)


@pytest.mark.parametrize("layer", LAYERS)
def test_new_layers(layer: str) -> None:
    """What a layer says of itself when it is made, with every option."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for options in ({}, *OPTIONS.get(layer, ())):
            made = getattr(tf.keras.layers, layer)(**{**NEEDED.get(layer, {}), **options})
            found.append({name: str(getattr(made, name)) for name in ATTRIBUTES})
            if layer == "IntegerLookup":  # whose dtype is its vocabulary's, in Keras
                found[-1] |= {"compute_dtype": "", "variable_dtype": ""}
            state = [(v.path, str(v.dtype), v.numpy().tolist()) for v in made.variables]
            config = {} if layer == "Lambda" else made.get_config()
            config.pop("noise_shape", None)  # which Keras's AlphaDropout leaves out
            found += [config, state, made.get_build_config(), made.input_spec is None]
        return found

    theirs, ours = twins(program)
    assert ours == theirs


WINDOWS: dict[str, tuple[Any, ...]] = {
    **{name: (2, 3) for name in ("Conv1D", "SeparableConv1D")},
    **{name: (2, (3, 2)) for name in ("Conv2D", "SeparableConv2D")},
    **{name: (3,) for name in ("DepthwiseConv1D", "MaxPooling1D", "AveragePooling1D")},
    **{name: ((3, 2),) for name in ("DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D")},
    "Cropping1D": ((1, 2),),
    "Cropping2D": (((1, 2), (0, 1)),),
}


@pytest.mark.parametrize("layer", WINDOWS)
def test_windows_that_just_fit(layer: str) -> None:
    """Inputs smaller than a window, of its size, and larger."""

    def program(tf: Any) -> list[Any]:
        kind, found = getattr(tf.keras.layers, layer), []
        for options in ({}, {"padding": "same"}, {"dilation_rate": 2}):
            if (options and "Cropping" in layer) or ("rate" in str(options) and "Pool" in layer):
                continue
            for height in range(1, 7):
                for width in (1, 2, 3) if layer.endswith("2D") else (0,):
                    shape = (2, height, *([width] if width else []), 4)
                    try:
                        y = kind(*WINDOWS[layer], **options)(tf.keras.Input(batch_shape=shape))
                        found.append(tuple(y.shape))
                    except ValueError:
                        found.append("refused")
        return found

    theirs, ours = twins(program)
    assert ours == theirs


# -- what is no shape, and no tensor --------------------------------------------------------------

OF_ONE_SHAPE = (
    *("BatchNormalization", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Dense"),
    *("DepthwiseConv1D", "DepthwiseConv2D", "EinsumDense", "GRU", "GRUCell", "GroupNormalization"),
    *("LSTM", "LSTMCell", "LayerNormalization", "Normalization", "PReLU", "RMSNormalization"),
    *("SeparableConv1D", "SeparableConv2D", "SimpleRNN", "SimpleRNNCell"),
)


def made(layer: str) -> Any:
    return getattr(scratchnet.keras.layers, layer)(**NEEDED.get(layer, {}))


@pytest.mark.parametrize("layer", LAYERS)
def test_build_takes_shapes(layer: str) -> None:
    for shape in (3, {2, 3}):
        text = say(layer, "input_shape", "must be a shape, a tuple of sizes", shape)
        with pytest.raises(ValueError, match=re.escape(text)):
            made(layer).build(shape)
    if layer in OF_ONE_SHAPE:
        for shapes in (None, {"a": (2, 3)}, [(2, 3), (2, 3)], ((2, 3), (2, 3))):
            text = say(layer, "input_shape", "must be the shape of one tensor", shapes)
            with pytest.raises(ValueError, match=re.escape(text)):
                made(layer).build(shapes)


OF_ONE_TENSOR = ("Discretization", "Embedding", "Flatten", "IntegerLookup", "Masking", "Reshape")
OF_IMAGES = ("CenterCrop", "RandomCrop", "RandomFlip", "RandomZoom", "Resizing")


@pytest.mark.parametrize("layer", LAYERS)
def test_calls_on_what_is_no_tensor(layer: str) -> None:
    x = np.ones((2, 3), "f")
    if layer not in ("MultiHeadAttention",):
        with pytest.raises(ValueError, match=f"{layer}: positional arguments must be tensors or"):
            made(layer)("a")
    if layer in OF_ONE_TENSOR:
        text = f"{layer}: `inputs` must be one tensor, received inputs="
        with pytest.raises(ValueError, match=text):
            made(layer)({"a": x})
    if layer in OF_IMAGES:
        with pytest.raises(ValueError, match=f"{layer}: `inputs` must be one tensor, received"):
            made(layer)(None)
    if made(layer).input_spec is not None:
        with pytest.raises(TypeError, match=r"the layer '.*' takes a tensor, received None"):
            made(layer)(None)
        with pytest.raises(ValueError, match=r"takes one input, received 2 of shapes \[\(2, 3\),"):
            made(layer)([x, x])
        with pytest.raises(ValueError, match=r"received 2 of shapes \{'a':"):
            made(layer)({"a": x, "b": x})
        with pytest.raises(ValueError, match=r"Inputs to a layer should be tensors: .*\[None\]"):
            made(layer)([None])


AXES = (
    *("BatchNormalization", "GroupNormalization", "LayerNormalization", "Normalization"),
    *("RMSNormalization", "Softmax", "UnitNormalization"),
)


@pytest.mark.parametrize("layer", AXES)
def test_axes_of_a_layer(layer: str) -> None:
    """From -3 to 2 of an input of rank 3, and no others."""
    kind = getattr(scratchnet.keras.layers, layer)
    options = {"groups": 1} if layer == "GroupNormalization" else {}
    for axis in (-3, -2, -1, 0, 1, 2):
        if (layer, axis % 3) != ("GroupNormalization", 0):
            assert kind(axis=axis, **options)(np.ones((4, 4, 4), "f")).shape == (4, 4, 4)
    for axis in (-4, 3, 9):
        with pytest.raises(Exception, match=rf"(?i)axis.*{axis}") as caught:
            kind(axis=axis, **options)(np.ones((4, 4, 4), "f"))
        assert isinstance(caught.value, ValueError | scratchnet.errors.InvalidArgumentError)
        assert "out of bounds" in str(caught.value) or "must be" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["GroupNormalization", "LayerNormalization", "Normalization", "RMSNormalization"]
)
def test_the_axes_of_a_normalization_are_in_range(name: str) -> None:
    make = getattr(scratchnet.keras.layers, name)
    options = {"groups": 1} if name == "GroupNormalization" else {}
    for shape, axis in (((2, 3), 2), ((2, 3), -3), ((2, 3, 4), 3), ((2, 3, 4), -4)):
        with pytest.raises(ValueError, match=str(axis)):
            make(axis=axis, **options).build(shape)
    for shape, axis in (((2, 3), 1), ((2, 3), -1), ((2, 3, 4), 2), ((2, 3, 4), -2)):
        make(axis=axis, **options).build(shape)
