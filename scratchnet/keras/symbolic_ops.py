"""``keras.ops`` on KerasTensors: a call is a node of the model's graph, as that of a layer is.

Each function has a small layer without weights, an `Operation`.  What is no tensor, such as `axis`,
makes the operation, and stands in files; the tensors are what it is called on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from scratchnet.engine.errors import say
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.mask_operators import MASK_OPERATORS
from scratchnet.keras.layers.symbolic import any_symbolic
from scratchnet.keras.layers.tensor_operators import OPERATORS, Operation

# The parameters that are tensors, or may be.
_TENSORS = frozenset(
    ("x", "x1", "x2", "xs", "condition", "constant_values", "fill_value", "indices", "operands")
) | {"predictions", "targets", "variable"}
# Names of Keras's classes that are not the function's, each word with a capital letter.
_CLASSES = {"abs": "Absolute", "in_top_k": "InTopK", "top_k": "TopK"}
# Where Keras's files say that the classes are; all others are in ``keras.src.ops.numpy``.
_MODULES = {
    "core": "cast stop_gradient unstack",
    "linalg": "norm",
    "math": "erf in_top_k logsumexp rsqrt top_k",
    "nn": (
        "elu gelu hard_sigmoid leaky_relu log_sigmoid log_softmax one_hot relu relu6 selu sigmoid "
        "silu softmax softplus softsign"
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


class OpsCall(Operation):
    """A layer without weights that computes what one function of ``keras.ops`` does.

    Args:
        name: automatic if not given.
        **constants: the arguments of the function that are no tensors.

    Raises:
        TypeError: others, or fewer.
    """

    signature: ClassVar[inspect.Signature]  # of the function, without its tensors
    tensors: ClassVar[tuple[str, ...]]  # their names

    def __init__(self, name: str | None = None, **constants: Any) -> None:
        super().__init__(name)
        if not constants.get("sparse", True):  # in files of Keras, which has sparse tensors
            constants.pop("sparse")
        bound = self.signature.bind(**constants)
        bound.apply_defaults()
        self.constants = {  # files have lists for tuples
            key: tuple(value) if isinstance(value, list) else value
            for key, value in bound.arguments.items()
        }

    compute_output_spec = Layer.compute_output_spec

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The function of tensors, which are named as they are there."""
        if self.tensors == ("operands",):
            return type(self).function(*self.constants.values(), *args)
        named = dict(zip(self.tensors, args, strict=False))
        return type(self).function(**named, **kwargs, **self.constants)

    def get_config(self) -> dict[str, Any]:
        """The name, and the arguments that are no tensors."""
        return {**super().get_config(), **self.constants}


def on_keras_tensors(function: Callable[..., Any]) -> tuple[Callable[..., Any], str, type]:
    """`function` of ``keras.ops``, for KerasTensors too; the module and the class of its operation.

    >>> from scratchnet import keras
    >>> x = keras.Input((4, 3))
    >>> keras.Model(x, keras.ops.mean(x, axis=1)).output_shape
    (None, 3)
    """
    name = function.__name__
    signature = inspect.signature(function)
    parameters = signature.parameters
    kind = _operation(function, signature)

    @wraps(function)
    def either(*args: Any, **kwargs: Any) -> Any:
        if not any([_holds_keras_tensor(x) for x in (*args, *kwargs.values())]):
            return function(*args, **kwargs)
        given = signature.bind(*args, **kwargs).arguments
        tensors: list[Any] = []
        for key, parameter in parameters.items():
            if key in _TENSORS and key in given:
                several = parameter.kind is parameter.VAR_POSITIONAL
                tensors += given.pop(key) if several else [given.pop(key)]
        for key, value in given.items():
            if _holds_keras_tensor(value):
                raise ValueError(say(name, key, "must not be a KerasTensor", value))
        return kind(**given)(*tensors)

    return either, f"keras.src.ops.{_MODULE_OF.get(name, 'numpy')}", kind


def _holds_keras_tensor(x: Any) -> bool:
    nested = isinstance(x, list | tuple | dict)
    return any_symbolic((x,), {}) if nested else isinstance(x, KerasTensor)


def _operation(function: Callable[..., Any], signature: inspect.Signature) -> type:
    """The class of the operation: one that an operator of Python has, or a new one."""
    name = function.__name__
    camel = "".join(word.capitalize() for word in name.split("_"))
    title = _CLASSES.get(name, camel)
    known = {**OPERATORS, **MASK_OPERATORS}.get(title)
    if known is not None:
        return known
    constants = [p for key, p in signature.parameters.items() if key not in _TENSORS]
    members = {
        "__module__": __name__,
        "__doc__": f"``keras.ops.{name}`` on KerasTensors.",
        "function": staticmethod(function),
        "signature": inspect.Signature([p.replace(kind=p.KEYWORD_ONLY) for p in constants]),
        "tensors": tuple(key for key in signature.parameters if key in _TENSORS),
    }
    return type(title, (OpsCall,), members)
