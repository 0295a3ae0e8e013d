"""Layer: a function with weights, that makes them when it first sees the shape of its input."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.engine.listening import told_layer
from scratchnet.engine.op import ACTIVE
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import refuse_unsupported, standardize_dtype
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.call_context import CONTEXT, explained
from scratchnet.keras.layers.description import BuildShapes, Description
from scratchnet.keras.layers.input_conversion import (
    by_place,
    input_shape_argument,
    is_array,
    shapes,
    standardized,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.node import Node
from scratchnet.keras.layers.symbolic import any_symbolic, by_trying, is_shape, map_shapes
from scratchnet.keras.naming import auto_name, check_name, current_path, name_scope
from scratchnet.keras.variable import Variable

_KERAS_ONLY = {"activity_regularizer": None, "autocast": True}


def _building(build: Callable[..., None]) -> Callable[..., None]:
    """`build`, under the layer's name; afterwards the layer is built."""

    @wraps(build)
    def named(self: Layer, *args: Any, **kwargs: Any) -> None:
        if self._parent_path is None:
            self._parent_path = current_path()
        with name_scope(self.name, self, self._parent_path) as path:
            self._path = path
            build(self, *args, **kwargs)
        self.built = True
        self.build_shape = _build_shape(build, args, kwargs)

    return named


def _build_shape(build: Callable[..., None], args: Any, kwargs: dict[str, Any]) -> Any:
    """What `build` was called with: one shape, or a dict of several by their names."""
    if len(args) + len(kwargs) > 1:
        names = list(inspect.signature(build).parameters)[1 : len(args) + 1]
        return BuildShapes({**dict(zip(names, args, strict=True)), **kwargs})
    return args[0] if args else next(iter(kwargs.values()), None)


