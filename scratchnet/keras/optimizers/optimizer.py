"""Optimizer: gradients in, variables changed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import floatx, refuse_unsupported
from scratchnet.keras.naming import auto_name, name_scope
from scratchnet.keras.optimizers import gradients
from scratchnet.keras.optimizers.schedules import LearningRateSchedule
from scratchnet.keras.saving.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.variable import Variable

_KERAS_ONLY = {
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


class Optimizer:
    """The base of all optimizers (``keras.optimizers.Optimizer``).

    Override `build`, which makes what the optimizer remembers of each variable, and `update_step`.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        weight_decay: before each step the variables are multiplied by ``1 - learning_rate
            weight_decay``.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in a gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: the name; automatic if not given.

    Raises:
        ValueError: two kinds of clipping; an unknown argument; a learning rate that is none.
    """

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        refuse_unsupported(type(self).__name__, kwargs, _KERAS_ONLY)
        if kwargs.pop("decay", None) is not None:
            warnings.warn(
                "`decay` has no effect: give a schedule as the learning rate", stacklevel=3
            )
        if kwargs:
            raise ValueError(f"Argument(s) not recognized: {kwargs}")
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "at most one of `clipnorm`, `clipvalue` and `global_clipnorm` must be given, "
                f"received {clipnorm=}, {clipvalue=}, {global_clipnorm=}"
            )
        self.name = name or auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.built = False
        self._variables: list[Variable] = []
        self._index: dict[int, int] = {}  # id of a model variable -> its place in `build`
        self._trainable_variables: list[Any] = []  # keeps them alive, so that the ids stay theirs
        self._undecayed: Callable[[Any], bool] = lambda variable: False
        self._iterations = self._own_variable(0, "iteration", "int64")
        self._learning_rate = self._checked_rate(learning_rate)

    def _own_variable(self, value: Any, name: str, dtype: str) -> Variable:
        with name_scope(self.name, self):
            variable = Variable(value, dtype=dtype, trainable=False, name=name)
        self._variables.append(variable)
        return variable

    def _checked_rate(self, rate: Any) -> Any:
        if isinstance(rate, dict):
            rate = deserialize_keras_object(rate)
        if callable(rate):
            return rate
        if not isinstance(rate, float):
            raise ValueError(
                say(
                    type(self).__name__,
                    "learning_rate",
                    "must be a float, a schedule or a function without arguments",
                    rate,
                )
            )
        return self._own_variable(rate, "learning_rate", floatx())

    # -- what an optimizer remembers ---------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate and what is remembered of each model variable."""
        return list(self._variables)

    @property
    def iterations(self) -> Variable:
        """How many updates were made."""
        return self._iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next update; set it to a float, a schedule or a function.

        Raises:
            TypeError: set to a float where it is a schedule.
        """
        if isinstance(self._learning_rate, LearningRateSchedule):
            return self._learning_rate(self._iterations)
        return (
            self._learning_rate
            if isinstance(self._learning_rate, Variable)
            else self._learning_rate()
        )

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value):
            self._variables = [v for v in self._variables if v is not self._learning_rate]
            self._learning_rate = value
        elif isinstance(self._learning_rate, LearningRateSchedule):
            raise TypeError(
                say(type(self).__name__, "learning_rate", "is a schedule and stays one", value)
            )
        else:
            self._learning_rate.assign(convert(value, hint=np.dtype(floatx())))

    def build(self, variables: Sequence[Any]) -> None:
        """Get ready for `variables`, the only ones that this optimizer will change."""
        self._index = {id(v): i for i, v in enumerate(variables)}
        self._trainable_variables = list(variables)
        self.built = True

    def add_optimizer_variables(
        self, variables: Iterable[Any], *names: str
    ) -> tuple[list[Variable], ...]:
        """For each name, one variable of zeros for each of `variables`, of its shape and dtype."""
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in variables:
            path = gradients.path_of(variable).replace("/", "_").replace(":", "_")
            for slots, name in zip(made, names, strict=True):
                zeros = Tensor(np.zeros_like(variable._data))
                slots.append(self._own_variable(zeros, f"{path}_{name}", variable._data.dtype.name))
        return made

    def index_of(self, variable: Any) -> int:
        """The place of `variable` in the list given to `build`."""
        return self._index[id(variable)]

    def exclude_from_weight_decay(
        self, var_list: Sequence[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave variables out of the weight decay: those listed, and where a name matches."""
        ids = {id(variable) for variable in var_list or ()}
        pattern = re.compile("|".join(var_names)) if var_names else None
        self._undecayed = lambda v: id(v) in ids or bool(pattern and pattern.search(v.name))

    # -- updating ----------------------------------------------------------------------------------

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """Change `variable` by `gradient`, and what is remembered of it."""
        raise NotImplementedError

    def apply_gradients(self, grads_and_vars: Iterable[tuple[TensorLike, Any]]) -> Variable:
        """Make one update.

        Args:
            grads_and_vars: pairs (gradient, variable); a gradient may be None.

        Returns:
            The step counter.

        Raises:
            ValueError: no pairs, no gradients, a variable that this optimizer was not built with.
            TypeError: a gradient of integers for a variable of floats.
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("apply_gradients: grads_and_vars must hold at least one pair")
        grads, variables = zip(*pairs, strict=True)
        self.apply(grads, variables)
        return self._iterations

    def apply(
        self, grads: Sequence[TensorLike], trainable_variables: Sequence[Any] | None = None
    ) -> None:
        """As `apply_gradients`, with two lists; the variables may be left out once it is built."""
        if len(grads) == 0:
            return
        variables = self._known_variables(len(grads), trainable_variables)
        pairs = [(convert(g), v) for g, v in zip(grads, variables, strict=True) if g is not None]
        gradients.report_missing(
            [v for g, v in zip(grads, variables, strict=True) if g is None], not pairs
        )
        gradients.check_pairs(pairs)
        rate = convert(self.learning_rate)
        with np.errstate(all="ignore"):  # inf and nan are results, as in TensorFlow
            arrays = self._clipped([g._data for g, _ in pairs])
            for (_, variable), array in zip(pairs, arrays, strict=True):
                if self.weight_decay is not None and not self._undecayed(variable):
                    gradients.decay(variable, self.weight_decay, rate._data)
                self.update_step(Tensor(array), variable, rate)
                if (constraint := getattr(variable, "constraint", None)) is not None:
                    variable.assign(constraint(variable))
        self._iterations._data = self._iterations._data + np.ones((), np.int64)

    def _known_variables(self, count: int, variables: Sequence[Any] | None) -> Sequence[Any]:
        """`variables`, or those that this optimizer was built with."""
        if variables is not None:
            if not self.built:
                self.build(list(variables))
            for variable in variables:
                if id(variable) not in self._index:
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

    def _clipped(self, arrays: list[Array]) -> list[Array]:
        if self.clipnorm:
            return [gradients.clip_by_norm(g, self.clipnorm) for g in arrays]
        if self.global_clipnorm:
            return gradients.clip_by_global_norm(arrays, self.global_clipnorm)
        if self.clipvalue:
            return [gradients.clip_by_value(g, self.clipvalue) for g in arrays]
        return arrays

    # -- saving ------------------------------------------------------------------------------------

    def save_own_variables(self, store: dict[str, Array]) -> None:
        """Put the variables into `store`, by position: ``"0"``, ``"1"``, …"""
        for i, variable in enumerate(self._variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: dict[str, Array]) -> None:
        """Take the variables from `store`, by position; only warns if their number differs."""
        if len(store) != len(self._variables):
            warnings.warn(
                f"the state of the optimizer {self.name!r} was not loaded: it has "
                f"{len(self._variables)} variables, the file has {len(store)}",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(self._variables):
            variable.assign(store[str(i)])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        rate = self._learning_rate
        return {
            "name": self.name,
            "learning_rate": float(rate)
            if isinstance(rate, Variable)
            else serialize_keras_object(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            **_KERAS_ONLY,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The optimizer that `get_config` described, with nothing remembered."""
        return cls(**config)
