"""The first witness: TensorFlow, given the inputs and the cotangent of an op that was called."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.traces import Row

Call = Callable[[Any, list[Any], Mapping[str, Any]], Any]


def _explicit(pads: Any) -> list[list[int]]:
    return [[0, 0], list(pads[0]), list(pads[1]), [0, 0]]


def _conv2d(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    geometry = {name: list(attrs[name]) for name in ("strides", "dilations")}
    y = tf.nn.conv2d(t[0], t[1], padding=_explicit(attrs["pads"]), **geometry)
    y = y + t[2] if len(t) > 2 else y
    return tf.nn.relu(y) if attrs.get("relu") else y


def _conv2d_backprop_input(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    return tf.raw_ops.Conv2DBackpropInput(
        input_sizes=list(attrs["input_sizes"]),
        filter=t[0],
        out_backprop=t[1],
        strides=[1, *attrs["strides"], 1],
        dilations=[1, *attrs["dilations"], 1],
        padding="EXPLICIT",
        explicit_paddings=[p for pair in _explicit(attrs["pads"]) for p in pair],
    )


def _fused_conv2d_transpose(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    y = _conv2d_backprop_input(tf, [t[1], t[0]], attrs) + t[2]
    return tf.nn.relu(y) if attrs["relu"] else y


def _pool(tf: Any, t: list[Any], attrs: Mapping[str, Any], kind: str) -> Any:
    padding = "SAME" if np.any(attrs["pads"]) else "VALID"
    function = getattr(tf.nn, kind)
    return function(t[0], list(attrs["window"]), list(attrs["strides"]), padding)


def _drop(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    return tf.where(t[1], t[0] * tf.cast(1 / (1 - attrs["rate"]), t[0].dtype), 0)


def _moments(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    return tf.nn.moments(t[0], list(attrs["axis"]), keepdims=attrs["keepdims"])


def _batch_normalization(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    y = tf.nn.batch_normalization(*t, attrs["epsilon"])
    return tf.nn.relu(y) if attrs["relu"] else y


def _fused_batch_norm(tf: Any, t: list[Any], attrs: Mapping[str, Any]) -> Any:
    x, scale, offset = t
    mean, variance = tf.nn.moments(x, list(range(len(x.shape) - 1)))
    return _batch_normalization(tf, [x, mean, variance, offset, scale], attrs), mean, variance


def function_at(tf: Any, path: str) -> Any:
    """``tf.nn.relu`` for ``"nn.relu"``."""
    for part in path.split("."):
        tf = getattr(tf, part)
    return tf


def _function(path: str) -> Call:
    return lambda tf, t, attrs: function_at(tf, path)(*t)


# TensorFlow's function of each op that has no attributes: called on the op's inputs alone.
FUNCTIONS: dict[str, str] = {
    **{name: name for name in ("add", "subtract", "multiply", "divide", "pow", "maximum")},
    **{name: name for name in ("minimum", "exp", "sqrt", "square", "abs", "negative", "where")},
    **{name: name for name in ("sigmoid", "tanh", "identity", "sin", "cos", "tan", "atan")},
    **{name: f"nn.{name}" for name in ("relu", "relu6", "elu", "selu", "softsign", "bias_add")},
    **{name: f"math.{name}" for name in ("log", "log1p", "expm1", "rsqrt", "softplus", "erf")},
    **{name: f"math.{name}" for name in ("log_sigmoid", "reciprocal", "squared_difference")},
}

# What TensorFlow is asked for each op.  REFERENCE, the table of `reference`, says something else of
# an op: the callable that takes the arguments of scratchnet's *function*, as a user writes them.
# Here stand calls on what a *record* holds, the op's own inputs and its attributes after all
# defaults were put in (padding as numbers, axes as a tuple).  Where an op has no attributes the two
# are the same, and a test holds `FUNCTIONS` to REFERENCE; scratchnet itself imports nothing of it.
CALLS: dict[str, Call] = {
    **{name: _function(path) for name, path in FUNCTIONS.items()},
    "conv2d": _conv2d,
    "fused_conv2d": _conv2d,
    "conv2d_backprop_input": _conv2d_backprop_input,
    "fused_conv2d_transpose": _fused_conv2d_transpose,
    "max_pool2d": lambda tf, t, a: _pool(tf, t, a, "max_pool2d"),
    "avg_pool2d": lambda tf, t, a: _pool(tf, t, a, "avg_pool2d"),
    "matmul": lambda tf, t, a: tf.matmul(*t, **a),
    "reduce_sum": lambda tf, t, a: tf.reduce_sum(t[0], list(a["axis"]), a["keepdims"]),
    "reduce_mean": lambda tf, t, a: tf.reduce_mean(t[0], list(a["axis"]), a["keepdims"]),
    "reshape": lambda tf, t, a: tf.reshape(t[0], a["shape"]),
    "transpose": lambda tf, t, a: tf.transpose(t[0], a["perm"]),
    "concat": lambda tf, t, a: tf.concat(t, a["axis"]),
    "pad": lambda tf, t, a: tf.pad(t[0], a["paddings"], constant_values=a["value"]),
    "gather": lambda tf, t, a: tf.gather(t[0], t[1], axis=a["axis"]),
    "leaky_relu": lambda tf, t, a: tf.nn.leaky_relu(t[0], a["alpha"]),
    "drop": _drop,
    "moments": _moments,
    "batch_normalization": _batch_normalization,
    "fused_batch_norm": _fused_batch_norm,
    "softmax": lambda tf, t, a: tf.nn.softmax(t[0], a["axis"]),
    "log_softmax": lambda tf, t, a: tf.nn.log_softmax(t[0], a["axis"]),
    "sparse_softmax_cross_entropy_with_logits": lambda tf, t, a: (
        tf.nn.sparse_softmax_cross_entropy_with_logits(t[0], t[1])
    ),
    "softmax_cross_entropy_with_logits": lambda tf, t, a: tf.nn.softmax_cross_entropy_with_logits(
        t[0], t[1]
    ),
}


def tensorflow() -> Any:
    """TensorFlow where it is installed, else None."""
    if find_spec("tensorflow") is None:
        return None
    # One way of computing, whatever the CPU, and no messages of its own.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _quiet():
        tf = importlib.import_module("tensorflow")
        tf.constant(0.0)  # it looks for GPUs
    return tf


@contextmanager
def _quiet() -> Iterator[None]:
    """A context without what C++ writes to the standard error: notices about GPUs that are not."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def check(row: Row, tf: Any) -> list[dict[str, Any]]:
    """What TensorFlow says of the output of an op and of each gradient that it sent back.

    It computes twice, in the dtype of the op and in float64.  Its own distance from the float64
    numbers is the measure: ours may be eight times as far, and some roundings of the largest.

    Args:
        row: of a trace.
        tf: TensorFlow.

    Returns:
        Entries with ``argument`` (None for the output), ``agrees``, the largest ``difference``,
        that in ``ulps`` of the largest value, and how much is ``allowed``.
    """
    refused: list[str] = []
    try:
        found = answers(row, tf, refused)
    except Exception as error:  # TensorFlow has not this kernel, say
        reason = _in_short(str(error))
        return [{"who": "tensorflow", "argument": None, "agrees": None, "reason": reason}]
    said = [
        _compared(int(key[2:]) if key.startswith("gx") else None, *arrays)
        for key, arrays in found.items()
    ]
    none = {"who": "tensorflow", "agrees": None, "reason": "".join(refused[:1])}
    return said + [none | {"argument": i} for i in sorted(row.gx) if refused]


