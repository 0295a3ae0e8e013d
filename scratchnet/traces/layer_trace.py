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
    listed,
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
    _first: int = 0  # how many rows there were before it
    _has_layers: bool = False  # whether it called a layer

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
        """The derivative of the loss by the output, the first of `outputs` where it has several.

        Raises:
            NoGradientError: it has none; the text says why.
            SeveralPassesError: several backward passes reached it.
        """
        chosen = self._chosen("gradient", lambda call: call.gradient)
        if chosen is not None:
            return chosen
        found = self._trace.gradient_of(self._outputs[0]) if self._outputs else None
        if found is not None:
            return found
        if self._logits() is not None:
            what = self._trace.p_minus_y(self._outputs[0])
            raise NoGradientError(
                f"`{self.name}`: its output has no gradient of its own: the loss takes the logits "
                f"behind the {self._last_op()}, not the probabilities. The gradient by the logits "
                f"is trace{self._trace.ask(self)}.logits_gradient: {what}"
            )
        count = len(self._outputs)
        which = "its output" if count < 2 else f"the first of its {count} outputs"
        raise NoGradientError(
            f"`{self.name}`: no gradient came by {which}: {self.why_none()}{self._other_calls()}"
        )

    @property
    def output_gradients(self) -> list[Array | None]:
        """The derivative of the loss by each of `outputs`; None for one that has none.

        Raises:
            SeveralPassesError: several backward passes reached one of them.
        """

        def of(k: int) -> Array | None:
            chosen = self._chosen(f"output_gradients[{k}]", lambda call: call.output_gradients[k])
            return self._trace.gradient_of(self._outputs[k]) if chosen is None else chosen

        return [of(k) for k in range(len(self._outputs))]

    def why_none(self) -> str:
        """Why no gradient came by the output, the first of several; which of the others have one.

        See `Trace.why_none`.
        """
        if not self._outputs:
            return "it returned no tensor"
        text = self._trace.why_none(self._outputs[0])
        reached = [k for k, y in enumerate(self._outputs) if self._trace.passes_to(y)]
        if reached and reached[0] > 0:
            numbers = f"number{'s' * (len(reached) > 1)} {listed(reached)}"
            text += (
                f"; of its outputs 0 to {len(self._outputs) - 1} a gradient came by {numbers}: see "
                f"trace{self._trace.ask(self)}.output_gradients"
            )
        return text

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
        logits = self._logits()
        found = None if logits is None else self._trace.gradient_of(logits)
        if found is None:
            raise NoGradientError(
                f"`{self.name}`: its last op is no softmax or sigmoid whose logits the loss takes"
                f"{self._other_calls()}"
            )
        return found

    def _other_calls(self) -> str:
        """Of a layer that was called several times, where its other calls are."""
        calls = self._trace.calls(self.layer)
        if len(calls) == 1:
            return ""
        key = self.name if self._trace.calls(self.name) == calls else self.path
        ask = repr(key) if self._trace.calls(key) == calls else "layer"
        return (
            f". This is call {self._place() + 1} of {len(calls)} of the layer: "
            f"trace.calls({ask}) has them all"
        )

    def _last_op(self) -> str:
        row = self._trace.row_of(self._outputs[0])
        return row.op if row is not None else ""

    def _logits(self) -> Any:
        """The logits, if a loss took those in place of the output; else None."""
        return self._trace.hidden_logits(self._outputs[0]) if self._outputs else None

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
        if not self._inputs:
            raise NoGradientError(f"`{self.name}`: it was called on no tensor")
        smooth = [x for x in self._inputs if id(x) in several] or self._inputs
        found = self._sent_to_input(smooth[0])
        if found is not None:
            return found
        raise NoGradientError(
            f"`{self.name}`: no gradient passes to its input: {self._why_not_by(smooth[0])}"
            f"{self._other_calls()}"
        )

    def _why_not_by(self, x: Tensor) -> str:
        """Why none passes to an input."""
        if not self._trace._gradient_asked:
            return "no tape was asked for gradients while this was traced"
        if any(x is y for y in self._outputs):  # it hands on what it was given
            return self._trace.why_none(x)
        if not any(row.takes(x) for row in self.rows):
            return "the layer computed nothing from it"
        if any(row.passes for row in self.rows):
            return self._trace.why_nothing_came(x, self.rows)
        return f"none came by its output: {self.why_none()}"

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

        ask = self._trace.ask(self)
        numbers = sorted({k for row in self.rows for k in row.passes})
        if not self.rows and self._outputs:  # it hands on what it was given
            numbers = self._trace._passes_of(self._outputs[0])
        return self._trace.in_one_pass(f"`{self.name}`", f"{ask}.{attribute}", look, numbers)

    def _place(self) -> int:
        """Which of the calls of its layer this is, from 0."""
        return self._trace.calls(self.layer).index(self)

    def __repr__(self) -> str:
        shape = self.output.shape if self._outputs else ()
        count = len(self._trace.calls(self.layer))
        which = f", call {self._place() + 1} of {count}" * (count > 1)
        path = self._trace._paths()[self._number]
        return f"<LayerTrace {path}{which}: {type(self.layer).__name__} -> {shape}>"


def tensors_in(structure: Any) -> list[Tensor]:
    """The tensors among the leaves of what a layer was given or returned."""
    return [leaf for leaf in nest.flatten(structure) if isinstance(leaf, Tensor)]
