"""compare: one program, run on scratchnet and on TensorFlow, op by op and layer by layer.

The program is written once, as a function of the module:

    def program(tf):
        x = tf.random.normal([8, 6, 6, 2], seed=1)
        k = tf.random.normal([3, 3, 2, 4], seed=2)
        return tf.nn.relu(tf.nn.conv2d(x, k, 1, "SAME"))

    def test_my_network():
        assert_same_as_tensorflow(program)

or with a model, its loss and its data:

    def program(tf):
        k = tf.keras
        model = k.Sequential([k.Input((28, 28, 1)), k.layers.Flatten(), k.layers.Dense(10)])
        model.compile("adam", k.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model, images, labels

What is compared
    The value that each call returns and every gradient: of each argument, of each weight.  What the
    program returns, for Python's operators are no calls.  Of a model also its data, its first
    weights and which of them are trainable, two steps of its optimizer, or of its own
    ``train_step``, and the statistics of its batch normalizations.  A call is one of a function of
    ``tf``, of a layer, of the loss or of an optimizer in a program that trains itself.

How
    Seeds are set alike.  TensorFlow follows call by call: its inputs are replaced by scratchnet's,
    and so are the cotangents on the way back, so that no error is handed on, and the first call
    that differs is the one that is wrong.  It does so again with every number moved by a unit in
    the last place: a difference of ten times what that does is still rounding.

A program with a tape of its own
    Each gradient that it computes is compared, and what it is of is differentiated once more, call
    by call.  A gradient that it returns, or what operators make of one, is not differentiated
    again; what calls make of one is, as a gradient penalty, but then cotangents are not compared
    call by call.

What is known to differ
    TensorFlow's gradient of the images that a layer rotates, zooms or translates is not that of
    what the layer computes.  Where it differs a note says so.  Layers of which none needs what
    another returns may run in any order, and those of a model run one by one, in Keras's order.

What it cannot see
    What both share: the program's own formulas, and gradients of its own.  `check_gradients` sees
    a gradient that is not that of its formula.

Without TensorFlow
    ``compare(program, record="relu.npz")`` also keeps what TensorFlow finds, and
    ``compare(program, against="relu.npz")`` compares with that, where TensorFlow is not installed.
    The file holds arrays and one text, and no pickle.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.base_variable import BaseVariable
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.listening import listening
from scratchnet.engine.op import Record
from scratchnet.engine.tensor import Tensor
from scratchnet.testing.calls import Call, Namespace, OurRun, is_floating, key, root_mean_square
from scratchnet.testing.comparison_report import Comparison, Difference, Row
from scratchnet.testing.counterpart import StructureError, TheirRun, told
from scratchnet.testing.decompositions import is_orthogonal
from scratchnet.testing.golden import Golden, origin_of, other_origin
from scratchnet.testing.known_differences import (
    MOMENTS,
    MOVED_IMAGES,
    STATISTICS,
    of_moved_images,
)

Program = Callable[[Any], Any]

SPREADS = 10.0  # how many times TensorFlow's own spread a difference may be
NUDGES = 3  # so many runs say how large that is, where one does not explain a difference


def compare(
    program: Program,
    *,
    seed: int = 0,
    record: str | os.PathLike[str] | None = None,
    against: str | os.PathLike[str] | None = None,
) -> Comparison:
    """Run `program` on scratchnet and on TensorFlow, and compare every value and gradient.

    Keras's names are numbered anew (``clear_session``) on both sides.  The random states of Python
    and NumPy are as before afterwards.

    Args:
        program: ``program(tf)`` returns tensors, in any nest; or ``(model, x, y)`` of a compiled
            model; or ``(model, loss, x, y)`` with a name, object or function of Keras's as loss.
            It must do the same each time it is called.
        seed: of all random numbers, weights included.
        record: a file for what TensorFlow finds, so that ``against`` it needs no TensorFlow.
        against: a file that was recorded, in the place of TensorFlow: of the same program, with
            the same seed.

    Returns:
        a `Comparison`.

    Raises:
        TypeError: `program` is no function, or returns something else.
        ValueError: both `record` and `against`; a file that was not recorded by `compare`.
        FileNotFoundError: `against` is not there.
        ModuleNotFoundError: TensorFlow is not installed, and there is no `against`.

    >>> def program(tf):
    ...     x = tf.random.normal([3, 4])
    ...     return tf.nn.softmax(x @ tf.transpose(x))
    >>> print(compare(program))  # doctest: +SKIP
    The same: 12 arrays of 3 calls compared with TensorFlow.
    """
    if not callable(program):
        raise TypeError(say("compare", "program", "must be a function of the module tf", program))
    if record is not None and against is not None:
        raise ValueError("compare: `record` and `against` exclude each other, received both")
    if against is not None:
        return _against(Golden.read(Path(against)), program, seed)
    if importlib.util.find_spec("tensorflow") is None:
        raise ModuleNotFoundError(
            "compare: TensorFlow is not installed; `pip install tensorflow` installs "
            "it, or give against=FILE, a file that compare(program, record=FILE) wrote where it is"
        )
    ours = _run_ours(program, seed)
    try:
        theirs = _run_theirs(program, seed, ours)
        spreads: dict[str, float] = {}
        for number in range(1, NUDGES + 1):
            _spread(spreads, theirs, _run_theirs(program, seed, ours, nudged=number))
            bounds = _bounds(theirs.items, spreads, ours.sums)
            found = _compared(ours, Golden(theirs.items, bounds, theirs.names, "TensorFlow"))
            found = replace(found, notes=(*_stops(ours.run, theirs.run, found), *found.notes))
            if found.ok:
                break  # else it may be by chance that the spread of a few numbers is small
    except StructureError as error:
        found = Comparison((Difference("structure", str(error)),), (), len(ours.run.calls))
    if record is not None:
        _recorded(program, seed, ours).write(Path(record))
    return found


def _stops(ours: Any, theirs: Any, found: Comparison) -> list[str]:
    """Where something differs, the lines at which one side only calls ``tf.stop_gradient``."""
    if found.ok:
        return []
    sides = ("scratchnet", ours.stops, theirs.stops), ("TensorFlow", theirs.stops, ours.stops)
    return [
        f"tf.stop_gradient is called in {name}'s run only: {', '.join(lines)}"
        for name, these, those in sides
        if (
            lines := [
                line for line in dict.fromkeys(these) if these.count(line) > those.count(line)
            ]
        )
    ]


def _against(golden: Golden, program: Program, seed: int) -> Comparison:
    """A comparison with a file, which must come of the same program with the same seed."""
    ours = _run_ours(program, seed)
    recorded = golden.origin.get("seed", seed)
    if recorded != seed:
        text = (
            f"the golden file was recorded with seed={recorded}, and this run has seed={seed}: its "
            f"random numbers are others. Give seed={recorded}, or record the file anew"
        )
        difference = Difference("structure", text)
        return Comparison((difference,), (), len(ours.run.calls), witness=golden.witness)
    found = _compared(ours, golden, follows=False)
    if found.ok:
        return found
    return replace(found, notes=(*other_origin(golden, program), *found.notes))


def _recorded(program: Program, seed: int, ours: _Result) -> Golden:
    """TensorFlow's own run, and how far others come from it."""
    alike = ours.run.undifferentiated
    free, spreads = _run_theirs(program, seed, None, 0, alike), dict[str, float]()
    for number in range(1, NUDGES + 1):
        _spread(spreads, free, _run_theirs(program, seed, None, number, alike))
    bounds = _bounds(free.items, spreads, ours.sums.piled_up())
    origin = origin_of(program, seed)
    return Golden(free.items, bounds, free.names, "TensorFlow, as recorded", origin)


