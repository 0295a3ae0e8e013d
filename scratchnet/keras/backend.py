"""The settings under their older names, in ``keras.backend``, and Keras 2's functions."""

from typing import TYPE_CHECKING

from scratchnet.keras.backend_functions import (
    abs as abs,
)
from scratchnet.keras.backend_functions import (
    all as all,
)
from scratchnet.keras.backend_functions import (
    any as any,
)
from scratchnet.keras.backend_functions import (
    arange as arange,
)
from scratchnet.keras.backend_functions import (
    argmax as argmax,
)
from scratchnet.keras.backend_functions import (
    argmin as argmin,
)
from scratchnet.keras.backend_functions import (
    batch_flatten as batch_flatten,
)
from scratchnet.keras.backend_functions import (
    batch_get_value as batch_get_value,
)
from scratchnet.keras.backend_functions import (
    batch_set_value as batch_set_value,
)
from scratchnet.keras.backend_functions import (
    bias_add as bias_add,
)
from scratchnet.keras.backend_functions import (
    binary_crossentropy as binary_crossentropy,
)
from scratchnet.keras.backend_functions import (
    cast as cast,
)
from scratchnet.keras.backend_functions import (
    cast_to_floatx as cast_to_floatx,
)
from scratchnet.keras.backend_functions import (
    categorical_crossentropy as categorical_crossentropy,
)
from scratchnet.keras.backend_functions import (
    clip as clip,
)
from scratchnet.keras.backend_functions import (
    concatenate as concatenate,
)
from scratchnet.keras.backend_functions import (
    constant as constant,
)
from scratchnet.keras.backend_functions import (
    cos as cos,
)
from scratchnet.keras.backend_functions import (
    count_params as count_params,
)
from scratchnet.keras.backend_functions import (
    cumprod as cumprod,
)
from scratchnet.keras.backend_functions import (
    cumsum as cumsum,
)
from scratchnet.keras.backend_functions import (
    dot as dot,
)
from scratchnet.keras.backend_functions import (
    dropout as dropout,
)
from scratchnet.keras.backend_functions import (
    dtype as dtype,
)
from scratchnet.keras.backend_functions import (
    elu as elu,
)
from scratchnet.keras.backend_functions import (
    equal as equal,
)
from scratchnet.keras.backend_functions import (
    eval as eval,
)
from scratchnet.keras.backend_functions import (
    exp as exp,
)
from scratchnet.keras.backend_functions import (
    expand_dims as expand_dims,
)
from scratchnet.keras.backend_functions import (
    eye as eye,
)
from scratchnet.keras.backend_functions import (
    flatten as flatten,
)
from scratchnet.keras.backend_functions import (
    gather as gather,
)
from scratchnet.keras.backend_functions import (
    get_value as get_value,
)
from scratchnet.keras.backend_functions import (
    greater as greater,
)
from scratchnet.keras.backend_functions import (
    greater_equal as greater_equal,
)
from scratchnet.keras.backend_functions import (
    hard_sigmoid as hard_sigmoid,
)
from scratchnet.keras.backend_functions import (
    int_shape as int_shape,
)
from scratchnet.keras.backend_functions import (
    is_keras_tensor as is_keras_tensor,
)
from scratchnet.keras.backend_functions import (
    l2_normalize as l2_normalize,
)
from scratchnet.keras.backend_functions import (
    less as less,
)
from scratchnet.keras.backend_functions import (
    less_equal as less_equal,
)
from scratchnet.keras.backend_functions import (
    log as log,
)
from scratchnet.keras.backend_functions import (
    max as max,
)
from scratchnet.keras.backend_functions import (
    maximum as maximum,
)
from scratchnet.keras.backend_functions import (
    mean as mean,
)
from scratchnet.keras.backend_functions import (
    min as min,
)
from scratchnet.keras.backend_functions import (
    minimum as minimum,
)
from scratchnet.keras.backend_functions import (
    ndim as ndim,
)
from scratchnet.keras.backend_functions import (
    not_equal as not_equal,
)
from scratchnet.keras.backend_functions import (
    one_hot as one_hot,
)
from scratchnet.keras.backend_functions import (
    ones as ones,
)
from scratchnet.keras.backend_functions import (
    ones_like as ones_like,
)
from scratchnet.keras.backend_functions import (
    permute_dimensions as permute_dimensions,
)
from scratchnet.keras.backend_functions import (
    pow as pow,
)
from scratchnet.keras.backend_functions import (
    prod as prod,
)
from scratchnet.keras.backend_functions import (
    random_bernoulli as random_bernoulli,
)
from scratchnet.keras.backend_functions import (
    random_normal as random_normal,
)
from scratchnet.keras.backend_functions import (
    random_uniform as random_uniform,
)
from scratchnet.keras.backend_functions import (
    relu as relu,
)
from scratchnet.keras.backend_functions import (
    repeat as repeat,
)
from scratchnet.keras.backend_functions import (
    repeat_elements as repeat_elements,
)
from scratchnet.keras.backend_functions import (
    reshape as reshape,
)
from scratchnet.keras.backend_functions import (
    reverse as reverse,
)
from scratchnet.keras.backend_functions import (
    round as round,
)
from scratchnet.keras.backend_functions import (
    set_value as set_value,
)
from scratchnet.keras.backend_functions import (
    shape as shape,
)
from scratchnet.keras.backend_functions import (
    sigmoid as sigmoid,
)
from scratchnet.keras.backend_functions import (
    sign as sign,
)
from scratchnet.keras.backend_functions import (
    sin as sin,
)
from scratchnet.keras.backend_functions import (
    softmax as softmax,
)
from scratchnet.keras.backend_functions import (
    softplus as softplus,
)
from scratchnet.keras.backend_functions import (
    softsign as softsign,
)
from scratchnet.keras.backend_functions import (
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from scratchnet.keras.backend_functions import (
    sqrt as sqrt,
)
from scratchnet.keras.backend_functions import (
    square as square,
)
from scratchnet.keras.backend_functions import (
    squeeze as squeeze,
)
from scratchnet.keras.backend_functions import (
    stack as stack,
)
from scratchnet.keras.backend_functions import (
    std as std,
)
from scratchnet.keras.backend_functions import (
    stop_gradient as stop_gradient,
)
from scratchnet.keras.backend_functions import (
    sum as sum,
)
from scratchnet.keras.backend_functions import (
    switch as switch,
)
from scratchnet.keras.backend_functions import (
    tanh as tanh,
)
from scratchnet.keras.backend_functions import (
    tile as tile,
)
from scratchnet.keras.backend_functions import (
    transpose as transpose,
)
from scratchnet.keras.backend_functions import (
    truncated_normal as truncated_normal,
)
from scratchnet.keras.backend_functions import (
    update as update,
)
from scratchnet.keras.backend_functions import (
    update_add as update_add,
)
from scratchnet.keras.backend_functions import (
    update_sub as update_sub,
)
from scratchnet.keras.backend_functions import (
    var as var,
)
from scratchnet.keras.backend_functions import (
    variable as variable,
)
from scratchnet.keras.backend_functions import (
    zeros as zeros,
)
from scratchnet.keras.backend_functions import (
    zeros_like as zeros_like,
)
from scratchnet.keras.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
)
from scratchnet.keras.session import clear_session
from scratchnet.unsupported import listed, missing

