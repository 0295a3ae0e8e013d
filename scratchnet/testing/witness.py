"""What a right gradient is: by differences of the forward pass, or by a witness.

A witness is a function of scratchnet or of TensorFlow.  Which of the two is seen by what it returns
for arrays; TensorFlow is never imported here: a witness of it has imported it already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import with_article
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.ops.creation import constant
from scratchnet.testing.differences import Jacobian

CLOSE = 1e-7  # float64: what differences and sound code are good for together
FLOAT32 = float(np.finfo(np.float32).eps)


class Truth(Protocol):
    """The right gradient of one argument, for any cotangent (a vector over all outputs)."""

    def gradient(self, g: Array) -> Array:
        """The gradient; NaN where it is not known."""

    def bound(self, g: Array) -> Array:
        """How far a sound result may be from it, element by element."""

    @property
    def sure(self) -> Array:
        """Where the derivative is known, and the same from all sides."""


@dataclass
class ByDifferences:
    """By differences: see `scratchnet.testing.differences`."""

    jacobian: Jacobian
    relative: float = CLOSE

    def gradient(self, g: Array) -> Array:
        return np.where(self.sure, self.jacobian.gradient(g), np.nan)

    def bound(self, g: Array) -> Array:
        size = self.jacobian.size(g)
        largest = float(np.nanmax(size, initial=0.0)) if size.size else 0.0
        bound = self.jacobian.uncertainty(g) + self.relative * (size + 1e-2 * largest)
        return np.where(np.isnan(bound), 0.0, bound)

    @cached_property
    def sure(self) -> Array:
        unsure = self.jacobian.lost | self.jacobian.kinked.any(axis=1)
        sure = np.zeros(int(np.prod(self.jacobian.shape)), bool)
        sure[self.jacobian.elements] = ~unsure
        return sure.reshape(self.jacobian.shape)


@dataclass
class ByWitness:
    """By the gradient of a witness."""

    witness: Witness
    arrays: Sequence[Array]
    argument: int
    relative: float = CLOSE
    _known: dict[bytes, list[Any]] = field(default_factory=dict)

    def gradient(self, g: Array) -> Array:
        key = g.tobytes()
        if key not in self._known:
            self._known.clear()
            self._known[key] = self.witness.gradients(g, self.arrays)
        gx = self._known[key][self.argument]
        shape = self.arrays[self.argument].shape
        if gx is None:
            return np.zeros(shape)
        array: Array = np.asarray(gx, np.float64)
        return np.where(np.isfinite(array), array, np.nan).reshape(shape)

    def bound(self, g: Array) -> Array:
        # For one cotangent the terms of a gradient may cancel, as for ones in batch normalization:
        # they are as large as with other signs, and so is what rounding leaves.
        signs = np.random.default_rng(0).choice([-1.0, 1.0], size=g.shape)
        sizes = [abs(np.nan_to_num(self.gradient(h))) for h in (g, abs(g) * signs)]
        typical = [float(np.sqrt(np.mean(size**2))) if size.size else 0.0 for size in sizes]
        return np.asarray(self.relative * (sizes[0] + max(typical)))

    @property
    def sure(self) -> Array:
        return np.ones(self.arrays[self.argument].shape, bool)


@dataclass
class Witness:
    """A function of scratchnet or TensorFlow, of the same arguments as the forward pass."""

    where: str
    function: Callable[..., Any]
    module: Any = None  # TensorFlow, or None for scratchnet
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def outputs(self, arrays: Sequence[Array]) -> list[Array]:
        """What it returns for `arrays`, as arrays; finds out which library it is of.

        Raises:
            TypeError: it returns no tensors.
        """
        self.module = None
        flat = _flat(self._first(arrays))
        if not all(isinstance(y, Tensor) for y in flat):
            tensorflow = sys.modules.get("tensorflow")
            if tensorflow is None or not all(tensorflow.is_tensor(y) for y in flat):
                kind = with_article(type(flat[0]).__name__) if flat else "nothing"
                raise TypeError(
                    f"{self.where}: `witness` must return tensors of scratchnet or of TensorFlow, "
                    f"received {kind}"
                )
            self.module = tensorflow
        ys = [np.asarray(y.numpy(), np.float64) for y in flat]
        self.shapes = [y.shape for y in ys]
        return ys

    def _first(self, arrays: Sequence[Array]) -> Any:
        """Called with arrays, tensors of scratchnet or of TensorFlow: what it takes."""
        kinds: list[Callable[[Array], Any]] = [lambda x: x, constant]
        if "tensorflow" in sys.modules:
            kinds.append(sys.modules["tensorflow"].constant)
        results, errors = [], []
        for kind in kinds:
            try:
                results.append(self.function(*map(kind, arrays)))
            except Exception as error:  # of which kind its errors are, nobody knows
                errors.append(error)
                continue
            if all(hasattr(y, "numpy") for y in _flat(results[-1])):
                return results[-1]
        if not results:
            raise errors[0]
        return results[-1]

    def gradients(self, g: Array, arrays: Sequence[Array]) -> list[Any]:
        """The gradients for the cotangent `g`, a vector: an array or None for each argument."""
        make = constant if self.module is None else self.module.constant
        tape_of = GradientTape if self.module is None else self.module.GradientTape
        xs = [make(x) for x in arrays]
        sources = [x for x, array in zip(xs, arrays, strict=True) if array.dtype.kind == "f"]
        with tape_of() as tape:
            tape.watch(sources)
            ys = _flat(self.function(*xs))
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        parts = np.split(g, np.cumsum(sizes)[:-1])
        gs = [
            make(part.reshape(shape).astype(y.numpy().dtype))
            for part, shape, y in zip(parts, self.shapes, ys, strict=True)
        ]
        found = iter(tape.gradient(ys, sources, output_gradients=gs))
        return [_array(next(found)) if x.dtype.kind == "f" else None for x in arrays]


def _flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, list | tuple) else [result]


def _array(gx: Any) -> Any:
    if gx is None:
        return None
    if hasattr(gx, "values") and hasattr(gx, "indices"):  # TensorFlow's IndexedSlices
        full = np.zeros(tuple(gx.dense_shape.numpy()), gx.values.numpy().dtype)
        np.add.at(full, gx.indices.numpy(), gx.values.numpy())
        return full
    return gx.numpy()
