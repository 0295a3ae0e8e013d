"""tf.function: a decorator that changes little here, for every op runs when it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

import numpy as np

from scratchnet import config
from scratchnet.engine import nest
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.graph import Graph, belongs, renewed
from scratchnet.engine.op import call
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.engine.tensor_spec import TensorSpec
from scratchnet.ops.random_seeds import FunctionOps


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: None = None,
    experimental_autograph_options: None = None,
    experimental_attributes: None = None,
    experimental_relax_shapes: None = None,
    experimental_compile: None = None,
    experimental_follow_type_hints: None = None,
) -> Any:
    """Decorator: a function whose arrays and numbers come and go as tensors (``tf.function``).

    TensorFlow traces the function into a graph once for each kind of arguments, and runs the graph.
    Here there are no graphs: **the function runs eagerly, on every call**.  The numbers are the
    same; what a program can notice is this:

    - Python's own effects (``print``, appending to a list, counting calls) happen on every call,
      not only while TensorFlow traces.
    - A Python ``if`` or ``while`` on a tensor, and a ``for`` over one, are what they look like, so
      `autograph` has nothing to rewrite.
    - Random ops with a ``seed`` draw what they draw in TensorFlow's graphs, but for those in a loop
      over a tensor; those without one draw as they do outside.
    - A `tf.Variable` that the function makes is made on every call; TensorFlow refuses that.
    - `tf.executing_eagerly` is True inside too; but Keras's cross entropies take the logits behind
      `tf.nn.softmax` and `tf.sigmoid`, as in graphs; and as nothing is rewritten, also where the
      probabilities come out of a Python ``if`` or loop on a tensor, which hides them there.
    - It is not faster than the plain function.

    Args:
        func: the function or method; without it, a decorator is returned.
        input_signature: a list with a `tf.TensorSpec`, or a structure of them, for each argument:
            a call must fit it.
        autograph, jit_compile, reduce_retracing: how TensorFlow makes its graph; here there is
            none, and the results do not depend on them.
        experimental_implements, experimental_autograph_options, experimental_attributes,
            experimental_relax_shapes, experimental_compile, experimental_follow_type_hints: only
            None.

    Raises:
        TypeError: `func` is not callable; `input_signature` is no list of specs.
        NotImplementedError: an experimental argument.

    >>> import scratchnet as tf
    >>> @tf.function(jit_compile=True)
    ... def double(x):
    ...     return 2 * x
    >>> double(3)
    <tf.Tensor: shape=(), dtype=int32, numpy=6>
    """
    refused = {
        "experimental_implements": experimental_implements,
        "experimental_autograph_options": experimental_autograph_options,
        "experimental_attributes": experimental_attributes,
        "experimental_relax_shapes": experimental_relax_shapes,
        "experimental_compile": experimental_compile,
        "experimental_follow_type_hints": experimental_follow_type_hints,
    }
    for name, value in refused.items():
        if value is not None:
            raise NotImplementedError(say("function", name, "must be None here", value))
    signature = None if input_signature is None else _specs(input_signature)
    return (
        partial(Function, input_signature=signature) if func is None else Function(func, signature)
    )


class Function:
    """What `function` makes of a function; of a method it makes a method again.

    Attributes:
        python_function: the function that was decorated.
        input_signature: the specs that a call must fit, or None.
    """

    __name__: str

    def __init__(
        self, python_function: Callable[..., Any], input_signature: tuple[Any, ...] | None = None
    ) -> None:
        if not callable(python_function):
            raise TypeError(f"{python_function!r} is not a callable object")
        self.python_function = python_function
        self.input_signature = input_signature
        self._random_ops = FunctionOps()
        self._of_instances: WeakKeyDictionary[Any, FunctionOps] = WeakKeyDictionary()
        update_wrapper(self, python_function)

    @property
    def name(self) -> str:
        return getattr(self.python_function, "__name__", type(self.python_function).__name__)

    def __get__(self, instance: Any, owner: Any = None) -> Function:
        if instance is None:
            return self
        bound = Function(self.python_function.__get__(instance, owner), self.input_signature)
        try:
            bound._random_ops = self._of_instances.setdefault(instance, bound._random_ops)
        except TypeError:  # an instance that has no hash, or no weak references
            return bound
        return bound

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.input_signature is not None:
            args, kwargs = self._fitted(args, kwargs), {}
        if config.functions_run_eagerly():
            return self.python_function(*args, **kwargs)
        args, kwargs = _tensors_in(args), _tensors_in(kwargs)
        with self._random_ops.call(lambda: _kind_of((args, kwargs))), Graph():
            result = self.python_function(*args, **kwargs)
        return renewed(nest.pack(result, [self._out(leaf) for leaf in nest.flatten(result)]))

    def _out(self, leaf: Any) -> Any:
        """A result as TensorFlow hands it over: a tensor or None."""
        if leaf is None or type(leaf) is Tensor:
            return leaf
        try:
            return convert(leaf)
        except (TypeError, ValueError):
            raise TypeError(
                "To be compatible with tf.function, Python functions must return zero or more "
                f"Tensors or ExtensionTypes or None values; in compilation of "
                f"{self.python_function}, found return value of type {type(leaf).__name__}, which "
                "is not a Tensor or ExtensionType."
            ) from None

    def _fitted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments as tensors that fit the signature, in its order."""
        specs = self.input_signature or ()
        try:
            parameters = inspect.signature(self.python_function)
            _check_count(parameters, len(specs))
            bound = parameters.bind(*args, **kwargs).args
            if len(bound) > len(specs):
                raise TypeError("too many positional arguments")
            return tuple(_cast(value, spec) for value, spec in zip(bound, specs, strict=False))
        except _SignatureError as error:
            raise TypeError(str(error)) from None
        except TypeError as error:
            raise TypeError(
                f"Binding inputs to tf.function failed due to `{error}`. Received args: {args} and "
                f"kwargs: {kwargs} for signature: {specs}."
            ) from None

    def _no_graph(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: it tells of TensorFlow's graphs.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"{self.name}: a tf.function runs eagerly in scratchnet, so there are no traces and no "
            "graphs to get or to count; call the function, or its `python_function`"
        )

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The function for arguments of these shapes and dtypes, which runs eagerly, too.

        Args:
            *args, **kwargs: tensors, or a `tf.TensorSpec` in place of one; those of the
                `input_signature` if there is one and they are not given.  What else they are, the
                function gets at every call.

        Raises:
            TypeError: arguments that the function does not take.

        >>> import scratchnet as tf
        >>> double = tf.function(lambda x: 2 * x)
        >>> double.get_concrete_function(tf.TensorSpec([None]))(tf.constant([1.0, 2.0])).numpy()
        array([2., 4.], dtype=float32)
        """
        if self.input_signature is not None and not args and not kwargs:
            args = self.input_signature
        return ConcreteFunction(self, args, kwargs)

    experimental_get_tracing_count = _no_graph
    experimental_get_compiler_ir = pretty_printed_concrete_signatures = _no_graph


_OF_A_GRAPH = frozenset(
    "captured_inputs function_def graph inputs output_dtypes output_shapes outputs "
    "pretty_printed_signature structured_outputs trainable_variables variables".split()
)


class ConcreteFunction:
    """A function for arguments of given shapes and dtypes; no graph of it was made.

    Attributes:
        name: that of the function.
        structured_input_signature: the positional and the keyword arguments, as specs.
    """

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._function = function
        bound = inspect.signature(function.python_function).bind(*args, **kwargs)
        bound.apply_defaults()
        self._fixed, self._names = bound.arguments, list(bound.arguments)
        self._parameters = inspect.signature(function.python_function)
        specs = [nest.pack(x, [_spec(leaf) for leaf in nest.flatten(x)]) for x in bound.args]
        self.structured_input_signature = (tuple(specs), dict(bound.kwargs))

    @property
    def name(self) -> str:
        return self._function.name

    if not TYPE_CHECKING:  # or no missing attribute would be noticed

        def __getattr__(self, name: str) -> NoReturn:
            """Asked for what is missing: of a graph, say why."""
            text = f"'ConcreteFunction' object has no attribute {name!r}"
            if name in _OF_A_GRAPH:
                text += (
                    ": it tells of a graph, and a tf.function runs eagerly in scratchnet; call it "
                    "to see what it returns, under a `tf.GradientTape` to see what it reads"
                )
            raise AttributeError(text)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; arguments that are no tensors may be left out.

        Raises:
            TypeError: tensors missing, or too many.
            InvalidArgumentError: a tensor of another dtype or shape.
        """
        tensors = [name for name, fixed in self._fixed.items() if _holds_tensors(fixed)]
        if len(args) <= len(tensors) and all(_holds_tensors(x) for x in args):
            args, kwargs = (), {**dict(zip(tensors, args, strict=False)), **kwargs}
        given = dict(self._parameters.bind_partial(*args, **kwargs).arguments)
        for name, fixed in self._fixed.items():
            if name not in given:
                if _holds_tensors(fixed):
                    raise TypeError(f"{self.name}: missing the argument {name!r}")
                continue
            for leaf, wanted in zip(
                nest.flatten(given[name]), map(_spec, nest.flatten(fixed)), strict=False
            ):
                if isinstance(wanted, TensorSpec) and not wanted.is_compatible_with(
                    convert(leaf) if isinstance(leaf, Operators) else convert(leaf, wanted.dtype)
                ):
                    raise InvalidArgumentError(
                        f"{self.name}: `{name}` must fit {wanted}, received {leaf!r}"
                    )
        bound = self._parameters.bind_partial()
        bound.arguments.update({**self._fixed, **given})
        return self._function(*bound.args, **bound.kwargs)


