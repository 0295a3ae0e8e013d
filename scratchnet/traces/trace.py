"""A trace: the rows of a step and its layers, as a table, as data, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, TypeVar

import numpy as np

from scratchnet.engine.base_variable import BaseVariable
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.explain_none import declared
from scratchnet.engine.op import NoGradient
from scratchnet.engine.tensor import Tensor
from scratchnet.traces.layer_trace import LayerTrace
from scratchnet.traces.pages import page_of
from scratchnet.traces.row import (
    Row,
    listed,
    norm,
    sent_to,
    sent_to_variables,
    several,
    shown,
    unrepeated,
    variables_read,
)

T = TypeVar("T")
HEADS = ("", "op", "layer", "line", "output", "|y|", "|g|", "ms", "ms back", "parameters")
_LEFT = {"op", "layer", "line", "output"}  # of which the texts begin at the left
_RELUS = ("relu", "relu6")
COMPILED = "* with the time in which a kernel was compiled or loaded: the next call is faster"


@dataclass(frozen=True)
class NonFinite:
    """The first number that is not finite.

    Attributes:
        row: the op where it came up.
        where: ``"output"``; ``"gradient"``: what one of its VJPs returned, or, where it has no
            `argument`, the cotangent of its output; ``"sum"``: the sum over all uses of an
            argument that no op made, such as a variable.
        argument: of a gradient, by which argument.
        index: where in the array.
        value: nan, inf or -inf.
        count, size: how many such numbers, of how many.
    """

    row: Row
    where: str
    argument: int | None
    index: tuple[int, ...]
    value: float
    count: int
    size: int

    def __str__(self) -> str:
        row, of = self.row, self.where
        if self.argument is not None:
            of = f"gradient by argument {self.argument}"
        elif self.where == "gradient":
            of = "gradient by its output"
        if self.where == "sum":
            of += ", summed over its uses,"
        layer = f" in {row.place}" if row.place else ""
        site = f" ({row.site})" if row.site else ""
        lines = [
            f"row {row.index}, `{row.op}`{layer}{site}: {self.count} of {self.size} "
            f"elements of its {of} are not finite, the first at {list(self.index)}: {self.value}"
        ]
        arrays = [(f"argument {i}", x) for i, x in enumerate(row.inputs)]
        if self.argument is not None and row.g is not None and not isinstance(row.g, tuple):
            arrays.append(("cotangent of the output", row.gradient))
        lines += [f"  {name}: {_summary(x)}" for name, x in arrays]
        return "\n".join(lines)

    __repr__ = __str__


@dataclass(frozen=True)
class DeadUnits:
    """Units (channels, neurons) of one op that are 0 for all samples and at all places.

    Attributes:
        row: the op.
        units: their numbers along the last axis.
        of: how many units there are.
    """

    row: Row
    units: tuple[int, ...]
    of: int

    def __str__(self) -> str:
        numbers = ", ".join(map(str, self.units))
        place = self.row.place or f"row {self.row.index}"
        return f"{place}: {len(self.units)} of {self.of} units never fire: {numbers}"

    __repr__ = __str__


@dataclass
class _Pass:
    """What one backward pass sent.

    Attributes:
        loss: what was differentiated.
        targets: the tensors that were.
        at: how many rows there were when it began.
        rows: by its record, an op that the pass came by, with what it sent there.
        behind: likewise the ops that no trace has a row of: those of another backward pass, which
            are differentiated where derivatives of derivatives are.
    """

    loss: Array | None
    targets: list[Any] = field(default_factory=list)
    at: int = 0
    rows: dict[Any, Row] = field(default_factory=dict)
    behind: dict[Any, Row] = field(default_factory=dict)

    def in_order(self) -> list[Row]:
        """`rows` in the order of the calls."""
        return sorted(self.rows.values(), key=lambda row: row.index)


class Trace:
    """What happened in a step: see `scratchnet.traces`.

    A program may differentiate several times: one step with two tapes, a persistent tape that is
    asked twice, several steps.  Gradients of different passes are never added up.  What is asked of
    the trace is answered for the one pass that reached it; where several did, `SeveralPassesError`
    says which, and each of `passes` answers for itself.

    >>> import scratchnet as tf
    >>> w = tf.Variable(1.0)
    >>> with tf.tracing() as trace:
    ...     with tf.GradientTape(persistent=True) as tape:
    ...         two, three = 2.0 * w, 3.0 * w
    ...     g2, g3 = tape.gradient(two, w), tape.gradient(three, w)
    >>> float(trace.gradient_of(two)), float(trace.gradient_of(three))
    (1.0, 1.0)
    >>> trace.gradient_of(w)
    Traceback (most recent call last):
    scratchnet.traces.row.SeveralPassesError: ... has a gradient of each of 2 backward passes ...
    >>> [float(one.gradient_of(w)) for one in trace.passes]
    [2.0, 3.0]

    Attributes:
        rows: the ops, in the order in which they were called.
        layers: the calls of layers that have no layers inside them, in the order of the calls.
        loss: what was differentiated, the first of several targets; None before that.  Of several
            backward passes, that of the last.
        number: of a trace that is one of several `passes`, which; else None.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.loss: Array | None = None
        self.number: int | None = None
        self._passes: list[_Pass] = []
        self._behind: list[Row] = []
        self._calls: list[LayerTrace] = []
        self._by_output: dict[int, Row] = {}
        self._by_record: dict[Any, Row] = {}
        self._gradient_asked = False
        self._passed_by: dict[int, list[int]] = {}

    # -- what it is made of ------------------------------------------------------------------------

    def add(self, row: Row) -> None:
        """Take in one more op."""
        self.rows.append(row)
        self._by_record[row.record] = row
        self._by_output.update({id(y): row for y in row.record.outputs})

    def begin_pass(self, loss: Array | None, targets: Iterable[Any] = ()) -> None:
        """A tape begins to compute the gradients of `targets`, the first of value `loss`."""
        self.loss = loss
        self._passes.append(_Pass(loss, list(targets), len(self.rows)))

    def pass_by(self, tensor: Any) -> None:
        """A cross entropy takes the logits behind `tensor`: in the next op that it calls on them.

        What that sends back says later whether it belongs to what was differentiated.
        """
        self._passed_by.setdefault(id(tensor), []).append(len(self.rows))

    def send(
        self, record: Any, argument: int, g: Any, gx: Any, ms: float, compiled: bool = False
    ) -> None:
        """Take in what a VJP of the last pass that was begun was given and returned."""
        number, row = len(self._passes) - 1, self._by_record.get(record)
        one = self._passes[number]
        if row is None:
            part = one.behind.setdefault(record, Row(-1, record, 0.0))
        elif record in one.rows:
            part = one.rows[record]
        else:
            row.gx, row.passes = {}, [*row.passes, number]
            part = one.rows[record] = Row(row.index, record, row.ms, passes=[number])
        for each in [part] if row is None else [part, row]:
            each.g = g
            each.gx[argument] = gx
            each.backward_ms += ms
            each.compiled = each.compiled or compiled

    @property
    def passes(self) -> list[Trace]:
        """The trace of each backward pass, in their order: all ops, with the gradients of that one.

        A pass is a call of `gradient`; of `jacobian` and `batch_jacobian`, each element of the
        target has one.  The ``loss`` of a pass is what it differentiated.
        """
        if self.number is not None or len(self._passes) <= 1:
            return [self] if self._passes else []
        return [_PassTrace(self, number) for number in range(len(self._passes))]

    def _several(self) -> bool:
        """Whether gradients of several passes would have to be told apart."""
        return self.number is None and len(self._passes) > 1

    def _passes_of(self, tensor: Any) -> list[int]:
        """The numbers of the passes in which a tensor or variable may have a gradient."""
        row = self.row_of(tensor)
        if row is not None:
            return row.passes
        found = {k for row in self.rows if row.takes(tensor) for k in row.passes}
        for k, one in enumerate(self._passes):
            if any(row.takes(tensor) for row in one.behind.values()):
                found.add(k)
        return sorted(found)

    def in_one_pass(
        self, what: str, ask: str, find: Callable[[int], T | None], numbers: Iterable[int]
    ) -> T | None:
        """What `find` finds in the one pass of several in which it finds something.

        None where it finds nothing in any, or there are not several.

        Args:
            what: it is that is looked for, in an error's words.
            ask: how it is asked of one of the passes.
            find: called with the number of a pass; None where it has no gradient there.
            numbers: of the passes in which it is looked for.

        Raises:
            SeveralPassesError: it finds something in several of them.
        """
        if not self._several():
            return None
        found = [(k, x) for k in numbers if (x := find(k)) is not None]
        if len(found) > 1:
            raise several(what, [k for k, _ in found], ask)
        return found[0][1] if found else None

    def row_of(self, tensor: Any) -> Row | None:
        """The op that made a tensor."""
        return self._by_output.get(id(tensor))

    def gradient_of(self, tensor: Any) -> Array | None:
        """The derivative of the loss by a tensor: an output, an input, or a variable.

        None where there is none.

        Raises:
            SeveralPassesError: several backward passes reached it, such as two losses of one step:
                ``trace.passes[i].gradient_of(tensor)`` is that of pass `i`.
        """
        if self._several():
            name = getattr(tensor, "path", None) or getattr(tensor, "name", None)
            what = f"`{name}`" if isinstance(name, str) else "the tensor"
            ask, numbers = ".gradient_of(…)", self._passes_of(tensor)
            return self.in_one_pass(what, ask, lambda k: self._sent_in(k, tensor), numbers)
        row = self.row_of(tensor)
        if row is not None:
            return _cotangent(row, tensor)
        return sent_to(tensor, [*self.rows, *self._behind])

    def passes_to(self, tensor: Any) -> list[int]:
        """The numbers of the backward passes in which a tensor or variable has a gradient."""
        if self._several():
            numbers = self._passes_of(tensor)
            return [k for k in numbers if self._sent_in(k, tensor) is not None]
        return [] if self.gradient_of(tensor) is None else [self.number or 0]

    def _sent_in(self, number: int, tensor: Any) -> Array | None:
        """The derivative by a tensor in one of several passes."""
        one, row = self._passes[number], self.row_of(tensor)
        if row is not None:
            return _cotangent(one.rows[row.record], tensor) if row.record in one.rows else None
        return sent_to(tensor, [*one.in_order(), *one.behind.values()])

    def why_none(self, x: Any) -> str:
        """Why no gradient came to `x`, as far as the trace has seen it.

        Of what has a gradient it says so.

        Args:
            x: a tensor or a variable; or what stands for its output: a row, a call of a layer, a
                layer, or the name of one, as in ``trace[name]``.

        Raises:
            TypeError: `x` is something else, such as an array, which does not say where it is from.
            KeyError: no layer is called so.

        >>> import scratchnet as tf
        >>> from scratchnet.traces import tracing
        >>> w = tf.Variable([1.0, 3.0])
        >>> with tracing() as trace, tf.GradientTape() as tape:
        ...     place = tf.argmax(w)
        ...     gw = tape.gradient(tf.cast(place, tf.float32), w)
        >>> trace.why_none(w)
        '`argmax` has no gradient: an index is an integer'
        """
        if isinstance(x, str) or any(call.layer is x for call in self._calls):
            x = self[x]
        if isinstance(x, LayerTrace):
            here = [call for call in self._calls if call._outputs is x._outputs]
            if here or not x._outputs:  # of a pass and of the whole trace, it is the same
                return (here or [x])[0].why_none()
            x = x._outputs[0]
        return self._why_none(self._tensor_of(x))

    def _tensor_of(self, x: Any) -> Any:
        """The tensor or variable that `x` is, or the output of the row."""
        if isinstance(x, Row):
            return x.record.outputs[0]
        if not isinstance(x, Tensor | BaseVariable):
            rule = "must be a tensor, a variable, a row, a call of a layer, or the name of a layer"
            got = f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else x
            raise TypeError(say("Trace.why_none", "x", rule, got))
        return x

    def hidden_logits(self, tensor: Any) -> Any:
        """Of the output of a softmax or sigmoid: the logits, if the loss took those in its place.

        None of any other tensor, and where the cross entropy that took the logits sent nothing
        back to them: it is not what was differentiated, as a metric is not.
        """
        row = self.row_of(tensor)
        if row is None or row.op not in ("softmax", "sigmoid"):
            return None
        logits = row.record.inputs[0]
        uses = self._cross_entropies(tensor, logits)
        return logits if sent_to(logits, uses) is not None else None

    def _cross_entropies(self, tensor: Any, logits: Any) -> list[Row]:
        """The ops on the logits, in cross entropies that took them in place of `tensor`."""
        found = []
        for first in self._passed_by.get(id(tensor), ()):
            for row in self.rows[first:]:
                if row.op == "log1p":  # the last of `sigmoid_cross_entropy`
                    break
                if row.takes(logits) and _leads_to(row, logits):
                    found.append(row)
                    if "cross_entropy" in row.op:
                        break
        return found

    def _why_none(self, tensor: Any) -> str:
        if not self._gradient_asked:
            return "no tape was asked for gradients while this was traced"
        if reached := self.passes_to(tensor):
            which = f" (of pass{'es' * (len(reached) > 1)} {listed(reached)})"
            return "its gradient is not None" + which * self._several()
        if (logits := self.hidden_logits(tensor)) is not None:
            row = self.row_of(logits)
            made = f", which row {row.index}, `{row.op}`, made" if row is not None else ""
            ends = [c for c in self._calls if c._outputs and c._outputs[0] is tensor]
            call = ends[0] if ends else None
            if call is not None:
                of = f"trace{self.ask(call)}.logits_gradient"
            else:
                of = f"trace[{row.index}].gradient" if row is not None else "that of the input"
            return (
                f"the loss takes the logits{made}, not the probabilities. The gradient by the "
                f"logits is {of}: {self.p_minus_y(tensor)}"
            )
        return self.why_nothing_came(tensor, self.rows)

    def p_minus_y(self, tensor: Any) -> str:
        """What the gradient by the logits behind a softmax or sigmoid is, in words."""
        logits = self.hidden_logits(tensor)
        own = {row.index for row in self._cross_entropies(tensor, logits)}
        others = [
            row
            for row in self.rows
            for i in row.gx
            if row.record.inputs[i] is logits and row.index not in own
        ]
        text = "p - y, times the share of each sample in the loss"
        return text + ", and what the other uses of the logits sent back" * bool(others)

    def why_nothing_came(self, tensor: Any, rows: list[Row]) -> str:
        """Why those of `rows` that take a tensor sent nothing back to it."""
        read = [row.record.output for row in rows if _reads(row, tensor)]
        users = [
            (row, i)
            for row in rows
            for i, x in enumerate(row.record.inputs)
            if not _reads(row, tensor) and any(x is y for y in (tensor, *read))
        ]
        if not users:
            return "nothing was computed from it while this was traced"
        ways = [declared(row.record, i) for row, i in users]
        if all(isinstance(way, NoGradient) for way in ways):
            reasons = [
                f"`{row.op}` has no gradient: {way.reason}"
                for (row, _), way in zip(users, ways, strict=True)
                if isinstance(way, NoGradient)
            ]
            return "; ".join(dict.fromkeys(reasons))
        names = ", ".join(dict.fromkeys(f"`{row.op}`" for row, _ in users))
        if all(row.g is None for row, _ in users):
            return f"no gradient came by what {names} made of it: {self._stopped_after(users)}"
        if getattr(tensor, "trainable", True) is False:
            return f"it has trainable=False, and so {names} sent nothing back to it"
        if self.row_of(tensor) is None:
            return (
                f"{names} sent nothing back to it: it is not watched, or no gradient by it was "
                "asked for"
            )
        stops = self._stopped_before(tensor)
        return (
            f"{names} sent nothing back to it: neither it nor anything that leads to it by "
            "derivatives is watched, or no gradient by any of that was asked for"
            + f". Before it, {'; '.join(stops)}"
            * bool(stops)
        )

    def _stopped_before(self, tensor: Any) -> list[str]:
        """Ops that lead to a tensor and have no derivative by a weight or an input of a layer."""
        given = {id(x) for call in self._calls for x in call._inputs}

        def leads(x: Any) -> bool:
            """Whether a weight or the input of a layer leads to `x` by derivatives."""
            waiting, seen = [x], set[int]()
            while waiting:
                one = waiting.pop()
                row = self.row_of(one)
                if row is None or row.op == "read_variable":
                    if row is not None or id(one) in given:
                        return True
                elif row.index not in seen:
                    seen.add(row.index)
                    waiting += [y for y in row.record.inputs if _leads_to(row, y)]
            return False

        found: dict[str, None] = {}
        waiting, seen = [tensor], set[int]()
        while waiting:
            row = self.row_of(waiting.pop())
            if row is None or row.index in seen or row.op == "read_variable":
                continue
            seen.add(row.index)
            for i, x in enumerate(row.record.inputs):
                way = declared(row.record, i)
                if not isinstance(way, NoGradient):
                    waiting.append(x)
                elif x._data.dtype.kind in "fc" and leads(x):
                    found[f"`{row.op}` has no gradient: {way.reason}"] = None
        return list(found)

    def _stopped_after(self, users: list[tuple[Row, int]]) -> str:
        """Why no gradient came by the outputs of some rows, none of which any came by."""
        on_the_way = self._depended_on()[0]
        used = [(row, i) for row, i in users if row.index in on_the_way]
        if not used:
            if any(one.behind for one in self._passes):  # ops that are no rows might depend on it
                return "nothing that the trace saw leads from there to what was differentiated"
            return "what was differentiated does not depend on that"
        reasons: dict[str, None] = {}
        uses: dict[int, list[tuple[Row, int]]] = {}
        for row in self.rows:
            if row.index in on_the_way:
                for i, x in enumerate(row.record.inputs):
                    uses.setdefault(id(x), []).append((row, i))
        seen = set[int]()
        while used:
            row, i = used.pop(0)
            way = declared(row.record, i)
            if isinstance(way, NoGradient):
                reasons[f"`{row.op}` has no gradient: {way.reason}"] = None
            elif row.g is None and row.index not in seen:
                seen.add(row.index)
                used += [pair for y in row.record.outputs for pair in uses.get(id(y), ())]
        return "; ".join(reasons) or (
            "no tape that was asked follows that, or no gradient by what leads to it was asked for"
        )

    def _depended_on(self) -> tuple[set[int], set[int]]:
        """What was differentiated was computed from these: numbers of rows, and ids of tensors."""
        waiting = [y for one in self._passes for y in one.targets]
        for one in self._passes:
            waiting += [y for row in one.rows.values() for y in row.record.outputs]
        rows, tensors = set[int](), set[int]()
        while waiting:
            tensor = waiting.pop()
            if id(tensor) in tensors:
                continue
            tensors.add(id(tensor))
            row = self.row_of(tensor)
            if row is not None and row.index not in rows:
                rows.add(row.index)
                if row.op != "read_variable":
                    waiting += row.record.inputs
        return rows, tensors

    @property
    def layer_gradients(self) -> dict[str, Array | None]:
        """The derivative of the loss by the output of each of `layers`, by its name, or its path.

        None where there is none: the error of ``trace[name].gradient`` says why.  By the path
        where several layers have one name; of several calls of one layer, the second is ``name_1``,
        or the next number that no layer has in its name; so is the second layer of one path.
        ``trace[key]`` is that call.  Of a layer that returns several tensors it is the gradient by
        the first: `LayerTrace.output_gradients` has one of each.

        Raises:
            SeveralPassesError: several backward passes reached one of them.
        """
        return {
            key: self.gradient_of(call._outputs[0]) if call._outputs else None
            for key, call in self._by_key().items()
        }

    def _by_key(self) -> dict[str, LayerTrace]:
        """`layers` by the keys of `layer_gradients`, in the order of the calls.

        In one backward pass, the calls of its step are numbered before all others.
        """
        layers, paths = self.layers, self._paths()
        names = [layer.name for layer in layers]
        if len(set(names)) < len({paths[layer._number] for layer in layers}):
            names = [paths[layer._number] for layer in layers]
        taken = {name for call in self._calls for name in (call.name, paths[call._number])}
        ranks = self._ranks(layers)
        order = sorted(range(len(layers)), key=lambda k: ranks[k])
        keys = dict(zip(order, unrepeated([names[k] for k in order], taken), strict=True))
        return {keys[k]: layer for k, layer in enumerate(layers)}

    def _paths(self) -> list[str]:
        """The path of each call; of another layer with the same path, ``path_1``."""
        layers = {(id(call.layer), call.path): call.path for call in self._calls}
        paths = dict(zip(layers, unrepeated(list(layers.values())), strict=True))
        return [paths[id(call.layer), call.path] for call in self._calls]

    def _ranks(self, calls: list[LayerTrace]) -> list[int]:
        """How near each call is to the backward pass, if there is one pass alone.

        0 where it came by, 1 where what was differentiated depends on the call, 2 where the call
        lies between those and the pass, as that of another output does, 3 elsewhere.
        """
        if len(self._passes) != 1:
            return [0] * len(calls)
        rows, tensors = self._depended_on()
        first, last = min(rows, default=0), self._passes[0].at

        def rank(call: LayerTrace) -> int:
            outputs = any(id(y) in tensors for y in call._outputs)
            if call.rows:
                reached = any(row.g is not None for row in call.rows)
                depends = any(row.index in rows for row in call.rows)
            else:
                reached = any(self.gradient_of(y) is not None for y in call._outputs)
                depends = outputs
            if reached:
                return 0
            return 1 if depends else 2 if first <= call._first <= last else 3

        return [rank(call) for call in calls]

    def ask(self, call: LayerTrace) -> str:
        """What finds a call, to be written behind the name of a trace: ``["dense"]``."""
        paths = self._paths()
        for key in (call.name, call.path, paths[call._number]):
            found = self.calls(key)
            if all(other.layer is call.layer for other in found) and call in found:
                break
        place = found.index(call)
        return f".calls({key!r})[{place}]" if place else f'["{key}"]'

    @property
    def layers(self) -> list[LayerTrace]:
        """The calls of layers that have no layers inside them, in the order of the calls."""
        return [call for call in self._calls if not call._has_layers]

    @property
    def gradients(self) -> dict[str, Array]:
        """The derivative of the loss by each variable that was read, by its path.

        Of several with one path, as variables without a name have, the second is ``path_1``.

        Raises:
            SeveralPassesError: several backward passes reached one of them:
                ``trace.passes[i].gradients`` are those of pass `i`.
        """
        if self._several():
            found = []
            for path, variable in variables_read(self.rows):
                gw = self._sent_to_variable(path, variable)
                found += [(path, gw)] if gw is not None else []
        else:
            found = sent_to_variables(self.rows)
        paths = unrepeated([path for path, _ in found])
        return dict(zip(paths, [gw for _, gw in found], strict=True))

    def _sent_to_variable(self, path: str, variable: Any) -> Array | None:
        """What one of several passes sent to a variable."""

        def find(number: int) -> Array | None:
            return sent_to(variable, self._passes[number].in_order())

        return self.in_one_pass(f"`{path}`", ".gradients", find, self._passes_of(variable))

    def __getitem__(self, key: Any) -> Any:
        """A row by its number, or a layer by its name or path, or the end of that (``"block/d"``).

        Or by the layer itself.  Of several layers with one path, the second is ``"block/d_1"``.

        Of several calls of the layer it is the first; in one backward pass, the first that it
        reached, or else the first of its step.  `calls` has them all, and each has a key in
        `layer_gradients`.

        Raises:
            KeyError: no layer is called so, or several are.
            IndexError: there is no such row.
            TypeError: `key` is neither a number nor a text nor a layer that was called.
        """
        if isinstance(key, int | np.integer):
            if not -len(self.rows) <= key < len(self.rows):
                rule = f"must be the number of one of {len(self.rows)} rows"
                raise IndexError(say("Trace", "key", rule, key))
            return self.rows[key]
        found = self.calls(key)
        if not found and not isinstance(key, str):
            rule = "must be a layer that was called, the number of a row or the name of a layer"
            raise TypeError(say("Trace", "key", rule, key))
        if not found:
            if (call := self._by_key().get(key)) is not None:
                return call
            names = ", ".join(dict.fromkeys(call.name for call in self._calls)) or "none"
            rule = f"must be the name of a layer that was called ({names})"
            raise KeyError(say("Trace", "key", rule, key))
        if len({id(call.layer) for call in found}) > 1:
            known = self._paths()
            paths = ", ".join(dict.fromkeys(known[call._number] for call in found))
            rule = f"must be the path of one of the layers of this name ({paths}), or its end"
            raise KeyError(say("Trace", "key", rule, key))
        if len(found) == 1:
            return found[0]
        ranks = self._ranks(found)
        return found[ranks.index(min(ranks))]

    def __contains__(self, key: object) -> bool:
        """Whether there is one layer of that name, path or key, or that layer or row."""
        if isinstance(key, str):
            try:
                return self[key] is not None
            except KeyError:  # there is none, or there are several
                return False
        return any(key is row for row in self.rows) or bool(self.calls(key))

    def calls(self, name: Any) -> list[LayerTrace]:
        """All calls of the layer of that name, path or end of a path: of a shared layer, several.

        Or of the layer itself.  A whole path is looked for first.
        """
        if not isinstance(name, str):
            return [call for call in self._calls if call.layer is name]
        paths, end = self._paths(), f"/{name}"
        exact = [call for call in self._calls if paths[call._number] == name]
        return exact or [
            call
            for call in self._calls
            if paths[call._number].endswith(end) or ("/" not in name and call.path.endswith(end))
        ]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    # -- questions ---------------------------------------------------------------------------------

    def nan(self) -> NonFinite | None:
        """The first op whose output or gradient holds nan or inf, None if all are finite.

        First all outputs, in the order of the calls; then all gradients, in the order of the
        backward passes: what came to an output, as a sum over its uses, and what the VJPs
        returned; at the end of a pass the sums over the uses of what no op made, as of a variable.
        """
        for row in self.rows:
            for y in row.outputs:
                if (found := _non_finite(row, "output", None, y)) is not None:
                    return found
        for one in self._passes:
            rows = one.in_order()
            for row in reversed(rows):
                for g in row.g if isinstance(row.g, tuple) else (row.g,):
                    if (found := _non_finite(row, "gradient", None, shown(g))) is not None:
                        return found
                for i, gx in row.input_gradients.items():
                    if (found := _non_finite(row, "gradient", i, gx)) is not None:
                        return found
            for row, i in self._used_twice(rows):
                total = sent_to(row.record.inputs[i], rows)
                if total is not None:
                    if (found := _non_finite(row, "sum", i, total)) is not None:
                        return found
        return None

    def _used_twice(self, rows: list[Row]) -> list[tuple[Row, int]]:
        """The first use of each input of `rows` that no row made and several sent something to."""
        uses: dict[int, list[tuple[Row, int]]] = {}
        for row in rows:
            for i in row.gx:
                if self.row_of(x := row.record.inputs[i]) is None:
                    uses.setdefault(id(x), []).append((row, i))
        return [found[0] for found in uses.values() if len(found) > 1]

    def dead(self) -> list[DeadUnits]:
        """The units behind a relu that are 0 everywhere, in all samples of this step.

        A unit that is 0 for one batch may fire for another: trace a large one.
        """
        found = []
        for row in self.rows:
            if row.op not in _RELUS and row.record.attrs.get("relu") is not True:
                continue
            y = row.output.reshape(-1, row.output.shape[-1]) if row.output.ndim else row.output
            if y.ndim != 2 or not len(y):
                continue
            silent = np.flatnonzero(~(y != 0).any(0))
            if len(silent):
                found.append(DeadUnits(row, tuple([int(i) for i in silent]), y.shape[1]))
        return found

    # -- tables ------------------------------------------------------------------------------------

    def to_dataframe(self) -> Any:
        """A pandas DataFrame with a row per op; arrays are left out, their norms are in it.

        Where there were several backward passes, an op has a row for each that came by, and the
        column ``pass`` says which.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        try:
            import pandas  # type: ignore[import-untyped,unused-ignore]
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                "Trace.to_dataframe needs pandas, which is not installed: pip install pandas"
            ) from None
        return pandas.DataFrame([self._data_of(row) for row in self._rows_by_pass()])

    def _rows_by_pass(self) -> list[Row]:
        """The rows; of each that several backward passes came by, one for each of them."""
        if not self._several():
            return self.rows
        return [
            part
            for row in self.rows
            for part in ([self._passes[k].rows[row.record] for k in row.passes] or [row])
        ]

    def _data_of(self, row: Row) -> dict[str, Any]:
        has = row.g is not None and not (isinstance(row.g, tuple) and row.g[0] is None)
        which = {"pass": row.passes[0] if row.passes else None} if self._several() else {}
        return which | {
            "op": row.op,
            "layer": row.layer,
            "part": row.part,
            "file": row.site.file if row.site else None,
            "line": row.site.line if row.site else None,
            "shape": row.output.shape,
            "dtype": row.output.dtype.name,
            "norm": norm(row.output) if row.output.dtype.kind in "fiuc" else None,
            "gradient_norm": norm(row.gradient) if has else None,
            "zeros": float((row.output == 0).mean()) if row.output.size else 0.0,
            "ms": row.ms,
            "backward_ms": row.backward_ms,
            "compiled": row.compiled,
            "parameters": row.parameters,
        }

    def _heads(self) -> tuple[str, ...]:
        return (*HEADS[:4], "pass", *HEADS[4:]) if self._several() else HEADS

    def _texts(self) -> list[tuple[str, ...]]:
        """The table as texts, without its head."""
        lines: list[tuple[str, ...]] = []
        many = self._several()
        for row in self._rows_by_pass():
            data = self._data_of(row)
            mark = "*" if row.compiled else ""
            number = ("" if data["pass"] is None else str(data["pass"]),) if many else ()
            line = f"{data['file'].rpartition('/')[2]}:{data['line']}" if row.site else ""
            lines.append(
                (
                    str(row.index),
                    row.op,
                    row.place,
                    line,
                    *number,
                    str(row.output.shape),
                    "" if data["norm"] is None else f"{data['norm']:.4g}",
                    "" if data["gradient_norm"] is None else f"{data['gradient_norm']:.4g}",
                    f"{row.ms:.2f}{mark}",
                    f"{row.backward_ms:.2f}" if row.gx else "",
                    f"{row.parameters:,}" if row.parameters else "",
                )
            )
        return lines

    def __str__(self) -> str:
        heads = self._heads()
        table = [heads, *self._texts()]
        widths = [max(len(line[k]) for line in table) for k in range(len(heads))]
        lines = [
            "  ".join(
                text.ljust(width) if head in _LEFT else text.rjust(width)
                for text, width, head in zip(line, widths, heads, strict=True)
            ).rstrip()
            for line in table
        ]
        return "\n".join([*lines, COMPILED] if self._any_compiled() else lines)

    def _any_compiled(self) -> bool:
        return any(row.compiled for row in self.rows)

    def __repr__(self) -> str:
        which = f", backward pass {self.number}" if self.number is not None else ""
        several = f", {len(self._passes)} backward passes" * (len(self._passes) > 1)
        return f"<Trace of {len(self.rows)} ops in {len(self.layers)} layers{which}{several}>"

    def _repr_html_(self) -> str:
        """The table, as a notebook shows it, and below it the page of `scratchnet.explain`."""

        heads = self._heads()

        def cells(tag: str, line: tuple[str, ...]) -> str:
            sides = ["left" if head in _LEFT else "right" for head in heads]
            return "".join(
                f'<{tag} style="text-align: {side}; white-space: nowrap">{escape(text)}</{tag}>'
                for text, side in zip(line, sides, strict=True)
            )

        head = cells("th", heads)
        body = "".join(f"<tr>{cells('td', line)}</tr>" for line in self._texts())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        table += f"<p>{COMPILED}</p>" if self._any_compiled() else ""
        return f'<div style="overflow-x: auto">{table}</div>{page_of(self)}'


class _PassTrace(Trace):
    """One of several backward passes of a trace.

    Its rows are made when they are asked for: a traced training has thousands of passes.
    """

    def __init__(self, whole: Trace, number: int) -> None:
        one = whole._passes[number]
        self.number, self.loss, self._passes = number, one.loss, [one]
        self._behind = list(one.behind.values())
        self._gradient_asked = True
        self._passed_by = whole._passed_by
        self._whole = whole

    def __getattr__(self, name: str) -> Any:
        if name not in ("rows", "_by_output", "_by_record", "_calls"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self.rows, self._by_output, self._by_record = [], {}, {}
        sent = self._passes[0].rows
        for row in self._whole.rows:
            unreached = replace(row, g=None, gx={}, backward_ms=0.0, passes=[])
            self.add(sent.get(row.record, unreached))
        self._calls = [
            replace(call, rows=[self.rows[row.index] for row in call.rows], _trace=self)
            for call in self._whole._calls
        ]
        return getattr(self, name)


def _cotangent(row: Row, tensor: Any) -> Array | None:
    """That of the output of an op that is `tensor`."""
    g = row.g
    if isinstance(g, tuple):
        g = next(part for part, y in zip(g, row.record.outputs, strict=True) if y is tensor)
    return None if g is None else shown(g)


def _leads_to(row: Row, x: Any) -> bool:
    """Whether a row has a derivative by its argument `x`."""
    return any(
        argument is x and not isinstance(declared(row.record, i), NoGradient)
        for i, argument in enumerate(row.record.inputs)
    )


def _reads(row: Row, tensor: Any) -> bool:
    return row.op == "read_variable" and row.record.inputs[0] is tensor


def _non_finite(row: Row, where: str, argument: int | None, x: Array) -> NonFinite | None:
    if x.dtype.kind not in "fc":
        return None
    bad = ~np.isfinite(x)
    if not bad.any():
        return None
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return NonFinite(row, where, argument, index, x[index].item(), int(bad.sum()), x.size)


def _summary(x: Array) -> str:
    text = f"shape {x.shape}, {x.dtype}"
    if not x.size or x.dtype.kind not in "fiu":
        return text
    finite = x[np.isfinite(x)] if x.dtype.kind == "f" else x.ravel()
    if finite.size:
        text += f", from {finite.min():.6g} to {finite.max():.6g}"
    zeros = int((x == 0).sum())
    lost = x.size - finite.size
    return text + f", {zeros} zeros" * (zeros > 0) + f", {lost} not finite" * (lost > 0)
