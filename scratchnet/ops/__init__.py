"""The ops: every public function of the families, flat.  (As a table: `scratchnet.engine.op.OPS`.)

What an op cannot work on it refuses before it does anything, with an error of TensorFlow's family
that names function, argument, rule and value.  Some things that TensorFlow lets pass are refused on
purpose:

- Where an integer is due (a size, an axis, a stride, an index): a fraction, which TensorFlow cuts
  off in some places, and a bool, which it reads as 0 or 1.
- A NumPy array of floats where a tensor of integers decides the dtype: TensorFlow cuts off the
  fractions, so that its ``constant([1, 2]) * np.float64(2.5)`` is ``[2, 4]``.  (Whole numbers are
  taken here, too.)
- Arrays of more than 2**59 elements, which have more bytes than 64 bits count.

A dtype that an op does not take is both an InvalidArgumentError and a TypeError: which of the two
TensorFlow raises differs from op to op.  A string is such a dtype.
"""

from scratchnet.ops.activations import (
    gelu,
    log_sigmoid,
    sigmoid,
    sigmoid_gradient,
    silu,
    softplus,
    softsign,
    tanh,
    tanh_gradient,
)
from scratchnet.ops.add_relu import add_relu
from scratchnet.ops.arithmetic import (
    abs,
    add,
    add_n,
    bias_add,
    divide,
    floordiv,
    mod,
    multiply,
    negative,
    pow,
    sign,
    square,
    squared_difference,
    subtract,
)
from scratchnet.ops.bitwise import bitwise_and, bitwise_or, bitwise_xor, invert
from scratchnet.ops.clip import clip_by_global_norm, clip_by_norm, clip_by_value, global_norm
from scratchnet.ops.comparison import (
    equal,
    greater,
    greater_equal,
    is_finite,
    is_inf,
    is_nan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    where,
)
from scratchnet.ops.complex_numbers import angle, complex, conj, imag, real
from scratchnet.ops.concat_split import concat, split, stack, unstack
from scratchnet.ops.conv2d import (
    conv2d,
    conv2d_backprop_filter,
    conv2d_backprop_input,
    conv2d_transpose,
)
from scratchnet.ops.counting import (
    bincount,
    confusion_matrix,
    searchsorted,
    unique,
    unique_with_counts,
)
from scratchnet.ops.creation import (
    cast,
    constant,
    convert_to_tensor,
    eye,
    fill,
    identity,
    linked,
    ones,
    ones_like,
    stop_gradient,
    zeros,
    zeros_like,
)
from scratchnet.ops.cumulative import cumprod, cumsum
from scratchnet.ops.decompositions import (
    cholesky_solve,
    eigh,
    eigvalsh,
    expm,
    logdet,
    lstsq,
    matrix_rank,
    pinv,
    qr,
    slogdet,
    svd,
    triangular_solve,
)
from scratchnet.ops.diagonal import (
    band_part,
    diag,
    diag_part,
    matrix_transpose,
    matvec,
    trace,
)
from scratchnet.ops.dropout import drop, dropout, stateless_dropout
from scratchnet.ops.einsum import einsum
from scratchnet.ops.embedding import embedding_lookup
from scratchnet.ops.erf import erf, erfc
from scratchnet.ops.exponential import (
    exp,
    expm1,
    log,
    log1p,
    reciprocal,
    reciprocal_gradient,
    rsqrt,
    rsqrt_gradient,
    sqrt,
    sqrt_gradient,
)
from scratchnet.ops.extrema import maximum, minimum
from scratchnet.ops.fused_batch_norm import (
    fused_batch_norm,
    fused_batch_norm_add_relu,
    fused_batch_norm_gradient,
)
from scratchnet.ops.fused_conv2d import fused_conv2d, fused_conv2d_transpose
from scratchnet.ops.gather import (
    add_at,
    boolean_mask,
    gather,
    gather_nd,
    scatter_nd,
)
from scratchnet.ops.gru import gru, gru_backprop
from scratchnet.ops.indexing import getitem, place, slice_
from scratchnet.ops.layout import pad, repeat, reverse, roll, tile
from scratchnet.ops.lstm import lstm, lstm_backprop
from scratchnet.ops.matmul import matmul, tensordot
from scratchnet.ops.no_nan import (
    divide_no_nan,
    multiply_no_nan,
    xdivy,
    xlogy,
)
from scratchnet.ops.normalization import batch_normalization, moments
from scratchnet.ops.pool2d import (
    avg_pool2d,
    avg_pool2d_backprop,
    max_pool2d,
    put_pixels,
    take_pixels,
)
from scratchnet.ops.pooled_conv2d import pooled_conv2d, pooled_conv2d_backprop
from scratchnet.ops.random import stateless_normal, stateless_truncated_normal, stateless_uniform
from scratchnet.ops.rectifiers import (
    crelu,
    elu,
    elu_gradient,
    leaky_relu,
    leaky_relu_gradient,
    relu,
    relu6,
    relu6_gradient,
    relu_gradient,
    selu,
    selu_gradient,
)
from scratchnet.ops.reduce import (
    argmax,
    argmin,
    prod_of_others,
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from scratchnet.ops.rounding import ceil, floor, rint, round
from scratchnet.ops.scatter import (
    tensor_scatter_nd_add,
    tensor_scatter_nd_max,
    tensor_scatter_nd_min,
    tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)
from scratchnet.ops.segments import (
    segment_mean,
    segment_sum,
    unsorted_segment_mean,
    unsorted_segment_sum,
)
from scratchnet.ops.sequence import linspace, meshgrid, one_hot, range, sequence_mask
from scratchnet.ops.shape import (
    broadcast_to,
    expand_dims,
    rank,
    reshape,
    shape,
    size,
    squeeze,
    sum_to,
    transpose,
)
from scratchnet.ops.softmax import (
    log_softmax,
    sigmoid_cross_entropy_with_logits,
    softmax,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
)
from scratchnet.ops.solve import cholesky, det, inv, solve
from scratchnet.ops.sorting import argsort, in_top_k, sort, top_k
from scratchnet.ops.statistics import (
    count_nonzero,
    l2_loss,
    l2_normalize,
    norm,
    normalize,
    reduce_euclidean_norm,
    reduce_logsumexp,
    reduce_std,
    reduce_variance,
    zero_fraction,
)
from scratchnet.ops.trigonometry import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    sin,
    sinh,
    tan,
)
