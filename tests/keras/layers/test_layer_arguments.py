"""The arguments of all layers: what each one takes, and what is said of each value that it refuses.

`RULES` is complete: every argument of every layer meets every one of `VALUES`, but for the
initializers, regularizers, constraints and activations, which are looked up by their names.
"""

from __future__ import annotations

import inspect
import re
import warnings
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.engine.errors import say
from tests.support.layer_arguments import LAYERS, NEEDED

L, K = scratchnet.keras.layers, tensorflow.keras.layers
NAN, ARRAY, INT64 = float("nan"), np.ones(2), np.int64(2)
VALUES: list[Any] = [
    *(None, True, -1, 0, 1, 2, 0.5, 1.0, 1.5, -0.5, NAN, "x", "same", (), (2,), (2, 1), [2, 1]),
    *((1, 2, 3), (0, 1), (-1, 1), (0.25, 0.5), ((1, 2), (0, 1)), INT64, ARRAY, 2**31, {}),
]
REST: list[Any] = []  # all values that are not named
BY_NAME = ("initializer", "regularizer", "constraint", "activation")
ELSEWHERE = {
    *("Embedding.weights", "InputLayer.input_tensor", "InputLayer.batch_shape"),
    *("Lambda.function", "Lambda.arguments"),
}

Refused = dict[tuple[type[Exception], str], list[Any]]

