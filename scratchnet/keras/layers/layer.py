"""Layer: a function with weights, that makes them when it first sees the shape of its input."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from numbers import Number
from typing import TYPE_CHECKING, Any

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.listening import notifying_layer
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tracebacks import filtered, reason
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import (
    DTypePolicy,
    array_of_numbers,
    check_flags,
    dtypes_of,
    refuse_unsupported,
    standardize_dtype,
    standardize_policy,
)
from scratchnet.keras.configs.auto_config import Arguments, automatic_config
from scratchnet.keras.configs.limits import as_shape
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.initializers.postponed import can_wait, wait
from scratchnet.keras.keras_mask import MADE
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.call_context import CONTEXT, explained
from scratchnet.keras.layers.input_conversion import (
    input_shape_argument,
    is_array,
    merge_positional,
    shapes,
    standardized,
)
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.mask_passing import pass_mask, take_masks
from scratchnet.keras.layers.node import Node
from scratchnet.keras.layers.symbolic import (
    any_symbolic,
    infer_by_calling,
    is_shape_tuple,
    map_shapes,
)
from scratchnet.keras.metrics.metric import Metric
from scratchnet.keras.naming import auto_name, check_name, current_path, name_scope
from scratchnet.keras.random import SeedGenerator
from scratchnet.keras.tracking import owned, unique
from scratchnet.keras.variable import Variable

_KERAS_ONLY = {"autocast": True}
_AGGREGATIONS = ("none", "mean", "sum", "only_first_replica")


class BuildShapes(dict[str, Any]):
    """The shapes that a `build` of several arguments was called with, by their names."""


def _building(build: Callable[..., None]) -> Callable[..., None]:
    """`build`, under the layer's name; afterwards the layer is built."""

    @wraps(build)
    def named(self: Layer, *args: Any, **kwargs: Any) -> None:
        for shape in args:
            if isinstance(shape, Number | set):
                rule = "must be a shape, a tuple of sizes"
                raise ValueError(say(type(self).__name__, "input_shape", rule, shape))
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


