"""The layers, by Keras's names."""

from typing import TYPE_CHECKING

from scratchnet.keras.layers import tensor_operators  # noqa: F401 - gives KerasTensors `+` and the like
from scratchnet.keras.layers.activation import (
    ELU,
    Activation,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
)
from scratchnet.keras.layers.activity_regularization import ActivityRegularization
from scratchnet.keras.layers.batch_normalization import BatchNormalization
from scratchnet.keras.layers.conv2d import Conv2D
from scratchnet.keras.layers.conv2d_transpose import Conv2DTranspose
from scratchnet.keras.layers.dense import Dense
from scratchnet.keras.layers.dropout import Dropout, SpatialDropout1D, SpatialDropout2D
from scratchnet.keras.layers.group_normalization import GroupNormalization
from scratchnet.keras.layers.input_layer import Input, InputLayer
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.lambda_layer import Lambda
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.layer_normalization import LayerNormalization
from scratchnet.keras.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    maximum,
    minimum,
    multiply,
    subtract,
)
from scratchnet.keras.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from scratchnet.keras.layers.normalization import Normalization
from scratchnet.keras.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from scratchnet.keras.layers.rescaling import Rescaling
from scratchnet.keras.layers.reshaping import (
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)
from scratchnet.keras.layers.unit_normalization import UnitNormalization
from scratchnet.unsupported import listed, missing

# Keras's second names.
Convolution2D = Conv2D
Convolution2DTranspose = Conv2DTranspose
MaxPool2D = MaxPooling2D
AvgPool2D = AveragePooling2D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPool2D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "UnitNormalization",
    "UpSampling2D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.layers")
    __dir__ = listed(__name__)