class Layer(Description):
    """The base of all layers (``keras.layers.Layer``).

    Override ``build(input_shape)``, which makes the weights with `add_weight`, and
    ``call(inputs)``, which computes. If `call` takes ``training``, it is told whether it runs in
    training.

    Args:
        activity_regularizer: must be None.
        trainable: whether an optimizer changes the weights.
        dtype: the dtype that weights have and floating inputs are cast to; ``"float32"`` if not
            given.
        autocast: must be True.
        name: the name; automatic if not given.
        input_shape: the shape of one input, for the first layer of a Sequential (prefer ``Input``).

    Raises:
        ValueError: an unknown keyword argument, or a value that is not here.

    >>> import scratchnet as tf
    >>> class Double(Layer):
    ...     def call(self, inputs):
    ...         return inputs * 2
    >>> Double()(tf.constant([1.0, 2.0])).numpy()
    array([2., 4.], dtype=float32)
    """

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: object = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        given = {"activity_regularizer": activity_regularizer, "autocast": autocast}
        refuse_unsupported(type(self).__name__, given, _KERAS_ONLY)
        self.name = check_name(
            type(self).__name__, auto_name(type(self).__name__) if name is None else name
        )
        self.input_shape_argument = input_shape_argument(kwargs)
        if kwargs:
            raise ValueError(f"{type(self).__name__}: unknown arguments, received {kwargs}")
        if not isinstance(trainable, bool):
            raise ValueError(say(type(self).__name__, "trainable", "must be a bool", trainable))
        self._added: list[Variable] = []
        self._losses: list[Any] = []
        self._trainable = trainable
        self._dtype = standardize_dtype(dtype)
        self._parent_path: str | None = None  # the path around this layer where it was first used
        self._path: str | None = None
        self._called = False
        self.built = False
        self.input_spec: InputSpec | None = None
        self.build_shape: Any = None  # what `build` was last called with
        self._nodes: list[Node] = []  # its calls on KerasTensors
        self._training_parameter = inspect.signature(self.call).parameters.get("training")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _building(cls.build)  # type: ignore[method-assign]

    # -- for subclasses ----------------------------------------------------------------------------

    @_building
    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of shape `input_shape` (sizes may be None)."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output of this layer."""
        raise NotImplementedError(f"{type(self).__name__}: `call` is not overridden")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for inputs of shape `input_shape` (sizes may be None).

        Found by calling the layer on ones; override it where that is not right.
        """
        x = map_shapes(lambda shape: KerasTensor(shape, self._dtype, "x"), input_shape)
        return by_trying(lambda shape, _: shape, self, (x,), {})

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """KerasTensors like what this layer returns when it is called on `args` and `kwargs`."""
        overridden = type(self).compute_output_shape is not Layer.compute_output_shape
        if overridden and not args and len(kwargs) == 1:
            args = tuple(kwargs.values())
        if not overridden or len(args) != 1:
            return by_trying(KerasTensor, self, args, kwargs)
        found = self.compute_output_shape(shapes(args[0]))
        return map_shapes(lambda shape: KerasTensor(shape, self._dtype), found)

    def add_weight(
        self,
        *args: Any,
        shape: Any = None,
        initializer: Any = None,
        dtype: object = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to this layer.

        Args:
            *args: `shape`, `initializer` and `dtype`, if they are given without their names.
            shape: its shape, without None.
            initializer: an initializer or its name; ``"glorot_uniform"`` (floating) or ``"zeros"``.
            dtype: its dtype, that of the layer if not given.
            trainable: whether an optimizer changes it.
            regularizer: a function of the variable whose value is added to the loss.
            constraint: a function applied to it after each update.
            name: the last part of its path.

        Raises:
            ValueError: `name` without its name, as the first argument was in Keras 2; an argument
                that is given twice; a shape, initializer or dtype that is none.
            TypeError: more than three arguments without their names.
        """
        given = {"shape": shape, "initializer": initializer, "dtype": dtype}
        shape, initializer, dtype = by_place("add_weight", args, given)
        shape = () if shape is None else shape
        kind = standardize_dtype(dtype) if dtype is not None else self._dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in kind else "zeros"
        with name_scope(self.name, self, self._parent_path):
            variable = Variable(initializers.get(initializer), shape, kind, trainable, name)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.trainable = trainable and self._trainable
        self._added.append(variable)
        return variable

    # -- calling -----------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build this layer if it is not built yet, and `call` it.

        Args:
            *args: tensors or arrays (or lists of them); floating ones are cast to the layer's
                dtype.  On KerasTensors nothing is computed: the call becomes part of a model.
            **kwargs: further arguments of `call`; `training` reaches the layers inside, too.

        Raises:
            ValueError: a positional argument that is no tensor; an input of the wrong rank or size.
            Exception: whatever `call` raises, with the arguments told in its text.
        """
        if not ACTIVE.listeners or any_symbolic(args, kwargs):
            return self._checked_call(args, kwargs)
        with told_layer(self, args, kwargs) as event:
            event.outputs = self._checked_call(args, kwargs)
        return event.outputs

    def _checked_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        where = type(self).__name__
        args = tuple([self._standardized(x) for x in args])
        given = kwargs.pop("training", None)
        if kwargs:
            kwargs = {k: self._standardized(x) if is_array(x) else x for k, x in kwargs.items()}
        self._prepare(args, kwargs)
        outer = CONTEXT.training
        run, training = self._call, self._training(given, outer)
        if any_symbolic(args, kwargs):
            run, training = self._symbolic_call, given
        if training is not None and self._training_parameter is not None:
            kwargs["training"] = training
        if CONTEXT.depth == 0:
            self._forget_losses()
        CONTEXT.training, CONTEXT.depth = training, CONTEXT.depth + 1
        try:
            return run(*args, **kwargs)
        except Exception as error:
            raise explained(error, self.call, f"{where}.call()", args, kwargs) from None
        finally:
            CONTEXT.training, CONTEXT.depth = outer, CONTEXT.depth - 1

    def _standardized(self, x: Any) -> Any:
        """`x`, an argument, as `call` gets it."""
        return standardized(type(self).__name__, x, self._dtype)

    def _symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """What this layer would return; the call is kept as a node of a model's graph."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        if self._called:
            return self.call(*args, **kwargs)
        # Layers inside are built during the first call: their paths begin with this one's.
        with name_scope(self.name, self, self._parent_path):
            outputs = self.call(*args, **kwargs)
        self._called = self.built = True
        return outputs

    def _training(self, given: Any, outer: bool | None) -> Any:
        """The training flag: as given, else of the call around, else the default of `call`."""
        if given is None:
            given = outer
        if given is None and self._training_parameter is not None:
            default = self._training_parameter.default
            return None if default is inspect.Parameter.empty else default
        return given

    def _prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Check the first input, and build this layer for it."""
        if self.built and self.input_spec is None:
            return
        shape = shapes(args[0] if args else next(iter(kwargs.values()), None))
        if CONTEXT.any_batch and shape is not None:
            shape = map_shapes(lambda sizes: (None, *sizes[1:]), shape)
        self._check(shape)
        if not self.built:
            self._build_for(shape, args, kwargs)
            self._check(shape)  # `build` may have written down what it learned

    def _build_for(self, shape: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """`build` for the first input, or with ``x_shape`` for each argument ``x`` of `call`."""
        if len(args) + len(kwargs) > 1:
            wanted = inspect.signature(self.build).parameters
            given = inspect.signature(self.call).bind(*args, **kwargs).arguments
            found = {f"{name}_shape": shapes(x) for name, x in given.items()}
            if len(wanted) > 1 and set(wanted) <= set(found):
                return self.build(**{name: found[name] for name in wanted})
        return self.build(shape)

    def _check(self, shape: Any) -> None:
        if self.input_spec is None:
            return
        if not is_shape(shape):
            parts = list(shape)
            if len(parts) != 1:
                raise ValueError(
                    f"the layer {self.name!r} takes one input, received {len(parts)} of shapes "
                    f"{shape}"
                )
            shape = parts[0]
        self.input_spec.check(shape, self.name)