def _in_short(said: str) -> str:
    """The first sentence of an error of TensorFlow, without the names that it has inside.

    >>> _in_short("{{function_node __wrapped__X_device_/CPU:0}} No groups here. [Op:X]\\nmore")
    'No groups here.'
    """
    line = re.sub(r"\{\{.*?\}\} ?| ?\[Op:\w+\].*", "", said.partition("\n")[0])
    return line if len(line) <= 200 else line[:199] + "…"


def answers(
    row: Row, tf: Any, refused: list[str] | None = None
) -> dict[str, tuple[Array, Array, Array]]:
    """What TensorFlow makes of what an op was given: nothing where it is not asked of that op.

    Args:
        row: of a trace.
        tf: TensorFlow.
        refused: filled with why it computes no gradient, as of convolutions in groups on a CPU.

    Returns:
        By ``y0`` for the first output, ``gx1`` for the gradient by the second argument and so on:
        our array, TensorFlow's in its dtype, and TensorFlow's in float64.
    """
    call = CALLS.get(row.op)
    if call is None:
        return {}
    gs = row.g if isinstance(row.g, tuple) else (row.g,)
    cotangents = [None if g is None else g._data for g in gs]
    arrays = [x._data for x in row.record.inputs]
    refused = [] if refused is None else refused
    near = _computed(tf, call, arrays, cotangents, row, None, refused)
    true = _computed(tf, call, arrays, cotangents, row, np.float64, refused)
    found = {}
    for k, y in enumerate(row.record.outputs):
        if y._data.dtype.kind == "f":
            found[f"y{k}"] = y._data, near[0][k], true[0][k]
    for i, gx in sorted(row.gx.items()):
        if near[1].get(i) is not None:
            found[f"gx{i}"] = gx._data, near[1][i], true[1][i]
    return found