def assert_same_as_tensorflow(
    program: Program,
    *,
    seed: int = 0,
    record: str | os.PathLike[str] | None = None,
    against: str | os.PathLike[str] | None = None,
) -> None:
    """`compare`, for a test.

    Raises:
        AssertionError: something differs by more than rounding; with the report.
        TypeError, ValueError, FileNotFoundError, ModuleNotFoundError: as of `compare`.
    """
    found = compare(program, seed=seed, record=record, against=against)
    if not found.ok:
        raise AssertionError(str(found))


# -- the runs --------------------------------------------------------------------------------------


@dataclass
class _Result:
    """One side's run, as plain arrays.

    Attributes:
        items: by key; those of calls are named by `scratchnet.testing.calls.key`, the others
            ``initial|NAME``, ``trained|NAME``, ``gradient|NAME``, ``update|NAME``, ``state|NAME``,
            and ``returned|PLACE`` for what the program returns.
        names: of the calls.
        variables: by name.
        sums: of what sums the items are.
    """

    run: Any
    items: dict[str, Array]
    names: list[str]
    variables: dict[str, Any]
    sums: _Sums = field(default_factory=lambda: _Sums())


def _run_ours(program: Program, seed: int) -> _Result:
    tf = importlib.import_module("scratchnet")  # as the program gets it
    run = OurRun()
    with _seeded(tf, seed), listening(run):
        variables, values = _train(tf, Namespace(tf, run), program, run)
    items = {**run.items(), **values}
    return _Result(
        run, items, [call.name for call in run.calls], variables, _sums(run, items, variables)
    )


def _run_theirs(
    program: Program,
    seed: int,
    ours: _Result | None,
    nudged: int = 0,
    undifferentiated: AbstractSet[int] = frozenset(),
) -> _Result:
    tf = importlib.import_module("tensorflow")
    run = TheirRun(tf, ours.run if ours else None, ours.items if ours else {}, nudged)
    run.undifferentiated |= ours.run.undifferentiated if ours else undifferentiated
    with _seeded(tf, seed), told(tf, run):
        variables, values = _train(
            tf, Namespace(tf, run), program, run, ours.items if ours else None
        )
    if missing := run.missing():
        raise StructureError(f"scratchnet's run has {missing}, TensorFlow's ends before it")
    names = [call.name for call in sorted(run.calls, key=lambda call: call.number)]
    return _Result(run, {**run.items, **values}, names, variables)


