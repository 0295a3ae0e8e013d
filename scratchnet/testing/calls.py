"""The calls of a program: of ops, layers and losses, in order, with what went in and came out.

`compare` runs ``program(tf)`` with a stand-in for the module, whose functions tell a run that they
are called.  This file has the stand-in, and scratchnet's run, which is the one that the other
follows: it knows for each call the arrays and the cotangents of its inputs and outputs.

A cotangent of an input is what this call alone contributes to it, that of an output the sum of what
is made of it after the call.  So each call can be tried by itself.

A recurrent layer and a TimeDistributed are one call, with all that happens inside: how often these
call their cell or layer is each library's own affair.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.base_variable import BaseVariable
from scratchnet.engine.dtypes import Array
from scratchnet.engine.listening import GradientCall, LayerCall, Listener, Update
from scratchnet.engine.op import ACTIVE, OPS, Record
from scratchnet.engine.tensor import Tensor
from scratchnet.ops.creation import convert_to_tensor

# Modules and functions that are handed on as they are: classes of Keras, whatever takes functions.
_WHOLE = (
    "keras data errors dtypes compat config debugging test experimental autodiff autograph summary "
    "io train types version nest lookup estimator saved_model distribute"
)
_UNTOLD = (
    "function custom_gradient cond while_loop map_fn scan foldl foldr vectorized_map py_function "
    "numpy_function switch_case case recompute_grad no_gradient print executing_eagerly "
    "get_static_value is_tensor is_symbolic_tensor control_dependencies init_scope as_dtype "
    "get_logger no_op group assert_equal stop_gradient"
)
HANDED_ON = frozenset(f"{_WHOLE} {_UNTOLD}".split())


@dataclass(eq=False)
class Call:
    """One call of an op, a layer or a loss.

    Attributes:
        number: which of the program's calls.
        name: such as ``nn.conv2d``, ``layer conv2d``, ``loss``.
        site: the line of the program, if it is there; else "".
        inputs: the floating tensors among its arguments, in order.
        outputs: its tensors.
        begin, end: of scratchnet's run, the numbers of the records made meanwhile.
        entered, left: where it begins and ends in the order of all calls' begins and ends.
        first: for each input, the place of the first that is the same tensor; None where what
            comes back is not this call's alone: the input is also the output.
        makes: for each output, whether this call made it.
        same: for each output, the place of the first that is the same tensor.
        follows: of scratchnet's run, for each input, whether a gradient could flow to it.
        weights: of a layer; of an optimizer, the variables that it updates.
        updated: of an optimizer, their values after it; `given`: those that it gets a gradient of.
        parent: the call in which it happens, if any.
        moves_images: whether TensorFlow's gradient of it is off, see `moves_images`.
    """

    number: int
    name: str
    site: str = ""
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    begin: int = 0
    end: int = 0
    entered: int = 0
    left: int = 0
    first: list[int | None] = field(default_factory=list)
    makes: list[bool] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    follows: list[bool] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)
    updated: list[Array] = field(default_factory=list)
    given: list[Any] = field(default_factory=list)
    parent: Call | None = None
    moves_images: bool = False

    @property
    def label(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}"

    def __str__(self) -> str:
        where = f" ({self.site})" if self.site else ""
        return f"call {self.number}, {self.name}{where}"


@dataclass(eq=False)
class Gradients:
    """What a tape of the program's own was asked for, once: lists, flat.

    Attributes:
        targets, sources: what was differentiated by what.
        found: a gradient of each source, or None.
        moment: when, in the order of the begins and ends of all calls.
    """

    targets: list[Any]
    sources: list[Any]
    found: list[Any]
    moment: int = 0


class Namespace:
    """A stand-in for a module: its functions tell `run` when they are called, the rest is as it is.

    >>> import scratchnet
    >>> from scratchnet.extend import listening
    >>> with listening(OurRun()) as run:
    ...     tf = Namespace(scratchnet, run)
    ...     tf.float32, float(tf.nn.relu(tf.constant(2.0)))
    (tf.float32, 2.0)
    >>> [call.name for call in run.calls]
    ['constant', 'nn.relu']
    """

    def __init__(self, module: Any, run: Any, prefix: str = "") -> None:
        self._module, self._run, self._prefix = module, run, prefix
        self.__name__ = module.__name__

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if name == "stop_gradient":
            return self._stopping(value)
        if name in HANDED_ON or name.startswith("_"):
            return value
        if isinstance(value, types.ModuleType):
            value = Namespace(value, self._run, f"{self._prefix}{name}.")
        elif callable(value) and not isinstance(value, type) and hasattr(value, "__name__"):
            value = self._told(value, f"{self._prefix}{name}")
        self.__dict__[name] = value
        return value

    def _stopping(self, stop: Callable[..., Any]) -> Callable[..., Any]:
        def stop_gradient(*args: Any, **kwargs: Any) -> Any:
            self._run.stops.append(_site(sys._getframe(1)))
            return stop(*args, **kwargs)

        return stop_gradient

    def _told(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def told(*args: Any, **kwargs: Any) -> Any:
            return self._run.op(name, function, args, kwargs, _site(sys._getframe(1)))

        told.__name__, told.__doc__ = function.__name__, function.__doc__
        return told


def _site(frame: types.FrameType) -> str:
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


class OurRun(Listener):
    """Scratchnet's run."""

    wants_layers = True

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.inner_gradients: list[Gradients] = []  # what the program's own tapes were asked for
        self.stops: list[str] = []  # the lines that called tf.stop_gradient
        self.is_second_order = False  # the comparison's gradient goes through one of these
        self.is_final = False  # the gradient under way is that of the comparison
        self.tape: Any = None
        self._records: list[Record] = []
        self._numbers: dict[int, int] = {}  # id of a record -> its number
        self._made: dict[int, int] = {}  # id of a tensor -> the number of the record that made it
        self._open: list[Call | None] = []  # a place for each layer that is under way
        self._parents: list[Call] = []  # the calls that are under way
        self._whole = False  # inside of a layer whose calls are not told
        self._moment = 0
        self._passed: list[tuple[int, int, Tensor]] = []  # (id of an input, record, its cotangent)
        self.leaves: list[tuple[str, Any]] = []  # what has no inputs, watched
        self.firsts: dict[int, Array] = {}  # id of a variable -> its value when it was first read
        self.returned: dict[str, Any] = {}  # what the program returns, by its keys
        self.undifferentiated: set[int] = set()  # places of tensors that are not differentiated
        self.is_over = False  # the program has ended: what is called now is the comparison's
        self.is_own_step = False  # gradients under way are those of the model's own train_step
        self.inner: dict[int, float] = {}  # number of a record -> size of a cotangent, not final
        self._of_inner: set[int] = set()  # numbers of the records that an inner gradient made
        self._inner_open = 0
        self._updates: list[Call | None] = []

    # -- calls -------------------------------------------------------------------------------------

    def op(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        site: str = "",
    ) -> Any:
        """What `function` returns, told as a call."""
        if self._whole or self not in ACTIVE.listeners:
            return function(*args, **kwargs)  # part of a layer, or tried out for shapes
        call = self._begin(name, (args, kwargs), site)
        with self._inside(call):
            result = function(*args, **kwargs)
        self._end(call, result, may_be_leaf=True)
        return result

    @contextmanager
    def _inside(self, call: Call) -> Iterator[None]:
        self._parents.append(call)
        try:
            yield
        finally:
            self._parents.pop()

    def begin_layer(self, call: LayerCall) -> None:
        if self._whole or is_untold(call.layer):
            if self._parents:
                self._parents[-1].moves_images |= moves_images(call.layer)
            self._open.append(None)
            return
        arguments = with_tensors((call.args, call.kwargs), call.layer, convert_to_tensor)
        ours = self._begin(f"layer {call.layer.name}", arguments)
        ours.moves_images = moves_images(call.layer)
        self._open.append(ours)
        self._parents.append(ours)
        self._whole = is_one_call(call.layer)

    def end_layer(self, call: LayerCall) -> None:
        ours = self._open.pop()
        if ours is None:
            return
        self._whole = False
        self._parents.pop()
        ours.weights = list(getattr(call.layer, "weights", ()))
        if call.error is None:
            self._end(ours, call.outputs)

    def begin_update(self, call: Update) -> None:
        ours = None
        if not self.is_over and not self._updates:
            gradients = [g if g is None else convert_to_tensor(g) for g in call.gradients]
            ours = self._begin(f"optimizer {type(call.optimizer).__name__}", gradients)
        self._updates.append(ours)

    def end_update(self, call: Update) -> None:
        ours = self._updates.pop()
        if ours is None:
            return
        ours.weights = list(call.variables)
        pairs = zip(call.gradients, call.variables, strict=False)
        ours.given = [v for g, v in pairs if g is not None]
        if call.error is None:
            self._end(ours, None)
            ours.updated = [np.array(v.numpy()) for v in ours.weights]

    def _tick(self) -> int:
        self._moment += 1
        return self._moment

    def _begin(self, name: str, arguments: Any, site: str = "") -> Call:
        call = Call(len(self.calls), name, site, inputs=floating(arguments, Tensor))
        call.parent = self._parents[-1] if self._parents else None
        if self.tape is not None:
            call.follows = [self.tape.follows(x) for x in call.inputs]
        call.begin, call.entered = len(self._records), self._tick()
        self.calls.append(call)
        return call

    def _end(self, call: Call, result: Any, may_be_leaf: bool = False) -> None:
        call.end, call.left = len(self._records), self._tick()
        call.outputs = [y for y in nest.flatten(result) if isinstance(y, Tensor)]
        known, out = [id(x) for x in call.inputs], [id(y) for y in call.outputs]
        call.same = [out.index(i) for i in out]
        call.first = [None if i in out else known.index(i) for i in known]
        for j, y in enumerate(call.outputs):
            made = self._made.get(id(y))
            here = made is not None and call.begin <= made < call.end
            is_leaf = may_be_leaf and made is None and not known and is_floating(y)
            is_new = id(y) not in known and call.same[j] == j
            call.makes.append(is_new and (here or made is None))
            if is_leaf and is_new and self.tape is not None:
                self.tape.watch(y)
                self.leaves.append((key(call, "gout", j), y))

    # -- what the engine tells ---------------------------------------------------------------------

    def record(self, record: Record) -> None:
        for x in record.inputs:
            if is_variable(x) and id(x) not in self.firsts:
                self.firsts[id(x)] = np.array(x._data)
        self._numbers[id(record)] = len(self._records)
        for y in record.outputs:
            self._made[id(y)] = len(self._records)
        if self._inner_open:
            self._of_inner.add(len(self._records))
        self._records.append(record)

    def begin_gradient(self, call: GradientCall) -> None:
        self._inner_open += not (self.is_final or self.is_own_step)

    def end_gradient(self, call: GradientCall) -> None:
        if self.is_final or self.is_own_step:
            return
        self._inner_open -= 1
        if call.gradients is not None and not self._inner_open:  # a jacobian asks for gradients
            found = Gradients(call.targets, call.sources, call.gradients, self._tick())
            self.inner_gradients.append(found)

    def vjp(self, record: Record, argument: int, g: Any, gx: Tensor) -> None:
        if self.is_final:
            number = self._numbers.get(id(record), -1)
            # No derivative passes a sign, or a comparison, of a gradient.
            self.is_second_order |= number in self._of_inner and bool(np.any(gx._data))
            self._passed.append((id(record.inputs[argument]), number, gx))
        elif isinstance(g, Tensor) and id(record) in self._numbers:
            number = self._numbers[id(record)]
            self.inner[number] = max(self.inner.get(number, 0.0), root_mean_square(g._data))

    # -- what came of it ---------------------------------------------------------------------------

    def items(self) -> dict[str, Array]:
        """The arrays and cotangents of all calls, by their keys."""
        found: dict[str, Array] = {}
        for call in self.calls:
            for j, x in enumerate(call.inputs):
                found[key(call, "in", j)] = x._data
            for j, y in enumerate(call.outputs):
                found[key(call, "out", j)] = y._data
            for j, y in enumerate(call.updated):
                found[key(call, "updated", j)] = y
        if not self.is_second_order:
            for call in self.calls:
                self._cotangents(call, found)
        return found

    def _cotangents(self, call: Call, found: dict[str, Array]) -> None:
        for j, x in enumerate(call.inputs):
            if call.first[j : j + 1] == [j]:
                self._sum(found, key(call, "gin", j), x, call.begin, call.end)
        for j, y in enumerate(call.outputs):
            if call.makes[j] and is_floating(y):
                self._sum(found, key(call, "gout", j), y, call.end, len(self._records))

    def _sum(self, found: dict[str, Array], name: str, x: Tensor, begin: int, end: int) -> None:
        parts = [gx._data for i, n, gx in self._passed if i == id(x) and begin <= n < end]
        if parts:
            found[name] = sum(parts[1:], parts[0])

    @property
    def records(self) -> list[Record]:
        """All of them, in order."""
        return self._records

    def made_of(self, ids: set[int]) -> set[int]:
        """The ids of what was computed of tensors with these, and these."""
        found = set(ids)
        for record in self._records:
            if any(id(x) in found for x in record.inputs):
                found |= {id(y) for y in record.outputs}
        return found

    def led_to(self, tensors: list[Any]) -> set[int]:
        """The ids of what `tensors` were computed of, variables too, and theirs."""
        found = {id(x) for x in tensors}
        for record in reversed(self._records):
            if any(id(y) in found for y in record.outputs):
                found |= {id(x) for x in record.inputs}
        return found

    def of_gradients(self) -> tuple[set[int], set[int]]:
        """The ids of what was computed of the gradients of the program's own, and these.

        Returns:
            those that only operators, and no calls, made of gradients; and all of them.
        """
        found = {id(g) for inner in self.inner_gradients for g in inner.found if g is not None}
        by_operators, in_calls = set(found), self._in_calls()
        for n, record in enumerate(self._records):
            made = {id(y) for y in record.outputs}
            if n not in in_calls and any(id(x) in by_operators for x in record.inputs):
                by_operators |= made
            if any(id(x) in found for x in record.inputs):
                found |= made
        return by_operators, found

    def _in_calls(self) -> set[int]:
        return {n for call in self.calls for n in range(call.begin, call.end)}

    def operators_of(self, y: Any) -> list[Record]:
        """The records that made `y` of what calls return: of operators, which are no calls."""
        in_calls, wanted, found = self._in_calls() | self._of_inner, {id(y)}, list[Record]()
        for n in range(len(self._records) - 1, -1, -1):
            record = self._records[n]
            if n not in in_calls and any(id(y) in wanted for y in record.outputs):
                found.append(record)
                wanted |= {id(x) for x in record.inputs}
        return found[::-1]

    def ops_of(self, call: Call) -> list[str]:
        """The names of the ops that ran during `call`."""
        return [record.op.name for record in self._records[call.begin : call.end]]

    def custom_after(self, call: Call) -> list[str]:
        """The functions under ``tf.custom_gradient`` that take what `call` returned.

        By operators or directly, but through no other call.
        """
        numbers = [n for n, r in enumerate(self._records) if OPS.get(r.op.name) is not r.op]
        if not numbers:
            return []
        inside = self._in_calls()
        reached, found = {id(y) for y in call.outputs}, dict[str, None]()
        for n in range(call.end, len(self._records)):
            record = self._records[n]
            if n not in inside and any(id(x) in reached for x in record.inputs):
                reached |= {id(y) for y in record.outputs}
                if n in numbers:
                    found[record.op.name] = None
        return list(found)

    def read_in(self, call: Call) -> list[Any]:
        """The variables that are read during `call`."""
        records = self._records[call.begin : call.end]
        found = {id(x): x for record in records for x in record.inputs if is_variable(x)}
        return list(found.values())

    def readers_of(self, variable: Any) -> tuple[Call | None, list[str]]:
        """The innermost call that reads `variable` first, and the ops that take what it read."""
        for n, record in enumerate(self._records):
            if any(x is variable for x in record.inputs):
                around = [call for call in self.calls if call.begin <= n < call.end]
                read = {id(y) for y in record.outputs}
                ops = [r.op.name for r in self._records if any(id(x) in read for x in r.inputs)]
                return (around[-1] if around else None), ops
        return None, []


