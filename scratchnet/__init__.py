"""scratchnet: TensorFlow 2's student core in NumPy and numba, to be read, checked and timed.

>>> import scratchnet as tf
>>> w = tf.Variable([[1.0]])
>>> with tf.GradientTape() as tape:
...     loss = w * w
>>> tape.gradient(loss, w)
<tf.Tensor: shape=(1, 1), dtype=float32, numpy=array([[2.]], dtype=float32)>
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet import (
    autodiff,
    bitwise,
    config,
    data,
    debugging,
    dtypes,
    errors,
    keras,
    linalg,
    math,
    nest,
    nn,
    random,
    root_namespace,
    test,
    version,
)
from scratchnet.debugging import (
    Assert,
    assert_equal,
    assert_greater,
    assert_less,
    assert_rank,
)
from scratchnet.engine.custom_gradient import custom_gradient
from scratchnet.engine.dtypes import (
    DType,
    as_dtype,
    bool_,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from scratchnet.engine.name_scope import current_name_scope as get_current_name_scope
from scratchnet.engine.name_scope import name_scope
from scratchnet.engine.tape import GradientTape, UnconnectedGradients
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tensor_shape import TensorShape
from scratchnet.engine.tensor_spec import TensorSpec
from scratchnet.engine.variable import Variable
from scratchnet.framework.control_flow import cond, map_fn, vectorized_map, while_loop
from scratchnet.framework.device import device
from scratchnet.framework.eager import (
    control_dependencies,
    ensure_shape,
    executing_eagerly,
    get_logger,
    gradients,
    hessians,
    init_scope,
    is_tensor,
)
from scratchnet.framework.function import function
from scratchnet.framework.initializers import (
    constant_initializer,
    ones_initializer,
    random_normal_initializer,
    random_uniform_initializer,
    zeros_initializer,
)
from scratchnet.framework.module import Module
from scratchnet.framework.printing import print
from scratchnet.framework.warmup import warmup
from scratchnet.keras import initializers, losses, metrics, optimizers
from scratchnet.root_namespace import *  # noqa: F403
from scratchnet.unsupported import listed, missing

__all__ = [
    "Assert",
    "DType",
    "GradientTape",
    "Module",
    "Tensor",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "as_dtype",
    "assert_equal",
    "assert_greater",
    "assert_less",
    "assert_rank",
    "autodiff",
    "bitwise",
    "bool",
    "complex64",
    "complex128",
    "cond",
    "config",
    "constant_initializer",
    "control_dependencies",
    "custom_gradient",
    "data",
    "debugging",
    "device",
    "double",
    "dtypes",
    "ensure_shape",
    "errors",
    "executing_eagerly",
    "float16",
    "float32",
    "float64",
    "function",
    "get_current_name_scope",
    "get_logger",
    "gradients",
    "half",
    "hessians",
    "init_scope",
    "initializers",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_tensor",
    "keras",
    "linalg",
    "losses",
    "map_fn",
    "math",
    "metrics",
    "name_scope",
    "nest",
    "newaxis",
    "nn",
    "ones_initializer",
    "optimizers",
    "print",
    "random",
    "random_normal_initializer",
    "random_uniform_initializer",
    "test",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "vectorized_map",
    "version",
    "warmup",
    "while_loop",
    "zeros_initializer",
]
__all__ += root_namespace.__all__

__version__ = version.VERSION

newaxis = None


half, double = float16, float64
bool = bool_  # last, so that nothing above means the dtype by it

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf")
    __dir__ = listed(__name__)
