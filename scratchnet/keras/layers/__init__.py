"""The layers, by Keras's names."""

from scratchnet.keras.layers.activation import Activation, ReLU, Softmax
from scratchnet.keras.layers.conv import Conv2D
from scratchnet.keras.layers.core import Dense, Flatten
from scratchnet.keras.layers.input_layer import Input, InputLayer
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.normalization import BatchNormalization
from scratchnet.keras.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from scratchnet.keras.layers.regularization import Dropout

# Keras's second names.
Convolution2D = Conv2D
MaxPool2D = MaxPooling2D
AvgPool2D = AveragePooling2D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D

__all__ = [
    "Activation",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Conv2D",
    "Convolution2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "MaxPool2D",
    "MaxPooling2D",
    "ReLU",
    "Softmax",
]
