"""What an optimizer remembers: its step counter, its learning rate, its slots for each variable."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras import initializers
from scratchnet.keras.config import floatx
from scratchnet.keras.naming import name_scope
from scratchnet.keras.optimizers.clipping import path_of
from scratchnet.keras.optimizers.schedules.base import LearningRateSchedule
from scratchnet.keras.variable import Variable


class OptimizerState:
    """The variables of an optimizer; those that are set as attributes count, too."""

    gradient_accumulation_steps: int | None

    def __init__(self, name: str) -> None:
        self._variables: list[Variable] = []
        self.name = name
        self._index: dict[int, int] = {}  # id of a model variable -> its place in `build`
        self._trainable_variables: list[Any] = []  # keeps them alive, so that the ids stay theirs
        self._undecayed: Callable[[Any], bool] = lambda variable: False
        self.built = False
        self._iterations = self._own_variable(0, "iteration", "int64")
        self._learning_rate: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_variables" and "_variables" not in self.__dict__:
            raise RuntimeError(
                f"In optimizer '{type(self).__name__}', you forgot to call `super().__init__()` as "
                "the first statement in the `__init__()` method. Go add it!"
            )
        if isinstance(value, Variable) and all(value is not v for v in self._variables):
            self._variables.append(value)
        super().__setattr__(name, value)

    # -- the learning rate -------------------------------------------------------------------------

    def _checked_rate(self, rate: Any) -> Any:
        if callable(rate):
            return rate
        if not isinstance(rate, float):
            rule = "must be a float, a schedule or a function without arguments"
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
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        where, old = type(self).__name__, self._learning_rate
        if callable(value):
            self._variables = [v for v in self._variables if v is not old]
            self._learning_rate = value
        elif isinstance(old, LearningRateSchedule):
            raise TypeError(say(where, "learning_rate", "is a schedule and stays one", value))
        elif not isinstance(old, Variable):
            rule = "is a function: set it to another function or a schedule"
            raise AttributeError(say(where, "learning_rate", rule, value))
        else:
            old.assign(convert(value, hint=np.dtype(floatx())))

    # -- variables ---------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """The step counter, the learning rate and what is remembered of each model variable."""
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
        path = path_of(reference_variable).replace("/", "_").replace(":", "_")
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
        listed = list(var_list or ())  # keeps them alive
        ids = {id(variable) for variable in listed}
        pattern = re.compile("|".join(var_names)) if var_names else None
        self._undecayed = lambda v: id(v) in ids or bool(pattern and pattern.search(v.name))

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
