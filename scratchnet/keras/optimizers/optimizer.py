"""Optimizer: gradients in, variables changed."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Iterable, Sequence, Sized
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.indexed_slices import IndexedSlices
from scratchnet.engine.listening import Update, notifying
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.engine.variable import BaseVariable, origin_of
from scratchnet.keras import initializers
from scratchnet.keras.config import check_factors, check_flags, check_numbers, floatx
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.naming import auto_name, name_scope
from scratchnet.keras.optimizers import clipping, schedules
from scratchnet.keras.optimizers.slices import Slices, gradient_of, slices_in
from scratchnet.keras.saving.stored_arrays import shapes_match, without_loss_scale
from scratchnet.keras.variable import Variable


class Optimizer:
    """The base of all optimizers (``keras.optimizers.Optimizer``).

    Override `build`, which makes the slot variables (of the shapes of the variables, such as their
    momentums), and `update_step`.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        weight_decay: before each step the variables are multiplied by ``1 - learning_rate
            weight_decay``.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in a gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: keep an exponential moving average of each variable, ``m = ema_momentum m + (1 -
            ema_momentum) w``; `fit` overwrites the variables with the averages at its end.
        ema_momentum: in [0, 1].
        ema_overwrite_frequency: overwrite them after every so many steps, too.
        loss_scale_factor: the loss is multiplied by it before gradients are computed (`fit` does
            so with `scale_loss`), so they are divided by it here.
        gradient_accumulation_steps: change the variables in every so many steps only, by the mean
            of the gradients of these.
        name: the name; automatic if not given.

    Raises:
        ValueError: two kinds of clipping; an unknown argument; a learning rate that is none; a
            number out of range.
        RuntimeError: a subclass sets an attribute before it calls ``super().__init__``.

    >>> from scratchnet.keras import Variable
    >>> class Sign(Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         self.assign_sub(variable, learning_rate * np.sign(gradient.numpy()))
    >>> w = Variable([1.0, 2.0])
    >>> _ = Sign(0.5).apply_gradients([(Tensor(np.float32([3.0, -3.0])), w)])
    >>> w.numpy()
    array([0.5, 2.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        _refuse_unknown(kwargs)
        self._variables: list[Variable] = []
        check_flags(type(self).__name__, name=name)
        self.name = name or auto_name(type(self).__name__)
        self._index: dict[int, int] = {}  # id of a model variable -> its place in `build`
        self._trainable_variables: list[Any] = []  # keeps them alive, so that the ids stay theirs
        self._excluded: list[Any] = []  # from the weight decay
        self._excluded_names: re.Pattern[str] | None = None
        self._is_copy = False  # until the first update
        self.built = False
        self._iterations = self._own_variable(0, "iteration", "int64")
        self._learning_rate: Any = None
        self.weight_decay, self.loss_scale_factor = weight_decay, loss_scale_factor
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_settings()
        self._moving_averages: list[Variable] = []
        self._accumulated_gradients: list[Variable] = []
        self._learning_rate = self._check_learning_rate(learning_rate)

    def _check_settings(self) -> None:
        where, steps = type(self).__name__, self.gradient_accumulation_steps
        check_flags(where, use_ema=self.use_ema)
        for name in ("weight_decay", "loss_scale_factor"):
            if getattr(self, name) is not None:
                check_factors(where, **{name: getattr(self, name)})
        check_flags(where, gradient_accumulation_steps=steps)
        if steps:
            check_numbers(where, gradient_accumulation_steps=steps)
            self.gradient_accumulation_steps = steps = _whole(where, steps)
        if self.use_ema:
            check_numbers(where, ema_momentum=self.ema_momentum)
        if steps and steps < 2:
            rule = "must be an integer >= 2"
            raise ValueError(say(where, "gradient_accumulation_steps", rule, steps))
        if self.use_ema and not 0 <= self.ema_momentum <= 1:
            rule = "must be in the range [0, 1]"
            raise ValueError(say(where, "ema_momentum", rule, self.ema_momentum))
        every = self.ema_overwrite_frequency
        several = isinstance(every, Operators | np.ndarray)
        if self.use_ema and (several or (every and (not isinstance(every, int) or every < 1))):
            rule = "must be an integer >= 1 or None"
            raise ValueError(say(where, "ema_overwrite_frequency", rule, every))
        limits = (self.clipnorm, self.clipvalue, self.global_clipnorm)
        if sum(limit is not None for limit in limits) > 1:
            raise ValueError(
                "at most one of `clipnorm`, `clipvalue` and `global_clipnorm` must be given, "
                f"received clipnorm={self.clipnorm}, clipvalue={self.clipvalue}, "
                f"global_clipnorm={self.global_clipnorm}"
            )
        for name in ("clipnorm", "clipvalue", "global_clipnorm"):
            _check_limit(where, name, getattr(self, name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_variables" and "_variables" not in self.__dict__:
            raise RuntimeError(
                f"In optimizer '{type(self).__name__}', you forgot to call `super().__init__()` as "
                "the first statement in the `__init__()` method. Go add it!"
            )
        if isinstance(value, Variable) and all(value is not v for v in self._variables):
            self._variables.append(value)
        super().__setattr__(name, value)

    def build(self, variables: Sequence[Any]) -> None:
        """Get ready for `variables`, the only ones that this optimizer will change.

        Raises:
            AttributeError: one of them is no variable.
        """
        variables = [origin_of(variable) for variable in variables]
        for variable in variables:
            self._check_variable(variable)
        if self.use_ema:
            self._moving_averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(
                variables, "gradient_accumulator"
            )
        self._index = {id(v): i for i, v in enumerate(variables)}
        self._trainable_variables = list(variables)
        self.built = True

    def _check_variable(self, variable: Any) -> None:
        if not isinstance(variable, BaseVariable):
            raise AttributeError(
                f"{type(self).__name__}: can change variables only, received {variable!r} of type "
                f"{type(variable).__name__!r} in the place of one; `apply_gradients` takes pairs "
                "(gradient, variable)"
            )

    # -- the learning rate -------------------------------------------------------------------------

    def _check_learning_rate(self, rate: Any) -> Any:
        rule = "must be a float, a schedule or a function without arguments"
        if callable(rate):
            if not isinstance(rate, schedules.LearningRateSchedule) and _needs_arguments(rate):
                raise TypeError(say(type(self).__name__, "learning_rate", rule, rate))
            return rate
        if not isinstance(rate, float):
            raise ValueError(say(type(self).__name__, "learning_rate", rule, rate))
        return self._own_variable(rate, "learning_rate", floatx())

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next update; set it to a float, a schedule or a function.

        Raises:
            TypeError: set to a float where it is a schedule.
            AttributeError: set to a float where it is a function.
        """
        rate = self._learning_rate
        if isinstance(rate, schedules.LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        where, old = type(self).__name__, self._learning_rate
        if callable(value):
            self._variables = [v for v in self._variables if v is not old]
            self._learning_rate = value
        elif isinstance(old, schedules.LearningRateSchedule):
            raise TypeError(say(where, "learning_rate", "is a schedule and stays one", value))
        elif not isinstance(old, Variable):
            rule = "is a function: set it to another function or a schedule"
            raise AttributeError(say(where, "learning_rate", rule, value))
        else:
            old.assign(convert(value, hint=np.dtype(floatx())))

    # -- variables ---------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate and the slot variables."""
        return list(self._variables)

    @property
    def iterations(self) -> Any:
        """How many updates were made; with accumulated gradients, how many times they were used."""
        if self.gradient_accumulation_steps:
            return Tensor(np.asarray(self._iterations._data // self.gradient_accumulation_steps))
        return self._iterations

    def _own_variable(
        self, value: Any, name: str | None, dtype: Any, shape: Any = None
    ) -> Variable:
        with name_scope(self.name, self):
            variable = Variable(value, shape, dtype=dtype, trainable=False, name=name)
        self._variables.append(variable)
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: object = None,
        aggregation: str = "none",
        layout: None = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to this optimizer and is saved with it.

        Args:
            shape: its shape.
            initializer: an initializer or its name.
            dtype: its dtype; `config.floatx` if not given.
            aggregation: how several machines put it together; there is one, so it changes nothing.
            layout: must be None.
            name: its name; automatic if not given.

        Raises:
            ValueError: a `layout`.
        """
        if layout is not None:
            raise ValueError(say("add_variable", "layout", "must be None here", layout))
        return self._own_variable(initializers.get(initializer), name, dtype, shape)

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Make a variable of the shape and dtype of a model variable, and named after it."""
        path = clipping.path_of(reference_variable).replace("/", "_").replace(":", "_")
        data = reference_variable._data
        return self.add_variable(
            data.shape, initializer, data.dtype.name, name=f"{path}_{name or 'var'}"
        )

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Any], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """For each of `trainable_variables`, one variable of its shape and dtype.

        Args:
            trainable_variables: model variables.
            name: the end of the names; or a list of them.
            initializer: an initializer or its name; or a list of them.

        Returns:
            A list of variables; for a list of names, a tuple of lists.

        Raises:
            ValueError: as many initializers as names are needed.
        """
        if isinstance(name, str):
            return self.add_optimizer_variables(trainable_variables, [name], [initializer])[0]
        given = initializer if isinstance(initializer, list | tuple) else [initializer] * len(name)
        if len(given) != len(name):
            raise ValueError(
                "The number of provided names must match the number of provided initializers. "
                f"Received name='{name}', initializer='{initializer}'"
            )
        made: tuple[list[Variable], ...] = tuple([] for _ in name)
        for variable in trainable_variables:
            for slots, end, start in zip(made, name, given, strict=True):
                slots.append(self.add_variable_from_reference(variable, end, start))
        return made

    def _get_variable_index(self, variable: Any) -> int:
        """The place of `variable` in the list given to `build`."""
        return self._index[id(variable)]

    def exclude_from_weight_decay(
        self, var_list: Sequence[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave variables out of the weight decay: those listed, and where a name matches."""
        self._excluded = list(var_list or ())
        self._excluded_names = re.compile("|".join(var_names)) if var_names else None

    def _is_excluded_from_weight_decay(self, variable: Any) -> bool:
        pattern = self._excluded_names
        listed = any(variable is v for v in self._excluded)
        return listed or bool(pattern and pattern.search(variable.name))

    # -- updating ----------------------------------------------------------------------------------

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Any) -> None:
        """Change `variable` by `gradient`, and update its slot variables."""
        raise NotImplementedError(f"{type(self).__name__}: `update_step` is not overridden")

    def assign(self, variable: Any, value: TensorLike) -> None:
        """Replace the value of `variable`, for `update_step`."""
        variable.assign(np.asarray(convert(value)._data, variable._data.dtype))

    def assign_add(self, variable: Any, value: TensorLike) -> None:
        """Add to the value of `variable`, for `update_step`."""
        variable.assign_add(np.asarray(convert(value)._data, variable._data.dtype))

    def assign_sub(self, variable: Any, value: TensorLike) -> None:
        """Subtract from the value of `variable`, for `update_step`."""
        variable.assign_sub(np.asarray(convert(value)._data, variable._data.dtype))

    def scale_loss(self, loss: Any) -> Any:
        """`loss` times `loss_scale_factor`, to be used inside the tape."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    @filters_tracebacks
    def apply_gradients(self, grads_and_vars: Iterable[tuple[TensorLike, Any]]) -> Variable:
        """Make one update.

        Args:
            grads_and_vars: pairs (gradient, variable); a gradient may be None.

        Returns:
            The step counter.

        Raises:
            ValueError: no pairs, no gradients, a variable that this optimizer was not built with.
            TypeError: a gradient of integers for a variable of floats.
            AttributeError: something that is no variable in the place of one.
        """
        pairs = _pairs(grads_and_vars)
        if not pairs:
            raise ValueError("apply_gradients: grads_and_vars must hold at least one pair")
        grads, variables = zip(*pairs, strict=True)
        self.apply(grads, variables)
        return self._iterations

    @filters_tracebacks
    def apply(
        self, grads: Sequence[TensorLike], trainable_variables: Sequence[Any] | None = None
    ) -> None:
        """As `apply_gradients`, with two lists; the variables may be left out once it is built."""
        if not isinstance(grads, Sized):
            raise TypeError(say(type(self).__name__, "grads", "must be a list of gradients", grads))
        if len(grads) == 0:
            return
        if trainable_variables is not None:
            trainable_variables = [origin_of(variable) for variable in trainable_variables]
        variables = self._known_variables(len(grads), trainable_variables)
        if not ACTIVE.listeners:
            return self._apply(grads, variables)
        with notifying("update", Update(self, list(grads), list(variables))):
            self._apply(grads, variables)

    def _apply(self, grads: Sequence[TensorLike], variables: Sequence[Any]) -> None:
        pairs = [(_dense(g, v), v) for g, v in zip(grads, variables, strict=True) if g is not None]
        clipping.check_missing_gradients(
            [v for g, v in zip(grads, variables, strict=True) if g is None], not pairs
        )
        clipping.check_gradients(pairs)
        every, variables = variables, [v for _, v in pairs]
        for name in ("weight_decay", "loss_scale_factor", "rho", "epsilon"):
            value = getattr(self, name, None)
            if value is not None and not isinstance(value, int | float):
                clipping.check_factor_fits(type(self).__name__, name, value, variables)
        with np.errstate(all="ignore"):  # inf and nan are results, as in TensorFlow
            slices = [slices_in(g, v) for g, v in zip(grads, every, strict=True) if g is not None]
            self._update([g._data for g, _ in pairs], variables, slices)
            for variable in variables:
                if (constraint := getattr(variable, "constraint", None)) is not None:
                    variable.assign(constraint(variable))
        self._iterations._data = self._iterations._data + np.ones((), np.int64)

    def _known_variables(self, count: int, variables: Sequence[Any] | None) -> Sequence[Any]:
        """`variables`, or those that this optimizer was built with."""
        if variables is not None:
            if not self.built:
                with name_scope(self.name, self):
                    self.build(list(variables))
            if len(variables) != count:
                raise ValueError(
                    "apply: there must be one gradient for each variable, received "
                    f"{count} gradients and {len(variables)} variables"
                )
            if self._is_copy:
                self._settle(variables)
            for variable in variables:
                if id(variable) not in self._index:
                    self._check_variable(variable)
                    raise ValueError(
                        f"Unknown variable: {variable}: this optimizer was built for others; "
                        "for new variables, recreate a new optimizer instance."
                    )
            return variables
        if not self.built:
            raise ValueError("apply: `trainable_variables` must be given before `build` was called")
        if count != len(self._trainable_variables):
            raise ValueError(
                "apply: there must be one gradient for each of the "
                f"{len(self._trainable_variables)} variables that the optimizer was built with, "
                f"received {count}"
            )
        return self._trainable_variables

    # -- copies ------------------------------------------------------------------------------------

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._index = {id(v): i for i, v in enumerate(self._trainable_variables)}
        self._is_copy = True

    def __copy__(self) -> Any:
        """A copy with variables of its own, as in Keras."""
        return copy.deepcopy(self)

    def _settle(self, variables: Sequence[Any]) -> None:
        """Before the first update of a copy: that of a model goes on with the copied variables.

        One that was copied alone, and is given others, begins anew with them, as in Keras.
        """
        self._is_copy = False
        if not all(id(v) in self._index for v in variables):
            anew = type(self).from_config(self.get_config())
            vars(self).clear()
            vars(self).update(vars(anew))
            with name_scope(self.name, self):
                self.build(list(variables))

    def _update(
        self, arrays: list[Array], variables: list[Any], slices: list[Slices | None]
    ) -> None:
        none: list[Slices | None] = [None] * len(arrays)
        if self.loss_scale_factor is not None:
            arrays = [np.asarray(g / g.dtype.type(self.loss_scale_factor)) for g in arrays]
            slices = none
        if not self.gradient_accumulation_steps:
            self._step(arrays, variables, slices)
        elif (sums := self._accumulate_gradients(arrays, variables)) is not None:
            self._step(sums, variables, none)
        if self.use_ema:
            self._update_moving_averages()

    def _accumulate_gradients(
        self, arrays: list[Array], variables: list[Any]
    ) -> list[Array] | None:
        """The means of the accumulated gradients if it is time to apply them, else None."""
        steps = self.gradient_accumulation_steps or 1
        kept = [self._accumulated_gradients[self._get_variable_index(v)] for v in variables]
        sums = [np.asarray(g + k._data) for g, k in zip(arrays, kept, strict=True)]
        if (self._iterations._data + 1) % steps == 0:
            for slot in self._accumulated_gradients:
                slot._data = np.zeros_like(slot._data)
            return [np.asarray(s / s.dtype.type(steps)) for s in sums]
        for slot, total in zip(kept, sums, strict=True):
            slot._data = total
        return None

    def _step(
        self, arrays: list[Array], variables: list[Any], slices: Sequence[Slices | None]
    ) -> None:
        rate = convert(self.learning_rate)
        arrays, slices = self._clip_gradients(arrays, slices)
        alone: Sequence[int] = range(len(variables))
        whole = self.weight_decay is None and all(parts is None for parts in slices)
        if whole and self._updates_together(variables):
            alone = self._update_together(arrays, variables, rate)
        for i in alone:
            variable, array, parts = variables[i], arrays[i], slices[i]
            if self.weight_decay is not None and not self._is_excluded_from_weight_decay(variable):
                clipping.apply_weight_decay(variable, self.weight_decay, rate._data)
            self.update_step(gradient_of(array, parts), variable, rate)

    def _updates_together(self, variables: list[Any]) -> bool:
        """Whether `_update_together` does what `update_step` of each variable does."""
        return False

    def _update_together(
        self, arrays: list[Array], variables: list[Any], rate: Tensor
    ) -> Sequence[int]:
        """Update several variables at once; the places of those left for `update_step`."""
        return range(len(variables))

    def _clip_gradients(
        self, arrays: list[Array], slices: Sequence[Slices | None]
    ) -> tuple[list[Array], Sequence[Slices | None]]:
        """The gradients and their slices, clipped: of a gradient with slices, each of them."""
        norm, together, value = (
            limit if limit and limit > 0 else None
            for limit in (self.clipnorm, self.global_clipnorm, self.clipvalue)
        )
        if norm is None and together is None and value is None:
            return arrays, slices
        clipping.check_clippable(arrays)
        parts = [g if s is None else s.values for g, s in zip(arrays, slices, strict=True)]
        if together is not None and norm is None:
            # By the norm of the slices; then they are added up.
            clipped = clipping.clip_by_global_norm(parts, together)
            slices = [s and Slices(g, s.at, s.shape) for g, s in zip(clipped, slices, strict=True)]
            dense = [g if s is None else s.dense() for g, s in zip(clipped, slices, strict=True)]
            return dense, [None] * len(dense)
        if norm is not None:
            clipped = [clipping.clip_by_norm(g, norm) for g in parts]
        else:
            clipped = [clipping.clip_by_value(g, value) for g in parts]  # type: ignore[arg-type]
        slices = [s and Slices(g, s.at, s.shape) for g, s in zip(clipped, slices, strict=True)]
        return [g if s is None else s.dense() for g, s in zip(clipped, slices, strict=True)], slices

    # -- exponential moving averages of the variables ----------------------------------------------

    def _update_moving_averages(self) -> None:
        done = int(self.iterations._data)
        for variable, average in zip(self._trainable_variables, self._moving_averages, strict=True):
            w = variable._data
            momentum = w.dtype.type(self.ema_momentum if done else 0)
            average._data = np.asarray(momentum * average._data + (1 - momentum) * w)
        if self.ema_overwrite_frequency and (done + 1) % self.ema_overwrite_frequency == 0:
            self.finalize_variable_values(self._trainable_variables)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """With `use_ema`, overwrite the variables `var_list` with their moving averages."""
        for variable in var_list if self._moving_averages else ():
            variable.assign(self._moving_averages[self._get_variable_index(variable)].value)

    # -- configs -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        rate = self._learning_rate
        names = ("weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema")
        more = ("ema_momentum", "ema_overwrite_frequency", "loss_scale_factor")
        plain = serialize_keras_object(rate) if callable(rate) else float(rate)
        return {
            "name": self.name,
            "learning_rate": plain,
            **{n: getattr(self, n) for n in (*names, *more, "gradient_accumulation_steps")},
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """An optimizer made of what `get_config` returned, without state."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = schedules.deserialize(config["learning_rate"], custom_objects)
        return cls(**config)

    # -- saving ------------------------------------------------------------------------------------

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Give all variables new values.

        Raises:
            ValueError: called before `build`; a value of another shape.
        """
        if not self.built:
            raise ValueError(
                "You are calling `set_weights()` on an optimizer that has not yet been built. "
                "Please call `optimizer.build(trainable_variables)` to create the optimizer "
                "weights before calling `set_weights()`."
            )
        for variable, weight in zip(self._variables, weights, strict=False):
            if variable._data.shape != tuple(weight.shape):
                raise ValueError(
                    f"Optimizer variable {variable.path} has shape {variable._data.shape} not "
                    f"compatible with provided weight shape {tuple(weight.shape)}."
                )
            variable.assign(weight)

    def save_own_variables(self, store: dict[str, Array]) -> None:
        """Put the variables into `store`, by position: ``"0"``, ``"1"``, …"""
        for i, variable in enumerate(self._variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: dict[str, TensorLike]) -> None:
        """Take the variables from `store`, by position; only warns if their number differs.

        Keras wraps the optimizer of a mixed_float16 model in a LossScaleOptimizer: of the state of
        that, the optimizer inside takes its own.
        """
        if len(store) != len(self._variables) and shapes_match(
            [tuple(v.shape) for v in self._variables], store
        ):
            store = without_loss_scale(store)
        if len(store) != len(self._variables):
            warn(
                f"the state of the optimizer {self.name!r} was not loaded: it has "
                f"{len(self._variables)} variables, the file has {len(store)}"
            )
            return
        for i, variable in enumerate(self._variables):
            variable.assign(store[str(i)])


def _dense(g: TensorLike, variable: Any) -> Tensor:
    """The gradient `g` of `variable` as a tensor."""
    return g.dense(variable._data.shape) if isinstance(g, IndexedSlices) else convert(g)


def _pairs(grads_and_vars: Any) -> list[Any]:
    """`grads_and_vars` as a list, which must hold pairs."""
    rule = "must hold pairs (gradient, variable)"
    if isinstance(grads_and_vars, str | dict) or not isinstance(grads_and_vars, Iterable):
        raise TypeError(say("apply_gradients", "grads_and_vars", rule, grads_and_vars))
    pairs = list(grads_and_vars)
    for pair in pairs:
        if not isinstance(pair, tuple | list):
            raise TypeError(say("apply_gradients", "grads_and_vars", rule, pair))
        if len(pair) != 2:
            raise ValueError(say("apply_gradients", "grads_and_vars", rule, pair))
    return pairs


_ARGUMENTS = tuple(inspect.signature(Optimizer.__init__).parameters)[1:-1]  # `self`, `kwargs`


def shared_arguments(given: dict[str, Any]) -> dict[str, Any]:
    """What the constructor of a subclass hands on to that of `Optimizer`.

    Args:
        given: its ``locals()``, which hold all arguments of `Optimizer` by their names.
    """
    return {**{name: given[name] for name in _ARGUMENTS}, **given["kwargs"]}


def _refuse_unknown(arguments: dict[str, Any]) -> None:
    if arguments.pop("decay", None) is not None:
        warn("`decay` has no effect: give a schedule as the learning rate")
    if arguments:
        raise ValueError(f"Argument(s) not recognized: {arguments}")


def _whole(where: str, steps: Any) -> Any:
    """The `gradient_accumulation_steps`, the number in an array, if below 2 or an integer.

    Raises:
        TypeError: a fraction, or a float at all.
        ValueError: an integer that 64 bits do not hold.
    """
    number = np.asarray(steps._data).item() if isinstance(steps, Operators) else steps
    number = number.item() if isinstance(number, np.ndarray | np.generic) else number
    if isinstance(number, float) and not number < 2:  # which nan is not
        raise TypeError(say(where, "gradient_accumulation_steps", "must be an integer >= 2", steps))
    if number >= 2**63:
        rule = "must be an integer of 64 bits"
        raise ValueError(say(where, "gradient_accumulation_steps", rule, steps))
    return number


def _needs_arguments(function: Any) -> bool:
    """Whether `function` cannot be called without arguments."""
    try:
        inspect.signature(function).bind()
    except TypeError:
        return True
    except ValueError:  # it has no signature
        pass
    return False


def _check_limit(where: str, name: str, limit: Any) -> None:
    """Refuse a limit of gradients that is no number; None, 0 and less stand for none."""
    if limit is not None:
        check_numbers(where, **{name: limit})
