"""What a trace knows of one call of a layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.engine.tensor import Tensor
from scratchnet.traces.row import (
    NoGradientError,
    Row,
    sent_to,
    sent_to_variables,
    shown,
    unrepeated,
)

if TYPE_CHECKING:
    from scratchnet.traces.trace import Trace

T = TypeVar("T")


@dataclass(eq=False)
class LayerTrace:
    """One call of a layer.

    Its gradients are those of the one backward pass that reached it.  Where several did, each of
    them raises `SeveralPassesError`: ``trace.passes[i]["dense"].gradient`` is that of pass `i`.

    Attributes:
        path: the names of the layers around it and its own, such as ``"sequential/dense"``.
        layer: the layer.
        rows: the ops that it called, and the layers inside it.
    """

    path: str
    layer: Any
    rows: list[Row]
    _trace: Trace
    _inputs: list[Tensor]
    _outputs: list[Tensor]
    _number: int = 0  # among all calls of the trace

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self.path.rpartition("/")[2]

    @property
    def inputs(self) -> list[Array]:
        """What it was called on."""
        return [shown(x) for x in self._inputs]

    @property
    def outputs(self) -> list[Array]:
        """What it returned."""
        return [shown(y) for y in self._outputs]

    @property
    def input(self) -> Array:
        """What it was called on, if that is one tensor; else the first of `inputs`."""
        return self.inputs[0]

    @property
    def output(self) -> Array:
        """What it returned, if that is one tensor; else the first."""
        return self.outputs[0]

    @property
    def gradient(self) -> Array:
        """The derivative of the loss by the output.

        Raises:
            NoGradientError: it has none; the text says why.
            SeveralPassesError: several backward passes reached it.
        """
        chosen = self._chosen("gradient", lambda call: call.gradient)
        if chosen is not None:
            return chosen
        found = self._trace.gradient_of(self._outputs[0])
        if found is not None:
            return found
        if self._logits_row() is not None:
            raise NoGradientError(
                f"`{self.name}`: its output has no gradient of its own: the loss takes the logits "
                f"behind the {self._last_op()}, not the probabilities. The gradient by the logits "
                f'is trace["{self.name}"].logits_gradient: p - y, times the share of each sample '
                "in the loss"
            )
        raise NoGradientError(
            f"`{self.name}`: no gradient came by its output: "
            f"{self._trace.why_none(self._outputs[0])}{self._other_calls()}"
        )

    @property
    def logits_gradient(self) -> Array:
        """The derivative of the loss by what the softmax or sigmoid at the end was computed from.

        Raises:
            NoGradientError: there is no such op, or no gradient came by it.
            SeveralPassesError: several backward passes reached it.
        """
        chosen = self._chosen("logits_gradient", lambda call: call.logits_gradient)
        if chosen is not None:
            return chosen
        row = self._logits_row()
        if row is None:
            raise NoGradientError(
                f"`{self.name}`: its last op is no softmax or sigmoid whose logits the loss takes"
                f"{self._other_calls()}"
            )
        return row.gradient

    def _other_calls(self) -> str:
        """Of a layer that was called several times, where its other calls are."""
        count = len(self._trace.calls(self.path))
        if count == 1:
            return ""
        return (
            f". This is call {self._place() + 1} of {count} of the layer: "
            f"trace.calls({self.name!r}) has them all"
        )

    def _last_op(self) -> str:
        return self.rows[-1].op if self.rows else ""

    def _logits_row(self) -> Row | None:
        """The op that made the logits, if a loss took those in place of the output."""
        return self._trace.hidden_behind(self.rows[-1].record.outputs[0]) if self.rows else None

    @property
    def input_gradient(self) -> Array:
        """The derivative of the loss by the input, as far as it comes through this layer.

        Raises:
            NoGradientError: it has none.
            SeveralPassesError: several backward passes reached it.
            ValueError: it was called on several tensors: `input_gradients` is of each.
        """
        several = {id(x) for x in self._inputs if x._data.dtype.kind in "fc"}
        if len(several) > 1:
            raise ValueError(
                f"`{self.name}` was called on {len(several)} tensors: its .input_gradients are a "
                "list, one of each"
            )
        chosen = self._chosen("input_gradient", lambda call: call.input_gradient)
        if chosen is not None:
            return chosen
        smooth = [x for x in self._inputs if id(x) in several] or self._inputs
        found = self._sent_to_input(smooth[0])
        if found is not None:
            return found
        raise NoGradientError(
            f"`{self.name}`: no gradient passes to its input: nothing before it is to be trained, "
            f"or the input is not watched{self._other_calls()}"
        )

    @property
    def input_gradients(self) -> list[Array | None]:
        """The derivative of the loss by each of `inputs`, as far as it comes through this layer.

        None for an input that has none, such as a mask.

        Raises:
            SeveralPassesError: several backward passes reached one of them.
        """

        def of(k: int) -> Array | None:
            chosen = self._chosen(f"input_gradients[{k}]", lambda call: call.input_gradients[k])
            return self._sent_to_input(self._inputs[k]) if chosen is None else chosen

        return [of(k) for k in range(len(self._inputs))]

    def _sent_to_input(self, x: Tensor) -> Array | None:
        """What came to an input through this layer; None where nothing did."""
        found = sent_to(x, self.rows)
        if found is None and any(y is x for y in self._outputs):  # it hands on what it was given
            found = self._trace.gradient_of(x)
        return found

    @property
    def weight_gradients(self) -> dict[str, Array]:
        """The derivative of the loss by each weight, by its name; by its path where names repeat.

        Names repeat where there are layers inside the layer.  Of a layer that is called several
        times it is the share of this call: `Trace.gradients` has the sum over all of them.

        Raises:
            SeveralPassesError: several backward passes reached one of the weights.
        """
        chosen = self._chosen("weight_gradients", lambda call: call.weight_gradients or None)
        if chosen is not None:
            return chosen
        found = sent_to_variables(self.rows)
        names = [path.rpartition("/")[2] for path, _ in found]
        if len(set(names)) < len(names):
            names = unrepeated([path for path, _ in found])
        return dict(zip(names, [gw for _, gw in found], strict=True))

    @property
    def parameters(self) -> int:
        """How many parameters the layer has, those of the layers inside it with them."""
        return sum(int(v._data.size) for v in self.layer.weights)

    @property
    def ms(self) -> float:
        """The time of its forward pass in milliseconds, as the sum over `rows`."""
        return sum(row.ms for row in self.rows)

    @property
    def backward_ms(self) -> float:
        """Likewise of its backward pass."""
        return sum(row.backward_ms for row in self.rows)

    def _chosen(self, attribute: str, find: Callable[[LayerTrace], T | None]) -> T | None:
        """What `find` finds in the one backward pass where it finds something; None if in none."""

        def look(number: int) -> T | None:
            try:
                return find(self._trace.passes[number]._calls[self._number])
            except NoGradientError:
                return None

        calls = self._trace.calls(self.path)
        which = f'"{self.name}"' if self is calls[0] else f"calls({self.name!r})[{self._place()}]"
        ask = f"[{which}]" if self is calls[0] else f".{which}"
        numbers = sorted({k for row in self.rows for k in row.passes})
        if not self.rows and self._outputs:  # it hands on what it was given
            numbers = self._trace._passes_of(self._outputs[0])
        return self._trace.in_one_pass(f"`{self.name}`", f"{ask}.{attribute}", look, numbers)

    def _place(self) -> int:
        """Which of the calls of its layer this is, from 0."""
        return next(k for k, call in enumerate(self._trace.calls(self.path)) if call is self)

    def __repr__(self) -> str:
        shape = self.output.shape if self._outputs else ()
        count = len(self._trace.calls(self.path))
        which = f", call {self._place() + 1} of {count}" * (count > 1)
        return f"<LayerTrace {self.path}{which}: {type(self.layer).__name__} -> {shape}>"


def tensors_in(structure: Any) -> list[Tensor]:
    """The tensors among the leaves of what a layer was given or returned."""
    return [leaf for leaf in nest.flatten(structure) if isinstance(leaf, Tensor)]