class Layer:
    """The base of all layers (``keras.layers.Layer``).

    Override ``build(input_shape)``, which makes the weights with `add_weight`, and
    ``call(inputs)``, which computes. If `call` takes ``training``, it is told whether it runs in
    training.

    Args:
        activity_regularizer: a function of the outputs; its value for a batch, divided by the
            number of samples, is added to the loss.
        trainable: whether an optimizer changes the weights.
        dtype: the dtype that weights have and floating inputs are cast to; ``"float32"`` if not
            given.  ``"mixed_float16"`` and ``"mixed_bfloat16"`` are float32 here, with a warning.
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

    _arguments: Arguments  # of the constructor, for `get_config`
    _some_add_losses = False  # whether any layer of this program ever called `add_loss`
    # Whether the mask of the inputs passes on to the outputs; a class that overrides `compute_mask`
    # supports masking, and may make masks where there are none.
    supports_masking = False
    _makes_masks = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Keeps the arguments of the constructor."""
        self = super().__new__(cls)
        self._arguments = Arguments(cls, args, kwargs)
        return self

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
        refuse_unsupported(type(self).__name__, {"autocast": autocast}, _KERAS_ONLY)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        if not callable(self.activity_regularizer) and self.activity_regularizer is not None:
            rule = "must be a regularizer, a function of the outputs, or None"
            raise ValueError(
                say(type(self).__name__, "activity_regularizer", rule, activity_regularizer)
            )
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
        with dtypes_of(type(self).__name__, dtype):
            self._dtype, self._policy = standardize_policy(dtype)
        self._parent_path: str | None = None  # the path around this layer where it was first used
        self._path: str | None = None
        self._called = False
        self.built = False
        self.input_spec: InputSpec | None = None
        self.build_shape: Any = None  # what `build` was last called with
        self._nodes: list[Node] = []  # its calls on KerasTensors
        parameters = inspect.signature(self.call).parameters
        self._call_parameters = tuple(parameters)
        self._training_parameter = parameters.get("training")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _building(cls.build)  # type: ignore[method-assign]
        if "compute_mask" in vars(cls):
            for name in ("supports_masking", "_makes_masks"):
                if name not in vars(cls):
                    setattr(cls, name, True)

    if not TYPE_CHECKING:  # or no missing attribute would be noticed

        def __getattr__(self, name: str) -> Any:
            """Asked for what is missing: of a layer that was never initialized, say that."""
            if "_nodes" not in vars(self) and not name.startswith("__"):
                raise RuntimeError(
                    f"In layer {type(self).__name__!r}, you forgot to call `super().__init__()` as "
                    "the first statement in the `__init__()` method. Go add it!"
                )
            return super().__getattribute__(name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    # -- for subclasses ----------------------------------------------------------------------------

    @_building
    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of shape `input_shape` (sizes may be None)."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output of this layer."""
        raise NotImplementedError(f"{type(self).__name__}: `call` is not overridden")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the outputs for `inputs` with `previous_mask`, where masking is supported."""
        return previous_mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for inputs of shape `input_shape` (sizes may be None).

        Found by calling the layer on ones; override it where that is not right.
        """
        x = map_shapes(lambda shape: KerasTensor(shape, self._dtype, "x"), input_shape)
        return infer_by_calling(lambda shape, _: shape, self, (x,), {})

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """KerasTensors like what this layer returns when it is called on `args` and `kwargs`.

        Where `compute_output_shape` takes several shapes, it gets ``x_shape`` of the argument
        ``x`` of `call`.

        Raises:
            ValueError: it takes a shape of another name.
        """
        if type(self).compute_output_shape is Layer.compute_output_shape:
            return infer_by_calling(KerasTensor, self, args, kwargs)
        if len(args) == 1 and not kwargs:
            found = self.compute_output_shape(shapes(args[0]))
        else:
            given = self._shapes_by_name(args, kwargs)
            wanted = inspect.signature(self.compute_output_shape).parameters
            if len(wanted) == 1:  # whatever its name is
                found = self.compute_output_shape(next(iter(given.values()), None))
            else:
                for name, p in wanted.items():
                    if p.default is p.empty and name not in given:
                        raise ValueError(
                            f"{type(self).__name__}.compute_output_shape: `{name}` must be the "
                            "name of an argument of `call` with `_shape` behind it"
                        )
                named = {name: given[name] for name in wanted if name in given}
                found = self.compute_output_shape(**named)
        return map_shapes(lambda shape: KerasTensor(shape, self._dtype), found)

    def _shapes_by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """``x_shape`` for each argument ``x`` of `call` that is given."""
        given = inspect.signature(self.call).bind(*args, **kwargs).arguments
        return {f"{name}_shape": shapes(x) for name, x in given.items() if x is not None}

    def _build_at_init(self) -> None:
        """Be built, as a layer without weights is; unless a subclass has a `build` of its own."""
        self.built = type(self).build is Layer.build

    def add_weight(
        self,
        *args: Any,
        shape: Any = None,
        initializer: Any = None,
        dtype: object = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str | None = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to this layer.

        Args:
            *args: `shape`, `initializer` and `dtype`, if they are given without their names.
            shape: its shape, without None.
            initializer: an initializer or its name; ``"glorot_uniform"`` (floating) or ``"zeros"``.
            dtype: its dtype, that of the layer if not given.
            trainable: whether an optimizer changes it.
            autocast: has no effect: a layer has one dtype.
            regularizer: a function of the variable whose value is added to the loss.
            constraint: a function applied to it after each update.
            aggregation: how Keras joins it of several machines, ``"none"``, ``"mean"``, ``"sum"``
                or ``"only_first_replica"``; has no effect on one.
            overwrite_with_gradient: must be False.
            name: the last part of its path.

        Raises:
            ValueError: `name` without its name, as the first argument was in Keras 2; an argument
                that is given twice; a shape, initializer, dtype or aggregation that is none.
            TypeError: more than three arguments without their names.
        """
        if aggregation is not None and aggregation not in _AGGREGATIONS:
            raise ValueError(
                f"Invalid value for argument `aggregation`. Expected None or one of "
                f"{_AGGREGATIONS}. Received: aggregation={aggregation}"
            )
        check_flags("add_weight", autocast=autocast)
        refuse_unsupported(
            "add_weight",
            {"overwrite_with_gradient": overwrite_with_gradient},
            {"overwrite_with_gradient": False},
        )
        given = {"shape": shape, "initializer": initializer, "dtype": dtype}
        shape, initializer, dtype = merge_positional("add_weight", args, given)
        shape = () if shape is None else shape
        kind = standardize_dtype(dtype) if dtype is not None else self._dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in kind else "zeros"
        make = initializers.get(initializer)
        later = make if can_wait(make, self) else None
        with name_scope(self.name, self, self._parent_path):
            variable = Variable("zeros" if later else make, shape, kind, trainable, name)
        if later:
            wait(variable, later)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.trainable = trainable and self._trainable
        self._added.append(variable)
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: object = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """`add_weight` under its other name; `autocast` has no effect, as there is one dtype."""
        return self.add_weight(
            shape,
            initializer,
            dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

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
        try:
            if not ACTIVE.listeners or any_symbolic(args, kwargs):
                return self._checked_call(args, kwargs)
            with notifying_layer(self, args, kwargs) as event:
                event.outputs = self._checked_call(args, kwargs)
            return event.outputs
        except Exception as error:
            raise filtered(error)  # noqa: B904 - disable_traceback_filtering() shows all

    def _checked_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        where = type(self).__name__
        args = tuple([self._standardized(x) for x in args])
        given = kwargs.pop("training", None)
        if given is not None and is_array(given):
            to_bool(where, "training", given)
        if kwargs:
            kwargs = {k: self._standardized(x) if is_array(x) else x for k, x in kwargs.items()}
        self._prepare(args, kwargs)
        outer = CONTEXT.training
        run, training = self._call, self._training(given, outer)
        symbolic = any_symbolic(args, kwargs)
        masked = MADE.any or self._makes_masks or "mask" in kwargs
        if masked:
            fill = not symbolic or self._keeps_masks(args, kwargs)
            mask = take_masks(self._call_parameters, args, kwargs, fill)
        if symbolic:
            run, training = self._symbolic_call, given
        if training is not None and self._training_parameter is not None:
            kwargs["training"] = training
        if CONTEXT.depth == 0:
            self._forget_losses()
        CONTEXT.training, CONTEXT.depth = training, CONTEXT.depth + 1
        try:
            outputs = run(*args, **kwargs)
            if masked:
                pass_mask(self, args, kwargs, outputs, mask)
            return outputs
        except Exception as error:
            told = explained(error, self.call, f"{where}.call()", args, kwargs)
            if told is error:
                raise
            raise told from reason(error)
        finally:
            CONTEXT.training, CONTEXT.depth = outer, CONTEXT.depth - 1

    def _standardized(self, x: Any) -> Any:
        """`x`, an argument, as `call` gets it."""
        return standardized(type(self).__name__, x, self._dtype)

    def _keeps_masks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether the mask of a KerasTensor becomes an argument of the node.

        Else it comes with the data, too.  So it is in Keras's files.
        """
        return not kwargs and len(args) == 1 and getattr(args[0], "dtype", None) == self._dtype

    def _symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """What this layer would return; the call is kept as a node of a model's graph."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        if self._called and self.activity_regularizer is None:
            return self.call(*args, **kwargs)
        # Layers inside are built during the first call: their paths begin with this one's.
        with name_scope(self.name, self, self._parent_path):
            outputs = self.call(*args, **kwargs)
        self._called = self.built = True
        if self.activity_regularizer is not None:
            self._penalize(outputs)
        return outputs

    def _penalize(self, outputs: Any) -> None:
        """Add what the `activity_regularizer` says of the outputs, for one sample of the batch."""
        for output in nest.flatten(outputs):
            loss = self.activity_regularizer(output)
            many = output._data.shape[0] if output._data.ndim else 1
            self.add_loss(loss / many if many else ops.zeros_like(loss))

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
        x = args[0] if args else next(iter(kwargs.values()), None)
        if self.input_spec is not None and isinstance(x, list | tuple) and _none_in(x):
            raise ValueError(
                f"Inputs to a layer should be tensors: the layer {self.name!r} received {x!r}"
            )
        shape = shapes(x)
        if CONTEXT.any_batch and shape is not None:
            shape = map_shapes(lambda sizes: (None, *sizes[1:]), shape)
        self._check(shape)
        if not self.built:
            self._build_for(shape, args, kwargs)
            self._check(shape)  # `build` may have written down what it learned

    def _build_for(self, shape: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """`build` for the first input, or with ``x_shape`` for each argument ``x`` of `call`."""
        if len(args) + len(kwargs.keys() - {"mask"}) > 1:
            wanted = inspect.signature(self.build).parameters
            found = self._shapes_by_name(args, kwargs)
            needed = [name for name, p in wanted.items() if p.default is p.empty]
            if len(wanted) > 1 and set(needed or wanted) <= set(found):
                return self.build(**{name: found[name] for name in wanted if name in found})
        return self.build(shape)

    def _check(self, shape: Any) -> None:
        if self.input_spec is None:
            return
        if shape is None:
            raise TypeError(f"the layer {self.name!r} takes a tensor, received None")
        if not is_shape_tuple(shape):
            parts = list(shape.values() if isinstance(shape, dict) else shape)
            if len(parts) != 1:
                raise ValueError(
                    f"the layer {self.name!r} takes one input, received {len(parts)} of shapes "
                    f"{shape}"
                )
            return self._check(parts[0])
        self.input_spec.check(shape, self.name)

    # -- inputs, outputs, dtype --------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """What this layer receives in its model: a KerasTensor, or a list of them.

        Raises:
            AttributeError: it was never called on a KerasTensor.
        """
        return one_or_all(self._first_node("input").inputs)

    @property
    def output(self) -> Any:
        """What this layer returns in its model: a KerasTensor, or a list of them.

        Raises:
            AttributeError: it was never called on a KerasTensor.
        """
        return one_or_all(self._first_node("output").outputs)

    def _first_node(self, what: str) -> Node:
        if not self._nodes:
            raise AttributeError(
                f"the layer {self.name!r} has no `{what}`: it is in no model whose input shape is "
                "known"
            )
        return self._nodes[0]

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

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The policy that the layer was made with."""
        return DTypePolicy(self._policy)

    # -- the layers inside -------------------------------------------------------------------------

    def _sublayers(self) -> list[Layer]:
        """The layers that this one holds in its attributes, not those inside them."""
        return owned(self, Layer)

    def _flatten_layers(self) -> list[Layer]:
        """This layer and all below it, each once, parents first."""
        return [layer for layer, _ in self._flatten_layers_with()]

    def _flatten_layers_with(self, *kinds: type) -> list[tuple[Layer, list[Any]]]:
        """(layer, the instances of `kinds` among its attributes) for each of `_flatten_layers`."""
        found: dict[int, tuple[Layer, list[Any]]] = {}
        waiting: list[Layer] = [self]
        while waiting:
            layer = waiting.pop(0)
            if id(layer) in found:
                continue
            if type(layer)._sublayers is not Layer._sublayers:
                found[id(layer)] = layer, owned(layer, *kinds)
                waiting[:0] = layer._sublayers()
                continue
            held = owned(layer, Layer, *kinds)  # one search for both: attributes may be long lists
            things = [thing for thing in held if not isinstance(thing, Layer)]
            found[id(layer)] = layer, things
            if len(things) < len(held):
                waiting[:0] = [thing for thing in held if isinstance(thing, Layer)]
        return list(found.values())

    def _own_variables(self) -> list[Variable]:
        """The variables that this layer holds itself, those made trainable first."""
        return _trainable_first(owned(self, Variable))

    @property
    def metrics(self) -> list[Any]:
        """The metrics that this layer and those below it hold."""
        return [m for _, held in self._flatten_layers_with(Metric) for m in held]

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of the `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    # -- lists of variables ------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """All state: weights and the counters of random generators."""
        found: list[Variable] = []
        for _, things in self._flatten_layers_with(Variable, SeedGenerator):
            found += _trainable_first([v for v in things if isinstance(v, Variable)])
            found += [g.state for g in things if isinstance(g, SeedGenerator)]
        return unique(found)

    @property
    def weights(self) -> list[Variable]:
        """The variables of this layer and those below it, without counters of random generators."""
        held = [_trainable_first(variables) for _, variables in self._flatten_layers_with(Variable)]
        return unique([v for variables in held for v in variables])

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that an optimizer changes; none if ``trainable`` is False."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All other variables."""
        return [v for v in self.variables if not (self._trainable and v.trainable)]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that an optimizer changes; none if ``trainable`` is False."""
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """All other weights."""
        return [v for v in self.weights if not (self._trainable and v.trainable)]

    @property
    def trainable(self) -> bool:
        """Whether an optimizer changes the weights; setting it sets all layers below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = to_bool(type(self).__name__, "trainable", value)
        for variable in self._own_variables():
            variable.trainable = variable.made_trainable and self._trainable
        for layer in self._sublayers():
            layer.trainable = value

    # -- losses ------------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add `loss`, a scalar tensor or a list of them, to what `fit` minimizes.

        Call it in `call`: what a call added stays until the next one of the outermost layer.
        """
        Layer._some_add_losses = True
        self._losses.extend(nest.flatten(loss))

    @property
    def losses(self) -> list[Any]:
        """What `add_loss` was given since the last call began, then the penalties of the weights.

        A penalty is the value of a weight's regularizer.
        """
        found = []
        if Layer._some_add_losses:
            found = [loss for layer in self._flatten_layers() for loss in layer._losses]
        if Variable._some_have_regularizers:
            penalties = [(v.regularizer, v) for v in self.trainable_weights]
            found += [penalty(v) for penalty, v in penalties if penalty is not None]
        return found

    def _forget_losses(self) -> None:
        if Layer._some_add_losses:
            for layer in self._flatten_layers():
                layer._losses.clear()

    # -- copies ------------------------------------------------------------------------------------

    def _graph_nodes(self) -> list[Node]:
        """The calls between KerasTensors that make up a model, each after those it reads from."""
        return []

    def __getstate__(self) -> Any:
        """The attributes, for copies and pickles.

        The calls of a layer belong to the models that they make up, and so does what they lead to:
        a layer is copied without them, a model with its own, in an order that needs no recursion.
        """
        state = object.__getstate__(self)
        attributes, slots = state if isinstance(state, tuple) else (state, {})
        return {"graph_nodes": self._graph_nodes(), **attributes, "_nodes": []}, slots

    def __setstate__(self, state: Any) -> None:
        attributes, slots = state if isinstance(state, tuple) else (state, {})
        nodes = attributes.pop("graph_nodes", ())
        vars(self).update(attributes)
        for node in nodes:
            node.index = len(node.layer._nodes)
            node.layer._nodes.append(node)
        for name, value in slots.items():
            setattr(self, name, value)
        if vars(self).get("_losses"):  # a copy, or unpickled: it may come from another process
            Layer._some_add_losses = True

    def __copy__(self) -> Any:
        """A copy with variables of its own, as in Keras."""
        return copy.deepcopy(self)

    # -- values ------------------------------------------------------------------------------------

    def count_params(self) -> int:
        """The number of scalars in `weights`.

        Raises:
            ValueError: the layer is not built.
        """
        if not self.built:
            raise ValueError(
                f"count_params: the layer {self.name!r} is not built; call it, or "
                "`build(input_shape)`"
            )
        return count_scalars(self.weights)

    def get_weights(self) -> list[Array]:
        """Copies of the values of `weights`."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Assign one array to each of `weights`.

        Raises:
            ValueError: another number of arrays, or another shape; nothing was assigned then.
            TypeError: something that is no array of numbers; likewise.
        """
        variables = self.weights
        if not hasattr(weights, "__len__"):
            raise TypeError(say("set_weights", "weights", "must be a list of arrays", weights))
        if len(variables) != len(weights):
            raise ValueError(
                f"set_weights: the layer {self.name!r} has {len(variables)} weights, "
                f"received {len(weights)}"
            )
        for variable, value in zip(variables, weights, strict=True):
            shape = array_of_numbers("set_weights", "weights", value).shape
            if variable._data.shape != shape:
                raise ValueError(
                    f"set_weights: {variable.path} has shape {variable._data.shape}, "
                    f"received shape {shape}"
                )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    # -- configs -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again.

        Override it where they are more than plain values; without that they were kept when the
        layer was made.

        Raises:
            NotImplementedError: it is not overridden, and they are more than plain values.
        """
        policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": self._policy}}
        own = {"trainable": self.trainable, "dtype": {**policy, "registered_name": None}}
        if self.activity_regularizer is not None:
            own["activity_regularizer"] = serialize_keras_object(self.activity_regularizer)
        if type(self).get_config is Layer.get_config:
            return {**automatic_config(self), **own}
        return {"name": self.name, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments that `get_config` returned, with new weights.

        Raises:
            TypeError: the constructor does not take these arguments.
        """
        try:
            return cls(**config)
        except Exception as error:
            raise TypeError(
                f"Error when deserializing class '{cls.__name__}' using config={config}: {error}"
            ) from error

    def get_build_config(self) -> dict[str, Any] | None:
        """What `build` was called with; None if it was not."""
        if isinstance(self.build_shape, BuildShapes):
            return {"shapes_dict": dict(self.build_shape)}
        return None if self.build_shape is None else {"input_shape": self.build_shape}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """`build`, for the shapes that `get_build_config` returned."""
        if "input_shape" in config:
            self.build(as_shape(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**as_shape(config["shapes_dict"]))

    # -- saving ------------------------------------------------------------------------------------

    def _attributes_to_save(self) -> list[tuple[str, Any]]:
        """The attributes in the order in which a file lists them: by name, private ones last."""
        return sorted(vars(self).items(), key=lambda item: (item[0].startswith("_"), item[0]))

    def save_own_variables(self, store: dict[str, Array]) -> None:
        """Put this layer's own variables into `store`, by position: ``"0"``, ``"1"``, …"""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: dict[str, Array]) -> None:
        """Take this layer's own variables from `store`, by position.

        Raises:
            ValueError: another number of variables, or another shape.
        """
        variables = self._own_variables()
        if len(store) != len(variables):
            raise ValueError(
                f"the layer {self.name!r} has {len(variables)} variables "
                f"{[v.name for v in variables]}, the file has {len(store)} for it"
            )
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])


def count_scalars(variables: Iterable[Variable]) -> int:
    """How many numbers `variables` hold."""
    return sum(math.prod(v._data.shape) for v in variables)


def _none_in(parts: Sequence[Any]) -> bool:
    return any(part is None for part in parts)


def _trainable_first(variables: list[Variable]) -> list[Variable]:
    if all([v.made_trainable for v in variables]):
        return variables  # of most layers
    return sorted(variables, key=lambda v: not v.made_trainable)


def one_or_all(tensors: list[KerasTensor]) -> Any:
    """The one tensor, or the list of several."""
    return tensors[0] if len(tensors) == 1 else tensors