def key(call: Call, what: str, j: int) -> str:
    """The key of an item: ``12 layer dense|out|0``."""
    return f"{call.number} {call.name}|{what}|{j}"


def is_one_call(layer: Any) -> bool:
    """Whether what happens inside of a layer is not told, such as each step of a recurrent one."""
    return _is_one_of(layer, ("RNN", "TimeDistributed"))


def is_untold(layer: Any) -> bool:
    """Whether it makes a mask: Keras has a node for what it computes masks of, without values."""
    return _is_one_of(layer, ("NotEqual", "LogicalOr", "Any"))


def moves_images(layer: Any) -> bool:
    """Whether TensorFlow computes it by ImageProjectiveTransformV3, whose gradient is none.

    What TensorFlow registers as its gradient moves the cotangent by the inverse of the transform,
    with the same interpolation and the same fill mode.  The derivative is the transpose of the
    interpolation, as in scratchnet; the two are the same where images are translated and filled
    with a constant, and not where they are rotated, zoomed, or filled otherwise.
    """
    return _is_one_of(layer, ("RandomRotation", "RandomTranslation", "RandomZoom"))


def _is_one_of(layer: Any, names: tuple[str, ...]) -> bool:
    return any(
        kind.__name__ in names and kind.__module__.split(".")[0] in ("keras", "scratchnet")
        for kind in type(layer).__mro__
    )