@contextmanager
def _seeded(tf: Any, seed: int) -> Iterator[None]:
    """A context with the random states that a seed sets; those of Python and NumPy come back."""
    python, numpy = random.getstate(), np.random.get_state()
    tf.keras.utils.clear_session(free_memory=False)
    tf.keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _train(
    tf: Any, namespace: Any, program: Program, run: Any, ours: dict[str, Array] | None = None
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Run the program, differentiate, and take the optimizer's step: variables, and their values.

    Args:
        tf: the module, and `namespace` its stand-in.
        program: what to run.
        run: is told of the calls.
        ours: scratchnet's items, whose gradients the optimizer gets; its own, if not given.
    """
    scale = getattr(run, "scale", 1.0)
    with tf.GradientTape() as tape:
        run.tape = tape
        result = program(namespace)
        returned = _returned(tf, run, result)
        model, loss, data = _model_of(tf, result)
        of_data = _of_data(data, ours or {})
        is_own = model is not None and loss is None and _has_own_step(tf, model)
        if model is None:
            target = _target(tf, run, result, scale)
        elif is_own and getattr(model, "loss", None) is None:
            target, run.is_own_step = None, True  # its loss is known to its own train_step only
            _own_steps(tf, model, *data)
        else:
            target = _loss(tf, run, model, loss, *data) * scale
    if model is None:
        variables = list(tape.watched_variables())
    else:
        variables = list(model.trainable_variables)
    names = _names_of(variables, getattr(run, "paths", {}))
    values = _values_of(run, names)
    values.update(returned if model is None else of_data)
    for i, inner in enumerate(run.inner_gradients):
        for j, g in enumerate(inner.found):
            if g is not None:
                values[f"inner|{i}|{j}"] = _array(tf.convert_to_tensor(g))
    run.is_final = run.is_over = True
    leaves = [y for _, y in run.leaves]
    gradients = tape.gradient(target, [leaves, variables]) if target is not None else [[], []]
    run.is_final = False
    if run.is_second_order:
        for (name, _), g in zip(run.leaves, gradients[0], strict=False):
            if g is not None:
                values[name] = _unscaled(tf, g, scale)
    for name, g in zip(names, gradients[1], strict=False):
        if g is not None:
            values[f"gradient|{name}"] = _unscaled(tf, g, scale)
    if is_own and target is not None:
        run.tape, run.is_over, run.is_own_step = None, False, True
        _own_steps(tf, model, *data)
        run.is_over = True
    elif model is not None and not is_own:
        _step(tf, model, names, values, ours)
    if model is not None:
        for name, v in _names_of(model.non_trainable_variables).items():
            values[f"state|{name}"] = _array(v)
    return names, values


def _values_of(run: Any, names: dict[str, Any]) -> dict[str, Array]:
    """What the variables were when the program read them, and what it made of them itself."""
    found, now = {}, {name: _array(v) for name, v in names.items()}
    for name, v in names.items():
        # A variable of TensorFlow's Keras holds one of TensorFlow.
        first = run.firsts.get(id(v), run.firsts.get(id(getattr(v, "_value", None))))
        found[f"initial|{name}"] = now[name] if first is None else first
    for name, x in now.items():
        if not np.array_equal(x, found[f"initial|{name}"], equal_nan=x.dtype.kind in "fc"):
            found[f"trained|{name}"] = x
    return found


def _model_of(tf: Any, result: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """(the model, or None; its loss, or None where it is compiled; the data)."""
    first = result[0] if isinstance(result, tuple) and result else None
    if not isinstance(first, tf.keras.Model):
        if isinstance(result, tf.keras.Model):
            raise TypeError(say("compare", "program", _RETURNS, result))
        return None, None, ()
    if len(result) == 4:
        return first, result[1], tuple(result[2:])
    if len(result) != 3:
        raise TypeError(say("compare", "program", _RETURNS, f"{len(result)} parts"))
    if not first.compiled:
        raise TypeError(
            "compare: the model of (model, x, y) must be compiled, or `program` return "
            f"(model, loss, x, y), received a model that is not: {first.name!r}"
        )
    return first, None, tuple(result[1:])


def _of_data(data: tuple[Any, ...], ours: dict[str, Array]) -> dict[str, Array]:
    """The arrays that a model gets.

    Raises:
        StructureError: one of another shape than in `ours`.
    """
    found: dict[str, Array] = {}
    for what, part in zip(("inputs", "labels"), data, strict=False):
        for place, x in enumerate(nest.flatten(part)):
            if not isinstance(x, np.ndarray) and not hasattr(x, "numpy"):
                continue
            array, name = _array(x), f"{what}|{place}"
            if array.dtype.kind not in "fciub":
                continue
            if name in ours and ours[name].shape != array.shape:
                raise StructureError(
                    f"the {what} are of shape {ours[name].shape} in scratchnet's run, of "
                    f"{array.shape} in TensorFlow's"
                )
            found[name] = array
    return found


_RETURNS = "must return tensors, (model, x, y) of a compiled model, or (model, loss, x, y)"


def _returned(tf: Any, run: Any, result: Any) -> dict[str, Array]:
    """What the program returns, as arrays; numbers and arrays come of float32 values."""
    found: dict[str, Array] = {}
    for place, y in enumerate(nest.flatten(result)):
        if isinstance(y, bool | int | float | np.ndarray | np.generic):
            array = np.array(y)
            array = array.astype(np.float32) if array.dtype.kind == "f" else array
        elif isinstance(y, tf.Tensor | tf.IndexedSlices) or hasattr(y, "assign"):
            array = _array(tf.convert_to_tensor(y))
        else:
            continue
        if array.dtype.kind in "fciub":
            found[f"returned|{place}"], run.returned[f"returned|{place}"] = array, y
    return found


def _target(tf: Any, run: Any, result: Any, scale: float) -> Any:
    """The sum of all outputs, each times a random cotangent; None if none is floating.

    So is what the program differentiates itself, whether it returns it or not.  The gradients are
    not, nor what operators make of them: to differentiate these is for the program.
    """
    outputs = [
        tf.convert_to_tensor(y) if hasattr(y, "assign") else y  # a variable
        for y in nest.flatten(result)
        if isinstance(y, tf.Tensor) or hasattr(y, "assign")
    ]
    if not outputs:
        raise TypeError(f"compare: `program` {_RETURNS}; it returned {result!r}")
    rng = np.random.default_rng(0)
    gradients = {id(g) for inner in run.inner_gradients for g in inner.found}
    known = {id(y) for y in outputs}
    inner = {id(y): y for inner in run.inner_gradients for y in inner.targets}
    if isinstance(run, OurRun):
        by_operators = run.of_gradients()[0] - set(inner)
        run.undifferentiated = {j for j, y in enumerate(outputs) if id(y) in by_operators}
    outputs = [y for j, y in enumerate(outputs) if j not in run.undifferentiated]
    target = None
    for y in outputs + [y for i, y in inner.items() if i not in known]:
        if is_floating(y) and id(y) not in gradients:
            g = rng.normal(size=tuple(y.shape)).astype(np.asarray(y).dtype)
            part = tf.cast(tf.reduce_sum(y * tf.constant(g)), tf.float64) * scale
            target = part if target is None else target + part
    return target


def _loss(tf: Any, run: Any, model: Any, loss: Any, x: Any, y: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        x = run.op("data", tf.convert_to_tensor, (x.astype(np.float32, copy=False),), {})
    p = model(x, training=True)
    if loss is None:

        def computed(y: Any, p: Any) -> Any:
            return model.compute_loss(x=x, y=y, y_pred=p, training=True)

        return run.op("loss", computed, (y, p), {})
    if isinstance(loss, str):
        loss = tf.keras.losses.get(loss)
    value = run.op("loss", lambda y, p: tf.reduce_mean(loss(y, p)), (y, p), {})
    return tf.add_n([value, *model.losses]) if model.losses else value


def _step(tf: Any, model: Any, names: dict[str, Any], values: dict[str, Array], ours: Any) -> None:
    """One step of the model's optimizer, on scratchnet's gradients, and what it leaves behind."""
    optimizer = model.optimizer if model.compiled else tf.keras.optimizers.SGD(0.1)
    known = values if ours is None else ours
    pairs = [
        (tf.constant(known[f"gradient|{name}"]), v)
        for name, v in names.items()
        if f"gradient|{name}" in known
    ]
    optimizer.apply_gradients(pairs)
    for name, v in names.items():
        values[f"update|{name}"] = _array(v)
    # What an optimizer keeps, such as a momentum, is seen in another step; by gradients that are
    # not the same again, for a mean of equal ones does not depend on its weights.
    optimizer.apply_gradients([(tf.constant(g.numpy() * _AGAIN), v) for g, v in pairs])
    for name, v in names.items():
        values[f"second|{name}"] = _array(v)


_AGAIN = np.float16(0.75)  # of the lowest precision: the product has that of the gradient


def _has_own_step(tf: Any, model: Any) -> bool:
    return type(model).train_step is not tf.keras.Model.train_step


def _own_steps(tf: Any, model: Any, x: Any, y: Any) -> None:
    """Two of the model's own training steps, on the data as ``fit`` hands it over."""

    def tensor(x: Any) -> Any:
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            x = x.astype(np.float32, copy=False)
        return tf.convert_to_tensor(x)

    x, y = (nest.pack(part, [tensor(x) for x in nest.flatten(part)]) for part in (x, y))
    for _ in range(2):
        model.train_step(x if y is None else (x, y))


def _name_of(v: Any) -> str:
    return str(getattr(v, "path", None) or v.name).removesuffix(":0")


def _names_of(
    variables: list[Any], paths: Mapping[int, tuple[Any, str]] = MappingProxyType({})
) -> dict[str, Any]:
    """Variables by their names; by the paths of Keras where these are known."""
    found: dict[str, Any] = {}
    for v in variables:
        name = first = paths[id(v)][1] if id(v) in paths else _name_of(v)
        number = 1
        while name in found:
            number += 1
            name = f"{first} ({number})"
        found[name] = v
    return found


def _array(x: Any) -> Array:
    return np.array(x.numpy() if hasattr(x, "numpy") else x)


def _unscaled(tf: Any, g: Any, scale: float) -> Array:
    array: Array = np.array(tf.convert_to_tensor(g))
    return array / array.dtype.type(scale) if scale != 1 else array


# -- bounds ----------------------------------------------------------------------------------------


@dataclass
class _Sums:
    """Of what sums the items are, about: what their rounding is measured by.

    Attributes:
        terms: how many terms the longest has.
        sizes: how large a sum of so many such terms is if they do not cancel each other, as they
            do in the gradient of a bias before a normalization.
        exact: the first values of weights: equal bit for bit, unless a decomposition made them.
    """

    terms: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)

    def piled_up(self) -> _Sums:
        """The same for a run that follows no other: all sums may have led to each item."""
        total = sum(self.terms.values())
        return _Sums({name: total for name in self.terms}, self.sizes, self.exact)


