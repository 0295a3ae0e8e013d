"""Module: an object that knows the variables and the modules among its attributes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.name_scope import current_name_scope, name_scope
from scratchnet.engine.variable import Variable

_IDENTIFIER = re.compile(r"[a-zA-Z_]([a-zA-Z0-9_])*")


class Module:
    """A base class for layers and models of your own (``tf.Module``).

    Its variables and submodules are found by looking at its attributes, in lists, tuples and dicts
    too: nothing has to be registered.  They come in TensorFlow's order: the attributes by their
    sorted names, first those of the module itself, then those of its submodules.

    Only instances of ``tf.Variable`` and of this class are found; a Keras layer keeps its own.

    Args:
        name: a Python identifier; if not given, the name of the class in snake_case.

    Raises:
        ValueError: `name` is no identifier.

    >>> import scratchnet as tf
    >>> class Dense(tf.Module):
    ...     def __init__(self, n_in, n_out, name=None):
    ...         super().__init__(name=name)
    ...         self.w = tf.Variable(tf.ones([n_in, n_out]), name="w")
    ...         self.b = tf.Variable(tf.zeros([n_out]), name="b")
    ...     def __call__(self, x):
    ...         return tf.nn.relu(x @ self.w + self.b)
    >>> dense = Dense(3, 2)
    >>> dense.name, [v.name for v in dense.trainable_variables]
    ('dense', ['b:0', 'w:0'])
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = _snake_case(type(self).__name__)
        if not isinstance(name, str):
            raise TypeError(f"Module: `name` must be a string, received name={name!r}")
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python "
                "identifiers (e.g. a valid class name)."
            )
        self._name = name
        outer = current_name_scope()
        self._scope_name = f"{outer}/{name}/" if outer else f"{name}/"

    @property
    def name(self) -> str:
        """The name that was given, or made from that of the class."""
        return self._name

    @property
    def name_scope(self) -> name_scope:
        """A `tf.name_scope` that puts this module's name before those of variables."""
        return name_scope(self._scope_name)

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables of this module and its submodules, each once."""
        return tuple(_found(self, lambda x: isinstance(x, Variable), {id(self)}))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those variables that are trainable."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """Those variables that are not trainable."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The modules among the attributes, and theirs, each once."""
        return tuple(_found(self, lambda x: isinstance(x, Module) and x is not self, {id(self)}))

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: run a method inside the `name_scope` of its module."""

        @functools.wraps(method)
        def scoped(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped


def _found(module: Module, wanted: Callable[[Any], bool], entered: set[int]) -> Iterator[Any]:
    """What is `wanted` among the attributes of `module` and of the modules in it, each once."""
    seen: set[int] = set()
    layer = [module]
    while layer:
        module = layer.pop(0)
        deeper = []
        for x in _leaves(module):
            if wanted(x) and id(x) not in seen:
                seen.add(id(x))
                yield x
            if isinstance(x, Module) and id(x) not in entered:
                entered.add(id(x))
                deeper.append(x)
        layer = deeper + layer  # what lies in the first submodule comes before the second


def _leaves(module: Module) -> Iterator[Any]:
    for name in sorted(vars(module)):
        try:
            yield from nest.flatten(vars(module)[name])
        except TypeError as error:  # a dict whose keys do not sort
            raise ValueError(
                f"Error processing property {name!r} of {module!r}: {error}"
            ) from error


def _snake_case(name: str) -> str:
    """``MyHTTPNet2`` -> ``my_http_net2``."""
    name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)
    return name.lower()