__all__ = [
    "abs",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "batch_flatten",
    "batch_get_value",
    "batch_set_value",
    "bias_add",
    "binary_crossentropy",
    "cast",
    "cast_to_floatx",
    "categorical_crossentropy",
    "clear_session",
    "clip",
    "concatenate",
    "constant",
    "cos",
    "count_params",
    "cumprod",
    "cumsum",
    "dot",
    "dropout",
    "dtype",
    "elu",
    "epsilon",
    "equal",
    "eval",
    "exp",
    "expand_dims",
    "eye",
    "flatten",
    "floatx",
    "gather",
    "get_value",
    "greater",
    "greater_equal",
    "hard_sigmoid",
    "image_data_format",
    "int_shape",
    "is_keras_tensor",
    "l2_normalize",
    "less",
    "less_equal",
    "log",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "ndim",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "permute_dimensions",
    "pow",
    "prod",
    "random_bernoulli",
    "random_normal",
    "random_uniform",
    "relu",
    "repeat",
    "repeat_elements",
    "reshape",
    "reverse",
    "round",
    "set_epsilon",
    "set_floatx",
    "set_value",
    "shape",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "softplus",
    "softsign",
    "sparse_categorical_crossentropy",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "sum",
    "switch",
    "tanh",
    "tile",
    "transpose",
    "truncated_normal",
    "update",
    "update_add",
    "update_sub",
    "var",
    "variable",
    "zeros",
    "zeros_like",
]


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.backend")
    __dir__ = listed(__name__)
