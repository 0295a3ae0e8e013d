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
from scratchnet.keras.layers.attention import AdditiveAttention, Attention
from scratchnet.keras.layers.batch_normalization import BatchNormalization
from scratchnet.keras.layers.category_encoding import CategoryEncoding
from scratchnet.keras.layers.conv1d import Conv1D
from scratchnet.keras.layers.conv1d_transpose import Conv1DTranspose
from scratchnet.keras.layers.conv2d import Conv2D
from scratchnet.keras.layers.conv2d_transpose import Conv2DTranspose
from scratchnet.keras.layers.dense import Dense
from scratchnet.keras.layers.depthwise_conv1d import DepthwiseConv1D, SeparableConv1D
from scratchnet.keras.layers.depthwise_conv2d import DepthwiseConv2D, SeparableConv2D
from scratchnet.keras.layers.discretization import Discretization
from scratchnet.keras.layers.dropout import Dropout, SpatialDropout1D, SpatialDropout2D
from scratchnet.keras.layers.einsum_dense import EinsumDense
from scratchnet.keras.layers.embedding import Embedding
from scratchnet.keras.layers.group_normalization import GroupNormalization
from scratchnet.keras.layers.identity import Identity
from scratchnet.keras.layers.input_layer import Input, InputLayer
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.integer_lookup import IntegerLookup
from scratchnet.keras.layers.lambda_layer import Lambda
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.layer_normalization import LayerNormalization
from scratchnet.keras.layers.masking import Masking
from scratchnet.keras.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from scratchnet.keras.layers.multi_head_attention import MultiHeadAttention
from scratchnet.keras.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from scratchnet.keras.layers.normalization import Normalization
from scratchnet.keras.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from scratchnet.keras.layers.pooling1d import (
    AveragePooling1D,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    MaxPooling1D,
)
from scratchnet.keras.layers.random_images import (
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from scratchnet.keras.layers.recurrent.bidirectional import Bidirectional
from scratchnet.keras.layers.recurrent.gru import GRU, GRUCell
from scratchnet.keras.layers.recurrent.lstm import LSTM, LSTMCell
from scratchnet.keras.layers.recurrent.rnn import RNN
from scratchnet.keras.layers.recurrent.simple_rnn import SimpleRNN, SimpleRNNCell
from scratchnet.keras.layers.recurrent.stacked_rnn_cells import StackedRNNCells
from scratchnet.keras.layers.recurrent.time_distributed import TimeDistributed
from scratchnet.keras.layers.rescaling import Rescaling
from scratchnet.keras.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from scratchnet.keras.layers.resizing import CenterCrop, RandomCrop, Resizing
from scratchnet.keras.layers.rms_normalization import RMSNormalization
from scratchnet.keras.layers.unit_normalization import UnitNormalization
from scratchnet.keras.layers.wrapper import Wrapper
from scratchnet.unsupported import listed, missing

# Keras's second names.
Convolution2D = Conv2D
Convolution2DTranspose = Conv2DTranspose
MaxPool2D = MaxPooling2D
Convolution1D = Conv1D
Convolution1DTranspose = Conv1DTranspose
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
MaxPool1D = MaxPooling1D
AvgPool1D = AveragePooling1D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalMaxPool1D = GlobalMaxPooling1D
AvgPool2D = AveragePooling2D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.layers")
    __dir__ = listed(__name__)