def _sums(run: OurRun, items: dict[str, Array], variables: dict[str, Any]) -> _Sums:
    sums = _Sums()
    by_id = {id(v): name for name, v in variables.items()}
    first = {name: x for name, x in items.items() if name.startswith("initial|")}
    sums.exact = {name for name, x in first.items() if not is_orthogonal(x)}
    sums.terms = {f"second|{name}": 4.0 for name in variables}  # two steps round twice
    # A decomposition works on each column as often as there are columns; the rest follows from it.
    rounded = {k.partition("|")[2]: float(x.size) for k, x in first.items() if k not in sums.exact}
    for name, size in rounded.items():
        for phase in ("initial", "trained", "update", "second"):
            sums.terms[f"{phase}|{name}"] = max(size, sums.terms.get(f"{phase}|{name}", 1.0))
    sizes = {id(v): rounded[name] for name, v in variables.items() if name in rounded}
    led, of_inner = 0.0, dict[int, float]()
    until = [(0, 1.0)]  # moments, and how many terms led to what is there
    for call in run.calls:
        inputs, outputs = ([x._data for x in xs] for xs in (call.inputs, call.outputs))
        # A variable is read inside of the call that gets it: its values are not among the inputs.
        read = [] if call.weights else run.read_in(call)
        many, few = (max(1, sum(x.size for x in xs)) for xs in (inputs, outputs))
        many += sum(v._data.size for v in read)
        shapes = [tuple(w.shape) for w in call.weights]
        kernels = [np.prod(s) / min(s[-2:]) for s in shapes if len(s) > 1 and 0 not in s]
        places = max([y.size / max(1, y.shape[-1]) for y in outputs if y.ndim], default=1.0)
        longest = float(max([many / few, few / many, *kernels]))
        if any("moving_mean" in str(w.name) for w in call.weights) or "moments" in call.name:
            longest += places
        for what, arrays in (("in", inputs), ("gin", inputs), ("out", outputs), ("gout", outputs)):
            for j in range(len(arrays)):
                sums.terms[key(call, what, j)] = longest
        for name in [f"gradient|{by_id[id(v)]}" for v in read if id(v) in by_id]:
            sums.terms[name] = max(longest, sums.terms.get(name, 1.0))
        g = [items[k] for j in range(len(outputs)) if (k := key(call, "gout", j)) in items]
        inner = max((run.inner.get(n, 0.0) for n in range(call.begin, call.end)), default=0.0)
        size = np.sqrt(places) * max(map(root_mean_square, g), default=inner)
        led += longest + (places if call.weights else 0.0)
        for j, v in enumerate(call.given):
            sums.sizes[key(call, "in", j)] = of_inner.get(id(v), 0.0)
            sums.terms[key(call, "in", j)] = led  # all calls before may have led to it
        for w in () if call.updated else call.weights:
            name = f"gradient|{by_id[id(w)]}" if id(w) in by_id else f"state|{w.path}"
            sums.terms[name] = max(places, sums.terms.get(name, 1.0))
            x = root_mean_square(inputs[0]) if inputs and len(tuple(w.shape)) > 1 else 1.0
            if name.startswith("gradient|"):
                sums.sizes[name] = sums.sizes.get(name, 0.0) + float(size * x)
                size_of_inner = float(np.sqrt(places) * inner * x)
                of_inner[id(w)] = of_inner.get(id(w), 0.0) + size_of_inner
        until.append((call.left, led))
    for i, gradients in enumerate(run.inner_gradients):
        for j, v in enumerate(gradients.sources):
            sums.sizes[f"inner|{i}|{j}"] = of_inner.get(id(v), 0.0)
            sums.terms[f"inner|{i}|{j}"] = max(n for at, n in until if at <= gradients.moment)
    of_gradients = run.of_gradients()[1]
    for name, y in run.returned.items():
        if id(y) in of_gradients or not isinstance(y, Tensor | BaseVariable):
            sums.terms[name] = max(led, 1.0) + sum(sizes.values())
            sums.sizes[name] = max(of_inner.values(), default=0.0)
        else:
            records = run.operators_of(y)
            ids = {id(x) for record in records for x in record.inputs} | {id(y)}
            sums.terms[name] = 1 + sum(map(_longest, records)) + sum(sizes.get(i, 0.0) for i in ids)
    return sums


