"""What an op is, what one call of it leaves behind, and who is told of it.

An :class:`Op` is a frozen row in a table: a name, the function that users call, a forward pass on
arrays and one vector-Jacobian product (VJP) per argument.  A :class:`Record` is one call of it.
The two are never the same object: a row is a definition, a record an event.

    forward(*arrays, **attrs) -> (out, saved)   arrays in, arrays out; `saved` is kept for the VJPs
    vjps[i](g, record) -> Tensor                the cotangent of argument i, written in ops, so that
                                                the gradient of a gradient is a gradient again
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from scratchnet.engine.errors import NoDerivativeError, with_article
from scratchnet.engine.tracebacks import filtered

if TYPE_CHECKING:
    from scratchnet.engine.listening import Listener
    from scratchnet.engine.tensor import Tensor

Vjp = Callable[..., Any]


@dataclass(frozen=True)
class NoGradient:
    """Stands in the place of a VJP where there is none to have, and says why.

    The gradient through such an argument is None; `GradientTape.explain_none` repeats the reason.
    """

    reason: str


@dataclass(frozen=True)
class Op:
    """One row of the table of ops.

    Attributes:
        name: the key of the row, here, in the reference and in the tests.
        function: the public function.
        forward: ``forward(*arrays, **attrs) -> (out, saved)``; `out` is an array or several.
            None for a *composite*: a public function made of other ops, which needs no VJP.
        vjps: one per argument, each ``vjp(g, record) -> Tensor`` or a :class:`NoGradient`.
        prologue: what all VJPs begin with, done once: ``prologue(g, record, wanted)`` is handed to
            them in place of the cotangent g; `wanted` says of each argument whether its VJP is
            called.
        takes_none: the prologue is handed None, and not zeros, for the cotangent of an output that
            the target does not depend on, where others have one.
        broadcasts: arguments are broadcast against each other, so the backward loop sums each
            cotangent back to the shape of its argument.
        variadic: any number of arguments; the one VJP is called ``vjp(g, record, i)``.
        complex_vjps: the VJPs are right for complex arguments and results, too: where one of the
            real numbers is ``g f'(x)``, ``g conj(f'(x))``.  Without it they are never called for
            such: NoDerivativeError.
    """

    name: str
    function: Callable[..., Any]
    forward: Callable[..., tuple[Any, Any]] | None = None
    vjps: tuple[Vjp | NoGradient, ...] = ()
    prologue: Vjp | None = None
    takes_none: bool = False
    broadcasts: bool = False
    variadic: bool = False
    complex_vjps: bool = False

    @property
    def is_composite(self) -> bool:
        return self.forward is None

    @cached_property
    def stops(self) -> bool:
        """Whether some argument has no gradient, for a reason."""
        return any(isinstance(vjp, NoGradient) for vjp in self.vjps)

    def vjp(self, i: int) -> Vjp | NoGradient:
        """The VJP for argument `i`.

        Raises:
            NoDerivativeError: the row has none, and no reason why: never a silent zero.
        """
        if self.variadic and self.vjps:
            first = self.vjps[0]
            return first if isinstance(first, NoGradient) else partial(first, i=i)
        if i >= len(self.vjps):
            raise NoDerivativeError(
                f"{self.name}: no VJP is declared for argument {i}: there must be one for each in "
                "Op(…, vjps=(…)), or NoGradient('why') in its place"
            )
        return self.vjps[i]


OPS: dict[str, Op] = {}


def register(op: Op) -> Op:
    """Enter `op` into :data:`OPS`, once per name, and hand it back."""
    if op.name in OPS:
        raise ValueError(f"register: an op named {op.name!r} is in the table already")
    OPS[op.name] = op
    return op


def call(name: str, *args: Any, **kwargs: Any) -> Tensor:
    """Call the function of the op `name`: how the engine uses ops, which it cannot import."""
    try:
        result: Tensor = OPS[name].function(*args, **kwargs)
        return result
    except Exception as error:
        raise filtered(error)  # noqa: B904 - disable_traceback_filtering() shows all


class Site(NamedTuple):
    """A line of a program; printed as ``file:line``."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True, eq=False)
class Record:
    """One call of an op: what went in, what came out, what was kept.  A tape is a list of these.

    Attributes:
        op: the row of the op that was called.
        inputs: its arguments; of `read_variable`, the variable.
        outputs: its results, new tensors.
        saved: what the forward pass kept for the VJPs; a constant to every tape.
        attrs: the arguments of the forward pass that are no tensors.
        layer: while somebody listens, the path of the innermost layer that is being called, such as
            ``"sequential/dense"``; None outside of layers.
        site: while somebody listens, the line of the user's program that led to the call.
        part: while somebody listens, what it is of the work of the layer, where the layer says so:
            of a recurrent one the step and the gate, such as ``"t=1/f"``.
    """

    op: Op
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    saved: Any = None
    attrs: Mapping[str, Any] = field(default_factory=dict)
    layer: str | None = None
    site: Site | None = None
    part: str | None = None

    @property
    def output(self) -> Tensor:
        """The output of an op that has one."""
        return self.outputs[0]


def bad_forward_result(op: Op, result: object) -> TypeError:
    """The error for a forward pass that returned something else than ``(out, saved)``."""
    kind = with_article(type(result).__name__)
    if isinstance(result, tuple):
        kind += f" of {len(result)}"
    return TypeError(
        f"{op.name}: the forward pass must return a pair (out, saved), received {kind}: write "
        "`return out, None` where the VJPs need nothing, and `return (a, b), saved` for several "
        "outputs"
    )


class Recorder(Protocol):
    """What the stack of active tapes holds."""

    def record(self, record: Record) -> bool:
        """Called after every op; whether the record was kept."""

    def access(self, variable: Any) -> None:
        """Called when `variable` is read."""

    def detached(self, tensor: Tensor, reason: str) -> None:
        """Called when what comes of `tensor` does not come by its records, for that `reason`."""

    def follows(self, x: Any) -> bool:
        """Whether a gradient could flow to `x`, a tensor or variable."""


class _Active(threading.local):
    """Who is told of what happens, one per thread: the engine's only global state."""

    def __init__(self) -> None:
        self.tapes: list[Recorder] = []  # those that record, and an adapter for each listener
        self.listeners: list[Listener] = []
        self.layers: list[str] = []  # while somebody listens: the names of the layers being called
        self.parts: list[str] = []  # and those of the parts of their work, see `listening.within`


ACTIVE = _Active()


class StopRecording:
    """A context in which no tape records and no listener is notified."""

    __slots__ = ("_outer",)

    def __enter__(self) -> None:
        self._outer = ACTIVE.tapes, ACTIVE.listeners
        ACTIVE.tapes, ACTIVE.listeners = [], []

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ACTIVE.tapes, ACTIVE.listeners = self._outer