# Arguments, the values that they take, and what is said of those that they refuse: the rule alone
# where it is told with the layer, the argument and the value, as by `say`.
RULES: list[tuple[str, list[Any], Refused]] = [
    (
        "AdditiveAttention.use_scale Attention.use_scale BatchNormalization.center "
        "BatchNormalization.scale BatchNormalization.renorm BatchNormalization.synchronized "
        "Conv1D.use_bias Conv1DTranspose.use_bias Conv2D.use_bias Conv2DTranspose.use_bias "
        "Dense.use_bias DepthwiseConv1D.use_bias DepthwiseConv2D.use_bias Embedding.mask_zero "
        "GRU.return_sequences GRU.return_state GRU.go_backwards GRU.stateful GRU.unroll "
        "GRUCell.use_bias GRUCell.reset_after GRUCell.implementation "
        "GlobalAveragePooling1D.keepdims GlobalAveragePooling2D.keepdims "
        "GlobalMaxPooling1D.keepdims GlobalMaxPooling2D.keepdims GroupNormalization.center "
        "GroupNormalization.scale IntegerLookup.invert LSTM.return_sequences LSTM.return_state "
        "LSTM.go_backwards LSTM.stateful LSTM.unroll LSTMCell.use_bias "
        "LSTMCell.unit_forget_bias LSTMCell.implementation LayerNormalization.center "
        "LayerNormalization.scale MultiHeadAttention.use_bias MultiHeadAttention.use_gate "
        "Normalization.invert Resizing.crop_to_aspect_ratio Resizing.pad_to_aspect_ratio "
        "SeparableConv1D.use_bias SeparableConv2D.use_bias SimpleRNN.return_sequences "
        "SimpleRNN.return_state SimpleRNN.go_backwards SimpleRNN.stateful SimpleRNN.unroll "
        "SimpleRNNCell.use_bias",
        REST,
        {
            (ValueError, "must be True or False"): [ARRAY],
        },
    ),
    (
        "AveragePooling1D.data_format AveragePooling2D.data_format CenterCrop.data_format "
        "Conv1D.data_format Conv1DTranspose.data_format Conv2D.data_format "
        "Conv2DTranspose.data_format Cropping2D.data_format DepthwiseConv1D.data_format "
        "DepthwiseConv2D.data_format Flatten.data_format GlobalAveragePooling1D.data_format "
        "GlobalAveragePooling2D.data_format GlobalMaxPooling1D.data_format "
        "GlobalMaxPooling2D.data_format MaxPooling1D.data_format MaxPooling2D.data_format "
        "RandomCrop.data_format RandomFlip.data_format RandomRotation.data_format "
        "RandomTranslation.data_format RandomZoom.data_format Resizing.data_format "
        "SeparableConv1D.data_format SeparableConv2D.data_format SpatialDropout2D.data_format "
        "UpSampling2D.data_format ZeroPadding1D.data_format ZeroPadding2D.data_format",
        [None],
        {
            (
                ValueError,
                "layer: `{name}` must be 'channels_last' or 'channels_first', received "
                "{name}={value!r}",
            ): REST,
        },
    ),
    (
        "AlphaDropout.seed Dropout.seed GRU.seed GRUCell.seed GaussianDropout.seed "
        "GaussianNoise.seed LSTM.seed LSTMCell.seed RandomBrightness.seed RandomContrast.seed "
        "RandomCrop.seed RandomFlip.seed RandomRotation.seed RandomTranslation.seed "
        "RandomZoom.seed SimpleRNN.seed SimpleRNNCell.seed SpatialDropout1D.seed "
        "SpatialDropout2D.seed",
        [None, -1, 0, 1, 2, 2**31],
        {
            (
                ValueError,
                "Argument `{name}` must be an integer. Received: {name}={value}",
            ): REST,
            (ValueError, "Can't convert Python sequence with mixed types to Tensor."): [True],
        },
    ),
    (
        "CenterCrop.height CenterCrop.width Conv1D.filters Conv1DTranspose.filters "
        "Conv2D.filters Conv2DTranspose.filters DepthwiseConv1D.depth_multiplier "
        "DepthwiseConv2D.depth_multiplier Embedding.input_dim Embedding.output_dim "
        "RandomCrop.height RandomCrop.width Resizing.height Resizing.width "
        "SeparableConv1D.filters SeparableConv1D.depth_multiplier SeparableConv2D.filters "
        "SeparableConv2D.depth_multiplier",
        [1, 2, INT64, 2**31],
        {
            (ValueError, "must be a positive integer"): REST,
        },
    ),
    (
        "AveragePooling2D.pool_size Conv2D.kernel_size Conv2D.strides Conv2D.dilation_rate "
        "Conv2DTranspose.kernel_size Conv2DTranspose.strides Conv2DTranspose.dilation_rate "
        "DepthwiseConv2D.kernel_size DepthwiseConv2D.strides DepthwiseConv2D.dilation_rate "
        "MaxPooling2D.pool_size SeparableConv2D.kernel_size SeparableConv2D.strides "
        "SeparableConv2D.dilation_rate UpSampling2D.size",
        [True, 1, 2, (2, 1), [2, 1], 2**31],
        {
            (ValueError, "must be one or two positive integers"): REST,
        },
    ),
    (
        "AveragePooling1D.pool_size Conv1D.kernel_size Conv1D.strides Conv1D.dilation_rate "
        "Conv1DTranspose.kernel_size Conv1DTranspose.strides Conv1DTranspose.dilation_rate "
        "DepthwiseConv1D.kernel_size DepthwiseConv1D.strides DepthwiseConv1D.dilation_rate "
        "MaxPooling1D.pool_size SeparableConv1D.kernel_size SeparableConv1D.strides "
        "SeparableConv1D.dilation_rate",
        [True, 1, 2, (2,), INT64, 2**31],
        {
            (ValueError, "must be one positive integer"): REST,
        },
    ),
    (
        "AlphaDropout.noise_shape Attention.seed BatchNormalization.renorm_clipping "
        "Dot.normalize ELU.alpha Lambda.output_shape Lambda.mask Masking.mask_value "
        "MultiHeadAttention.seed Rescaling.scale Rescaling.offset",
        REST,
        {},
    ),
    (
        "AveragePooling1D.padding AveragePooling2D.padding Conv1DTranspose.padding "
        "Conv2D.padding Conv2DTranspose.padding DepthwiseConv1D.padding "
        "DepthwiseConv2D.padding MaxPooling1D.padding MaxPooling2D.padding "
        "SeparableConv1D.padding SeparableConv2D.padding",
        ["same"],
        {
            (ValueError, "must be 'valid' or 'same'"): REST,
        },
    ),
    (
        "BatchNormalization.renorm_momentum GRUCell.dropout GRUCell.recurrent_dropout "
        "LSTMCell.dropout LSTMCell.recurrent_dropout RandomRotation.fill_value "
        "RandomTranslation.fill_value RandomZoom.fill_value Resizing.fill_value "
        "SimpleRNNCell.dropout SimpleRNNCell.recurrent_dropout",
        [True, -1, 0, 1, 2, 0.5, 1.0, 1.5, -0.5, NAN, INT64, 2**31],
        {
            (TypeError, "must be a number"): REST,
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "GRU.use_bias GRU.reset_after GRU.implementation LSTM.use_bias LSTM.unit_forget_bias "
        "LSTM.implementation SimpleRNN.use_bias",
        REST,
        {
            (
                ValueError,
                "{layer}Cell: `{name}` must be True or False, received {name}={value!r}",
            ): [ARRAY],
        },
    ),
    (
        "AdditiveAttention.dropout AlphaDropout.rate Attention.dropout GaussianDropout.rate "
        "GaussianNoise.stddev MultiHeadAttention.dropout",
        [True, 0, 1, 0.5, 1.0],
        {
            (TypeError, "must be a number in [0, 1]"): REST,
            (ValueError, "must be a number in [0, 1]"): [-1, 2, 1.5, -0.5, NAN, 2**31],
        },
    ),
    (
        "GRU.dropout GRU.recurrent_dropout LSTM.dropout LSTM.recurrent_dropout "
        "SimpleRNN.dropout SimpleRNN.recurrent_dropout",
        [True, -1, 0, 1, 2, 0.5, 1.0, 1.5, -0.5, NAN, INT64, 2**31],
        {
            (
                TypeError,
                "{layer}Cell: `{name}` must be a number, received {name}={value!r}",
            ): REST,
            (
                ValueError,
                "{layer}Cell: `{name}` must be one number, received {name}={value!r}",
            ): [ARRAY],
        },
    ),
    (
        "BatchNormalization.epsilon GroupNormalization.epsilon LayerNormalization.epsilon "
        "RMSNormalization.epsilon",
        [True, 0, 1, 2, 0.5, 1.0, 1.5, INT64, 2**31],
        {
            (TypeError, "must be a number"): REST,
            (ValueError, "must not be negative"): [-1, -0.5, NAN],
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "Dense.units MultiHeadAttention.num_heads MultiHeadAttention.key_dim",
        [1, 2, 2**31],
        {
            (ValueError, "must be a positive integer"): REST,
        },
    ),
    (
        "GRU.units LSTM.units SimpleRNN.units",
        [1, 2, 2**31],
        {
            (
                TypeError,
                "{layer}Cell: `{name}` must be a positive integer, received {name}={value!r}",
            ): REST,
            (
                ValueError,
                "{layer}Cell: `{name}` must be a positive integer, received {name}={value!r}",
            ): [True, -1, 0, 0.5, 1.0, 1.5, -0.5, NAN],
        },
    ),
    (
        "GRUCell.units LSTMCell.units SimpleRNNCell.units",
        [1, 2, 2**31],
        {
            (TypeError, "must be a positive integer"): REST,
            (ValueError, "must be a positive integer"): [True, -1, 0, 0.5, 1.0, 1.5, -0.5, NAN],
        },
    ),
    (
        "InputLayer.sparse InputLayer.ragged InputLayer.optional",
        [None, 0],
        {
            (ValueError, "must be False here"): REST,
        },
    ),
    (
        "LayerNormalization.axis RMSNormalization.axis UnitNormalization.axis",
        REST,
        {
            (TypeError, "must be an int or a list of ints"): [
                None,
                0.5,
                1.0,
                1.5,
                -0.5,
                NAN,
                "x",
                "same",
                (0.25, 0.5),
                ((1, 2), (0, 1)),
                INT64,
                ARRAY,
                {},
            ],
        },
    ),
    (
        "RandomRotation.fill_mode RandomTranslation.fill_mode RandomZoom.fill_mode",
        [],
        {
            (
                NotImplementedError,
                "Unknown `{name}` {value}. Expected of one ('reflect', 'wrap', 'constant', "
                "'nearest').",
            ): REST,
        },
    ),
    (
        "RandomRotation.interpolation RandomTranslation.interpolation RandomZoom.interpolation",
        [],
        {
            (
                NotImplementedError,
                "Unknown `{name}` {value}. Expected of one ('bilinear', 'nearest').",
            ): REST,
        },
    ),
    (
        "ActivityRegularization.l1 ActivityRegularization.l2",
        [None, 0, 1, 2, 0.5, 1.0, 1.5, 2**31],
        {
            (
                ValueError,
                "L1L2: `{name}` must be a finite number >= 0, received {name}={value!r}",
            ): REST,
        },
    ),
    (
        "AveragePooling1D.strides MaxPooling1D.strides",
        [None, True, 1, 2, (2,), INT64, 2**31],
        {
            (ValueError, "must be one positive integer"): REST,
        },
    ),
    (
        "AveragePooling2D.strides MaxPooling2D.strides",
        [None, True, 1, 2, (2, 1), [2, 1], 2**31],
        {
            (ValueError, "must be one or two positive integers"): REST,
        },
    ),
    (
        "Concatenate.axis GroupNormalization.axis",
        [True, -1, 0, 1, 2, INT64, 2**31],
        {
            (TypeError, "must be an integer"): REST,
        },
    ),
    (
        "Conv1D.groups Conv2D.groups",
        [1, 2, INT64],
        {
            (ValueError, "must be a positive integer"): REST,
            (ValueError, "must divide filters=4"): [2**31],
        },
    ),
    (
        "Cropping1D.cropping ZeroPadding1D.padding",
        [True, 0, 1, 2, (2, 1), [2, 1], (0, 1), 2**31],
        {
            (ValueError, "must be one or two integers >= 0"): REST,
        },
    ),
    (
        "Cropping2D.cropping ZeroPadding2D.padding",
        [True, 0, 1, 2, (2, 1), [2, 1], (0, 1), ((1, 2), (0, 1)), 2**31],
        {
            (
                ValueError,
                "must be an integer, or two elements, each an integer or a pair of integers",
            ): REST,
            (ValueError, "must be one or two integers >= 0"): [-1],
            (
                ValueError,
                "{layer}: `{name}` must be one or two integers >= 0, received {name}=-1",
            ): [(-1, 1)],
            (
                ValueError,
                "{layer}: `{name}` must be one or two integers >= 0, received {name}=0.25",
            ): [(0.25, 0.5)],
        },
    ),
    (
        "GRU.use_cudnn LSTM.use_cudnn",
        [],
        {
            (ValueError, "must be 'auto' or False: cuDNN is not supported here"): REST,
        },
    ),
    (
        "IntegerLookup.mask_token IntegerLookup.oov_token",
        [None, True, -1, 0, 1, 2, INT64, 2**31],
        {
            (TypeError, "must be an integer"): REST,
        },
    ),
    (
        "MultiHeadAttention.value_dim MultiHeadAttention.sliding_window",
        [None, 1, 2, 2**31],
        {
            (ValueError, "must be a positive integer"): REST,
        },
    ),
    (
        "RandomBrightness.factor RandomRotation.factor",
        [None, True, -1, 0, 1, 0.5, 1.0, -0.5, (0, 1), (-1, 1), (0.25, 0.5)],
        {
            (
                ValueError,
                "must be a number (or a list of two numbers) in the range [-1, 1]",
            ): REST,
        },
    ),
    (
        "RandomBrightness.value_range RandomContrast.value_range",
        [(2, 1), [2, 1], (0, 1), (-1, 1), (0.25, 0.5)],
        {
            (ValueError, "must be a list of two numbers"): REST,
        },
    ),
    (
        "ReLU.negative_slope ReLU.threshold",
        [True, 0, 1, 2, 0.5, 1.0, 1.5, NAN, INT64, 2**31],
        {
            (TypeError, "must be a number"): REST,
            (ValueError, "must be a number >= 0"): [None, -1, -0.5],
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "RepeatVector.n UpSampling1D.size",
        [1, 2, 2**31],
        {
            (TypeError, "must be an integer"): REST,
            (ValueError, "should be a positive integer"): [-1, 0],
        },
    ),
    (
        "Resizing.interpolation UpSampling2D.interpolation",
        [],
        {
            (ValueError, "must be 'nearest' or 'bilinear'"): REST,
        },
    ),
    (
        "SpatialDropout1D.rate SpatialDropout2D.rate",
        [True, 0, 1, 0.5, 1.0],
        {
            (
                ValueError,
                "Dropout: `{name}` must be a number in [0, 1], received {name}={value!r}",
            ): REST,
        },
    ),
    (
        "Attention.score_mode",
        [],
        {
            (ValueError, "must be 'dot' or 'concat'"): REST,
        },
    ),
    (
        "BatchNormalization.axis",
        [True, -1, 0, 1, 2, 0.5, 1.0, 1.5, -0.5, INT64, 2**31],
        {
            (TypeError, "must be an integer"): REST,
            (ValueError, "must be an integer"): [NAN, "x", "same"],
        },
    ),
    (
        "BatchNormalization.momentum",
        [True, 0, 1, 0.5, 1.0],
        {
            (TypeError, "must be a number"): REST,
            (ValueError, "must be in [0, 1]"): [-1, 2, 1.5, -0.5, NAN, INT64, 2**31],
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "CategoryEncoding.num_tokens",
        [True, 1, 2, 2**31],
        {
            (TypeError, "must be an integer"): REST,
            (ValueError, "must be >= 1"): [-1, 0],
            (ValueError, "{layer}: num_tokens must be set to use this layer"): [None],
        },
    ),
    (
        "CategoryEncoding.output_mode",
        [],
        {
            (
                ValueError,
                "must be 'count', 'one_hot' or 'multi_hot': Unknown arg for output_mode",
            ): REST,
        },
    ),
    (
        "Conv1D.padding",
        ["same"],
        {
            (ValueError, "must be 'valid' or 'same' or 'causal'"): REST,
        },
    ),
    (
        "Conv1DTranspose.output_padding",
        [None, 0],
        {
            (ValueError, "must be one integer >= 0"): REST,
            (ValueError, "must be less than strides=(1,)"): [True, 1, 2, (2,), INT64, 2**31],
        },
    ),
    (
        "Conv2DTranspose.output_padding",
        [None, 0],
        {
            (ValueError, "must be one or two integers >= 0"): REST,
            (ValueError, "must be less than strides=(1, 1)"): [
                True,
                1,
                2,
                (2, 1),
                [2, 1],
                (0, 1),
                2**31,
            ],
        },
    ),
    (
        "Discretization.bin_boundaries",
        [(), (2,), (2, 1), [2, 1], (1, 2, 3), (0, 1), (-1, 1), (0.25, 0.5), ARRAY],
        {
            (ValueError, "must be a list of numbers"): REST,
            (ValueError, "You need to set either `num_bins` or `{name}`."): [None],
        },
    ),
    (
        "Discretization.num_bins",
        [None],
        {
            (
                ValueError,
                "`{name}` must be greater than or equal to 0. Received: `{name}={value}`",
            ): REST,
            (
                ValueError,
                "Both `{name}` and `bin_boundaries` should not be set. Received: "
                "`{name}={value!r}` and `bin_boundaries=[0.0, 1.0]`",
            ): [True, 0, 1, 2, 2**31],
        },
    ),
    (
        "Discretization.epsilon",
        [True, 1, 2, 0.5, 1.0, 1.5, INT64, 2**31],
        {
            (TypeError, "must be a number"): REST,
            (ValueError, "must be positive"): [-1, 0, -0.5, NAN],
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "Discretization.output_mode",
        [],
        {
            (ValueError, "must be one of ('int', 'one_hot', 'multi_hot', 'count')"): REST,
        },
    ),
    (
        "Dot.axes",
        [True, -1, 0, 1, 2, (2, 1), [2, 1], (0, 1), (-1, 1), 2**31],
        {
            (TypeError, "should be a list or an int"): REST,
            (ValueError, "should contain two elements"): [(), (2,), (1, 2, 3)],
            (ValueError, "list elements should be integers"): [(0.25, 0.5), ((1, 2), (0, 1))],
        },
    ),
    (
        "Dropout.rate",
        [True, 0, 1, 0.5, 1.0],
        {
            (ValueError, "must be a number in [0, 1]"): REST,
        },
    ),
    (
        "Dropout.noise_shape",
        [None, (), (2,), (2, 1), [2, 1], (1, 2, 3)],
        {
            (ValueError, "must hold positive integers and None"): REST,
        },
    ),
    (
        "EinsumDense.equation",
        ["x", "same"],
        {
            (TypeError, "must be a string"): REST,
        },
    ),
    (
        "EinsumDense.output_shape",
        REST,
        {
            (TypeError, "must be a size, or a list of sizes"): [
                None,
                0.5,
                1.0,
                1.5,
                -0.5,
                NAN,
                INT64,
            ],
            (ValueError, "must hold sizes, or None"): [
                -1,
                "x",
                "same",
                (-1, 1),
                (0.25, 0.5),
                ((1, 2), (0, 1)),
                ARRAY,
            ],
        },
    ),
    (
        "EinsumDense.bias_axes",
        [None, "x", "same"],
        {
            (TypeError, "must be a string or None"): REST,
        },
    ),
    (
        "GroupNormalization.groups",
        [True, -1, 1, 2, 2**31],
        {
            (ValueError, "must be a positive integer, or -1"): REST,
        },
    ),
    (
        "InputLayer.shape",
        [(), (2,), (2, 1), [2, 1], (1, 2, 3), (0, 1), {}],
        {
            (
                ValueError,
                "shape: `{name}` must be a sequence of sizes, received {name}={value!r}",
            ): REST,
            (
                ValueError,
                "shape: `{name}` must hold integers and None, received {name}={value!r}",
            ): ["x", "same", (0.25, 0.5), ((1, 2), (0, 1)), ARRAY],
            (
                ValueError,
                "Input: one of `{name}` and `batch_shape` must be given, received {name}=None, "
                "batch_shape={value!r}",
            ): [None],
            (
                ValueError,
                "shape: `{name}` must hold no negative sizes, received {name}={value!r}",
            ): [(-1, 1)],
        },
    ),
    (
        "InputLayer.batch_size",
        [None, True, 0, 1, 2, INT64, 2**31],
        {
            (
                ValueError,
                "shape: `shape` must hold integers and None, received shape=({value!r}, 2)",
            ): REST,
            (
                ValueError,
                "shape: `shape` must hold no negative sizes, received shape=({value!r}, 2)",
            ): [-1],
        },
    ),
    (
        "IntegerLookup.max_tokens",
        [None, 2, INT64, 2**31],
        {
            (ValueError, "must be greater than 1, or None"): REST,
        },
    ),
    (
        "IntegerLookup.num_oov_indices",
        [True, 0, 1, 2],
        {
            (ValueError, "must be an integer >= 0 and < 2**31"): REST,
        },
    ),
    (
        "IntegerLookup.vocabulary",
        [None, (2,), (2, 1), [2, 1], (1, 2, 3), (0, 1), (-1, 1)],
        {
            (
                ValueError,
                "must be a list of integers, or the path of a file as a string",
            ): REST,
            (ValueError, "must hold integers"): [(0.25, 0.5), ARRAY],
            (ValueError, "Cannot set an empty vocabulary. Received: {name}={value!r}"): [()],
            (ValueError, "Vocabulary file x does not exist."): ["x"],
            (ValueError, "Vocabulary file same does not exist."): ["same"],
        },
    ),
    (
        "IntegerLookup.vocabulary_dtype",
        [],
        {
            (ValueError, "must be 'int64' here"): REST,
        },
    ),
    (
        "IntegerLookup.idf_weights",
        [None],
        {
            (
                ValueError,
                "`{name}` should only be set if `output_mode` is `'tf_idf'`. Received: "
                "{name}={value} and output_mode=int",
            ): REST,
        },
    ),
    (
        "IntegerLookup.output_mode",
        [],
        {
            (
                ValueError,
                "must be one of ('int', 'one_hot', 'multi_hot', 'count', 'tf_idf')",
            ): REST,
        },
    ),
    (
        "IntegerLookup.sparse",
        [0],
        {
            (ValueError, "must be False here"): REST,
        },
    ),
    (
        "IntegerLookup.pad_to_max_tokens",
        [None, 0, (), {}],
        {
            (
                ValueError,
                "If pad_to_max_tokens is True, must set `max_tokens`. Received: max_tokens=None",
            ): REST,
            (ValueError, "must be True or False"): [ARRAY],
        },
    ),
    (
        "IntegerLookup.oov_method",
        [],
        {
            (ValueError, "must be 'floormod' here"): REST,
        },
    ),
    (
        "IntegerLookup.salt",
        [None],
        {
            (ValueError, "must be None here"): REST,
        },
    ),
    (
        "LeakyReLU.negative_slope",
        [True, 0, 1, 2, 0.5, 1.0, 1.5, NAN, INT64, 2**31],
        {
            (TypeError, "must be a number ('<' not supported for a {kind})"): REST,
            (ValueError, "must be a number >= 0"): [None, -1, -0.5],
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "MultiHeadAttention.output_shape",
        REST,
        {
            (ValueError, "must be a tuple, list, or int"): [
                0.5,
                1.0,
                1.5,
                -0.5,
                NAN,
                "x",
                "same",
                INT64,
                ARRAY,
            ],
            (
                ValueError,
                "{layer}: `output_shape[0]` must be a positive integer, received "
                "output_shape[0]={value!r}",
            ): [True, -1],
            (
                ValueError,
                "{layer}: `output_shape[0]` must be a positive integer, received output_shape[0]=0",
            ): [(0, 1)],
            (
                ValueError,
                "{layer}: `output_shape[0]` must be a positive integer, received "
                "output_shape[0]=-1",
            ): [(-1, 1)],
            (
                ValueError,
                "{layer}: `output_shape[0]` must be a positive integer, received "
                "output_shape[0]=0.25",
            ): [(0.25, 0.5)],
            (
                ValueError,
                "{layer}: `output_shape[0]` must be a positive integer, received "
                "output_shape[0]=(1, 2)",
            ): [((1, 2), (0, 1))],
        },
    ),
    (
        "MultiHeadAttention.attention_axes",
        REST,
        {
            (ValueError, "must be an int, list, or tuple"): [
                0.5,
                1.0,
                1.5,
                -0.5,
                NAN,
                "x",
                "same",
                INT64,
                ARRAY,
                {},
            ],
            (TypeError, "{layer}: `{name}` must be an integer, received {name}=0.25"): [
                (0.25, 0.5)
            ],
            (TypeError, "{layer}: `{name}` must be an integer, received {name}=(1, 2)"): [
                ((1, 2), (0, 1))
            ],
        },
    ),
    (
        "MultiHeadAttention.flash_attention",
        [None, 0, (), {}],
        {
            (
                ValueError,
                "{layer}: `{name}` must be None: there is no flash attention on a CPU, in "
                "TensorFlow neither, received {name}=True",
            ): REST,
            (
                ValueError,
                "must be None: there is no flash attention on a CPU, in TensorFlow neither",
            ): [True],
            (ValueError, "must be True or False"): [ARRAY],
        },
    ),
    (
        "Normalization.axis",
        REST,
        {
            (TypeError, "must be an integer"): [0.5, 1.0, 1.5, -0.5, NAN, "x", "same", ARRAY, {}],
            (TypeError, "{layer}: `{name}` must be an integer, received {name}=0.25"): [
                (0.25, 0.5)
            ],
            (TypeError, "{layer}: `{name}` must be an integer, received {name}=(1, 2)"): [
                ((1, 2), (0, 1))
            ],
        },
    ),
    (
        "Normalization.mean",
        [None],
        {
            (
                ValueError,
                "{layer}: both `{name}` and `variance` must be set, or none, received "
                "{name}={value} and variance=None",
            ): REST,
        },
    ),
    (
        "Normalization.variance",
        [None],
        {
            (
                ValueError,
                "{layer}: both `mean` and `{name}` must be set, or none, received mean=None and "
                "variance={value}",
            ): REST,
        },
    ),
    (
        "PReLU.shared_axes",
        REST,
        {
            (TypeError, "must be an axis or a list of axes"): [
                True,
                0.5,
                1.0,
                1.5,
                -0.5,
                NAN,
                "x",
                "same",
                (0.25, 0.5),
                ((1, 2), (0, 1)),
                ARRAY,
                {},
            ],
        },
    ),
    (
        "Permute.dims",
        [(), (2, 1), [2, 1], (1, 2, 3)],
        {
            (ValueError, "must be consecutive and start from 1, in any order"): REST,
        },
    ),
    (
        "RandomContrast.factor",
        [True, 0, 1, 0.5, 1.0, (0, 1), (0.25, 0.5)],
        {
            (
                ValueError,
                "must be a number (or a list of two numbers) in the range [0, 1]",
            ): REST,
        },
    ),
    (
        "RandomFlip.mode",
        [],
        {
            (
                ValueError,
                "must be one of ('horizontal', 'vertical', 'horizontal_and_vertical')",
            ): REST,
        },
    ),
    (
        "RandomTranslation.height_factor",
        [True, -1, 0, 1, 0.5, 1.0, -0.5, (0, 1), (-1, 1), (0.25, 0.5)],
        {
            (
                ValueError,
                "must be a number (or a list of two numbers) in the range [-1, 1]",
            ): REST,
        },
    ),
    (
        "RandomTranslation.width_factor",
        [True, -1, 0, 1, 0.5, 1.0, -0.5, (0, 1), (-1, 1), (0.25, 0.5)],
        {
            (
                ValueError,
                "must be a number (or a list of two numbers) in the range [-1, 1]",
            ): REST,
            (ValueError, "must be a number"): [None],
        },
    ),
    (
        "RandomZoom.height_factor",
        [True, 0, 1, 0.5, 1.0, -0.5, (0, 1), (0.25, 0.5)],
        {
            (
                ValueError,
                "must be a number (or a list of two numbers) in the range (-1, 1]",
            ): REST,
        },
    ),
    (
        "RandomZoom.width_factor",
        [None, True, 0, 1, 0.5, 1.0, -0.5, (0, 1), (0.25, 0.5)],
        {
            (
                ValueError,
                "must be a number (or a list of two numbers) in the range (-1, 1]",
            ): REST,
        },
    ),
    (
        "ReLU.max_value",
        [None, True, 0, 1, 2, 0.5, 1.0, 1.5, NAN, INT64, 2**31],
        {
            (TypeError, "must be a number"): REST,
            (ValueError, "must not be negative"): [-1, -0.5],
            (ValueError, "must be one number"): [ARRAY],
        },
    ),
    (
        "Reshape.target_shape",
        [(), (2,), (2, 1), [2, 1], (1, 2, 3), (0, 1), (-1, 1), {}],
        {
            (TypeError, "must hold sizes ('{kind}' object is not iterable)"): REST,
            (ValueError, "must hold integers >= -1"): [(0.25, 0.5), ((1, 2), (0, 1))],
            (
                ValueError,
                "{layer}: `{name}` must hold integers >= -1, received {name}=('x',)",
            ): ["x"],
            (
                ValueError,
                "{layer}: `{name}` must hold integers >= -1, received {name}=('s', 'a', 'm', 'e')",
            ): ["same"],
            (
                ValueError,
                "{layer}: `{name}` must hold integers >= -1, received {name}=(1.0, 1.0)",
            ): [ARRAY],
        },
    ),
    (
        "Resizing.fill_mode",
        [],
        {
            (ValueError, "must be 'constant'"): REST,
        },
    ),
    (
        "Resizing.antialias",
        [None, 0, (), {}],
        {
            (NotImplementedError, "must be False here"): REST,
            (ValueError, "must be True or False"): [ARRAY],
        },
    ),
    (
        "Softmax.axis",
        REST,
        {
            (IndexError, "must hold at least one axis (index out of range)"): [()],
        },
    ),
]
ALL = {argument: (taken, refused) for names, taken, refused in RULES for argument in names.split()}


def arguments(layer: str) -> list[str]:
    """The arguments of `layer`, without ``*args`` and ``**kwargs``, its name and its dtype."""
    found = inspect.signature(getattr(L, layer)).parameters.values()
    plain = [p.name for p in found if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return [name for name in plain if name not in ("name", "dtype")]


def test_the_rules_are_complete() -> None:
    every = {f"{layer}.{name}" for layer in LAYERS for name in arguments(layer)}
    assert set(ALL) | ELSEWHERE == {name for name in every if not name.endswith(BY_NAME)}


def shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


def text_of(layer: str, name: str, text: str, value: Any) -> str:
    """All of the message that `text` stands for."""
    words = {"layer": layer, "name": name, "value": value, "kind": type(value).__name__}
    whole = text.format(**words)
    return say(layer, name, whole, value) if text.startswith(("must", "should", "list")) else whole


@pytest.mark.parametrize("layer", LAYERS)
def test_what_each_argument_takes(layer: str) -> None:
    warnings.simplefilter("ignore")
    for name in arguments(layer):
        if f"{layer}.{name}" not in ALL:
            continue
        taken, refused = ALL[f"{layer}.{name}"]
        known = {shown(value): "taken" for value in taken}
        for (error, text), values in refused.items():
            for value in values:
                known[shown(value)] = f"{error.__name__}: {text_of(layer, name, text, value)}"
        others = next((kind for kind, values in refused.items() if values is REST), None)
        for value in VALUES:
            try:
                getattr(L, layer)(**{**NEEDED.get(layer, {}), name: value})
                found = "taken"
            except Exception as error:
                found = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            expected = known.get(shown(value))
            if expected is None and others is not None:
                expected = f"{others[0].__name__}: {text_of(layer, name, others[1], value)}"
            assert found == (expected or "taken"), f"{layer}({name}={value!r})"


# The least and the greatest integer that arguments take, where they take all between them.
LIMITS: list[tuple[str, str, int, int | None]] = [
    ("GroupNormalization", "axis", -(2**31), None),
    ("Normalization", "axis", -(2**31), None),
    ("MultiHeadAttention", "attention_axes", -(2**31), 2**31),
    ("IntegerLookup", "mask_token", -(2**63), 2**63 - 1),
    ("IntegerLookup", "oov_token", -(2**63), 2**63 - 1),
]


@pytest.mark.parametrize(("layer", "name", "least", "most"), LIMITS)
def test_limits(layer: str, name: str, least: int, most: int | None) -> None:
    def made(value: int) -> Any:
        return getattr(L, layer)(**{**NEEDED.get(layer, {}), name: value})

    rule = f"must be an integer >= {least}" + (f" and <= {most}" if most else "")
    for value in (least, *(() if most is None else (most,))):
        made(value)
    for value in (least - 1, *(() if most is None else (most + 1,))):
        with pytest.raises(ValueError, match=re.escape(say(layer, name, rule, value))):
            made(value)
    if layer == "IntegerLookup":  # as `num_oov_indices`, which have a limit of their own
        L.IntegerLookup(num_oov_indices=2**31 - 1)
        with pytest.raises(ValueError, match="`num_oov_indices` must be an integer >= 0 and <"):
            L.IntegerLookup(num_oov_indices=2**31)


# -- signatures -----------------------------------------------------------------------------------


def parameters(function: Any) -> dict[str, Any]:
    """The defaults of the parameters, by their names, without ``*args`` and ``**kwargs``."""
    found = inspect.signature(function).parameters.values()
    stars = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {p.name: p.default for p in found if p.kind not in stars}


OF_LAYERS = ["Bidirectional", "Layer", "RNN", "StackedRNNCells", "TimeDistributed", "Wrapper"]


@pytest.mark.parametrize("layer", [*LAYERS, *OF_LAYERS])
def test_signatures(layer: str) -> None:
    """The parameters that both have stand in one order and have one default, in every method."""
    ours, theirs = getattr(L, layer), getattr(K, layer)
    methods = [name for name in dir(theirs) if not name.startswith("_")]
    for name in ("__init__", *methods):
        f, g = getattr(ours, name, None), getattr(theirs, name, None)
        if not (inspect.isfunction(f) and inspect.isfunction(g)):
            continue
        p, q = parameters(f), parameters(g)
        if "Cell" in layer and name == "call":  # a cell that is called without states says so
            assert p.pop("states") is None
        common = [argument for argument in q if argument in p]
        assert [argument for argument in p if argument in q] == common, f"{layer}.{name}"
        assert {a: p[a] for a in common} == {a: q[a] for a in common}, f"{layer}.{name}"