def _longest(record: Record) -> float:
    """How many terms the sums of an operator have, about."""
    many = sum(x._data.size for x in record.inputs)
    few = max(1, sum(y._data.size for y in record.outputs))
    inner = max((x._data.shape[-1] for x in record.inputs if x._data.ndim), default=1)
    return float(max(many / few, inner if record.op.name == "matmul" else 1))


def _spread(spreads: dict[str, float], plain: _Result, nudged: _Result) -> None:
    """Make `spreads` as large as the distance of two runs of TensorFlow, item by item."""
    for name, a in plain.items.items():
        b = nudged.items.get(name)
        if a.dtype.kind in "fc" and b is not None and b.shape == a.shape:
            spreads[name] = max(spreads.get(name, 0.0), _extent(a - b))


def _bounds(
    theirs: dict[str, Array], spreads: dict[str, float], sums: _Sums
) -> dict[str, tuple[float, float]]:
    """For each item (what rounding explains, TensorFlow's own spread), both absolute."""
    found = {}
    for name, a in theirs.items():
        if a.dtype.kind not in "fc" or not a.size or name in sums.exact:
            found[name] = (0.0, 0.0)
            continue
        eps, size = float(np.finfo(a.dtype).eps), max(_extent(a), sums.sizes.get(name, 0.0))
        spread = spreads.get(name, 0.0)
        floor = eps * size * (4 + 2 * math.sqrt(sums.terms.get(name, 1.0)))
        found[name] = (max(SPREADS * spread, floor), spread)
    return found


def _extent(x: Array) -> float:
    with np.errstate(all="ignore"):
        finite = x[np.isfinite(x)]
    return float(np.abs(finite).max(initial=0))


# -- comparing -------------------------------------------------------------------------------------


