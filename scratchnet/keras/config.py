"""Settings of the whole package, and the checks of dtype, shape and layout arguments."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tracebacks import (
    disable_traceback_filtering,
    enable_traceback_filtering,
    is_traceback_filtering_enabled,
    warn,
)
from scratchnet.ops.arguments import one_of
from scratchnet.unsupported import listed, missing

__all__ = [
    "backend",
    "disable_layer_fusion",
    "disable_strict_compile",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_layer_fusion",
    "enable_strict_compile",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_layer_fusion_enabled",
    "is_strict_compile_enabled",
    "is_traceback_filtering_enabled",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
]

Shape = tuple[int | None, ...]

_settings: dict[str, Any] = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "strict_compile": False,
    "layer_fusion": True,
    "dtype_policy": None,  # that of layers, once the first of them was made
}


def backend() -> str:
    """The name of the library that computes: "tensorflow", whose numbers these are.

    Programs that ask for it do so to know whose tensors they get.

    >>> backend()
    'tensorflow'
    """
    return "tensorflow"


def floatx() -> str:
    """The dtype that layers compute in if none is given: see `set_floatx`.

    >>> floatx()
    'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Set `floatx`: ``"float16"``, ``"float32"`` or ``"float64"``.

    Call it before the first layer is made: the first layer without a `dtype` of its own fixes, as
    in Keras, what those after it compute in, up to `clear_session`.

    Raises:
        ValueError: any other value.
    """
    if not one_of(value, ("float16", "float32", "float64")):
        raise ValueError(
            say("set_floatx", "value", "must be 'float16', 'float32' or 'float64'", value)
        )
    _settings["floatx"] = value


def epsilon() -> float:
    """How far probabilities are kept from 0 and 1 before a logarithm.

    >>> epsilon()
    1e-07
    """
    return float(_settings["epsilon"])


def set_epsilon(value: float) -> None:
    """Set `epsilon`.

    Raises:
        TypeError, ValueError: `value` is no number.
    """
    check_scalars("set_epsilon", value=value)
    _settings["epsilon"] = float(value)


def enable_strict_compile() -> None:
    """Let `compile` refuse `validation_split` and `shuffle` with a TypeError, as Keras 3 does.

    They belong to `fit`.  The Keras of TensorFlow 2.0 overlooked them in `compile`, and notebooks
    of its day have them there; those run here with a warning, unless this is called first.

    >>> enable_strict_compile()
    >>> is_strict_compile_enabled()
    True
    >>> disable_strict_compile()
    """
    _settings["strict_compile"] = True


def disable_strict_compile() -> None:
    """Undo `enable_strict_compile`: `compile` ignores arguments of `fit` with a warning."""
    _settings["strict_compile"] = False


def is_strict_compile_enabled() -> bool:
    """Whether `compile` refuses arguments of `fit`; see `enable_strict_compile`."""
    return bool(_settings["strict_compile"])


def enable_unsafe_deserialization() -> None:
    """Changes nothing: what a file holds of Python lambdas is never run here, and is refused."""


def disable_layer_fusion() -> None:
    """Let models call each layer by itself, for whoever wants to watch them.

    Otherwise a model computes a Conv2D and the MaxPooling2D that alone reads its output in one
    pass, so the image between them is never there; and so a BatchNormalization or an Add with the
    relu that alone reads its output, in training all three.  (Graphs of TensorFlow fuse ops, too;
    there ``tf.config.optimizer`` says so.)  Results are the same, gradients of a pooled convolution
    up to rounding.

    >>> disable_layer_fusion()
    >>> is_layer_fusion_enabled()
    False
    >>> enable_layer_fusion()
    """
    _settings["layer_fusion"] = False


def enable_layer_fusion() -> None:
    """Undo `disable_layer_fusion`."""
    _settings["layer_fusion"] = True


def is_layer_fusion_enabled() -> bool:
    """Whether models fuse layers; see `disable_layer_fusion`."""
    return bool(_settings["layer_fusion"])


# The names of before, which programs may still use; `dir` does not list them.
disable_layer_joining = disable_layer_fusion
enable_layer_joining = enable_layer_fusion
is_layer_joining_enabled = is_layer_fusion_enabled


def image_data_format() -> str:
    """The layout of images if none is given: always ``"channels_last"``."""
    return "channels_last"


def standardize_dtype(dtype: object) -> str:
    """The name of `dtype`; `floatx` for None.  A saved layer's dtype policy (a dict) is understood.

    Raises:
        ValueError: `dtype` names none.

    >>> standardize_dtype(None), standardize_dtype("int32"), standardize_dtype(float)
    ('float32', 'int32', 'float32')
    """
    if dtype is None:
        return floatx()
    if isinstance(dtype, dict):
        try:
            dtype = dtype["config"]["name"]
        except (KeyError, TypeError):
            rule = "must be a dtype, or the config of a dtype policy"
            raise ValueError(say("dtype", "dtype", rule, dtype)) from None
    try:
        return as_dtype(dtype).name
    except TypeError:
        raise ValueError(f"Invalid dtype: {dtype}") from None


@contextmanager
def dtypes_of(where: str, dtype: object) -> Iterator[None]:
    """In this context a `dtype` that is none is refused in the name of `where`, a class.

    Raises:
        ValueError: instead of the one that `standardize_dtype` raises.
    """
    try:
        yield
    except ValueError as error:
        rule = "must be a dtype or its name"
        raise ValueError(f"{error}: {say(where, 'dtype', rule, dtype)}") from None


def standardize_shape(shape: Any) -> Shape:
    """`shape` as a tuple of ints and None.

    Raises:
        ValueError: it is not a sequence of sizes, or a size is negative.

    >>> standardize_shape([None, 3])
    (None, 3)
    """
    try:
        sizes = list(shape)
    except TypeError:  # of what no iteration is over: None, a number, an array of rank 0
        raise ValueError(say("shape", "shape", "must be a sequence of sizes", shape)) from None
    return tuple([_size(size, shape) for size in sizes])


def _size(size: Any, shape: Any) -> int | None:
    if size is None:
        return None
    try:
        if isinstance(size, str | float):
            raise TypeError
        value = int(size)
    except (TypeError, ValueError):
        raise ValueError(say("shape", "shape", "must hold integers and None", shape)) from None
    if value < 0:
        raise ValueError(say("shape", "shape", "must hold no negative sizes", shape))
    return value


def standardize_data_format(data_format: str | None) -> str:
    """``"channels_last"`` or ``"channels_first"``.

    Raises:
        ValueError: any other value.
    """
    value = str(image_data_format() if data_format is None else data_format).lower()
    if value not in ("channels_first", "channels_last"):
        raise ValueError(
            say("layer", "data_format", "must be 'channels_last' or 'channels_first'", data_format)
        )
    return value


def check_numbers(where: str, **values: Any) -> None:
    """Refuse each of `values`, by the names of the arguments, that is not one number.

    Raises:
        TypeError: it is nothing that can be made a float.
        ValueError: an array or tensor of several.
    """
    for name, value in values.items():
        array = value._data if isinstance(value, Operators) else value
        kind = array.dtype.kind if isinstance(array, np.ndarray | np.generic) else "f"
        if not hasattr(value, "__float__") or kind not in "biuf":
            raise TypeError(say(where, name, "must be a number", value))
        if isinstance(array, np.ndarray) and array.size != 1:
            raise ValueError(say(where, name, "must be one number", value))


def check_scalars(where: str, **values: Any) -> None:
    """As `check_numbers`, and an array of one number is refused, too: it must be of rank 0.

    Raises:
        TypeError, ValueError: as there.
    """
    check_numbers(where, **values)
    for name, value in values.items():
        array = value._data if isinstance(value, Operators) else value
        if isinstance(array, np.ndarray) and array.ndim:
            raise ValueError(say(where, name, "must be a number, not an array of one", value))


def check_factors(where: str, **values: Any) -> None:
    """Refuse each of `values`, by the names of the arguments, that is nothing to multiply by.

    Raises:
        TypeError: it is neither a number nor an array or list of numbers.
        ValueError: a list of lists of several lengths.
    """
    for name, value in values.items():
        if isinstance(value, int | float):
            continue
        try:
            array = value._data if isinstance(value, Operators) else np.asarray(value)
        except ValueError:
            rule = "must be a number, or numbers in lists of one length"
            raise ValueError(say(where, name, rule, value)) from None
        if array.dtype.kind not in "biuf":
            raise TypeError(say(where, name, "must be a number", value))


def check_integers(where: str, least: int, most: int | None = None, **values: Any) -> None:
    """Refuse each of `values`, by the names of the arguments, that is no integer in that range.

    Raises:
        TypeError: no integer.
        ValueError: one below `least` or above `most`.
    """
    for name, value in values.items():
        try:
            number = operator.index(value)
        except TypeError:
            raise TypeError(say(where, name, "must be an integer", value)) from None
        if number < least or (most is not None and number > most):
            rule = f"must be an integer >= {least}" + (f" and <= {most}" if most else "")
            raise ValueError(say(where, name, rule, value))


def check_flags(where: str, **values: Any) -> None:
    """Refuse each of `values`, by the names of the arguments, that is neither true nor false.

    Raises:
        ValueError: what is neither: arrays and tensors of several elements, or of none.
    """
    for name, value in values.items():
        to_bool(where, name, value)


def array_of_numbers(where: str, name: str, value: Any) -> Array:
    """`value`, an argument by that name, as an array of numbers.

    Raises:
        TypeError: it holds something else.
        ValueError: lists of several lengths.

    >>> array_of_numbers("f", "values", [[1, 2]]).shape
    (1, 2)
    """
    rule = "must be numbers, in lists of one length"
    try:
        array = value._data if isinstance(value, Operators) else np.asarray(value)
    except ValueError:
        raise ValueError(say(where, name, rule, value)) from None
    if array.dtype.kind not in "biufc":
        raise TypeError(say(where, name, rule, value))
    return np.asarray(array)


def refuse_unsupported(where: str, kwargs: dict[str, Any], only: dict[str, Any]) -> None:
    """Take the arguments named in `only` out of `kwargs`; each must have its value in `only`.

    They are arguments of Keras's class that ask for something which does not exist here.

    Raises:
        ValueError: another value.
    """
    for name in only.keys() & kwargs.keys():
        value = kwargs.pop(name)
        if isinstance(value, Operators | np.ndarray) or value != only[name]:
            raise ValueError(
                f"{where}: `{name}` must be {only[name]!r} here, received {name}={value!r}"
            )


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.config")
    __dir__ = listed(__name__)


_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


def standardize_policy(dtype: object) -> tuple[str, str]:
    """(the dtype that a layer computes in, the name of its policy in files).

    Keras's mixed policies keep variables in float32 and compute in 16 bits; here such a layer
    computes in float32, too, with a warning.

    Raises:
        ValueError: `dtype` names neither a dtype nor such a policy.

    >>> standardize_policy("float64")
    ('float64', 'float64')
    """
    name: Any = dtype.name if isinstance(dtype, DTypePolicy) else dtype
    if isinstance(dtype, dict):  # as files have it
        config = dtype.get("config")
        if not isinstance(config, dict) or "name" not in config:
            rule = "must be a dtype, its name, or the config of a policy"
            raise ValueError(f"dtype: {rule}, received dtype={dtype!r}")
        name = config["name"]
    if one_of(name, tuple(_MIXED)):
        _warn_of_mixed(name)
        return "float32", name
    if dtype is None:
        name = dtype_policy().name
        return ("float32" if name in _MIXED else name), name
    found = standardize_dtype(name if isinstance(dtype, DTypePolicy) else dtype)
    return found, found


def _warn_of_mixed(name: str) -> None:
    warn(
        f"Layers of the dtype policy {name!r} compute in {_MIXED[name]} in Keras; here they "
        f"compute in float32, so that results differ by the rounding of {_MIXED[name]}"
    )


class DTypePolicy:
    """In which dtype layers keep their variables, and in which they compute.

    Layers take one as `dtype`, or its name. Mixed policies are computed in float32 here: a layer of
    one says so by a warning.

    Args:
        name: a floating dtype, for both; or "mixed_float16", "mixed_bfloat16": 16 bits to compute
            in, float32 for variables; that of `dtype_policy` if not given.

    Raises:
        ValueError: no such name.
        TypeError: no string.

    Reference: ``keras.DTypePolicy``, which was ``keras.mixed_precision.Policy``.

    >>> policy = DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            raise TypeError(say("DTypePolicy", "name", "must be a string", name))
        self._name = name
        try:
            self._compute_dtype = _MIXED.get(name) or standardize_dtype(name)
        except ValueError:
            rule = f"must be the name of a dtype or one of {[*_MIXED]}"
            raise ValueError(say("DTypePolicy", "name", rule, name)) from None
        self._variable_dtype = "float32" if name in _MIXED else self._compute_dtype

    @property
    def name(self) -> str:
        """The name that it was made with."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype in which Keras computes."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of variables."""
        return self._variable_dtype

    def get_config(self) -> dict[str, Any]:
        """The argument that makes this policy again."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """The policy of a config."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]  # as in Keras

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are made without a `dtype`.

    >>> dtype_policy()
    <DTypePolicy "float32">
    """
    name = _settings["dtype_policy"] = _settings["dtype_policy"] or floatx()
    return DTypePolicy(name)


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Let layers that are made from now on have a policy, until `clear_session`.

    Args:
        policy: a `DTypePolicy`, or its name.

    Raises:
        ValueError: no such policy; nothing is changed then.

    >>> set_dtype_policy("float64")
    >>> dtype_policy()
    <DTypePolicy "float64">
    >>> set_dtype_policy("float32")
    """
    if not isinstance(policy, str | DTypePolicy):
        rule = "must be the name of a policy, or a `DTypePolicy`"
        raise ValueError(say("set_dtype_policy", "policy", rule, policy))
    chosen = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)
    if chosen.name in _MIXED:
        _warn_of_mixed(chosen.name)
    _settings["dtype_policy"] = chosen.name


def forget_dtype_policy() -> None:
    """Let the next layer fix anew what layers compute in."""
    _settings["dtype_policy"] = None
