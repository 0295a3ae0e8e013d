"""GradientTape: write down what happened, read it backwards.

The tape is a list of Records in the order of their making, so every use of a tensor stands after
its making, and reading the list backwards meets a tensor's uses before the record that made it: no
sort and no recursion, however deep the graph.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from enum import Enum
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.backward import Grads, backward, one_hots, seeds_of
from scratchnet.engine.explain_none import Scene, reaching
from scratchnet.engine.op import Record, call
from scratchnet.engine.operators import Operators
from scratchnet.engine.recording import Recording
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.variable import origin_of

log = logging.getLogger("scratchnet")


class UnconnectedGradients(Enum):
    """What a source gets that the target does not depend on (``tf.UnconnectedGradients``)."""

    NONE = "none"
    ZERO = "zero"


class GradientTape(Recording):
    """Records what is computed in its context, for `gradient` and `jacobian` (``tf.GradientTape``).

    Args:
        persistent: keep the records after `gradient`, so that it can be called again.
        watch_accessed_variables: follow every trainable variable that is read in the context.

    >>> import scratchnet as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=6.0>
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        super().__init__(watch_accessed_variables)
        self._persistent = persistent
        self._used = False
        self._reasons: dict[int, tuple[Any, str]] = {}

    def _start(self) -> None:
        super()._start()
        self._used = False  # entered again, a tape that was used begins anew

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of the sum of `target` with respect to each of `sources`.

        Args:
            target: a tensor or nested structure of them; several add up.
            sources: watched tensors, variables, or tensors recorded on the way; nested as you like.
            output_gradients: the cotangents of `target`, one for each tensor in it and of its size;
                ones if not given.
            unconnected_gradients: ``"none"`` or ``"zero"``: what a source gets that `target` does
                not depend on.

        Returns:
            The structure of `sources`, with a Tensor of the source's shape and dtype, or None, at
            each leaf.  `explain_none` says why a leaf is None.  Unlike TensorFlow's, the gradient
            of a gather is a dense tensor, never IndexedSlices.

        Raises:
            RuntimeError: the second call on a tape that is not persistent.
            TypeError: `target` or `sources` holds something else, such as None or an array.
            ValueError: an unknown `unconnected_gradients`; `output_gradients` that do not fit.
        """
        unconnected = _unconnected(unconnected_gradients)
        self._begin()
        if target is None:
            raise TypeError(
                "Argument `target` should be a list or nested structure of Tensors, Variables or "
                "CompositeTensors to be differentiated, but received None."
            )
        targets, leaves = _flat(target), _flat(sources)
        _check_tensors("gradient", target=targets, sources=leaves)
        seeds = seeds_of(targets, output_gradients)
        self._explain(targets, leaves)
        found = self._run(targets, seeds, leaves, free=not self._persistent)
        self._end(leaves, found)
        return nest.pack(
            sources, [_filled(g, x, (), unconnected) for g, x in zip(found, leaves, strict=True)]
        )

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of every element of `target` by every element of each source.

        One backward pass per element of `target`, with the one-hot cotangent that selects it.

        Args:
            target: one tensor.
            sources, unconnected_gradients: as for `gradient`.
            parallel_iterations, experimental_use_pfor: how TensorFlow goes about it; here it is
                always the loop, and the numbers do not hang on it.

        Returns:
            The structure of `sources`; each leaf is None or of shape target.shape + source.shape.

        Raises:
            As `gradient`.
        """
        unconnected = _unconnected(unconnected_gradients)
        self._begin()
        leaves = _flat(sources)
        _check_tensors("jacobian", target=[target], sources=leaves)
        self._explain([target], leaves)
        shape = target._data.shape
        rows = [self._run([target], [g], leaves, free=False) for g in one_hots(target._data)]
        blocks = [self._block(x, [row[j] for row in rows], shape) for j, x in enumerate(leaves)]
        self._end(leaves, blocks)
        return nest.pack(
            sources,
            [_filled(b, x, shape, unconnected) for b, x in zip(blocks, leaves, strict=True)],
        )

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """For each example of a batch, the derivative of `target` by `source`.

        ``out[b, i, j] = ∂ Σ_c target[c, i] / ∂ source[b, j]``, which is the derivative of example b
        by example b where the examples do not mix.  One backward pass per element of an example.

        Args:
            target: a tensor of shape (batch, …).
            source: a watched tensor or variable of shape (batch, …).
            unconnected_gradients, parallel_iterations, experimental_use_pfor: as for `jacobian`.

        Returns:
            A tensor of shape (batch, *target.shape[1:], *source.shape[1:]): zeros where `target`
            does not depend on `source`, as TensorFlow has it.

        Raises:
            ValueError: the batches differ, or `target` has fewer than two axes.
            RuntimeError, TypeError: as `gradient`.
        """
        _unconnected(unconnected_gradients)
        self._begin()
        y, x = origin_of(target), origin_of(source)
        _check_tensors("batch_jacobian", target=[y], source=[x])
        _check_batches(y._data.shape, x._data.shape)
        self._explain([y], [x])
        seeds = one_hots(y._data[:1], len(y._data))
        columns = [self._run([y], [g], [x], free=False)[0] for g in seeds]
        self._end([x], columns[:1])
        whole = y._data.shape + x._data.shape[1:]
        found = [Tensor(np.zeros_like(x._data)) if g is None else g for g in columns]
        if not found:
            return Tensor(np.zeros(whole, y._data.dtype))
        return call("reshape", call("stack", found, axis=1), whole)

    def explain_none(self, source: Any) -> str:
        """Why the last `gradient` or `jacobian` of this tape was None for `source`.

        >>> import scratchnet as tf
        >>> x = tf.constant(3.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> tape.gradient(y, x) is None
        True
        >>> print(tape.explain_none(x))
        the tape does not watch this tensor: call `tape.watch(…)` on it before it is used
        """
        if id(source) in self._reasons:
            return self._reasons[id(source)][1]
        return "its gradient was not None, or has not been asked for"

    def _begin(self) -> None:
        if self._used:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients "
                "(or jacobians)"
            )
        if self._recording and self._persistent:
            log.warning(
                "Calling GradientTape.gradient on a persistent tape inside its context is "
                "significantly less efficient than calling it outside the context"
            )
        elif self._recording:
            self._stop()

    def _explain(self, targets: list[Any], sources: list[Any]) -> None:
        """Note why sources will have no gradient, while the records that tell it are there."""
        reached = reaching(self._records, targets, self._tracked)
        scene = Scene(self._records, self._cuts, self._tracked, self._watch_accessed, targets)
        unreached = [x for x in sources if id(x) not in reached]
        self._reasons = {id(x): (x, scene.explain(x)) for x in unreached}

    def _run(
        self, targets: list[Any], seeds: list[Tensor | None], sources: list[Any], free: bool
    ) -> list[Tensor | None]:
        """The cotangents of `sources`; `free` lets go of each record once it was read."""
        self._used = not self._persistent
        grads: Grads = {}
        keep = {id(x) for x in sources}
        for y, seed in zip(targets, seeds, strict=True):
            if seed is not None and (id(y) in self._tracked or id(y) in keep):
                known = grads.get(id(y))
                grads[id(y)] = seed if known is None else call("add", known, seed)
        records = _consume(self._records) if free else reversed(tuple(self._records))
        backward(records, grads, self._tracked, keep)
        return [grads.get(id(x)) for x in sources]

    def _block(self, x: Any, column: list[Tensor | None], shape: tuple[int, ...]) -> Tensor | None:
        """The gradients of `x`, one per element of a target of `shape`, in one tensor."""
        if id(x) in self._reasons or (column and all(g is None for g in column)):
            return None
        zero = Tensor(np.zeros_like(x._data))
        rows = [zero if g is None else g for g in column]
        whole = shape + x._data.shape
        return (
            call("reshape", call("stack", rows), whole) if rows else call("zeros", whole, x.dtype)
        )

    def _end(self, sources: list[Any], found: list[Tensor | None]) -> None:
        for x, g in zip(sources, found, strict=True):
            if g is None and id(x) not in self._reasons:
                self._reasons[id(x)] = (x, "a custom gradient between it and the target is None")
        if not self._persistent:
            variables = self._variables
            self._clear()
            self._variables = variables  # `watched_variables` still tells