def _compared(ours: _Result, golden: Golden, follows: bool = True) -> Comparison:
    """What differs.

    Args:
        ours: scratchnet's run.
        golden: TensorFlow's.
        follows: whether that followed scratchnet's run, call by call.
    """
    run, theirs, witness = ours.run, golden.items, golden.witness
    calls = len(run.calls)
    for number, (mine, its) in enumerate(zip(ours.names, golden.names, strict=False)):
        if mine != its:
            text = f"call {number} is {mine} where TensorFlow has {its}"
            return Comparison((Difference("structure", text),), (), calls, witness=witness)
    if len(golden.names) != len(ours.names):
        text = f"{len(ours.names)} calls where TensorFlow has {len(golden.names)}"
        return Comparison((Difference("structure", text),), (), calls, witness=witness)
    is_old = bool(run.inner_gradients) and not any(name.startswith("inner|") for name in theirs)
    # Where no gradient is wanted here, TensorFlow may compute one: only a lost one is a difference.
    ends = [name for name, _ in run.leaves] + [f"gradient|{name}" for name in ours.variables]
    is_lost = not is_old and any(name in theirs and name not in ours.items for name in ends)
    found, rows = [], []
    frozen = _frozen(ours, theirs)
    if is_lost and follows and not frozen:
        found += _lost(run, theirs)
    kinked, known = _kinked(ours, theirs, follows), of_moved_images(run, ours.variables, follows)
    was_known = False
    outputs = {id(y) for call in run.calls for y in call.outputs}
    compared = {name for name, y in run.returned.items() if id(y) in outputs}  # as such
    for item in _in_order(ours):
        a, b = ours.items.get(item.key), theirs.get(item.key)
        if a is None and (b is None or item.key not in ends):
            continue
        if b is None and item.key.startswith(_NEWER):
            continue  # a file of before, that has not all
        if item.key.partition("|")[2] in frozen and item.key.partition("|")[0] in _OF_WEIGHTS:
            continue
        if b is None and item.phase in ("initial", "update", "state") and np.any(a):
            found.append(Difference("structure", f"{item.text}: in scratchnet's run only"))
            continue
        if is_old and _GRADIENT.search(item.key):
            continue
        if not follows and item.key.partition("|")[2].startswith("in|"):
            continue  # it is what a call before returned, and more so
        a = np.zeros_like(b) if a is None else a
        b = np.zeros_like(a) if b is None else b
        bound, spread = golden.bounds.get(item.key, (0.0, 0.0))
        is_kinked = item.key in kinked
        if is_kinked:
            bound = max(bound, 2 * max(_extent(a), _extent(b)))
        difference, row = _judged(item, a, b, bound, spread, is_kinked)
        if difference is not None and difference.index is not None and item.key in known:
            was_known, difference, row = True, None, replace(row, verdict="known")
        if difference is not None or item.key not in compared:
            rows.append(row)
        if difference is not None:
            found.append(difference)
    before = [difference.phase for difference in found]
    at = before.index("backward") if "backward" in before else len(before)
    found[at:at] = _otherwise_returned(ours, theirs)
    found[:0] = [Difference("structure", text) for text in _of_frozen(frozen)]
    notes = _notes(run, bool(found), was_known, is_old, len(kinked))
    return Comparison(tuple(found), tuple(rows), calls, tuple(notes), witness)


def _notes(run: OurRun, differs: bool, was_known: bool, is_old: bool, kinks: int) -> list[str]:
    """What was not compared, and why."""
    notes = [MOVED_IMAGES] if was_known else []
    if run.is_second_order:
        text = "calls got gradients of the program's own tapes, and these were differentiated once "
        text += "more: cotangents were not compared by call"
        notes.append(text)
        if differs and STATISTICS.intersection(r.op.name for r in run.records):
            notes.append(MOMENTS)
    if is_old:
        notes.append("the golden file has no gradients of the program's own: record it anew")
    if run.is_own_step:
        notes.append("the model's own train_step ran: in it cotangents were not compared by call")
    if kinks:
        notes.append(
            f"in {kinks} gradients a decision of a relu turned out otherwise (a kink): they "
            "were not compared"
        )
    return notes


_NEWER = ("second|", "inner|", "returned|", "inputs|", "labels|")
_OF_WEIGHTS = frozenset(("initial", "trained", "gradient", "update", "second", "state"))
_GRADIENT = re.compile(r"^gradient\||\|g(in|out)\|")


@dataclass(frozen=True)
class _Item:
    """An array that is compared: where it belongs, how a report names it, and a table."""

    phase: str
    key: str
    text: str
    call: str = ""
    array: str = ""
    ops: tuple[str, ...] = ()


