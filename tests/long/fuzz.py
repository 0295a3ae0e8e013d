"""Random calls, most of them bad, judged by what TensorFlow says of the same call.

Each library is in a process of its own. A case names a public function or a class of Keras, with
arguments drawn by their names, good values and bad ones; every other case is likely to be good but
for one or two of its arguments. What is found: a call that both take with different results, or
with other gradients for the floating tensors among its arguments and for the weights of a layer; a
process that is lost; and an error from inside instead of one of ours. Where TensorFlow's result is
undefined or wrong, the tables KNOWN and KNOWN_GRADIENTS say why, and when it is. Calls that only
one side takes are counted, and the most frequent are listed: some are documented.
"""

from __future__ import annotations

import builtins
import inspect
import os
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

import scratchnet
from tests.long.forms import Form
from tests.long.peers import QUIET, Peer

SECONDS = 60.0
AT_ONCE = 20  # cases that both processes work on before their answers are read

MODULES = ("", "math.", "nn.", "linalg.", "bitwise.", "keras.activations.", "keras.losses.")
MODULES += ("keras.ops.", "keras.backend.", "keras.utils.", "random.", "keras.random.")
CLASSES = ("keras.layers.", "keras.losses.", "keras.optimizers.", "keras.metrics.")
CLASSES += ("keras.initializers.", "keras.regularizers.", "keras.constraints.")
# What changes the process, reads files, takes functions, or draws numbers that nobody can foresee.
LEFT_OUT = re.compile(
    r"(^|\.)(function|py_function|numpy_function|load_|save_|Variable|GradientTape|Module|device|"
    r"name_scope|init_scope|custom_gradient|recompute_grad|while_loop|cond|case|switch_case|map_fn|"
    r"foldl|scan|vectorized_map|print|group|no_op|control_dependencies|get_logger|timestamp|"
    r"Graph|stateful|deserialize|serialize|get|Wrapper|Layer|Loss|Metric|Optimizer|Initializer|"
    r"Regularizer|Constraint|grad_pass_through|is_tensor|ensure_shape|executing_eagerly|Input|"
    r"InputLayer|Lambda|Mean|Sum|MeanMetricWrapper|type_spec_from_value|data|dtypes|errors|"
    r"inside_function|shape_n|nondifferentiable_batch_function|experimental|dropout|Dropout|"
    r"Gaussian\w+|SpatialDropout\w+|register_keras_serializable|DType|TensorShape|TensorSpec|Reduction|InputSpec|"
    r"Tensor|IndexedSlices|warmup|SparseTensor|RaggedTensor|as_dtype|constant_initializer|"
    r"set_\w+|get_\w+|clear_session|load_img|save_img|plot_model|model_to_dot|rnn|map|fori_loop|"
    r"image_dataset_from_directory|create_rng_state|learning_phase|is_keras_tensor)$"
)

# -- values ----------------------------------------------------------------------------------------

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (3, 2), (3, 3), (0, 3), (1, 4, 4, 2)]
SHAPES += [(2, 5, 5, 3), (2, 3, 4), (3, 3, 2, 4)]
DTYPES = ["float32"] * 6 + ["float64", "float16", "int32", "int32", "int64", "uint8", "bool"]


@dataclass(frozen=True)
class Tensor:
    """An array that each side makes a tensor of."""

    array: Any

    def __repr__(self) -> str:
        return f"tf.constant({self.array.tolist()!r}, {self.array.dtype.name!r})"


Rng = np.random.Generator