def _holds_tensors(structure: Any) -> bool:
    kinds = TensorSpec | Operators | np.ndarray
    return any(isinstance(leaf, kinds) for leaf in nest.flatten(structure))


def _spec(leaf: Any) -> Any:
    return TensorSpec(leaf._data.shape, leaf._data.dtype) if isinstance(leaf, Operators) else leaf


class _SignatureError(TypeError):
    """The signature does not fit the function: no call would."""


def _tensors_in(arguments: Any) -> Any:
    """NumPy's arrays and numbers among the arguments as tensors; Python's stay what they are.

    A tensor of which it is known how it was made is another one within.
    """
    leaves = nest.flatten(arguments)
    if not any(isinstance(leaf, np.ndarray | np.generic) or belongs(leaf) for leaf in leaves):
        return arguments
    return nest.pack(arguments, [_tensor_in(leaf) for leaf in leaves])


def _tensor_in(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray | np.generic):
        return convert(leaf)
    return call("identity", leaf) if belongs(leaf) else leaf


def _kind_of(arguments: Any) -> Hashable:
    """What TensorFlow makes a new graph for: shapes and dtypes of tensors, values of all else."""
    return tuple(
        (x._data.shape, x._data.dtype.char) if isinstance(x, Operators) else (type(x), repr(x))
        for x in nest.flatten(arguments)
    )


