"""The ops: every public function of the families, flat.  (As a table: `scratchnet.engine.op.OPS`.)

What an op cannot work on it refuses before it does anything, with an error of TensorFlow's family
that names function, argument, rule and value.  Some things that TensorFlow lets pass are refused on
purpose:

- Where an integer is due (a size, an axis, a stride, an index): a fraction, which TensorFlow cuts
  off in some places, and a bool, which it reads as 0 or 1.
- A NumPy array of floats where a tensor of integers decides the dtype: TensorFlow cuts off the
  fractions.
- Arrays of more than 2**59 elements, which have more bytes than 64 bits count.

A dtype that an op does not take is both an InvalidArgumentError and a TypeError: which of the two
TensorFlow raises differs from op to op.  A string is such a dtype.
"""

from scratchnet.ops.activations import elu, leaky_relu, relu, sigmoid, softplus, tanh
from scratchnet.ops.arithmetic import add, divide, floordiv, mod, multiply, pow, subtract
from scratchnet.ops.avg_pool2d import avg_pool2d, avg_pool2d_backprop
from scratchnet.ops.conv2d import conv2d, conv2d_backprop_filter, conv2d_backprop_input
from scratchnet.ops.conv2d_transpose import conv2d_transpose
from scratchnet.ops.creation import (
    cast,
    constant,
    convert_to_tensor,
    eye,
    fill,
    identity,
    ones,
    ones_like,
    stop_gradient,
    zeros,
    zeros_like,
)
from scratchnet.ops.dropout import drop, dropout, stateless_dropout
from scratchnet.ops.elementary import cos, exp, log, log1p, reciprocal, rsqrt, sin, sqrt
from scratchnet.ops.extrema import clip_by_value, maximum, minimum
from scratchnet.ops.gather import add_at, gather, gather_nd, scatter_nd
from scratchnet.ops.index import getitem, place, slice_
from scratchnet.ops.join import concat, split, stack, unstack
from scratchnet.ops.layout import pad, repeat, reverse, tile
from scratchnet.ops.matmul import bias_add, matmul, tensordot
from scratchnet.ops.normalization import batch_normalization, moments
from scratchnet.ops.pool2d import max_pool2d, put_pixels, take_pixels
from scratchnet.ops.product import cumsum, prod_of_others, reduce_prod
from scratchnet.ops.random import (
    stateless_normal,
    stateless_truncated_normal,
    stateless_uniform,
)
from scratchnet.ops.reduce import (
    argmax,
    argmin,
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_sum,
)
from scratchnet.ops.select import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    where,
)
from scratchnet.ops.sequence import linspace, one_hot, range
from scratchnet.ops.shape import (
    broadcast_to,
    expand_dims,
    reshape,
    squeeze,
    sum_to,
    transpose,
)
from scratchnet.ops.softmax import (
    log_softmax,
    softmax,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
)
from scratchnet.ops.statistics import (
    l2_loss,
    norm,
    reduce_logsumexp,
    reduce_std,
    reduce_variance,
)
from scratchnet.ops.unary import abs, floor, negative, round, sign, square

__all__ = [
    "abs",
    "add",
    "add_at",
    "argmax",
    "argmin",
    "avg_pool2d",
    "avg_pool2d_backprop",
    "batch_normalization",
    "bias_add",
    "broadcast_to",
    "cast",
    "clip_by_value",
    "concat",
    "constant",
    "conv2d",
    "conv2d_backprop_filter",
    "conv2d_backprop_input",
    "conv2d_transpose",
    "convert_to_tensor",
    "cos",
    "cumsum",
    "divide",
    "drop",
    "dropout",
    "elu",
    "equal",
    "exp",
    "expand_dims",
    "eye",
    "fill",
    "floor",
    "floordiv",
    "gather",
    "gather_nd",
    "getitem",
    "greater",
    "greater_equal",
    "identity",
    "l2_loss",
    "leaky_relu",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log1p",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "max_pool2d",
    "maximum",
    "minimum",
    "mod",
    "moments",
    "multiply",
    "negative",
    "norm",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "pad",
    "place",
    "pow",
    "prod_of_others",
    "put_pixels",
    "range",
    "reciprocal",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_std",
    "reduce_sum",
    "reduce_variance",
    "relu",
    "repeat",
    "reshape",
    "reverse",
    "round",
    "rsqrt",
    "scatter_nd",
    "sigmoid",
    "sign",
    "sin",
    "slice_",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "sparse_softmax_cross_entropy_with_logits",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "stateless_dropout",
    "stateless_normal",
    "stateless_truncated_normal",
    "stateless_uniform",
    "stop_gradient",
    "subtract",
    "sum_to",
    "take_pixels",
    "tanh",
    "tensordot",
    "tile",
    "transpose",
    "unstack",
    "where",
    "zeros",
    "zeros_like",
]