def pick(rng: Rng, values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def array(rng: Rng, shape: Any = None, dtype: str | None = None) -> np.ndarray:
    shape = pick(rng, SHAPES) if shape is None else shape
    dtype = dtype or pick(rng, DTYPES)
    values = rng.integers(-3, 6, shape) + (rng.random(shape).round(3) if "f" in dtype else 0)
    if dtype.startswith("float") and values.size and rng.random() < 0.05:
        values = values.astype(dtype)
        values.flat[0] = pick(rng, [np.nan, np.inf, -np.inf, 0.0])
    return np.abs(values).astype(dtype) if dtype in ("uint8", "bool") else values.astype(dtype)


INTEGERS: list[Any] = [0, 1, 2, 3, -1, -2, 5, 2, 1]
AXES: list[Any] = [0, 1, -1, 2, None, (0, 1), [0], -3, 7, (0, 0), 1.5, "a", (1, -1)]
WRONG: list[Any] = [None, "a", "", True, 1.5, -1, [], (), {}, [[1], [1, 2]], [None], 1e300, 1j]
BY_NAME: list[tuple[str, list[Any]]] = [
    (r"axis|axes|dim$|batch_dims", AXES),
    (r"dtype|out_type", ["float32", "float64", "int32", "int64", "bool", "float16", "x", None, 7]),
    (r"padding|mode", ["SAME", "VALID", "same", "valid", "x", None, [[0, 0]] * 4, 1, "REFLECT"]),
    (r"strides|dilation|ksize|pool_size|kernel_size|size$", [1, 2, (1, 2), [2, 2], 0, -1, 3, "a"]),
    (r"filters|units|depth|num|^k$|rate_|multiples|repeats", [1, 2, 3, 0, -1, 2.5, "a", [1, 2]]),
    (
        r"rate$|momentum|beta|rho|alpha|slope|delta|epsilon|smooth",
        [0.1, 0.5, 0, 1, -1, 2, "a", 0.9],
    ),
    (r"shape|sizes$|perm$|paddings", [(3,), (2, 3), [-1], (1, -1), (), [3, 2], [[0, 1]], 6, "a"]),
    (r"activation", ["relu", "softmax", None, "x", "tanh", 3]),
    (r"initializer", ["zeros", "ones", "x", None]),
    (r"data_format", ["channels_last", "channels_first", "NHWC", "NCHW", "x", None]),
    (r"reduction", ["sum", "none", "sum_over_batch_size", "mean", "x", None]),
    (
        r"exclusive|reverse|keepdims|transpose|adjoint|from_logits|use_|sorted|nesterov",
        [True, False],
    ),
    (r"indices|ids$|labels|segment", [[0, 1], [0], 0, [[0], [1]], [2, 0, 1], [-1], [9], 1.5]),
    (r"name$", [None, "n", "a b", 3]),
    (r"regularizer", ["l2", "l1", None, "x"]),
    (r"constraint", ["non_neg", "unit_norm", None, "x"]),
    (
        r"trainable|center|mask_zero|unroll|backwards|return_|stateful|antialias|staircase",
        [True, False],
    ),
    (r"seed", [1, (1, 2), None, "a"]),
]


def value(rng: Rng, name: str, shape: Any = None) -> Any:
    if rng.random() < 0.06:
        return pick(rng, WRONG)
    for pattern, values in BY_NAME:
        if re.search(pattern, name) and rng.random() < 0.9:
            return pick(rng, values)
    roll = rng.random()
    if roll < 0.7:
        return Tensor(array(rng, shape))
    if roll < 0.85:
        return array(rng, shape)
    return pick(rng, [*INTEGERS, 0.5, [1.0, 2.0], [[1, 2], [3, 4]], 1.0])


# -- calls -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """``path(*args, **kwargs)``; of a class, then the object called with `inputs`, if any."""

    path: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: tuple[Any, ...] | None = None

    def __str__(self) -> str:
        words = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        then = "" if self.inputs is None else f"({', '.join(map(repr, self.inputs))})"
        return f"{self.path}({', '.join(words)}){then}"[:600]


def found_at(tf: Any, path: str) -> Any:
    for part in path.split("."):
        tf = getattr(tf, part)
    return tf


def targets(only: str = "") -> list[str]:
    """The functions and classes that are called."""
    found = []
    for module in (*MODULES, *CLASSES):
        home = found_at(scratchnet, module[:-1]) if module else scratchnet
        for name in sorted(getattr(home, "__all__", dir(home))):
            thing = getattr(home, name, None)
            if name.startswith("_") or LEFT_OUT.search(f".{name}") or not callable(thing):
                continue
            if inspect.isclass(thing) == (module in CLASSES) or module == "keras.losses.":
                found.append(module + name)
    found = list(dict.fromkeys(found))
    return [path for path in [*found, *[PIPELINES] * (len(found) // SHARE)] if only in path]


def drawn(rng: Rng, paths: list[str]) -> Call:
    path = pick(rng, paths)
    if path == PIPELINES:
        return pipeline(rng)
    if rng.random() < 0.5:
        return nearly_good(rng, path)
    thing = found_at(scratchnet, path)
    shape = pick(rng, SHAPES) if rng.random() < 0.6 else None  # of all, so that some calls are good
    args: list[Any] = []
    kwargs = {}
    for p in inspect.signature(thing).parameters.values():
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        if p.default is p.empty and p.kind is not p.KEYWORD_ONLY:
            args.append(value(rng, p.name, shape))
        elif rng.random() < 0.2:
            kwargs[p.name] = value(rng, p.name, shape)
    inputs = None
    if inspect.isclass(thing):
        count = 2 if re.search("losses|metrics", path) else 1
        inputs = tuple(value(rng, "x", shape) for _ in range(count))
        if "initializers" in path:
            inputs = (value(rng, "shape"),)
        if "optimizers" in path:
            inputs = (array(rng, shape, "float32"), array(rng, shape, "float32"))
    return Call(path, tuple(args), kwargs, inputs)


# Required arguments that a call is likely to be good with, by path and name.
GOOD: list[tuple[str, list[Any]]] = [
    (r"layers.*:(units|filters|num_heads|key_dim|output_dim|n|height|width|axis)$", [1, 2, 3]),
    (r"layers.*:(kernel_size|pool_size|size|groups|num_tokens)$", [1, 2, (2,), 1]),
    (r"layers.*:input_dim$", [7]),
    (r"layers.*:(rate|factor|scale|stddev)$", [0.5, 0.25]),
    (r"layers.*:(target_shape)$", [(-1,), (2, -1)]),
    (r"layers.EinsumDense:equation$", ["ab,bc->ac", "...b,bc->...c"]),
    (r"layers.EinsumDense:output_shape$", [3, (None, 3)]),
    (r"layers.Dot:axes$", [1, -1, (1, 1)]),
    (r"layers.Permute:dims$", [(2, 1), (1,), (2, 1, 3)]),
    (r"layers.*:activation$", ["relu", "softmax", "elu"]),
    (r"metrics.*:(num_classes|k)$", [2, 3]),
    (r"metrics.*:(target_class_ids)$", [[0], [0, 1]]),
    (r"metrics.*:(recall|precision|sensitivity|specificity)$", [0.5]),
    (r"schedules.*:(\w+_steps)$", [10, 3]),
    (r"schedules.*:(\w*_rate|alpha|power)$", [0.5, 0.1]),
    (r"schedules.*:boundaries$", [[2, 5]]),
    (r"schedules.*:values$", [[1.0, 0.5, 0.25]]),
    (r":(axis|batch_dims)$", [0, -1]),
    (r":(depth|num\w*|k|repeats|shift|maxlen)$", [3, 2, 1]),
    (r":(indices|segment_ids)$", [[0, 1], [0]]),
    (r":(shape|multiples|perm|dims)$", [(2, 3), (1, 0)]),
    (r":(ksize|strides|filters)$", [2, 1, (1, 2)]),
    (r":padding$", ["SAME", "VALID"]),
    (r":equation$", ["ab,bc->ac", "ij,jk", "a->a"]),
    (r":t_list$", [[1.0, 2.0]]),
    (r":(clip_norm|clip_value_min|lower|min\w*)$", [0.5]),
    (r":(clip_value_max|upper|max\w*)$", [2.0]),
]
# What layers take: their ranks, or how many tensors, by their names.
RANKS = ((r"1D|LSTM|GRU|RNN", 3), (r"2D|2d|_pool|Random|Crop|Resizing", 4), (r"EinsumDense", 2))
SQUARE = [(3, 3), (2, 3, 3)]  # what most of linalg takes
KINDS = ((r"logical|reduce_a(ll|ny)", "bool"), (r"bitwise|bincount|confusion|range$", "int32"))
SEVERAL = r"\.(Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply|Subtract|\w*Attention)$"
SHARED = ("trainable", "dtype", "name", "activity_regularizer")  # arguments of layers


def nearly_good(rng: Rng, path: str) -> Call:
    """A call that is likely to be good, but for one or two arguments."""
    call = likely_good(rng, path)
    given, names = dict(call.kwargs), arguments(path)
    for _ in range(pick(rng, [0, 1, 1, 2]) if names else 0):
        name = pick(rng, names)
        given[name] = pick(rng, WRONG) if rng.random() < 0.25 else value(rng, name)
    return replace(call, kwargs=given)


def likely_good(rng: Rng, path: str) -> Call:
    """A call with the required arguments alone."""
    thing = found_at(scratchnet, path)
    is_class = inspect.isclass(thing)
    rank = next((rank for part, rank in RANKS if re.search(part, path)), None)
    shapes = SQUARE if path.startswith("linalg") else SHAPES
    shape = pick(rng, [s for s in shapes if rank in (None, len(s))])
    usual = next((kind for part, kind in KINDS if re.search(part, path)), "float32")
    kind = usual if rng.random() < 0.8 else pick(rng, DTYPES)
    needed = [p.name for p in parameters(thing) if p.default is p.empty]
    given = {name: good_value(rng, path, name, shape, kind) for name in needed}
    return Call(path, (), given, good_inputs(rng, path, shape, kind) if is_class else None)


def parameters(thing: Any) -> list[inspect.Parameter]:
    """Those of a function or class that have names."""
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p for p in inspect.signature(thing).parameters.values() if p.kind not in variable]


def arguments(path: str) -> list[str]:
    """The names of all arguments, also of those that all layers share."""
    own = [p.name for p in parameters(found_at(scratchnet, path))]
    return own + [name for name in SHARED if path.startswith("keras.layers") and name not in own]


def good_inputs(rng: Rng, path: str, shape: tuple[int, ...], kind: str) -> tuple[Any, ...]:
    """What an object of the class is called with."""
    if "initializers" in path:
        return ((2, 3),)
    if "schedules" in path:
        return (pick(rng, [0, 1, 4, 12]),)
    if "optimizers" in path:
        return (array(rng, shape, "float32"), array(rng, shape, "float32"))
    x, y = (Tensor(array(rng, shape, kind)) for _ in range(2))
    if re.search("losses|metrics|MultiHead", path):
        return (x, y)
    return ([x, y],) if re.search(SEVERAL, path) else (x,)


def good_value(rng: Rng, path: str, name: str, shape: tuple[int, ...], kind: str) -> Any:
    for pattern, values in GOOD:
        if re.search(pattern, f"{path}:{name}"):
            return pick(rng, values)
    return Tensor(array(rng, shape, kind))


# -- data sets -------------------------------------------------------------------------------------

# What elements x are mapped to; a name, since functions do not travel between processes.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "same": lambda tf, *x: x if len(x) > 1 else x[0],
    "twice": lambda tf, *x: x[0] * 2,
    "first": lambda tf, *x: x[0][0],
    "sixth": lambda tf, *x: x[0][5],
    "pair": lambda tf, *x: (x[0], x[-1]),
    "dict": lambda tf, *x: {"b": x[0], "a": x[-1]},
    "float": lambda tf, *x: tf.cast(x[0], tf.float32),
    "row": lambda tf, *x: tf.reshape(x[0], [-1]),
    "pairs": lambda tf, *x: tf.reshape(x[0], (2, -1)),
    "halves": lambda tf, *x: tf.split(x[0], 2),
    "unique": lambda tf, *x: tf.unique(tf.reshape(x[0], [-1]))[0],
    "places": lambda tf, *x: tf.where(x[0] > 0),
    "mask": lambda tf, *x: tf.boolean_mask(x[0], x[0] > 0),
    "sum": lambda tf, *x: tf.reduce_sum(x[0]),
    "all": lambda tf, *x: tf.reduce_all(x[0] > 0),
    "range": lambda tf, *x: tf.range(tf.size(x[0])),
    "one": lambda tf, *x: 1,
    "none": lambda tf, *x: None,
    "true": lambda tf, *x: True,
    "set": lambda tf, *x: tf.data.Dataset.from_tensors(x[0]),
    "slices": lambda tf, *x: tf.data.Dataset.from_tensor_slices(x[0]),
    "three": lambda tf, *x: tf.data.Dataset.range(3),
    "added": lambda tf, state, *x: state + tf.cast(tf.size(x[0]), state.dtype),
    "both": lambda tf, state, *x: (state + 1, x[0]),
}


@dataclass(frozen=True)
class Function:
    """One of FUNCTIONS, of tensors."""

    name: str


PIPELINES = "data.Dataset"
SHARE = 20  # one case of so many is a data set
SOURCES = ("from_tensor_slices", "from_tensors", "range")
COUNTS: list[Any] = [1, 2, 3, 4, 6, 0, -1, 7, 2, 1.5, "a", None, np.int64(2), [2], True]
MAPPED = [Function(name) for name in FUNCTIONS if name not in ("added", "both")]
PREDICATES = [Function(name) for name in ("all", "true", "one", "same", "none")]
SETS = [Function(name) for name in ("set", "slices", "three", "same")]
# For each method its arguments, and what they are drawn from.
METHODS: dict[str, dict[str, list[Any]]] = {
    "batch": {"batch_size": COUNTS, "drop_remainder": [True, False, None, "a"]},
    "padded_batch": {
        "batch_size": COUNTS,
        "padded_shapes": [[None], [5], [], [None, None], [2, 3], 4, "a", [-1]],
        "padding_values": [0, 1.5, -1.0, None, "a"],
        "drop_remainder": [True, False],
    },
    "unbatch": {},
    "map": {"map_func": MAPPED},
    "filter": {"predicate": PREDICATES},
    "take_while": {"predicate": PREDICATES},
    "flat_map": {"map_func": SETS},
    "interleave": {"map_func": SETS, "cycle_length": COUNTS, "block_length": COUNTS},
    "take": {"count": COUNTS},
    "skip": {"count": COUNTS},
    "repeat": {"count": [1, 2, 3, 0, 2, 1.5, "a", [1]]},
    "shard": {"num_shards": COUNTS, "index": [0, 1, 2, -1, 5, "a", None]},
    "shuffle": {
        "buffer_size": COUNTS,
        "seed": [1, None, 2**40, "a"],
        "reshuffle_each_iteration": [True, False, None],
    },
    "enumerate": {"start": [0, 5, -1, 1.5, "a", None]},
    "window": {
        "size": COUNTS,
        "shift": COUNTS,
        "stride": [1, 2, 0, -1, "a"],
        "drop_remainder": [True, False],
    },
    "unique": {},
    "prefetch": {"buffer_size": [1, -1, 0, -2, "a", None]},
    "cache": {},
    "scan": {
        "initial_state": [0, 0.0, Tensor(np.int64(0)), None],
        "scan_func": [Function("both"), Function("added")],
    },
}
LAST: dict[str, dict[str, list[Any]]] = {  # which return no data set
    "cardinality": {},
    "get_single_element": {},
    "reduce": {
        "initial_state": [0, 0.0, Tensor(np.int64(0)), "a", None],
        "reduce_func": [Function("added"), Function("both"), Function("one")],
    },
}
OPTIONAL = ("drop_remainder", "padded_shapes", "padding_values", "cycle_length", "block_length")
OPTIONAL += ("seed", "reshuffle_each_iteration", "shift", "stride", "start")
MOST = 24  # elements that are looked at


def pipeline(rng: Rng) -> Call:
    """A data set: where its elements come from, and one to three methods with their arguments."""
    source = pick(rng, SOURCES)
    if source == "range":
        x: Any = [(6,), (0,), (7,), (2, 9, 3), (9, 0, -2), (1.5,), ("a",)][int(rng.integers(7))]
    else:
        shape, dtype = pick(rng, [(6,), (6, 2), (4, 3), (0, 2), (1,)]), pick(rng, DTYPES)
        parts = [Tensor(array(rng, shape, dtype)), Tensor(array(rng, shape, "int32"))]
        x = pick(rng, [parts[0], parts[0], tuple(parts), {"b": parts[0], "a": parts[1]}, 3, []])
    steps = []
    for i in reversed(range(pick(rng, [1, 2, 2, 3]))):
        name = pick(rng, [*METHODS, *LAST] if not i else [*METHODS])
        given = {
            key: pick(rng, values[:3] if rng.random() < 0.7 else values)
            for key, values in (METHODS | LAST)[name].items()
            if key not in OPTIONAL or rng.random() < 0.4
        }
        steps.append((name, given))
    return Call(PIPELINES, (source, x), {"steps": steps})


def drawn_from(tf: Any, call: Call, made: Callable[[Any], Any]) -> Any:
    """What the data set of a call says that its elements are, and its first ones."""
    source, x = call.args
    found = getattr(tf.data.Dataset, source)(*x if source == "range" else (made(x),))
    for name, given in call.kwargs["steps"]:
        found = getattr(found, name)(**{key: made(value) for key, value in given.items()})
    if not isinstance(found, tf.data.Dataset):
        return found
    return [np.array(str(found.element_spec)), *(elements(tf, x) for x in found.take(MOST))]


def elements(tf: Any, x: Any) -> Any:
    """An element; of a data set, those of it."""
    if isinstance(x, tf.data.Dataset):
        return [elements(tf, part) for part in x.take(MOST)]
    if isinstance(x, dict):
        return {key: elements(tf, part) for key, part in x.items()}
    return [elements(tf, part) for part in x] if isinstance(x, tuple) else x


# -- in the process of a library -------------------------------------------------------------------


def serve() -> Callable[[Call], tuple[str, Any]]:
    warnings.simplefilter("ignore")
    if os.environ["LIBRARY"] == "tensorflow":
        import tensorflow as tf
    else:
        import scratchnet as tf  # type: ignore[no-redef]
    return lambda call: outcome(tf, call)


def outcome(tf: Any, call: Call) -> tuple[str, Any]:
    """("value", (leaves, their gradients)) or ("error", (classes, text))."""
    tf.random.set_seed(1)
    tf.keras.utils.set_random_seed(1)

    def made(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return type(x)(made(part) for part in x)
        if isinstance(x, dict):
            return {key: made(part) for key, part in x.items()}
        if isinstance(x, Function):
            return partial(FUNCTIONS[x.name], tf)
        return tf.constant(x.array) if isinstance(x, Tensor) else x

    try:
        with np.errstate(all="ignore"):
            if call.path == PIPELINES:
                return "value", (leaves(drawn_from(tf, call, made)), [])
            args = [made(x) for x in call.args]
            kwargs = {k: made(v) for k, v in call.kwargs.items()}
            inputs = [made(x) for x in call.inputs or ()]
            watched = [
                t
                for t in tensors(tf, [*args, *kwargs.values(), *inputs])
                if t.dtype in (tf.float32, tf.float64)
            ]
            with tf.GradientTape() as tape:
                tape.watch(watched)
                y = thing = found_at(tf, call.path)(*args, **kwargs)
                if call.inputs is not None:
                    y = used(tf, call, thing, inputs)
                    watched += list(getattr(thing, "trainable_variables", ()))
            if "optimizers" in call.path:
                return "value", (leaves(y), [])
            return "value", (leaves(y), gradients(tf, tape, y, watched))
    except Exception as error:
        return "error", ([kind.__name__ for kind in type(error).__mro__], str(error)[:400])


def tensors(tf: Any, values: Any) -> list[Any]:
    if isinstance(values, list | tuple):
        return [t for part in values for t in tensors(tf, part)]
    return [values] if tf.is_tensor(values) else []


def gradients(tf: Any, tape: Any, y: Any, sources: list[Any]) -> list[Any]:
    """Those of what is floating in `y`, whose cotangents are 1, 1/2, 1/3 ..."""
    targets = [t for t in tensors(tf, y) if t.dtype in (tf.float32, tf.float64)]
    cotangents = [
        tf.constant(1 / np.arange(1, np.prod(t.shape) + 1).reshape(t.shape), t.dtype)
        for t in targets
    ]
    if not targets or not sources:
        return []
    found = tape.gradient(targets, sources, output_gradients=cotangents)
    return ["None" if g is None else np.asarray(tf.convert_to_tensor(g)) for g in found]


def used(tf: Any, call: Call, thing: Any, inputs: list[Any]) -> Any:
    if "optimizers" not in call.path or "schedules" in call.path:
        return thing(*inputs)
    v = tf.Variable(inputs[0])
    for _ in range(2):
        thing.apply_gradients([(tf.constant(inputs[1]), v)])
    return v


def leaves(y: Any) -> list[Any]:
    if isinstance(y, dict):
        return [leaf for key in sorted(y) for leaf in leaves(y[key])]
    if isinstance(y, list | tuple):
        return [leaf for part in y for leaf in leaves(part)]
    if hasattr(y, "numpy"):
        return [np.asarray(y.numpy())]
    return [y if isinstance(y, np.ndarray | int | float | str | bool | None) else str(type(y))]


# -- the verdict -----------------------------------------------------------------------------------

OURS = {"ValueError", "TypeError", "NotImplementedError", "OpError", "OSError"}
# Texts of NumPy and of Python that say nothing about the call.
INSIDE = re.compile(
    r"could not be broadcast|out of bounds for axis|out of bounds for array|setting an array elem|"
    r"cannot reshape array|all the input array|^ufunc '|Cannot cast ufunc|not aligned|"
    r"unsupported operand type|'NoneType' object|object is not (iterable|subscriptable|callable)|"
    r"not supported between instances|only integer scalar|only length-1|only 0-dimensional|"
    r"must be real number|cannot be interpreted as an integer|unhashable type|invalid literal for|"
    r"could not convert string|axes don't match|zero-size array|object has no attribute|"
    r"not enough values to unpack|too many values to unpack|object of type '\w+' has no len|"
    r"truth value of an|index out of range|indices must be integers|bad operand type|"
    r"expected str instance|can only concatenate|iteration over a 0-d|len\(\) of unsized|"
    r"math domain|inhomogeneous|by zero|unexpected keyword|required positional|"
    r"cannot convert float|used as indices|negative dimensions|Maximum allowed dimension|"
    r"did not converge|boolean index did not|"
    r"array is too big|(Python )?int too (large|big)|can't multiply sequence|can't convert|"
    r"argument must be a string"
)
# What our texts name: the argument, the rule and the value.
NAMED = re.compile(r"`[\w.\[\]]+`:? .*\b[Rr]eceived\b", re.DOTALL)


def leaks(classes: list[str], text: str) -> bool:
    if NAMED.search(text):
        return False
    return not OURS & set(classes) or bool(INSIDE.search(text))


def equal(ours: list[Any], theirs: list[Any], eps: float = 0.0) -> str:
    """How the two results differ; "" if they do not.

    Args:
        ours, theirs: the leaves of the results.
        eps: the rounding of one operation, if it is more than that of the results' own dtype.
    """
    if len(ours) != len(theirs):
        return f"{len(ours)} results, TensorFlow {len(theirs)}"
    for a, b in zip(ours, theirs, strict=True):
        if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
            if "None" in (str(a), str(b)) and str(a) != str(b):
                return f"{a}, TensorFlow {b}"
            continue
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"{a.dtype}{a.shape}, TensorFlow {b.dtype}{b.shape}"
        if a.dtype.kind not in "fc":
            if not np.array_equal(a, b):
                return f"{a.tolist()!r}, TensorFlow {b.tolist()!r}"
            continue
        wide, size = a.astype("c16"), b.astype("c16")
        finite = np.abs(size[np.isfinite(size)])
        one = max(eps, float(np.finfo(a.dtype).eps))
        bound = 256 * one * max(1.0, float(finite.max(initial=0.0)))
        with np.errstate(all="ignore"):
            if not np.allclose(wide, size, rtol=bound, atol=bound, equal_nan=True):
                return f"{a.tolist()!r}, TensorFlow {b.tolist()!r}"
    return ""


# -- differences that are known --------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A difference where TensorFlow's result is none that could be copied.

    Args:
        paths: of the functions and classes.
        why: which is shown with the number of such cases.
        holds: of a call, and the results of both sides.
    """

    paths: str
    why: str
    holds: Callable[[Call, list[Any], list[Any]], bool]


def rounding(call: Call) -> float:
    """That of the dtype in which a metric computes: the coarsest of its inputs, not its `dtype`."""
    return coarsest(arrays(call)) if "metrics" in call.path else 0.0


def coarsest(values: list[Any]) -> float:
    """The rounding of the arrays among `values` that have the fewest digits."""
    kinds = [x.dtype for x in values if is_array(x) and x.dtype.kind == "f"]
    return max([float(np.finfo(kind).eps) for kind in kinds], default=0.0)


def arrays(call: Call) -> list[np.ndarray]:
    given = [*call.args, *call.kwargs.values(), *(call.inputs or ())]
    given += [part for x in given if isinstance(x, list) for part in x]
    return [x.array if isinstance(x, Tensor) else np.asarray(x) for x in given if is_array(x)]


def first(call: Call) -> np.ndarray:
    """The first of its arrays; an empty one where it has none, but lists."""
    return next(iter(arrays(call)), np.zeros(0))


def is_array(x: Any) -> bool:
    return isinstance(x, Tensor | np.ndarray | np.generic)


def _into_bytes(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    found = arrays(call)
    outside = [x for x in found if x.dtype.kind == "f" and x.size >= 8 and np.any(x <= -1)]
    return bool(outside) and any(x.dtype == np.uint8 for x in found)


def _nan_factor(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    lower = [[np.tril(x[0])] for x in (ours, theirs)]
    whole = ~np.isnan(ours[0]).any((-2, -1))
    factors = [[x[0][whole]] for x in (ours, theirs)]
    return not whole.all() and not equal(*lower) and not equal(*factors)


def _large_parts(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    finite = np.isfinite(ours[0])
    same = np.isfinite(theirs[0]) | ~finite
    whole = [np.where(same, x[0], 0) for x in (ours, theirs)]
    return not equal([whole[0]], [whole[1]]) and bool(np.any(finite & ~np.isfinite(theirs[0])))


def _in_no_order(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    x = first(call)
    return bool(x.ndim) and not bool(np.all(x[..., :-1] <= x[..., 1:]))


def _infinite_squares(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    found = arrays(call)
    far = np.abs(found[0]) > 1e154 if found and found[0].dtype == np.float64 else np.array(False)
    if not far.any() or not np.isnan(theirs[0][far]).all():
        return False
    return not equal([ours[0][~far]], [theirs[0][~far]])


def _not_finite(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    return not all(np.isfinite(x).all() for x in arrays(call) if x.dtype.kind == "f")


def _nan_somewhere(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    return _not_finite(call, ours, theirs) and all(np.isnan(x).any() for x in [*ours, *theirs])


def _with_a_zero(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    return bool((first(call) == 0).any())


def _always(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    return True


def _not_of_the_shapes_of_its_sources(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    given = [*call.args, *call.kwargs.values()]
    sources = [x.array.shape for x in given if isinstance(x, Tensor) and x.array.dtype.kind == "f"]
    return [g.shape for g in ours] == sources != [g.shape for g in theirs]


def _of_the_other_triangle(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether the gradients of the matrix share no more than a diagonal, and those of `rhs` all."""
    if call.kwargs.get("lower", True) is not None or equal(ours[1:], theirs[1:]):
        return False
    below, above = np.triu(ours[0], 1), np.tril(theirs[0], -1)
    diagonals = [[x[0].diagonal(0, -2, -1)] for x in (ours, theirs)]
    return not below.any() and not above.any() and not equal(*diagonals)


def _equal_sums(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether the sums of those gradients that differ are equal."""
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if equal([a], [b])]
    return all(
        not equal([a.sum(keepdims=True)], [b.sum(keepdims=True)]) and a.ndim <= 2 for a, b in pairs
    )


def _rows_with_nan(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    x = first(call)
    nan = np.isnan(x) if x.dtype.kind == "f" else np.zeros(x.shape, bool)
    if "axis" in call.kwargs or not x.ndim:
        return bool(nan.any())
    whole = ~nan.any(-1)  # the rows without
    return not whole.all() and not equal([a[whole] for a in ours], [b[whole] for b in theirs])


def _another_order(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    a, b = ([np.sort(x, axis=-1) for x in side] for side in (ours, theirs))
    return not call.kwargs.get("sorted", True) and not equal(a, b)


def _rounded(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    a, b = (x[0].astype(np.complex64) for x in (ours, theirs))
    return ours[0].dtype == theirs[0].dtype == np.complex128 and not equal([a], [b])


def _of_less_precision(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether ours are complex128 numbers, TensorFlow's the same in complex64."""
    if not all(x.dtype == np.complex128 for x in ours if is_array(x)):
        return False
    return not equal([x.astype(np.complex64) for x in ours], theirs)


def _of_another_dtype(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    asked = call.kwargs.get("dtype")
    return isinstance(asked, str) and ours[0].dtype.name == asked != theirs[0].dtype.name


def _by_norms_along_an_axis(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether ours is an array over its norms."""
    x, axis = first(call), call.kwargs.get("axis", -1)
    if isinstance(axis, list) or np.size(axis) > x.ndim or axis in (-1, x.ndim - 1):
        return False
    norms = np.linalg.norm(x, call.kwargs.get("order", 2), axis, keepdims=True)
    return not equal(ours, [x / np.where(norms == 0, 1, norms)])


def _in_float32(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    return not equal(ours, theirs, float(np.finfo(np.float32).eps))


def _predicted_in_float32(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    predicted = [x for x in arrays(call) if x.ndim and x.dtype == np.float32]
    return bool(predicted) and _in_float32(call, ours, theirs)


def _vectors_of_equal_products(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether the values are equal, and the vectors orthonormal with equal products."""
    if len(ours) == len(theirs) == 3 and call.path == "keras.ops.svd":  # U, s and Vᵀ
        ours, theirs = ([s, u, np.swapaxes(v, -1, -2)] for u, s, v in (ours, theirs))
    if len(ours) == 1 or equal(ours[:1], theirs[:1]):
        return False
    sides, well = [], ~np.isnan(ours[1]).any((-2, -1))
    if not np.array_equal(well, ~np.isnan(theirs[1]).any((-2, -1))):
        return False
    for values, *vectors in (ours, theirs):
        few = values.shape[-1]
        for x in vectors:
            square = np.swapaxes(x, -1, -2)[well] @ x[well]
            if equal([square], [np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), square.shape)]):
                return False
        u, v = vectors[0][..., :few], vectors[-1][..., :few]
        sides.append([(u * values[..., None, :])[well] @ np.swapaxes(v, -1, -2)[well]])
    return not equal(*sides)


def _ill_conditioned(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether the solutions differ by no more than a rounding of the matrix moves them.

    The first-order bound of perturbation theory (Golub and Van Loan, Matrix Computations, 2.6 and
    5.3) is ε times the condition number κ, and ε κ² where the normal equations are solved.
    """
    return _within(call, ours[:1], theirs[:1], 2 if call.path.endswith("lstsq") else 1)


def _steep(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether gradients differ by no more than a rounding of the matrix moves them: ε κ³."""
    return _within(call, ours, theirs, 3)


def _within(call: Call, ours: list[Any], theirs: list[Any], power: int) -> bool:
    """Whether what differs is below 4 ε κ^power of the largest, a bound that is below 1 itself."""
    matrix = np.asarray(first(call), "c16")
    if not np.isfinite(matrix).all() or matrix.ndim < 2 or not matrix.size:
        return False
    sides = [[np.asarray(x, "c16") for x in side] for side in (ours, theirs)]
    if [x.shape for x in sides[0]] != [x.shape for x in sides[1]]:
        return False
    growth = float(np.linalg.cond(matrix).max()) ** power
    relative = 4 * float(np.finfo(theirs[0].dtype).eps) * growth
    size = max(float(np.abs(x).max(initial=0.0)) for x in sides[1])
    return relative < 1 and all(
        bool(np.all(np.abs(a - b) <= relative * size)) for a, b in zip(*sides, strict=True)
    )


def _one_off(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    wide = [x[0].astype(np.float64) for x in (ours, theirs)]
    return ours[0].dtype.kind in "iu" and bool(np.all(np.abs(wide[0] - wide[1]) <= 1))


def _bytes_below_0(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    """Whether what differs was wrapped around here, and is 0 there."""
    whole = any(x.dtype == np.uint8 and x.size >= 32 for x in arrays(call))
    differ = ours[0] != theirs[0]
    return bool(whole and np.all(ours[0][differ] > 127) and np.all(theirs[0][differ] == 0))


def _downwards(call: Call, ours: list[Any], theirs: list[Any]) -> bool:
    both = dict(zip(("start", "stop"), call.args, strict=False)) | call.kwargs
    ends = (both[name] for name in ("start", "stop"))
    start, stop = (np.asarray(x.array if isinstance(x, Tensor) else x) for x in ends)
    return np.uint8 in (start.dtype, stop.dtype) and bool(np.any(start > stop))


_SOLVED = (
    r"(linalg|ops)\.(lstsq|solve|inv|pinv|(solve_)?triangular(_solve)?|matrix_(solve|inverse))$"
)
_DECOMPOSED = "cholesky|det|eigh|inv|lstsq|logdet|norm|pinv|qr|solve|solve_triangular|svd"

KNOWN = (
    Known(
        r"\.(mse|mae|mape|msle|MSE|MAE|MAPE|MSLE|mean_\w+_error|Mean\w+Error|[hH]uber|full_like|"
        r"[aA]ccuracy|SparseCategoricalAccuracy|sparse_categorical_accuracy)$",
        "the cast of negative floats to uint8 is undefined in C: TensorFlow's are 0 in blocks of "
        "some numbers and wrapped around in the rest of an array",
        _into_bytes,
    ),
    Known(
        r"cholesky$",
        "where a factor is nan TensorFlow leaves its upper triangle unset",
        _nan_factor,
    ),
    Known(
        r"(linalg|ops)\.(svd|eigh)$",
        "the sign of a singular vector or an eigenvector is nobody's choice, nor are the vectors "
        "of equal values; their products with the values are equal",
        _vectors_of_equal_products,
    ),
    Known(
        r"(linalg|ops)\.qr$",
        "the factors of a matrix with inf or nan are nan, which LAPACK spreads less far",
        _nan_somewhere,
    ),
    Known(
        r"(layers\.RMSNormalization|ops\.(rms|layer)_normalization)$",
        "normalized integers are cut off, and 1 may be a rounding more or less",
        _one_off,
    ),
    Known(
        r"(layers\.\w+Normalization|ops\.layer_normalization)$",
        "layers round normalized integers to the dtype of the input, and the cast of negative "
        "floats to uint8 is undefined in C: TensorFlow's are 0 in blocks of 32",
        _bytes_below_0,
    ),
    Known(
        _SOLVED,
        "a solution of an ill-conditioned system moves by its condition number times the rounding",
        _ill_conditioned,
    ),
    Known(
        r"searchsorted$",
        "a search in values that are in no order may end anywhere",
        _in_no_order,
    ),
    Known(
        r"\berf$",
        "TensorFlow's erf of float64 is nan where the square is infinite, in place of 1 or -1",
        _infinite_squares,
    ),
    Known(
        r"(sort|top_k)$",
        "TensorFlow compares nan like a number, so that a row with one comes out in no order",
        _rows_with_nan,
    ),
    Known(
        r"top_k$",
        "with sorted=False the largest values come in no order",
        _another_order,
    ),
    Known(
        r"\.(mse|MSE|mean_squared_error)$",
        "Keras rounds complex128 numbers to complex64 before it adds them",
        _rounded,
    ),
    Known(
        r"keras\.ops\.",
        "Keras computes complex128 numbers in complex64",
        _of_less_precision,
    ),
    Known(
        r"utils\.normalize$",
        "Keras divides arrays by norms that it puts along the last axis, whatever the `axis`",
        _by_norms_along_an_axis,
    ),
    Known(
        r"keras\.ops\.prod$",
        "Keras multiplies in the dtype of the input, whatever the `dtype`",
        _of_another_dtype,
    ),
    Known(
        r"focal_crossentropy$",
        "a scalar of float64 makes float64 numbers of what was computed and rounded in float32",
        _predicted_in_float32,
    ),
    Known(
        r"layers\.(Random(Rotation|Translation|Zoom)|Resizing)$",
        "pixels are interpolated in float32, whatever the dtype of the images",
        _in_float32,
    ),
    Known(
        r"(reduce_prod|ops\.prod)$",
        "TensorFlow's products are inf or nan where a part of one is too large",
        _large_parts,
    ),
    Known(
        r"linspace$",
        "TensorFlow subtracts unsigned integers, modulo their range, before they are floats",
        _downwards,
    ),
)

KNOWN_GRADIENTS = (
    Known(
        r"layers\.Random(Rotation|Translation|Zoom)$",
        "TensorFlow moves the cotangents of moved images by the inverse, which is no derivative",
        _always,
    ),
    Known(
        r"layers\.Resizing$",
        "pixels are interpolated in float32, whatever the dtype of the images",
        _in_float32,
    ),
    Known(
        rf"(linalg\.\w+|ops\.({_DECOMPOSED}))$",
        "what follows from the eigenvalues and factors of a matrix with inf or nan is undefined",
        _not_finite,
    ),
    Known(
        r"(max_pool\w*|MaxPool\w*)$",
        "where nan is the first of a window TensorFlow skips it and hands it the gradient",
        _not_finite,
    ),
    Known(
        _SOLVED,
        "a solution of an ill-conditioned system moves by its condition number times the rounding",
        _steep,
    ),
    Known(
        r"linalg\.triangular_solve$",
        "TensorFlow solves with lower=None as with True, and differentiates it as with False",
        _of_the_other_triangle,
    ),
    Known(
        r"cumprod$",
        "TensorFlow's derivative of cumprod is wrong from a 0 on: it divides by the factors",
        _with_a_zero,
    ),
    Known(
        r"nn\.(silu|swish)$",
        "where `beta` is broadcast or broadcasts TensorFlow's gradients have other shapes",
        _not_of_the_shapes_of_its_sources,
    ),
    Known(
        r"layers\.(MultiHeadAttention|\w*Conv\w*)$",
        "keras.ops.add takes a bias that is a column for a row where it fits both (Keras 3.15)",
        _equal_sums,
    ),
)


def known(call: Call, ours: list[Any], theirs: list[Any], table: tuple[Known, ...] = KNOWN) -> str:
    """Why the results differ, or the gradients with their `table`, if that is known."""
    for row in table:
        if re.search(row.paths, call.path) and row.holds(call, ours, theirs):
            return row.why
    return ""


# -- the verdict of a case -------------------------------------------------------------------------


Asked = Callable[[Call], list[Any]]  # what both sides say of a call


def judge(
    form: Form, i: int, call: Call, ours: Any, theirs: Any, asked: Asked | None = None
) -> None:
    for said, side in ((ours, "scratchnet"), (theirs, "TensorFlow")):
        if isinstance(said, str):
            form.count(f"{side} was lost")
            if side == "scratchnet":
                form.found(i, "the process was lost", f"{said}: {call}")
            return
    if ours[0] == "error" and leaks(*ours[1]) and not same_family(call, ours[1], theirs):
        form.found(
            i,
            "an error from inside",
            f"{ours[1][0][0]}: {ours[1][1][:150]}: {call}",
            f"{call.path} leaks" if call.path != PIPELINES else ours[1][1][:60],
        )
    if ours[0] == theirs[0] == "value":
        form.count("both take")
        (values, slopes), (values_there, slopes_there) = ours[1], theirs[1]
        eps = coarsest([*arrays(call), *values, *slopes])
        if _not_finite(call, [], []):
            slopes, slopes_there = _nan_for_inf(slopes), _nan_for_inf(slopes_there)
        if how := equal(values, values_there, rounding(call)):
            what, why = "a silent difference", known(call, values, values_there)
        elif how := equal(slopes, slopes_there, eps):
            what, why = "another gradient", _known_gradients(call, slopes, slopes_there)
        if how and not why and asked and re.search(r"linalg\.|layers\.|keras\.ops\.", call.path):
            why = _in_float64(call, [*values, *slopes], [*values_there, *slopes_there], asked)
        if how and why:
            form.count("known differences")
            form.remark(f"known difference: {why}")
        elif how:
            group = f"{what} of {call.path}" if call.path != PIPELINES else how
            form.found(i, what, f"{how[:250]}: {call}", group)
    elif ours[0] == theirs[0]:
        form.count("both refuse")
    elif ours[0] == "error":
        form.count("only scratchnet refuses")
        form.remark(f"only scratchnet refuses {call.path}: {ours[1][1][:90]}")
    else:
        form.count("only TensorFlow refuses")


def _known_gradients(call: Call, ours: list[Any], theirs: list[Any]) -> str:
    """Why the gradients differ, if that is known; never why one is None and the other is not."""
    there = [[is_array(g) for g in side] for side in (ours, theirs)]
    if there[0] != there[1]:
        return ""
    return known(
        call, *([g for g in side if is_array(g)] for side in (ours, theirs)), KNOWN_GRADIENTS
    )


def _in_float64(call: Call, ours: list[Any], theirs: list[Any], asked: Asked) -> str:
    """Why float32 results differ, if only rounding is left: TensorFlow's is as far from float64.

    Both are `asked` for the same call in float64. They must agree there, to 32 bits, and each of
    ours in float32 be no further from that than 8 times TensorFlow's own in float32.
    Layers may draw other numbers in float64; then TensorFlow's differ by more than a hundredth.
    """
    is_layer = "layers." in call.path
    kwargs = {name: _widened(x) for name, x in call.kwargs.items()}
    wide = Call(
        call.path,
        tuple(map(_widened, call.args)),
        kwargs | ({"dtype": "float64"} if is_layer else {}),
        None if call.inputs is None else tuple(map(_widened, call.inputs)),
    )
    said = asked(wide)
    if any(isinstance(side, str) or side[0] == "error" for side in said):
        return ""
    mine, exact = ([*values, *slopes] for _, (values, slopes) in said)
    if equal(mine, exact, 2**-40) or not len(ours) == len(theirs) == len(exact):
        return ""
    for a, b, x in zip(ours, theirs, exact, strict=True):
        if not (is_array(a) and a.dtype == b.dtype == np.float32 and x.dtype == np.float64):
            if equal([a], [b]):
                return ""
            continue
        far, far_there = (np.max(np.abs(y - x), initial=0.0) for y in (a, b))
        if equal([a], [b]) and not far <= 8 * far_there:
            return ""
        if is_layer and not far_there <= 0.01 * max(1.0, np.max(np.abs(x), initial=0.0)):
            return ""
    return "the rounding of float32: in float64 both agree, and TensorFlow's float32 is as far off"


def _widened(x: Any) -> Any:
    if isinstance(x, list):
        return [_widened(part) for part in x]
    if isinstance(x, Tensor):
        return Tensor(_widened(x.array))
    return x.astype(np.float64) if is_array(x) and x.dtype == np.float32 else x


def _nan_for_inf(slopes: list[Any]) -> list[Any]:
    """Gradients at inf and nan, of which 0 times inf, or a bit more than 0, decides which it is."""
    return [np.where(np.isfinite(x), x, np.nan) if is_array(x) else x for x in slopes]


def same_family(call: Call, ours: Any, theirs: Any) -> bool:
    """Whether TensorFlow's error is of our class, where that is one of Python's own.

    What a function raises that a data set is mapped by is Python's own text in both.
    """
    kind = ours[0][0]
    mine = hasattr(builtins, kind) and (call.path == PIPELINES or not INSIDE.search(ours[1]))
    return bool(mine and theirs[0] == "error" and kind in theirs[1][0])


def run(form: Form) -> None:
    paths = targets(form.only)
    form.count("functions and classes", len(paths))
    sides = [
        Peer("tests.long.fuzz", QUIET | {"LIBRARY": name}) for name in ("scratchnet", "tensorflow")
    ]
    try:
        batch: list[tuple[int, Call]] = []
        for i in form.numbers():
            batch.append((i, drawn(form.rng(i), paths)))
            if len(batch) == AT_ONCE:
                _ask(form, sides, batch)
                batch = []
        _ask(form, sides, batch)
    finally:
        for side in sides:
            side.end()


def _ask(form: Form, sides: list[Peer], batch: list[tuple[int, Call]]) -> None:
    def asked(call: Call) -> list[Any]:
        for side in sides:
            side.send(call)
        return [side.receive(SECONDS) for side in sides]

    for i, call in batch:
        ours, theirs = asked(call)
        judge(form, i, call, ours, theirs, asked)
