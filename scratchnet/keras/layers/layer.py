"""Layer: a function with weights, that makes them when it first sees the shape of its input."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import standardize_dtype
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.call import CONTEXT, explained
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.inputs import input_shape_argument, is_array, shapes, standardized
from scratchnet.keras.layers.stand_in import output_shape
from scratchnet.keras.layers.state import State
from scratchnet.keras.naming import auto_name, check_name, current_path, name_scope
from scratchnet.keras.variable import Variable


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
        self.build_shape = args[0] if args else next(iter(kwargs.values()), None)

    return named


class Layer(State):
    """The base of all layers (``keras.layers.Layer``).

    Override ``build(input_shape)``, which makes the weights with `add_weight`, and
    ``call(inputs)``, which computes. If `call` takes ``training``, it is told whether it runs in
    training.

    Args:
        trainable: whether an optimizer changes the weights.
        dtype: the dtype that weights have and floating inputs are cast to; ``"float32"`` if not
            given.
        name: the name; automatic if not given.
        input_shape: the shape of one input, for the first layer of a Sequential (prefer ``Input``).

    Raises:
        ValueError: an unknown keyword argument.

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
        trainable: bool = True,
        dtype: object = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = check_name(type(self).__name__, name or auto_name(type(self).__name__))
        self.input_shape_argument = input_shape_argument(kwargs)
        if kwargs:
            raise ValueError(f"{type(self).__name__}: unknown arguments, received {kwargs}")
        if not isinstance(trainable, bool):
            raise ValueError(say(type(self).__name__, "trainable", "must be a bool", trainable))
        self._added: list[Variable] = []
        self._trainable = trainable
        self._dtype = standardize_dtype(dtype)
        self._parent_path: str | None = None  # the path around this layer where it was first used
        self._path: str | None = None
        self._called = False
        self.built = False
        self.input_spec: InputSpec | None = None
        self.build_shape: Any = None  # what `build` was last called with
        self._calls: list[tuple[KerasTensor, KerasTensor]] = []  # (input, output) in models
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

        Found by calling the layer on zeros; override it where that is not right.
        """
        return output_shape(self, input_shape)

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: object = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to this layer.

        Args:
            shape: its shape, without None.
            initializer: an initializer or its name; ``"glorot_uniform"`` (floating) or ``"zeros"``.
            dtype: its dtype, that of the layer if not given.
            trainable: whether an optimizer changes it.
            regularizer: a function of the variable whose value is added to the loss.
            constraint: a function applied to it after each update.
            name: the last part of its path.
        """
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
                dtype.
            **kwargs: further arguments of `call`; `training` reaches the layers inside, too.

        Raises:
            ValueError: a positional argument that is no tensor; an input of the wrong rank or size.
            Exception: whatever `call` raises, with the arguments told in its text.
        """
        where = type(self).__name__
        args = tuple([standardized(where, x, self._dtype) for x in args])
        outer = CONTEXT.training
        training = self._training(kwargs.pop("training", None), outer)
        if kwargs:
            kwargs = {
                k: standardized(where, x, self._dtype) if is_array(x) else x
                for k, x in kwargs.items()
            }
        self._prepare(args[0] if args else next(iter(kwargs.values()), None))
        if training is not None and self._training_parameter is not None:
            kwargs["training"] = training
        CONTEXT.training = training
        try:
            return self._call(*args, **kwargs)
        except Exception as error:
            raise explained(error, self.call, f"{where}.call()", args, kwargs) from None
        finally:
            CONTEXT.training = outer

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

    def _prepare(self, x: Any) -> None:
        """Check `x`, the first input, and build this layer for it."""
        if self.built and self.input_spec is None:
            return
        shape = shapes(x)
        self._check(shape)
        if not self.built:
            self.build(shape)
            self._check(shape)  # `build` may have written down what it learned

    def _check(self, shape: Any) -> None:
        if self.input_spec is None:
            return
        if isinstance(shape, list):
            if len(shape) != 1:
                raise ValueError(
                    f"the layer {self.name!r} takes one input, received {len(shape)} of shapes "
                    f"{shape}"
                )
            shape = shape[0]
        self.input_spec.check(shape, self.name)

    def infer(self, x: KerasTensor) -> KerasTensor:
        """Build this layer for `x` and say what it returns, without computing."""
        self._check(x.shape)
        if not self.built:
            self.build(x.shape)
        try:
            shape = self.compute_output_shape(x.shape)
        except Exception as error:
            raise explained(error, self.call, f"{type(self).__name__}.call()", (x,), {}) from None
        self._calls.append((x, KerasTensor(shape, self._dtype)))
        return self._calls[-1][1]

    # -- description -------------------------------------------------------------------------------

    @property
    def input(self) -> KerasTensor:
        """What this layer receives in its model.

        Raises:
            AttributeError: it is in no model whose input shape is known.
        """
        return self._first_call("input")[0]

    @property
    def output(self) -> KerasTensor:
        """What this layer returns in its model.

        Raises:
            AttributeError: it is in no model whose input shape is known.
        """
        return self._first_call("output")[1]

    def _first_call(self, what: str) -> tuple[KerasTensor, KerasTensor]:
        if not self._calls:
            raise AttributeError(
                f"the layer {self.name!r} has no `{what}`: it is in no model whose input shape is "
                "known"
            )
        return self._calls[0]

    @property
    def path(self) -> str | None:
        """The path of the layer, once it is built."""
        return self._path

    @property
    def dtype(self) -> str:
        """The dtype of the weights."""
        return self._dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype that `call` computes in."""
        return self._dtype

    variable_dtype = dtype

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": self._dtype}}
        dtype = {**policy, "registered_name": None}
        return {"name": self.name, "trainable": self.trainable, "dtype": dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described, with new weights."""
        return cls(**config)

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build` was called with; None if it was not."""
        return None if self.build_shape is None else {"input_shape": self.build_shape}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"