def _flat(structure: Any) -> list[Any]:
    return [origin_of(x) for x in nest.flatten(structure)]


def _consume(records: list[Record]) -> Iterator[Record]:
    """The records, last first, each forgotten when the next is asked for, so memory goes too."""
    while records:
        yield records.pop()


def _check_batches(target: tuple[int, ...], source: tuple[int, ...]) -> None:
    if len(target) < 2:
        raise ValueError(f"Shape {target} must have rank at least 2")
    if target[:1] != source[:1]:
        raise ValueError(
            f"Need first dimension of target shape ({target}) and source shape ({source}) to match."
        )


def _unconnected(value: Any) -> UnconnectedGradients:
    try:
        return UnconnectedGradients(value)
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {value!r}") from None


def _check_tensors(where: str, **arguments: list[Any]) -> None:
    for name, leaves in arguments.items():
        for x in leaves:
            if not isinstance(x, Operators):
                raise TypeError(
                    f"{where}: `{name}` must hold tensors or variables, received {x!r} of type "
                    f"{type(x).__name__}"
                )


def _filled(
    g: Tensor | None, x: Any, shape: tuple[int, ...], unconnected: UnconnectedGradients
) -> Tensor | None:
    """`g`, or what stands in for it where it is None."""
    if g is None and unconnected is UnconnectedGradients.ZERO:
        return Tensor(np.zeros(shape + x._data.shape, x._data.dtype))
    return g
