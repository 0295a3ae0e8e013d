"""The training surface, by the names of Keras 3 (``tf.keras``).

variable.py, naming.py     what is trained, and what it is called
layers/                    functions with weights
models/                    Sequential, Model; `training.py` is fit and one step of it
losses/ metrics/ optimizers/ callbacks/ initializers/ …
"""

from scratchnet.keras import (
    activations,
    backend,
    callbacks,
    config,
    constraints,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers import Input, InputSpec, Layer
from scratchnet.keras.losses import Loss
from scratchnet.keras.metrics import Metric
from scratchnet.keras.models import Model, Sequential
from scratchnet.keras.optimizers import Optimizer
from scratchnet.keras.variable import Variable
from scratchnet.unsupported import missing
from scratchnet.version import VERSION

__all__ = [
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Sequential",
    "Variable",
    "activations",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "utils",
]

__version__ = VERSION

__getattr__ = missing(__name__, "tf.keras")
