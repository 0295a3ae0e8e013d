"""What of TensorFlow is not here, and what to use instead.

A public module says in ``__all__`` what it offers, and ends with

    if not TYPE_CHECKING:  # a type checker is to see which names there are
        __getattr__ = missing(__name__, "tf.nn")
        __dir__ = listed(__name__)

so that a name which it does not have is refused with advice, and its ``dir`` shows what it offers
without what it only imports.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from scratchnet.unsupported.names import LISTED

_SESSION = "graphs and sessions are TensorFlow 1's; every op runs when it is called"
_TEXT = "there are no tensors of text: prepare text with Python, and pass numbers on"
_SPARSE = "every tensor is dense: use `tf.where`, `tf.gather` and `tf.scatter_nd` on the whole"
_WEIGHTS = "keep a Keras model with `model.save` or `model.save_weights`"
_ONLY_2 = "there is no TensorFlow 1 here: write the TensorFlow 2 form"
_ONE_CPU = "scratchnet computes on one CPU"
_FORMATS = "it is not part of scratchnet; `.numpy()` gives the values to other libraries"
_TAPE = "use `tf.GradientTape`"
_DRAW = "draw with NumPy, from a generator of `numpy.random.default_rng(seed)`"

# TensorFlow's name -> what to know, where a name alone would not help.
REASONS = {
    "tf.AggregationMethod": "gradients are added up in one way only",
    "tf.Graph": _SESSION,
    "tf.Operation": _SESSION,
    "tf.RaggedTensor": "pad the rows to one length, and mask what is padding",
    "tf.RegisterGradient": "use `tf.custom_gradient`",
    "tf.Session": _SESSION,
    "tf.SparseTensor": _SPARSE,
    "tf.VariableAggregation": _ONE_CPU,
    "tf.VariableSynchronization": _ONE_CPU,
    "tf.app": "parse the command line with `argparse`",
    "tf.as_string": _TEXT,
    "tf.audio": _FORMATS,
    "tf.bfloat16": "NumPy has no such dtype: use `tf.float32`",
    "tf.contrib": "it went with TensorFlow 1",
    "tf.distribute": _ONE_CPU,
    "tf.enable_eager_execution": "every op runs eagerly already: leave the call out",
    "tf.enable_v2_behavior": "this is TensorFlow 2's behaviour already: leave the call out",
    "tf.experimental": "nothing of it is here; tensors are not NumPy arrays, use `.numpy()`",
    "tf.feature_column": "prepare the columns with NumPy",
    "tf.get_variable": "use `tf.Variable(value, name=...)`",
    "tf.global_variables_initializer": "a `tf.Variable` has its value from the beginning",
    "tf.grad_pass_through": "use `tf.custom_gradient` with `lambda g: g`",
    "tf.image": "work on the pixels with tensor ops, or on the arrays with NumPy",
    "tf.io": "read files with Python or NumPy: `tf.constant(numpy.load(path))`",
    "tf.layers": "use `tf.keras.layers`",
    "tf.lite": _FORMATS,
    "tf.local_variables_initializer": "a `tf.Variable` has its value from the beginning",
    "tf.lookup": "use a Python dict",
    "tf.no_gradient": "use `tf.stop_gradient`, or `tape.stop_recording()`",
    "tf.placeholder": "pass the tensor itself to a Python function; Keras has `keras.Input`",
    "tf.profiler": "use Python's profilers",
    "tf.quantization": _FORMATS,
    "tf.ragged": "pad the rows to one length, and mask what is padding",
    "tf.random_normal": "use `tf.random.normal`",
    "tf.random_uniform": "use `tf.random.uniform`",
    "tf.raw_ops": "use the op by its public name",
    "tf.recompute_grad": "leave it out: the gradient is the same, only memory would be saved",
    "tf.saved_model": _WEIGHTS,
    "tf.self": "there is none",
    "tf.set_random_seed": "use `tf.random.set_seed`",
    "tf.sets": "use Python's sets",
    "tf.signal": "use `numpy.fft` or `scipy.signal` on `.numpy()`",
    "tf.sparse": _SPARSE,
    "tf.string": _TEXT,
    "tf.strings": _TEXT,
    "tf.tpu": _ONE_CPU,
    "tf.train": (
        f"`tf.train.Checkpoint` and its like are not here: {_WEIGHTS}, other variables with "
        "`numpy.savez`; optimizers are in `tf.keras.optimizers`"
    ),
    "tf.xla": "nothing is compiled by XLA here",
    "tf.autodiff.ForwardAccumulator": f"{_TAPE}: a Jacobian-vector product is two of them nested",
    "tf.test.TestCase": "use `pytest` or `unittest`, and `numpy.testing`",
    "tf.test.main": "use `pytest` or `unittest`",
    "tf.test.Benchmark": "use `timeit`",
    "tf.config.optimizer": "there is no graph to optimize",
    "tf.debugging.set_log_device_placement": _ONE_CPU,
    "tf.debugging.experimental": "look at `tape.records`, which tells every op",
    "tf.keras.applications": "there are no trained networks to load",
    "tf.keras.mixed_precision.LossScaleOptimizer": (
        "mixed policies compute in float32 here, whose gradients need no scale"
    ),
    "tf.keras.random.beta": _DRAW,
    "tf.keras.random.binomial": _DRAW,
    "tf.keras.random.gamma": _DRAW,
}

# Of modules that are here: what to know of any name that they lack.
_OF_MODULES = {
    "tf.compat": _ONLY_2,
    "tf.compat.v1": _ONLY_2,
    "tf.compat.v1.logging": "use Python's `logging`, with `tf.get_logger()`",
}

# Where else a name may be: tf.log is tf.math.log, tf.Dense is tf.keras.layers.Dense.
_SHELVES = {
    "scratchnet": "tf",
    "scratchnet.math": "tf.math",
    "scratchnet.nn": "tf.nn",
    "scratchnet.linalg": "tf.linalg",
    "scratchnet.random": "tf.random",
    "scratchnet.data": "tf.data",
    "scratchnet.keras": "tf.keras",
    "scratchnet.keras.layers": "tf.keras.layers",
    "scratchnet.keras.losses": "tf.keras.losses",
    "scratchnet.keras.metrics": "tf.keras.metrics",
    "scratchnet.keras.optimizers": "tf.keras.optimizers",
    "scratchnet.keras.callbacks": "tf.keras.callbacks",
    "scratchnet.keras.initializers": "tf.keras.initializers",
    "scratchnet.keras.utils": "tf.keras.utils",
}


def missing(module: str, shown: str) -> Callable[[str], NoReturn]:
    """The ``__getattr__`` of a module.

    Args:
        module: its ``__name__``.
        shown: the name by which TensorFlow knows it, such as ``"tf.nn"``.

    >>> import scratchnet as tf
    >>> tf.log
    Traceback (most recent call last):
    AttributeError: module 'scratchnet' has no attribute 'log': it is `tf.math.log`
    >>> tf.nn.rleu
    Traceback (most recent call last):
    AttributeError: module 'scratchnet.nn' has no attribute 'rleu': did you mean `tf.nn.relu`?
    """

    def refuse(name: str) -> NoReturn:
        text = f"module {module!r} has no attribute {name!r}"
        if not name.startswith("_"):  # Python itself asks for these, and wants no advice
            advice = _advice(module, shown, name)
            text += f": {advice}" if advice else ""
        raise AttributeError(text)

    refuse.__name__ = "__getattr__"
    return refuse


def listed(module: str) -> Callable[[], list[str]]:
    """The ``__dir__`` of a module: what is in its ``__all__``, and Python's own names.

    Args:
        module: its ``__name__``.

    >>> import scratchnet as tf
    >>> [name for name in dir(tf.autodiff) if not name.startswith("_")]
    ['GradientTape']
    """

    def names() -> list[str]:
        own = [name for name in vars(sys.modules[module]) if name.startswith("__")]
        return sorted({*own, *_public(module)})

    names.__name__ = "__dir__"
    return names


def unknown(kind: str, identifier: Any, known: Iterable[str]) -> ValueError:
    """The error for an `identifier` that names nothing here.

    Args:
        kind: what Keras calls it, such as ``"loss"``.
        identifier: what was given.
        known: the names that there are.

    >>> print(unknown("optimizer", "sdg", ["adam", "sgd"]))
    Could not interpret optimizer identifier: sdg; here are 'adam', 'sgd'
    """
    text = f"Could not interpret {kind} identifier: {identifier}"
    if not isinstance(identifier, str):
        return ValueError(text)
    space, wanted = _SPACE_OF[kind], _plain(identifier)
    for name, reason in LISTED.items():
        if name.rpartition(".")[0] == space and _plain(name.rpartition(".")[2]) == wanted:
            text += f"; `{name}` is Keras's but not here: {reason}"
            break
    names = sorted({name for name in known if name.islower()})
    return ValueError(f"{text}; here are {', '.join(map(repr, names))}")


_SPACE_OF = {
    "activation function": "tf.keras.activations",
    "constraint": "tf.keras.constraints",
    "initializer": "tf.keras.initializers",
    "loss": "tf.keras.losses",
    "metric": "tf.keras.metrics",
    "optimizer": "tf.keras.optimizers",
    "regularizer": "tf.keras.regularizers",
}


def _plain(name: str) -> str:
    """`name` without what a class and its name in a string differ by: MaxNorm is max_norm."""
    return name.replace("_", "").lower()


def _advice(module: str, shown: str, name: str) -> str:
    asked = f"{shown}.{name}"
    reason = REASONS.get(asked) or LISTED.get(asked)
    reason = reason or _OF_MODULES.get(shown) or REASONS.get(shown)
    if reason:
        return f"scratchnet does not have `{asked}`; {reason}"
    elsewhere = list(_found(name))
    if elsewhere:
        return f"it is {' or '.join(f'`{place}`' for place in elsewhere[:2])}"
    for listed, reason in LISTED.items():  # tf.LSTM is asked for, tf.keras.layers.LSTM is meant
        if listed.rpartition(".")[2] == name:
            meant = listed if shown == "tf" else asked
            return f"scratchnet does not have `{meant}`; {reason}"
    close = difflib.get_close_matches(name, _public(module), n=1, cutoff=0.7)
    if close:
        return f"did you mean `{shown}.{close[0]}`?"
    return f"scratchnet does not have `{asked}`; `dir({shown})` lists what is there"


def _found(name: str) -> Iterator[str]:
    """The places where there is something of this name."""
    for module, shown in _SHELVES.items():
        if name in _public(module):
            yield f"{shown}.{name}"


def _public(module: str) -> list[str]:
    names = vars(sys.modules.get(module, object))
    return list(names.get("__all__", [name for name in names if not name.startswith("_")]))
