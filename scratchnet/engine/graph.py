"""Which of TensorFlow's graphs an op would be a node of.

Every op here runs when it is called.  In TensorFlow the ops of a ``tf.function``, and those of a
step of ``Model.fit``, are nodes of a graph, and Keras looks there for the op that made a tensor:
its cross entropies take the logits behind a softmax or a sigmoid.  So while a function or a step
runs, a `Graph` stands for its graph, and those ops note on their outputs which graph they are in.
"""

from __future__ import annotations

import threading
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.tensor import Tensor


class _Running(threading.local):
    """The innermost graph of this thread; None where TensorFlow runs eagerly."""

    def __init__(self) -> None:
        self.graph: Graph | None = None


RUNNING = _Running()


class Graph:
    """The context in which one call of a traced function runs.

    Args:
        arguments: what the function was given: its tensors are placeholders of the graph, whatever
            op made them outside.

    >>> from scratchnet import ops
    >>> with Graph():
    ...     p = ops.sigmoid([0.0])
    ...     made_by(p, "Sigmoid").numpy()
    array([0.], dtype=float32)
    >>> made_by(p, "Sigmoid") is None
    True
    """

    __slots__ = ("_arguments", "_outer")

    def __init__(self, arguments: Any = ()) -> None:
        self._arguments = arguments
        self._outer: Graph | None = None

    def __enter__(self) -> Graph:
        self._outer, RUNNING.graph = RUNNING.graph, self
        return self

    def __exit__(self, *error: object) -> None:
        RUNNING.graph, self._outer = self._outer, None
        self._arguments = ()

    def takes(self, tensor: Tensor) -> bool:
        """Whether `tensor` is among the arguments."""
        return any(leaf is tensor for leaf in nest.flatten(self._arguments))


def is_from(graph: Graph | None, tensor: Tensor) -> bool:
    """Whether `tensor`, made in `graph`, is the same tensor still in the graph that runs now.

    It is in that graph itself and in functions within that capture it, but neither where it was
    handed in as an argument nor after that graph is done.
    """
    here = RUNNING.graph
    while here is not graph:
        if here is None or here.takes(tensor):
            return False
        here = here._outer
    return True


def note(output: Tensor, op: str, x: Tensor) -> Tensor:
    """`output`, which TensorFlow's `op` made of `x`; noted on it where a graph runs."""
    if RUNNING.graph is not None:
        output._node = RUNNING.graph, op, x  # type: ignore[attr-defined]
    return output


def made_by(output: Tensor, op: str) -> Tensor | None:
    """What TensorFlow's `op` made `output` of; None if it is no such node of the graph."""
    graph, name, x = getattr(output, "_node", (None, "", None))
    return x if name == op and is_from(graph, output) else None
