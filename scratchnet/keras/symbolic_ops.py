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
from scratchnet.keras.op_arguments import is_tensor_parameter

# Arguments of Keras's classes for what is not here, which files have where nothing asks for it.
_KERAS_ONLY = ("sparse", "synchronized", "rms_scaling", "flash_attention", "attn_logits_soft_cap")
# Names of Keras's classes that are not the function's, each word with a capital letter.
_CLASSES = {
    "abs": "Absolute",
    "allclose": "AllClose",
    "batch_normalization": "BatchNorm",
    "in_top_k": "InTopK",
    "layer_normalization": "LayerNorm",
    "rms_normalization": "RMSNorm",
    "searchsorted": "SearchSorted",
    "svd": "SVD",
    "top_k": "TopK",
}
# Where Keras's files say that the classes are; all others are in ``keras.src.ops.numpy``.
_MODULES = {
    "core": "cast scatter scatter_update slice slice_update stop_gradient unstack",
    "linalg": "cholesky det eigh inv lstsq norm pinv qr solve solve_triangular svd",
    "math": "erf erfc in_top_k logdet logsumexp rsqrt segment_sum top_k",
    "nn": (
        "average_pool batch_normalization binary_crossentropy categorical_crossentropy celu "
        "conv depthwise_conv dot_product_attention elu gelu glu hard_shrink hard_sigmoid "
        "hard_silu hard_tanh layer_normalization leaky_relu log_sigmoid log_softmax max_pool "
        "moments multi_hot normalize one_hot relu relu6 rms_normalization selu separable_conv "
        "sigmoid silu soft_shrink softmax softplus softsign sparse_categorical_crossentropy "
        "sparse_plus sparse_sigmoid squareplus tanh_shrink threshold"
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
        for key in _KERAS_ONLY:
            if not constants.get(key, True):
                constants.pop(key)
        bound = self.signature.bind(**constants)
        bound.apply_defaults()
        self.constants = {  # files have lists for tuples
            key: tuple(value) if isinstance(value, list) else value
            for key, value in bound.arguments.items()
        }

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Found by trying, but for an axis of unknown size: Keras takes none away."""
        if type(self).__name__ == "Squeeze":
            _check_squeezed(args[0], self.constants["axis"])
        return Layer.compute_output_spec(self, *args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The function of tensors, which are named as they are there."""
        if self.tensors == ("operands",):
            return type(self).function(*self.constants.values(), *args)
        if type(self).__name__ == "Meshgrid":
            return type(self).function(*args, **self.constants)
        named = dict(zip(self.tensors, args, strict=False))
        return type(self).function(**named, **kwargs, **self.constants)

    def get_config(self) -> dict[str, Any]:
        """The name, and the arguments that are no tensors."""
        return {**super().get_config(), **self.constants}


def _check_squeezed(x: Any, axis: Any) -> None:
    for k in axis if isinstance(axis, list | tuple) else [axis]:
        if isinstance(k, int) and -x.ndim <= k < x.ndim and x.shape[k] is None:
            rule = "must be an axis of size 1, not of unknown size"
            raise ValueError(say("squeeze", "axis", rule, f"{k} for shape {x.shape}"))


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
        named = [key for key in parameters if is_tensor_parameter(name, key)]
        while named[-1] not in given and not name.endswith("normalization"):
            named.pop()  # Keras's normalizations take all, None where there is none
        for key in named:
            parameter = parameters[key]
            several = parameter.kind is parameter.VAR_POSITIONAL
            tensors += given.pop(key) if several else [given.pop(key, parameter.default)]
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
    constants = [p for key, p in signature.parameters.items() if not is_tensor_parameter(name, key)]
    members = {
        "__module__": __name__,
        "__doc__": f"``keras.ops.{name}`` on KerasTensors.",
        "function": staticmethod(function),
        "signature": inspect.Signature([p.replace(kind=p.KEYWORD_ONLY) for p in constants]),
        "tensors": tuple(key for key in signature.parameters if is_tensor_parameter(name, key)),
    }
    return type(title, (OpsCall,), members)
