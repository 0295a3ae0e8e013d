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
from scratchnet.keras.layers.batch_normalization import BatchNormalization
from scratchnet.keras.layers.conv2d import Conv2D
from scratchnet.keras.layers.conv2d_transpose import Conv2DTranspose
from scratchnet.keras.layers.dense import Dense
from scratchnet.keras.layers.dropout import Dropout
from scratchnet.keras.layers.embedding import Embedding
from scratchnet.keras.layers.input_layer import Input, InputLayer
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.masking import Masking
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
from scratchnet.keras.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from scratchnet.keras.layers.recurrent.bidirectional import Bidirectional
from scratchnet.keras.layers.recurrent.gru import GRU, GRUCell
from scratchnet.keras.layers.recurrent.lstm import LSTM, LSTMCell
from scratchnet.keras.layers.recurrent.rnn import RNN
from scratchnet.keras.layers.recurrent.simple_rnn import SimpleRNN, SimpleRNNCell
from scratchnet.keras.layers.recurrent.stacked_rnn_cells import StackedRNNCells
from scratchnet.keras.layers.recurrent.time_distributed import TimeDistributed
from scratchnet.keras.layers.rescaling import Rescaling
from scratchnet.keras.layers.reshaping import Flatten, Reshape, UpSampling2D, ZeroPadding2D
from scratchnet.keras.layers.wrapper import Wrapper
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
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "Add",
    "Average",
    "AveragePooling2D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "InputSpec",
    "LSTMCell",
    "Layer",
    "LeakyReLU",
    "Masking",
    "MaxPool2D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "Multiply",
    "PReLU",
    "ReLU",
    "Rescaling",
    "Reshape",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "UpSampling2D",
    "Wrapper",
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