def _computed(
    tf: Any,
    call: Call,
    arrays: list[Array],
    cotangents: list[Any],
    row: Row,
    dtype: Any,
    refused: list[str],
) -> tuple[list[Array], dict[int, Array]]:
    """The outputs, and the gradients by argument."""

    def wide(x: Array) -> Any:
        return tf.constant(x.astype(dtype) if dtype is not None and x.dtype.kind == "f" else x)

    tensors = [wide(x) for x in arrays]
    with tf.GradientTape() as tape:
        tape.watch([t for t in tensors if t.dtype.is_floating])
        out = call(tf, tensors, row.record.attrs)
    outs = list(out) if isinstance(out, tuple | list) else [out]
    gradients: dict[int, Array] = {}
    if row.gx and all(g is not None for g in cotangents):
        wanted = [tensors[i] for i in sorted(row.gx)]
        try:
            found = tape.gradient(outs, wanted, [wide(g) for g in cotangents])
        except tf.errors.OpError as error:
            refused.append(_in_short(str(error)))
            found = [None] * len(wanted)
        for i, g in zip(sorted(row.gx), found, strict=True):
            if g is not None:
                gradients[i] = tf.convert_to_tensor(g).numpy()
    return [y.numpy() for y in outs], gradients


def bound_of(near: Array, true: Array, dtype: Any) -> tuple[float, float]:
    """TensorFlow's own distance from the float64 numbers, and how far ours may be from them."""
    finite = np.isfinite(near) & np.isfinite(true)
    near, true = near[finite], true[finite]
    spread = float(np.abs(near - true).max(initial=0))
    largest = float(np.abs(true).max(initial=0))
    return spread, 8 * spread + 16 * float(np.finfo(dtype).eps) * largest


def finite_parts(ours: Array, near: Array, true: Array) -> tuple[bool, list[Array]]:
    """Whether ours is finite where TensorFlow's array is, and of all three what is finite in all.

    Where the numbers are too large for the dtype, whether a sum of them becomes inf, -inf or nan,
    or comes back from there, is a matter of the order in which it is added up.

    Args:
        ours, near: our array and TensorFlow's in the same dtype.
        true: TensorFlow's in float64.

    >>> x = np.array([1.0, np.nan], np.float32)
    >>> finite_parts(x, np.array([2.0, np.inf], np.float32), np.array([2.0, np.inf]))[0]
    True
    >>> finite_parts(x, np.array([1.0, 2.0], np.float32), np.array([1.0, 2.0]))[0]
    False
    """
    if ours.shape != near.shape:
        return False, [x.ravel()[:0] for x in (ours, near, true)]
    finite = np.isfinite(ours), np.isfinite(near), np.isfinite(true)
    fits = finite[2] & (np.abs(true) <= np.finfo(ours.dtype).max)
    everywhere = finite[0] & finite[1] & finite[2]
    same = not (fits & (finite[0] != finite[1])).any()
    return same, [x[everywhere] for x in (ours, near, true)]


def _compared(argument: int | None, ours: Array, near: Array, true: Array) -> dict[str, Any]:
    same, (ours, near, true) = finite_parts(ours, near, true)
    largest = float(np.abs(true).max(initial=0))
    eps = float(np.finfo(ours.dtype).eps)
    _, allowed = bound_of(near, true, ours.dtype)
    distance = float(np.abs(ours - true).max(initial=0))
    return {
        "who": "tensorflow",
        "argument": argument,
        "agrees": bool(same and distance <= allowed),
        "difference": float(np.abs(ours - near).max(initial=0)),
        "ulps": float(np.abs(ours - near).max(initial=0)) / (eps * largest) if largest else 0.0,
        "allowed": allowed,
    }