def with_tensors(arguments: Any, layer: Any, tensor: Callable[[Array], Any]) -> Any:
    """`arguments`, of `layer`, with tensors for its floating arrays, of the dtype that it makes.

    Where one library's ``train_on_batch`` calls a model with arrays, another's does with tensors.
    """
    flat = nest.flatten(arguments)
    if not any(isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in flat):
        return arguments
    kind = np.dtype(layer.compute_dtype) if layer.compute_dtype else None
    is_array = [isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in flat]
    return nest.pack(
        arguments,
        [
            tensor(x.astype(kind or x.dtype, copy=False)) if is_one else x
            for x, is_one in zip(flat, is_array, strict=True)
        ],
    )


def floating(structure: Any, kind: type) -> list[Any]:
    """The floating tensors among the leaves of `structure`."""
    return [x for x in nest.flatten(structure) if isinstance(x, kind) and is_floating(x)]


def is_floating(x: Any) -> bool:
    """Whether the values of a tensor are floats that NumPy has."""
    try:
        return bool(np.dtype(x.dtype.as_numpy_dtype).kind == "f")
    except TypeError:
        return False


def root_mean_square(x: Array) -> float:
    """0 for no values."""
    return float(np.sqrt(np.mean(np.square(np.abs(x), dtype=np.float64)))) if x.size else 0.0


def is_variable(x: Any) -> bool:
    """Whether `x` is a variable of scratchnet's."""
    return isinstance(x, BaseVariable)
