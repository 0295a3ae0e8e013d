"""A row of a trace: one op, with what went in and out, forward and backward."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Record, Site


class NoGradientError(AttributeError):
    """What was asked for has no gradient; the text says why."""


class SeveralPassesError(ValueError):
    """What was asked for has a gradient of each of several backward passes; the text says which."""


@dataclass(eq=False)
class Row:
    """One call of an op.

    Attributes:
        index: its number in the trace, from 0.
        record: the record of the tape.
        ms: the time of the forward pass: since the op before it, all Python between the two with
            it, in milliseconds.
        backward_ms: likewise of its VJPs.
        g: the cotangent of its output, a tensor; a tuple for several outputs; None where no
            backward pass came by.  Of several passes that did, that of the last.
        gx: by argument number, the cotangent that its VJP returned in the same pass.
        passes: the numbers of the backward passes that came by.
        compiled: whether a kernel was compiled or loaded for it, which is in `ms` or `backward_ms`.
    """

    index: int
    record: Record
    ms: float
    backward_ms: float = 0.0
    g: Any = None
    gx: dict[int, Any] = field(default_factory=dict)
    passes: list[int] = field(default_factory=list)
    compiled: bool = False

    @property
    def op(self) -> str:
        """The name of the op."""
        return self.record.op.name

    @property
    def layer(self) -> str | None:
        """The path of the layer that called it, such as ``"sequential/dense"``."""
        return self.record.layer

    @property
    def part(self) -> str | None:
        """What it is of the work of a recurrent layer: the step and the gate, such as ``"t=1/f"``.

        The gates are named as in the formulas of the layer's docstring.  None of other layers, and
        where all steps are one op: give the layer ``unroll=True``.
        """
        return self.record.part

    @property
    def place(self) -> str:
        """Layer and part, such as ``"sequential/lstm/t=1/f"``; empty outside of layers."""
        return "/".join(name for name in (self.layer, self.part) if name)

    @property
    def site(self) -> Site | None:
        """The line of the user's program that led to it."""
        return self.record.site

    @property
    def inputs(self) -> tuple[Array, ...]:
        """What went in; of `read_variable`, the value that was read."""
        return tuple([shown(x) for x in self.record.inputs])

    @property
    def outputs(self) -> tuple[Array, ...]:
        """What came out."""
        return tuple([shown(y) for y in self.record.outputs])

    @property
    def output(self) -> Array:
        """What came out of an op that has one output."""
        return self.outputs[0]

    @property
    def parameters(self) -> int:
        """How many parameters it reads: of `read_variable`, the elements of the variable."""
        return self.output.size if self.op == "read_variable" else 0

    @property
    def gradient(self) -> Array:
        """The derivative of what the tape was asked for by the output.

        Raises:
            NoGradientError: no backward pass came by.
            SeveralPassesError: several did.
        """
        self._check_passes("gradient")
        g = self.g[0] if isinstance(self.g, tuple) else self.g
        if g is None:
            raise NoGradientError(
                f"row {self.index}, `{self.op}`: no gradient came by its output: nothing that was "
                "differentiated depends on it, nothing that leads to it was to get a gradient, or "
                f"none was asked for; trace.why_none(trace[{self.index}]) says which"
            )
        return shown(g)

    @property
    def input_gradients(self) -> dict[int, Array]:
        """By argument number, what flows back through this op alone.

        Raises:
            SeveralPassesError: several backward passes came by.
        """
        self._check_passes("input_gradients")
        return {i: shown(gx) for i, gx in self.gx.items()}

    def takes(self, x: Any) -> bool:
        """Whether the tensor `x` is one of its inputs."""
        return any(argument is x for argument in self.record.inputs)

    def _check_passes(self, attribute: str) -> None:
        if len(self.passes) > 1:
            place = f"row {self.index}, `{self.op}`"
            raise several(place, self.passes, f"[{self.index}].{attribute}")

    def __repr__(self) -> str:
        layer = f" in {self.place}" if self.place else ""
        site = f" ({self.site})" if self.site else ""
        shapes = ", ".join(str(y.shape) for y in self.outputs)
        return f"<Row {self.index}: {self.op}{layer} -> {shapes}{site}>"


def listed(numbers: list[int]) -> str:
    """The first of some numbers.

    >>> listed([0, 1]), listed(list(range(20)))
    ('0, 1', '0, 1, 2, 3, 4, 5, 6, 7, …')
    """
    return ", ".join(map(str, numbers[:8])) + ", …" * (len(numbers) > 8)


def several(what: str, passes: list[int], ask: str) -> SeveralPassesError:
    """The error of what has a gradient of each of several passes; `ask` is asked of one of them."""
    return SeveralPassesError(
        f"{what} has a gradient of each of {len(passes)} backward passes ({listed(passes)}), and "
        f"their sum would be the gradient of nothing: ask one of them, as "
        f"trace.passes[{passes[0]}]{ask}"
    )


def shown(x: Any) -> Array:
    """The values of a tensor or variable, not to be written into."""
    view = x._data.view()
    view.flags.writeable = False
    return view  # type: ignore[no-any-return]


def sent_to(x: Any, rows: Iterable[Row]) -> Array | None:
    """The sum of what `rows` sent back to a tensor or variable `x`; None if nothing was."""
    parts = [
        shown(row.gx[i])
        for row in rows
        for i, argument in enumerate(row.record.inputs)
        if argument is x and i in row.gx
    ]
    with np.errstate(all="ignore"):  # a sum that overflows is inf, as the tape's is
        return sum(parts[1:], parts[0]) if parts else None


def sent_to_variables(rows: list[Row]) -> list[tuple[str, Array]]:
    """(path, the sum of what was sent back) for each variable that was read, in that order."""
    sums = [(path, sent_to(variable, rows)) for path, variable in variables_read(rows)]
    return [(path, gw) for path, gw in sums if gw is not None]


def variables_read(rows: list[Row]) -> list[tuple[str, Any]]:
    """(path, variable) for each variable that was read, in that order."""
    read: dict[int, Any] = {
        id(row.record.inputs[0]): row.record.inputs[0] for row in rows if row.op == "read_variable"
    }
    return [(str(getattr(v, "path", None) or v.name), v) for v in read.values()]


def unrepeated(names: list[str], taken: Iterable[str] = ()) -> list[str]:
    """`names`, each once: the second ``a`` is ``a_1``, unless that is one of `names` or `taken`.

    >>> unrepeated(["a", "b", "a", "a"])
    ['a', 'b', 'a_1', 'a_2']
    >>> unrepeated(["a", "a", "a_1"])
    ['a', 'a_2', 'a_1']
    """
    found: dict[str, None] = {}
    given = {*names, *taken}
    for name in names:
        copies = (f"{name}_{n}" for n in count(1))
        new = name if name not in found else next(c for c in copies if c not in given)
        found[new] = None
        given.add(new)
    return list(found)


def norm(x: Array) -> float:
    """The root of the sum of the squares; of complex numbers, of their sizes.

    >>> norm(np.array([3.0, 4.0]))
    5.0
    """
    wide = np.complex128 if x.dtype.kind == "c" else np.float64
    return float(np.linalg.norm(x.astype(wide).ravel()))
