"""Which of TensorFlow's graphs an op would be a node of.

Every op here runs when it is called.  In TensorFlow the ops of a ``tf.function``, of a step of
``Model.fit`` and of a function of a ``tf.data.Dataset`` are nodes of a graph, and Keras looks there
for the op that made a tensor: its cross entropies take the logits behind a softmax or a sigmoid.
So while such a function runs, a `Graph` stands for its graph, and those ops note on their outputs
which graph they are in.  What goes into a graph and what comes out of it are other tensors there,
of which no op is known: `renewed`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.op import call
from scratchnet.engine.tensor import Tensor


class _Running(threading.local):
    """The innermost graph of this thread; None where TensorFlow runs eagerly."""

    def __init__(self) -> None:
        self.graph: Graph | None = None


RUNNING = _Running()


class Graph:
    """The context in which one call of a traced function runs.

    >>> from scratchnet import ops
    >>> with Graph():
    ...     p = ops.sigmoid([0.0])
    ...     made_by(p, "Sigmoid").numpy()
    array([0.], dtype=float32)
    >>> made_by(p, "Sigmoid") is None
    True
    """

    __slots__ = ("_outer",)

    def __init__(self) -> None:
        self._outer: Graph | None = None

    def __enter__(self) -> None:
        self._outer, RUNNING.graph = RUNNING.graph, self

    def __exit__(self, *error: object) -> None:
        RUNNING.graph, self._outer = self._outer, None


class Eagerly:
    """The context of what TensorFlow runs eagerly, even where it is called from within a graph."""

    __slots__ = ("_outer",)

    def __enter__(self) -> None:
        self._outer, RUNNING.graph = RUNNING.graph, None

    def __exit__(self, *error: object) -> None:
        RUNNING.graph = self._outer


def stamp(output: Tensor) -> Tensor:
    """`output`, which notes that it was made in the graph that runs now."""
    output._made_in = RUNNING.graph  # type: ignore[attr-defined]
    return output


def belongs(x: object) -> bool:
    """Whether `x` is a stamped tensor, and still the same one in the graph that runs now.

    It is in that graph itself and in functions within that capture it, but not after that graph is
    done.  What was made eagerly is the same tensor everywhere.
    """
    if not isinstance(x, Tensor):
        return False
    graph, here = getattr(x, "_made_in", _NOWHERE), RUNNING.graph
    while here is not graph:
        if here is None:
            return False
        here = here._outer
    return True


_NOWHERE = Graph()


def note(output: Tensor, op: str, x: Tensor) -> Tensor:
    """`output`, which TensorFlow's `op` made of `x`; noted on it where a graph runs."""
    if RUNNING.graph is not None:
        output._node = op, x  # type: ignore[attr-defined]
        stamp(output)
    return output


def made_by(output: Tensor, op: str) -> Tensor | None:
    """What TensorFlow's `op` made `output` of; None if it is no such node of the graph."""
    name, x = getattr(output, "_node", ("", None))
    return x if name == op and belongs(output) else None


def renewed(structure: Any) -> Any:
    """`structure` with new tensors in place of those of which it is known how they were made."""
    leaves = nest.flatten(structure)
    if not any(map(belongs, leaves)):
        return structure
    return nest.pack(structure, [call("identity", x) if belongs(x) else x for x in leaves])


def captured(x: Tensor) -> Tensor:
    """`x` as a conversion within a graph hands it back: a new tensor, if it was made eagerly."""
    if RUNNING.graph is None or getattr(x, "_made_in", _NOWHERE) is not None:
        return x
    return call("identity", x)


def at_loop(values: Any) -> Any:
    """The first values of the variables of a loop, as the loop and what follows it see them."""
    return values if RUNNING.graph is None else renewed(values)


def in_own_graph(function: Callable[..., Any], *args: Any) -> Any:
    """``function(*args)``, of which TensorFlow makes a graph of its own where it is in one already.

    So it does of a branch of ``tf.cond`` and of the body of a loop.
    """
    if RUNNING.graph is None:
        return function(*args)
    inside = renewed(args)
    with Graph():
        result = function(*inside)
    return renewed(result)