def _in_order(ours: _Result) -> Iterator[_Item]:
    """All items, in the order in which they come about."""
    run: OurRun = ours.run
    for name in ours.variables:
        text = f"the first values of {name}"
        yield _Item("initial", f"initial|{name}", text, "", name)
    for name in [name for name in ours.items if name.startswith(("inputs|", "labels|"))]:
        what, _, place = name.partition("|")
        alone = f"{what}|1" not in ours.items
        text = f"the {what}" if alone else f"number {place} of the {what}"
        yield _Item("forward", name, f"{text}, before any call", "", what)
    moments = [(call.entered, True, call) for call in run.calls]
    moments = sorted(moments + [(call.left, False, call) for call in run.calls], key=lambda m: m[0])
    for _, enters, call in moments:
        if enters:
            if run.is_second_order or run.is_own_step:
                yield from _given(call)
            for j in range(0 if call.given else len(call.inputs)):
                text = f"argument {j} of {call}: it differs before the call, from what is no call"
                yield _Item("forward", key(call, "in", j), text, call.label, f"argument {j}")
        else:
            ops = tuple(dict.fromkeys(run.ops_of(call)))
            for j in range(len(call.outputs)):
                text = f"{call}, output {j}" if len(call.outputs) > 1 else str(call)
                where = "forward", key(call, "out", j), text
                yield _Item(*where, call.label, f"output {j}", ops)
            for j, v in enumerate(call.weights if call.updated else ()):
                text = f"{call}: {_name_of(v)} after it"
                yield _Item("update", key(call, "updated", j), text, call.label, _name_of(v))
    for name in [name for name in ours.items if name.startswith("trained|")]:
        what = name.partition("|")[2]
        yield _Item("update", name, f"{what} as the program leaves it", "", what)
    of_gradients = run.of_gradients()[1]
    for name, y in run.returned.items():
        if id(y) not in of_gradients:
            yield _what_returned(run, name, "forward")
    yield from _backwards(ours, moments)
    for i, gradients in enumerate(run.inner_gradients):
        for j, x in enumerate(gradients.sources):
            name = _name_of(x) if hasattr(x, "assign") else f"source {j}"
            which = f"number {i} of the program's gradients" if i else "the program's gradient"
            yield _Item("backward", f"inner|{i}|{j}", f"{which}, that of {name}", "", name)
    for name, y in run.returned.items():
        if id(y) in of_gradients:
            yield _what_returned(run, name, "backward")
    for call in run.calls:
        if not (run.is_second_order or run.is_own_step):
            yield from _given(call)
    for name in ours.variables:
        text = f"{name} after one step of the optimizer"
        yield _Item("update", f"update|{name}", text, "", name)
    for name in ours.variables:
        text = f"{name} after two steps of the optimizer"
        yield _Item("update", f"second|{name}", text, "", name)
    for name in [name for name in ours.items if name.startswith("state|")]:
        what = name.partition("|")[2]
        yield _Item("state", name, f"{what} after one step", "", what)


def _what_returned(run: OurRun, name: str, phase: str) -> _Item:
    y = run.returned[name]
    records = run.operators_of(y) if isinstance(y, Tensor) else []
    text = "what the program returns"
    if len(run.returned) > 1:
        text = f"number {name.partition('|')[2]} of what the program returns"
    if records:
        text += ", as Python's operators made it"
    ops = tuple(dict.fromkeys(record.op.name for record in records))
    return _Item(phase, name, text, "", name.replace("|", " "), ops)


def _otherwise_returned(ours: _Result, theirs: dict[str, Array]) -> list[Difference]:
    """Numbers that the program returns on one side only."""
    mine, its = ({n for n in xs if n.startswith("returned|")} for xs in (ours.items, theirs))
    if not its or mine == its:
        return []
    places = sorted(int(name.partition("|")[2]) for name in mine ^ its)
    sides = {f"returned|{n}" in mine for n in places}
    where = "scratchnet's" if sides == {True} else "TensorFlow's" if sides == {False} else "one"
    text = f"of what the program returns, numbers {places} are arrays in {where} run only"
    return [Difference("structure", text)]


def _given(call: Call) -> Iterator[_Item]:
    """The gradients that an optimizer gets: after all cotangents, where these were compared."""
    for j, v in enumerate(call.given):
        text = f"the gradient of {_name_of(v)}, as {call} gets it"
        what = f"gradient of {_name_of(v)}"
        yield _Item("backward", key(call, "in", j), text, call.label, what)


def _backwards(ours: _Result, moments: list[tuple[int, bool, Call]]) -> Iterator[_Item]:
    run: OurRun = ours.run
    readers = {name: run.readers_of(v) for name, v in ours.variables.items()}
    for _, enters, call in reversed(moments):
        if not enters:
            for j in range(len(call.outputs)):
                text = f"the cotangent of what {call} returned: it differs before its own gradient"
                if custom := run.custom_after(call):
                    text += f", and comes through the custom gradient of {', '.join(custom)}"
                where = "backward", key(call, "gout", j), text
                yield _Item(*where, call.label, f"cotangent of output {j}")
            continue
        for name, (reader, takers) in readers.items():
            if reader is call:
                where = "backward", f"gradient|{name}", f"{call}, the gradient of {name}"
                ops = tuple(dict.fromkeys(takers))
                yield _Item(*where, call.label, f"gradient of {name}", ops)
        ops = tuple(dict.fromkeys(run.ops_of(call)))
        for j in range(len(call.inputs)):
            where = "backward", key(call, "gin", j), f"{call}, the gradient of its argument {j}"
            yield _Item(*where, call.label, f"gradient of argument {j}", ops)
    for name, (reader, takers) in readers.items():
        if reader is None:
            where = "backward", f"gradient|{name}", f"the gradient of {name}"
            yield _Item(*where, "", f"gradient of {name}", tuple(dict.fromkeys(takers)))


