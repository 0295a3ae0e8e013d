"""The training surface, by the names of Keras 3 (``tf.keras``).

variable.py, naming.py     what is trained, and what it is called
layers/                    functions with weights
models/                    Sequential, Model; `training.py` is fit and one step of it
losses/ metrics/ optimizers/ callbacks/ initializers/ …
configs/                   objects as plain data, and back
saving/                    files
"""

from typing import TYPE_CHECKING

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
    mixed_precision,
    models,
    ops,
    optimizers,
    preprocessing,
    random,
    regularizers,
    saving,
    utils,
)
from scratchnet.keras.config import DTypePolicy
from scratchnet.keras.configs.lookup import FUNCTIONAL, OPERATIONS
from scratchnet.keras.configs.published import publish
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers import Input, InputSpec, Layer
from scratchnet.keras.layers.mask_operators import MASK_OPERATORS
from scratchnet.keras.layers.tensor_operators import OPERATORS
from scratchnet.keras.losses import Loss
from scratchnet.keras.metrics import Metric
from scratchnet.keras.models import Model, Sequential
from scratchnet.keras.models.functional import Functional
from scratchnet.keras.optimizers import Optimizer
from scratchnet.keras.variable import Variable
from scratchnet.unsupported import listed, missing
from scratchnet.version import KERAS_VERSION

__all__ = [
    "DTypePolicy",
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
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "utils",
]

__version__ = KERAS_VERSION

# What saved models are made of, for those below that cannot import it.
for _module in (
    *(activations, constraints, initializers, layers, losses, metrics, models),
    *(optimizers, optimizers.schedules, random, regularizers),
):
    _name = _module.__name__.removeprefix("scratchnet.")
    publish(_name, {name: getattr(_module, name) for name in _module.__all__})
publish("keras", {name: globals()[name] for name in __all__})
publish("keras.losses", losses.LOSSES.table)  # "bce", too, by which no attribute is called
for _name, _classes in ops.OPERATIONS.items():
    publish(_name, _classes)
publish(OPERATIONS, {**OPERATORS, **MASK_OPERATORS})
publish(FUNCTIONAL, {"Functional": Functional})

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras")
    __dir__ = listed(__name__)