def _specs(input_signature: Any) -> tuple[Any, ...]:
    if not isinstance(input_signature, list | tuple):
        raise TypeError(
            f"input_signature must be either a tuple or a list, got {type(input_signature)}."
        )
    leaves = nest.flatten(input_signature)
    if not all(isinstance(leaf, TensorSpec) for leaf in leaves):
        raise TypeError(
            "input_signature must be a possibly nested sequence of TensorSpec objects, got invalid "
            f"args {leaves} with types {[type(leaf) for leaf in leaves]}."
        )
    return tuple(input_signature)


def _check_count(signature: inspect.Signature, specs: int) -> None:
    if any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
        return
    names = list(signature.parameters)
    required = [n for n in names if signature.parameters[n].default is inspect.Parameter.empty]
    if specs < len(required):
        raise _SignatureError(f"input_signature missing type constraint for {required[specs]}")
    if specs > len(names):
        raise _SignatureError(
            f"input_signature contains {specs - len(names)} extra type constraints."
        )


def _cast(value: Any, spec: Any) -> Any:
    """`value` as tensors that fit `spec`; both may be structures."""
    if nest.is_nested(spec):
        parts = zip(nest.flatten(value), nest.flatten(spec), strict=True)
        return nest.pack(value, [_cast(x, s) for x, s in parts])
    if isinstance(value, Operators):
        tensor = convert(value)
    else:
        tensor = convert(value, spec.dtype)
    if not spec.is_compatible_with(tensor):
        raise TypeError(f"Can not cast {TensorSpec.from_tensor(tensor)} to {spec}")
    return tensor