def _judged(
    item: _Item, a: Array, b: Array, bound: float, spread: float, is_kinked: bool
) -> tuple[Difference | None, Row]:
    """What is to be said of two arrays: a difference, if they are not the same but for rounding."""
    phase, text = item.phase, item.text

    def row(error: float, ulps: float, verdict: str) -> Row:
        where = phase, item.call, item.array, a.shape
        return Row(*where, error, ulps, spread, bound, verdict)

    if a.shape != b.shape or a.dtype != b.dtype:
        text += f": of shape {a.shape} and {a.dtype}, TensorFlow's of {b.shape} and {b.dtype}"
        return Difference(phase, text, ops=item.ops), row(math.inf, math.inf, "differs")
    if not a.size:
        return None, row(0.0, 0.0, "same")
    if a.dtype.kind == "c":
        a, b = (np.stack([x.real, x.imag], -1) for x in (a, b))
    mine, its, gaps = _gaps(a, b)
    wrong = gaps > bound
    index = tuple(int(i) for i in np.unravel_index(int(gaps.argmax()), a.shape))
    size = max(_extent(mine), _extent(its))
    unit = float(np.spacing(a.dtype.type(size))) if a.dtype.kind == "f" else 1.0
    error, ulps = float(gaps[index]), float(gaps[index]) / unit
    if not wrong.any():
        return None, row(error, ulps, "a kink" if is_kinked else "same")
    values = float(mine[index]), float(its[index])
    counts = int(wrong.sum()), a.size
    difference = Difference(
        phase, text, index, *values, *counts, error, bound, spread, ulps, item.ops
    )
    return difference, row(error, ulps, "differs")


def _gaps(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Two arrays as floats, and how far they are apart: 0 where both are NaN or the same."""
    if a.dtype.kind not in "fiub":
        return np.zeros(a.shape), np.zeros(a.shape), (a != b).astype(np.float64)
    mine, its = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(all="ignore"):
        gaps = np.abs(mine - its)
    gaps = np.where((mine == its) | (np.isnan(mine) & np.isnan(its)), 0.0, gaps)
    return mine, its, np.where(np.isnan(gaps), np.inf, gaps)


def _lost(run: OurRun, theirs: dict[str, Array]) -> list[Difference]:
    """The first call that gets what no gradient can flow to, where TensorFlow's does."""
    for call in run.calls:
        for j, is_followed in enumerate(call.follows):
            g = theirs.get(key(call, "gin", j))
            if not is_followed and g is not None and g.any():
                text = f"no gradient can flow to argument {j} of {call}, as TensorFlow's does"
                return [Difference("backward", text)]
    return []


def _kinked(ours: _Result, theirs: dict[str, Array], follows: bool) -> set[str]:
    """The keys of gradients on whose way a relu decided otherwise: nothing is known of these.

    TensorFlow gets scratchnet's inputs, so it happens only where a layer computes what it asks: a
    Dense or Conv2D with an activation.  Where it does not follow, all calls before are touched.
    """
    run: OurRun = ours.run
    found: set[str] = set()
    for call in run.calls:
        for j in range(len(call.outputs)):
            a, b = ours.items.get(key(call, "out", j)), theirs.get(key(call, "out", j))
            if a is None or b is None or a.shape != b.shape or a.dtype.kind != "f":
                continue
            flips = (a > 0) != (b > 0)
            if not _LEAKY.intersection(run.ops_of(call)):
                flips &= (a == 0) | (b == 0)
            if flips.any():
                found |= _touched(ours, call, follows)
    return found


def _frozen(ours: _Result, theirs: dict[str, Array]) -> dict[str, bool]:
    """The weights that are trainable in one run only: whether it is scratchnet's."""

    def names(of: str, items: dict[str, Array]) -> set[str]:
        return {name.partition("|")[2] for name in items if name.startswith(f"{of}|")}

    mine = names("initial", ours.items) & names("state", theirs) - names("initial", theirs)
    its = names("initial", theirs) & names("state", ours.items) - names("initial", ours.items)
    return {**dict.fromkeys(sorted(mine), True), **dict.fromkeys(sorted(its), False)}


def _of_frozen(frozen: dict[str, bool]) -> Iterator[str]:
    """What there is to say of the weights that are frozen in one run."""
    sides = "scratchnet's", "TensorFlow's"
    for is_ours, (here, there) in ((True, sides), (False, sides[::-1])):
        names = [name for name, found in frozen.items() if found is is_ours]
        if names:
            many = "are" if len(names) > 1 else "is"
            yield f"{', '.join(names)} {many} trainable in {here} run, frozen in {there}"


_LEAKY = frozenset(("leaky_relu", "elu", "selu"))


def _touched(ours: _Result, kinked: Call, follows: bool) -> set[str]:
    run: OurRun = ours.run
    calls = [
        call
        for call in run.calls
        if (kinked.entered <= call.entered and call.left <= kinked.left)
        or (not follows and call.entered <= kinked.entered)
    ]
    found = {key(call, "gin", j) for call in calls for j in range(len(call.inputs))}
    if not follows:
        found |= {key(call, "gout", j) for call in calls for j in range(len(call.outputs))}
    for name, v in ours.variables.items():
        if run.readers_of(v)[0] in calls:
            found.add(f"gradient|{name}")
    # The gradients that the program computes itself after it, and hands to an optimizer.
    for call in run.calls:
        if call.entered > kinked.left:
            found |= {key(call, "in", j) for j in range(len(call.given))}
            if not follows:
                found |= {key(call, "updated", j) for j in range(len(call.updated))}
    for i, gradients in enumerate(run.inner_gradients):
        if gradients.moment > kinked.left:
            found |= {f"inner|{i}|{j}" for j in range(len(gradients.sources))}
            of_gradients = run.of_gradients()[1]
            found |= {name for name, y in run.returned.items() if id(y) in of_gradients}
    return found
