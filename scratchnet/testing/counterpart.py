"""TensorFlow's run of a program, call by call on scratchnet's numbers.

A `TheirRun` follows an `OurRun`: at the begin of each call its floating inputs are replaced by
scratchnet's, at the end what it returns, and on the way back their cotangents.  What was there
before they were replaced is kept, to be compared.  So no error is handed on from call to call, and
what differs differs there.

With ``nudged`` every number that is handed over is moved by a unit in the last place, and the
gradients are those of another multiple of the target: how far that takes the results is
TensorFlow's own spread.  Without an `OurRun` to follow (``follows=None``) nothing is replaced but
by itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.testing.calls import (
    Call,
    Gradients,
    OurRun,
    floating,
    is_floating,
    is_one_call,
    is_untold,
    key,
    with_tensors,
)

SCALE = 0.739085  # of the target of a nudged run; no power of 2


class StructureError(Exception):
    """TensorFlow's run makes another call than scratchnet's."""

    # Keras then does not put the arguments of the layer around into the message.
    _keras_call_info_injected = True


class TheirRun:
    """TensorFlow's run, following scratchnet's.

    Args:
        tf: TensorFlow.
        follows: scratchnet's run, at its end.
        ours: its items; what is replaced is replaced by them.
        nudged: whether they are moved first, 0 for no; any other number moves them otherwise.
    """

    def __init__(
        self, tf: Any, follows: OurRun | None, ours: dict[str, Array], nudged: int = 0
    ) -> None:
        self._tf, self._follows, self._ours, self._nudged = tf, follows, ours, nudged
        self._rng = np.random.default_rng(nudged)
        self.scale = SCALE if nudged else 1.0
        self.calls: list[Call] = []
        self.items: dict[str, Array] = {}
        self.is_final = False
        self.is_second_order = False if follows is None else follows.is_second_order
        self.inner_gradients: list[Gradients] = []
        self.stops: list[str] = []
        self._is_differentiating = False
        self.tape: Any = None
        self.leaves: list[tuple[str, Any]] = []
        self.firsts: dict[int, Array] = {}  # id of a variable -> its value before it was assigned
        self.is_over = False  # the program has ended: what is called now is the comparison's
        self.is_own_step = False
        self.returned: dict[str, Any] = {}
        self.undifferentiated: set[int] = set()  # as in scratchnet's run
        self._is_updating = False
        self._whole = False  # inside of a layer whose calls are not told
        # Of scratchnet's calls those that are to come, by the id of the call that they happen in.
        self._to_come: dict[int, list[Call]] = {}
        for partner in follows.calls if follows else ():
            self._to_come.setdefault(id(partner.parent), []).append(partner)
        self._parents: list[Call | None] = [None]  # the partners of the calls that are under way
        self.paths: dict[int, tuple[Any, str]] = {}  # id of a variable -> it, its path in Keras

    # -- calls -------------------------------------------------------------------------------------

    def op(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        site: str = "",
        layer: Any = None,
    ) -> Any:
        """What `function` returns for scratchnet's inputs, replaced by scratchnet's outputs."""
        if self._whole or self._is_tried_out((args, kwargs)):
            return function(*args, **kwargs)
        call = Call(len(self.calls), name, site)
        self.calls.append(call)
        partner = self._partner(call)
        args, kwargs = self._entered(call, partner, (args, kwargs))
        self._parents.append(partner)
        try:
            result = function(*args, **kwargs)
        finally:
            self._parents.pop()
        if partner is not None and layer is not None:
            _check_weights(call, partner.weights, layer.weights)
        return self._left(call, partner, result, name.startswith("layer "))

    def layer(self, layer: Any, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """As `op`, for a layer of Keras's; its variables' paths are kept.

        Those that are made while a layer around is tried out have another name in TensorFlow.
        """
        if self._whole or self._is_tried_out((args, kwargs)):
            return call(*args, **kwargs)
        args, kwargs = with_tensors((args, kwargs), layer, self._tf.convert_to_tensor)

        def called(*args: Any, **kwargs: Any) -> Any:
            self._whole = is_one_call(layer)
            try:
                return call(*args, **kwargs)
            finally:
                self._whole = False

        result = self.op(f"layer {layer.name}", called, args, kwargs, layer=layer)
        for w in layer.weights:
            if (v := getattr(w, "_value", None)) is not None:
                self.paths[id(v)] = v, w.path
        return result

    def update(
        self, optimizer: Any, apply: Callable[..., Any], gradients: Any, variables: Any
    ) -> Any:
        """An optimizer's step on scratchnet's gradients; what it made becomes scratchnet's."""
        if self.is_over or self._is_updating:
            return apply(optimizer, gradients, variables)
        weights = list(optimizer._trainable_variables if variables is None else variables)
        name = f"optimizer {type(optimizer).__name__}"
        call = Call(len(self.calls), name)
        self.calls.append(call)
        dense = [g if g is None else self._tf.convert_to_tensor(g) for g in gradients]
        (dense,), _ = self._entered(call, self._partner(call), ((dense,), {}))
        self._is_updating = True
        try:
            result = apply(optimizer, dense, variables)
        finally:
            self._is_updating = False
        for j, v in enumerate(weights):
            name = key(call, "updated", j)
            self.items[name] = np.array(v.numpy())
            if self.items[name].dtype.kind == "f":
                v.assign(self._replaced(name, self.items[name]))
        return result

    def differentiated(self, tape: Any, gradient: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """What a method of a tape returns; of the program's own it is kept."""
        if self.is_final or self.is_own_step or self._is_differentiating:
            return gradient(tape, *args, **kw)
        self._is_differentiating = True  # a jacobian asks for gradients
        try:
            found = gradient(tape, *args, **kw)
        finally:
            self._is_differentiating = False
        targets, sources = [*args, *(kw[name] for name in ("target", "sources") if name in kw)][:2]
        ys, xs, gs = (nest.flatten(part) for part in (targets, sources, found))
        self.inner_gradients.append(Gradients(ys, xs, gs))
        return found

    def assigned(self, variable: Any) -> None:
        """Is told before a variable gets another value: what it was when the program read it."""
        if self.tape is None or self.is_over or id(variable) in self.firsts:
            return
        if any(v is variable for v in self.tape.watched_variables()):
            self.firsts[id(variable)] = np.array(variable.numpy())

    def _is_tried_out(self, arguments: Any) -> bool:
        """Whether a call is for shapes only."""
        return not self._tf.executing_eagerly() or any(
            type(x).__name__ == "KerasTensor" for x in nest.flatten(arguments)
        )

    def _partner(self, call: Call) -> Call | None:
        """Scratchnet's call that `call` is, which gets its number.

        The next one; but layers of which none needs what another returns may come in any order.
        """
        if self._follows is None:
            return None
        to_come = self._to_come.get(id(self._parents[-1]), [])
        partner = to_come[0] if to_come else None
        if partner is not None and partner.name != call.name and call.name.startswith("layer "):
            partner = next((c for c in to_come if c.name == call.name), partner)
            awaited = {
                id(y)
                for c in to_come
                for y, is_made in zip(c.outputs, c.makes, strict=True)
                if is_made and c is not partner
            }
            if any(id(x) in awaited for x in partner.inputs):
                partner = to_come[0]
        if partner is None or partner.name != call.name:
            has = "nothing more" if partner is None else str(partner)
            raise StructureError(f"scratchnet's run has {has} where TensorFlow's has {call}")
        to_come.remove(partner)
        call.number = partner.number
        return partner

    def missing(self) -> Call | None:
        """The first of scratchnet's calls that TensorFlow's run has not."""
        to_come = [call for calls in self._to_come.values() for call in calls]
        return min(to_come, key=lambda call: call.number, default=None)

    def _entered(self, call: Call, partner: Call | None, arguments: Any) -> Any:
        call.inputs = floating(arguments, self._tf.Tensor)
        if partner is not None and len(partner.inputs) != len(call.inputs):
            raise StructureError(
                f"{call} gets {len(call.inputs)} floating tensors in TensorFlow's run, "
                f"{len(partner.inputs)} in scratchnet's"
            )
        known: dict[int, Any] = {}
        for j, x in enumerate(call.inputs):
            self.items[key(call, "in", j)] = np.asarray(x)
            first = known.get(id(x)) is None if partner is None else partner.first[j] == j
            if partner is not None and not first and partner.first[j] is not None:
                known[id(x)] = known[id(call.inputs[partner.first[j]])]  # type: ignore[index]
            elif first:
                known[id(x)] = self._handed(x, call, "in", "gin", j)
        flat = [known.get(id(x), x) for x in nest.flatten(arguments)]
        return nest.pack(arguments, flat)

    def _left(self, call: Call, partner: Call | None, result: Any, is_layer: bool) -> Any:
        outputs = [y for y in nest.flatten(result) if isinstance(y, self._tf.Tensor)]
        if partner is not None and len(partner.outputs) != len(outputs):
            raise StructureError(
                f"{call} returns {len(outputs)} tensors in TensorFlow's run, "
                f"{len(partner.outputs)} in scratchnet's"
            )
        ids = [id(y) for y in outputs]
        same = [ids.index(i) for i in ids] if partner is None else partner.same
        handed: list[Any] = []
        for j, y in enumerate(outputs):
            self.items[key(call, "out", j)] = np.asarray(y)
            if same[j] < j:
                handed.append(handed[same[j]])
                continue
            if not is_floating(y) or not (partner is None or partner.makes[j]):
                handed.append(y)
                continue
            if not call.inputs and not is_layer and self.tape is not None:
                self.tape.watch(y)
                self.leaves.append((key(call, "gout", j), y))
            handed.append(self._handed(y, call, "out", "gout", j))
        rest = iter(handed)
        flat = nest.flatten(result)
        return nest.pack(
            result, [next(rest) if isinstance(y, self._tf.Tensor) else y for y in flat]
        )

    def _handed(self, x: Any, call: Call, what: str, cotangent: str, j: int) -> Any:
        """`x` by scratchnet's value, and what comes back by scratchnet's cotangent."""
        name, back = key(call, what, j), key(call, cotangent, j)
        tf, plain = self._tf, np.asarray(x)
        value = self._replaced(name, plain)

        def returned(g: Any) -> Any:
            if not self.is_final or self.is_second_order:
                return self._rounded(g) if self._nudged else g
            received = np.asarray(tf.convert_to_tensor(g))
            scaled = received / received.dtype.type(self.scale)
            # A call's output is handed over once; what is called again in a gradient adds up.
            self.items[back] = self.items[back] + scaled if back in self.items else scaled
            ours = self._replaced(back, scaled)
            return tf.constant(ours * ours.dtype.type(self.scale))

        return tf.custom_gradient(lambda x: (tf.constant(value), returned))(x)

    def _rounded(self, g: Any) -> Any:
        """`g`, as if each value had been rounded otherwise; by an op, for it may be differentiated.

        Cotangents in a gradient of the program's own are not replaced, so none is moved otherwise.
        """
        g = self._tf.convert_to_tensor(g)
        dtype = g.dtype.as_numpy_dtype
        signs = self._rng.integers(-1, 2, size=tuple(g.shape)).astype(dtype)
        return g * self._tf.constant(1 + signs * np.finfo(dtype).eps, g.dtype)

    def _replaced(self, name: str, theirs: Array) -> Array:
        ours = theirs if self._follows is None else self._ours.get(name, theirs)
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            ours = theirs
        return nudge(ours, self._rng) if self._nudged else ours


def _check_weights(call: Call, ours: list[Any], theirs: list[Any]) -> None:
    """A layer has the same weights in both runs.

    Raises:
        StructureError: one that the other has not, or of another shape.
    """
    mine, its = ({w.path: tuple(w.shape) for w in weights} for weights in (ours, theirs))
    for name, shape in mine.items():
        if its.get(name, shape) != shape:
            raise StructureError(
                f"{call}: its weight {name} is of shape {shape} in scratchnet's run, of "
                f"{its[name]} in TensorFlow's"
            )
    for side, names in ("scratchnet", [*mine]), ("TensorFlow", [*its]):
        only = [name for name in names if name not in mine or name not in its]
        if only:
            raise StructureError(f"{call} has {', '.join(only)} in {side}'s run only")


def nudge(x: Array, rng: np.random.Generator) -> Array:
    """`x`, each value moved by a unit in the last place, up or down; integers stay.

    >>> nudge(np.float32([0.1, 3.0]), np.random.default_rng(0)) - np.float32([0.1, 3.0])
    array([7.450581e-09, 0.000000e+00], dtype=float32)
    """
    with np.errstate(all="ignore"):
        moved = np.nextafter(
            x, np.where(rng.random(x.shape) < 0.5, -np.inf, np.inf).astype(x.dtype)
        )
        return np.where(x == np.round(x), x, moved).astype(x.dtype)


@contextlib.contextmanager
def told(tf: Any, run: TheirRun) -> Iterator[None]:
    """A context in which the layers of TensorFlow's Keras, called eagerly, are calls of `run`."""
    keras = tf.keras
    layer, operation = keras.layers.Layer.__call__, keras.Operation.__call__

    def call_layer(self: Any, *args: Any, **kwargs: Any) -> Any:
        def called(*args: Any, **kwargs: Any) -> Any:
            return layer(self, *args, **kwargs)

        return run.layer(self, called, args, kwargs)

    def call_operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, keras.layers.Layer) or is_untold(self) or not is_in_graph(self):
            return operation(self, *args, **kwargs)

        def called(*args: Any, **kwargs: Any) -> Any:
            return operation(self, *args, **kwargs)

        return run.op(f"layer {self.name}", called, args, kwargs)

    optimizer = keras.optimizers.Optimizer
    apply = optimizer.apply

    def call_apply(self: Any, grads: Any, trainable_variables: Any = None) -> Any:
        return run.update(self, apply, list(grads), trainable_variables)

    def asked(gradient: Callable[..., Any]) -> Callable[..., Any]:
        def told_gradient(self: Any, *args: Any, **kwargs: Any) -> Any:
            return run.differentiated(self, gradient, *args, **kwargs)

        return told_gradient

    def telling(assign: Callable[..., Any]) -> Callable[..., Any]:
        def told_assign(self: Any, *args: Any, **kwargs: Any) -> Any:
            run.assigned(self)
            return assign(self, *args, **kwargs)

        return told_assign

    variable, tape = type(tf.Variable(0.0)), tf.GradientTape
    eagerly = tf.config.functions_run_eagerly()
    with contextlib.ExitStack() as stack:
        for kind, name, function in (
            (keras.layers.Layer, "__call__", call_layer),
            (keras.Operation, "__call__", call_operation),
            (optimizer, "apply", call_apply),
            *((variable, name, telling(getattr(variable, name))) for name in _ASSIGN),
            *((tape, name, asked(getattr(tape, name))) for name in _GRADIENTS),
        ):
            stack.enter_context(_instead(kind, name, function))
        tf.config.run_functions_eagerly(True)
        try:
            yield
        finally:
            tf.config.run_functions_eagerly(eagerly)


def is_in_graph(operation: Any) -> bool:
    """Whether an Operation of Keras's was called on KerasTensors: it is part of a graph.

    Others are how Keras writes a function, such as ``keras.ops.pad``, which calls a Pad of its own.
    """
    return bool(operation._inbound_nodes)


_ASSIGN = ("assign", "assign_add", "assign_sub")
_GRADIENTS = ("gradient", "jacobian", "batch_jacobian")


@contextlib.contextmanager
def _instead(kind: type, name: str, function: Any) -> Iterator[None]:
    """A context in which a class has another method, its own or one that it inherits."""
    own = vars(kind).get(name)
    setattr(kind, name, function)
    try:
        yield
    finally:
        if own is None:
            delattr(kind, name)
        else:
            setattr(kind, name, own)
