"""The checks: a VJP of NumPy code, and the gradients of a function of tensors, of any order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numba
import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import NoDerivativeError, say, with_article
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.kernels.threads import THREADS, USABLE
from scratchnet.ops.creation import constant
from scratchnet.testing.diagnosis import diagnosed
from scratchnet.testing.differences import (
    EPS,
    NOISY,
    Jacobian,
    Slope,
    directional,
    jacobian,
    noise_of,
    scale_of,
    slope,
)
from scratchnet.testing.patterns import TIES
from scratchnet.testing.report import (
    Finding,
    GradientError,
    Report,
    Row,
    counted,
    ulps_between,
    was,
)
from scratchnet.testing.suspect import Suspect, Verdict
from scratchnet.testing.user_code import Forward, UserCode, Vjp, checked_arrays, checked_names
from scratchnet.testing.witness import CLOSE, ByDifferences, ByWitness, Truth, Witness

DRAWS = 2
ELEMENTS = 1000  # of one argument that are moved, at most
SAMPLE = 300  # of an argument with more than that
ELEMENTS_OF_TIES = 400  # in rounded data, to find what ties do
ELEMENTS_OF_HIGHER = 30  # where each move is a gradient, too
ELEMENTS_OF_WRONG = 8000  # of one argument, once something is wrong with it
NUMBERS = 4_000_000  # in one matrix of derivatives, at most
COARSE = Verdict(
    "dtype",
    "The gradient is right to the precision of float32 only, though its dtype is float64 and the "
    "forward pass computes in float64: something on the way back is float32, a buffer, or "
    "`.astype(np.float32)`.",
)
INTEGERS = (
    "The gradient is of dtype {dtype}, which cuts the fractions off: make the array that it is "
    "written to by np.zeros_like(x)."
)
AGAIN = "something is kept between calls and added to, or random numbers are drawn"
BOOLEANS = (
    "The gradient is of dtype bool: a mask says only where the cotangent passes. Multiply it by g."
)
DIFFERENCES, WITNESS = "finite differences in float64", "the witness"


def check_vjp(
    forward: Forward,
    vjp: Vjp,
    *arrays: Any,
    order: int = 1,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> Report:
    """Check a VJP, written in NumPy or anything else that takes arrays, and name its mistake.

    ``vjp(g, *arrays)`` must be ``(Σ_i g_i ∂y_i/∂x_j, …)`` for ``y = forward(*arrays)``.  Both are
    called with float64 copies of the arrays and random cotangents; where the arrays are of another
    floating dtype, once more with that.

    Args:
        forward: ``forward(*arrays) -> y``, an array or a tuple of arrays.  It draws no random
            numbers: a dropout's mask is an argument.
        vjp: ``vjp(g, *arrays) -> (gx, …)``, one gradient for each array.  None stands for one that
            has none: nothing depends on it, or it holds whole numbers, as masks and labels do; for
            another argument it is a gradient that is missing.  `g` is of the shape of `y`, or a
            tuple.  With one array it may return the gradient alone.  Each call follows one of
            `forward` with the same arrays, so that a layer that keeps what it needs can be checked:
            ``check_vjp(layer.forward, lambda g, x: layer.backward(g), x)``.
        *arrays: where to check it.  Integers and booleans have no gradient.
        order: 2: also that the VJP moves with its arguments as the right one does.
        witness: a function of scratchnet or TensorFlow, of the same arguments, whose gradient is
            the right one.  Without it, differences of `forward` are.
        names: what the arguments are called; if not given, as the parameters of `forward`.
        seed: of the cotangents.

    Returns:
        A report: ``.ok``, ``.argument``, ``.index``, ``.cause``, ``.got``, ``.expected``, and a
        text.

    Raises:
        TypeError, ValueError: an argument, or what the code returns, cannot be checked.

    >>> import numpy as np
    >>> x = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
    >>> check_vjp(np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), x, names=["x"]).ok
    True
    >>> check_vjp(np.tanh, lambda g, x: g * (np.tanh(x) ** 2 - 1), x, names=["x"]).cause
    'sign'
    """
    where = "check_vjp"
    _check_callables(where, forward=forward, vjp=vjp, witness=witness)
    _check_order(where, order, 2)
    _check_seed(where, seed)
    labels = checked_names(where, forward, len(arrays), names)
    given = checked_arrays(where, arrays, labels)
    code = UserCode(where, forward, vjp, given, labels)
    return _Check(code, given, witness, np.random.default_rng(seed)).report(order)


def assert_vjp(
    forward: Forward,
    vjp: Vjp,
    *arrays: Any,
    order: int = 1,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> None:
    """As `check_vjp`, for a test: nothing if all is right.

    Raises:
        GradientError: an AssertionError whose text is the report.

    >>> assert_vjp(lambda x: x**2, lambda g, x: g * x, np.array([1.0, 3.0]))
    Traceback (most recent call last):
    scratchnet.testing.report.GradientError: check_vjp: wrong, compared with finite differences ...
    """
    _raise(check_vjp(forward, vjp, *arrays, order=order, witness=witness, names=names, seed=seed))


def check_gradients(
    f: Callable[..., Any],
    *arrays: Any,
    order: int = 2,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> Report:
    """Check what a GradientTape says of `f`, and of its gradients, up to an order.

    It is for functions with gradients of your own in them: ``tf.custom_gradient``, ops registered
    by `scratchnet.extend`.

    Args:
        f: a function of tensors, which returns a tensor or a list or tuple of tensors.
        *arrays: where to check it.
        order: 1: the gradient; 2: also the gradient of the gradient; and so on.
        witness, names, seed: as of `check_vjp`.

    Returns:
        A report; a gradient that is right once and wrong twice has the cause ``second_order``.

    Raises:
        TypeError, ValueError: an argument, or what `f` returns, cannot be checked.

    >>> import scratchnet as tf
    >>> check_gradients(lambda x: tf.sin(x) * x, [0.5, 1.0, -2.0])
    <Report: ok>
    >>> @tf.custom_gradient
    ... def cube(x):
    ...     slope = tf.constant(3 * x.numpy() ** 2)  # a constant: it should be 3 * x * x
    ...     return x * x * x, lambda g: g * slope
    >>> check_gradients(cube, [0.5, 1.0, -2.0])
    <Report: second_order in 'x'>
    """
    where = "check_gradients"
    _check_callables(where, f=f, witness=witness)
    _check_order(where, order, None)
    _check_seed(where, seed)
    labels = checked_names(where, f, len(arrays), names)
    given = checked_arrays(where, _as_arrays(arrays), labels)
    rng = np.random.default_rng(seed)
    tape = _Taped(where, f)
    code = UserCode(where, tape.forward, tape.vjp, given, labels, keeps=False)
    report = _Check(code, given, witness, rng, tape=tape).report(1)
    k = 1
    while report.ok and k < order:
        k += 1
        f, given, labels = _next_order(f, given, labels, rng)
        higher = _higher_order(where, f, given, labels, rng, k)
        if higher is None:  # nothing to differentiate any more
            break
        report = replace(
            report,
            findings=higher.findings,
            notes=report.notes + tuple(f"order {k}: {note}" for note in higher.notes),
        )
    return report


def assert_gradients(
    f: Callable[..., Any],
    *arrays: Any,
    order: int = 2,
    witness: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> None:
    """As `check_gradients`, for a test: nothing if all is right.

    Raises:
        GradientError: an AssertionError whose text is the report.

    >>> import scratchnet as tf
    >>> assert_gradients(tf.tanh, [0.5, 1.0])
    """
    _raise(check_gradients(f, *arrays, order=order, witness=witness, names=names, seed=seed))


def _raise(report: Report) -> None:
    if not report.ok:
        raise GradientError(report)


def _check_callables(where: str, **functions: Any) -> None:
    for name, f in functions.items():
        if not callable(f) and not (name == "witness" and f is None):
            raise TypeError(say(where, name, "must be a function", f))


def _check_seed(where: str, seed: Any) -> None:
    is_whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not is_whole or seed < 0:
        raise ValueError(say(where, "seed", "must be a non-negative integer", seed))


def _check_order(where: str, order: Any, most: int | None) -> None:
    is_whole = isinstance(order, int) and not isinstance(order, bool)
    if not is_whole or order < 1 or (most is not None and order > most):
        rule = "must be a positive integer" if most is None else "must be 1 or 2"
        raise ValueError(say(where, "order", rule, order))


def _as_arrays(arrays: Sequence[Any]) -> list[Any]:
    return [x.numpy() if hasattr(x, "numpy") else x for x in arrays]


# -- one check -------------------------------------------------------------------------------------


@dataclass
class _Check:
    code: UserCode
    given: list[Array]
    witness: Callable[..., Any] | None
    rng: np.random.Generator
    tape: Any = None
    elements: int = ELEMENTS
    notes: list[str] = field(default_factory=list)
    order: int = 1

    def report(self, order: int) -> Report:
        """The report; what NumPy warns of on the way is told by it, not by warnings."""
        with warnings.catch_warnings(), np.errstate(all="ignore"), _one_thread():
            warnings.simplefilter("ignore")
            return self._report(order)

    def _report(self, order: int) -> Report:
        self._prepare()
        if self.size:
            findings, rows = self._judge()
            if not findings:
                findings = self._ties() or self._provoked_ties()
            if not findings:
                findings = self._other_dtype()
            if not findings and order > 1:
                findings = self._second_order()
        else:
            findings, rows = self._of_nothing()
        findings = self._aliasing(_unknown_last(findings))
        rows = [replace(row, **self._coarse_row(row)) for row in rows]
        verdicts = {finding.argument: finding.cause for finding in findings}
        rows = [replace(row, verdict=verdicts.get(row.argument, row.verdict)) for row in rows]
        truth = WITNESS if self.witness is not None else DIFFERENCES
        return Report(self.code.where, truth, tuple(findings), tuple(rows), tuple(self.notes))

    # -- what is checked, in float64 -------------------------------------------------------------

    def _prepare(self) -> None:
        code = self.code
        self.arrays = [_double(x) for x in self.given]
        self.ys = code.outputs(self.arrays)
        code.shapes = [y.shape for y in self.ys]
        self.at = np.concatenate([y.ravel() for y in self.ys]).astype(np.float64)
        self.size = self.at.size
        if not np.isfinite(self.at).all():
            raise ValueError(
                f"{code.where}: `forward` must return finite numbers, received "
                f"{self.at[~np.isfinite(self.at)][0]}: there is no derivative to check there"
            )
        if not np.array_equal(code.value(self.arrays), self.at):
            raise ValueError(
                f"{code.where}: `forward` must return the same for the same arrays, and does not: "
                "make random numbers, such as a dropout's mask, one of its arguments"
            )
        self.dtype = self.ys[0].dtype
        self.gs = [_cotangent(self.rng, self.size) for _ in range(DRAWS)]
        self.ones = np.ones(self.size)
        with np.errstate(all="ignore"):
            draws = [code.gradients(g, self.arrays, self.dtype) for g in (*self.gs, self.ones)]
            again = code.gradients(self.gs[0], self.arrays, self.dtype)
        for i, name in enumerate(code.names):
            a, b = draws[0][i], again[i]
            if a is not None and b is not None and not _equal(a, b):
                code.changed.append(
                    f"the VJP returns another gradient of `{name}` when it is called again with "
                    f"the same arrays: {AGAIN}"
                )
        self.draws = draws
        self._truths: dict[int, Truth] = {}
        self._searched: set[int] = set()
        self._in_its_dtype: dict[str, tuple[float, float | None]] = {}
        self._jacobians: dict[int, Jacobian] = {}
        self._noise: Array | None = None
        self._witness = self._asked_witness()

    def _asked_witness(self) -> Witness | None:
        if self.witness is None:
            return None
        witness = Witness(self.code.where, self.witness)
        try:
            ys = witness.outputs(self.arrays)
            self.relative, self.for_witness = CLOSE, self.arrays
        except Exception:
            if all(x.dtype == y.dtype for x, y in zip(self.arrays, self.given, strict=True)):
                raise
            ys = witness.outputs(self.given)  # it takes float32 only
            self.relative, self.for_witness = _relative(np.float32, self._length), self.given
        shapes = [y.shape for y in self.ys]
        if [y.shape for y in ys] != shapes:
            raise ValueError(
                f"{self.code.where}: `witness` must be the same function as `forward`, received "
                f"one that returns shapes {[y.shape for y in ys]} where `forward` returns {shapes}"
            )
        flat = np.concatenate([y.ravel() for y in ys]) if ys else np.zeros(0)
        size = float(abs(flat).max(initial=0.0))
        gap = abs(flat - self.at)
        if gap.size and gap.max() > 100 * self.relative * max(size, 1e-300):
            i = int(gap.argmax())
            raise ValueError(
                f"{self.code.where}: `witness` must be the same function as `forward`, received "
                f"one that returns {flat[i]:.6g} where `forward` returns {self.at[i]:.6g}"
            )
        return witness

    @property
    def _length(self) -> int:
        return max([self.size, *(x.size for x in self.arrays)])

    # -- the truth ---------------------------------------------------------------------------------

    @property
    def noise(self) -> Array:
        if self._noise is None:
            self._noise = self._noise_at(self.arrays)
        return self._noise

    def _noise_at(self, arrays: Sequence[Array]) -> Array:
        rng = np.random.default_rng(0)
        moves = [
            rng.choice([-1.0, 1.0], size=x.shape) * scale_of(x) if x.dtype.kind == "f" else None
            for x in arrays
        ]

        def along(t: float) -> Array:
            return self.code.value(
                [x if v is None else x + t * v for x, v in zip(arrays, moves, strict=True)]
            )

        return np.maximum(noise_of(along, 1.0), EPS * abs(self.at) if arrays is self.arrays else 0)

    def _jacobian(self, i: int) -> Jacobian:
        if i not in self._jacobians:
            x = self.arrays[i]
            most = max(16, min(self.elements, NUMBERS // max(1, self.size)))
            elements = np.arange(x.size)
            if x.size > most:
                some = min(most, SAMPLE)
                elements = np.sort(np.random.default_rng(0).choice(x.size, some, replace=False))
            self._jacobians[i] = jacobian(
                self.code.value, self.arrays, i, elements, self.at, self.noise
            )
        return self._jacobians[i]

    def _truth(self, i: int) -> Truth:
        if i not in self._truths:
            if self._witness is not None:
                self._truths[i] = ByWitness(self._witness, self.for_witness, i, self.relative)
            else:
                noise = float(np.median(self.noise / (abs(self.at) + 1e-300)))
                relative = max(CLOSE, 1e3 * min(noise, 1e-7))
                self._truths[i] = ByDifferences(self._jacobian(i), relative)
        return self._truths[i]

    # -- judging -----------------------------------------------------------------------------------

    def _judge(self) -> tuple[list[Finding], list[Row]]:
        findings, rows = [], []
        nothing = all(gx is None for draw in self.draws for gx in draw)
        for i, (name, x) in enumerate(zip(self.code.names, self.given, strict=True)):
            got = [draw[i] for draw in self.draws]
            if got[0] is None and x.dtype.kind == "f" and self.tape is not None:
                if self.tape.declared_none(self.arrays, i):
                    self.notes.append(f"`{name}`: declared to have no gradient, not checked")
                else:
                    got = [np.zeros(x.shape) for _ in got]
            if got[0] is None or any(gx is None for gx in got):
                if x.dtype.kind == "f" and self.tape is None:
                    # A mask, labels: of whole numbers there is no gradient that anybody asks for.
                    if nothing or not _is_whole(x):
                        finding, row = self._returned_none(i, nothing)
                        rows.append(row)
                        findings += [finding] if finding is not None else []
                        continue
                    also = "; the result depends on it" if self._depends_on(i) else ""
                    self.notes.append(f"`{name}`: the VJP returns None, not checked{also}")
                rows.append(Row(name, x.shape, str(x.dtype), 0, 0, 0.0, None, "not checked"))
                continue
            finding, row = self._argument(i, [np.asarray(gx, np.float64) for gx in got])
            rows.append(row)
            if finding is not None:
                findings.append(finding)
        return findings, rows

    def _depends_on(self, i: int) -> bool:
        moved = list(self.arrays)
        moved[i] = moved[i] + 0.01 * scale_of(moved[i]) * _cotangent(
            np.random.default_rng(0), moved[i].size
        ).reshape(moved[i].shape)
        try:
            return not np.array_equal(self.code.value(moved), self.at, equal_nan=True)
        except Exception:  # it was not made for this data
            return False

    def _returned_none(self, i: int, for_all: bool) -> tuple[Finding | None, Row]:
        """Of a VJP that returns None: right where the result does not depend on the argument."""
        x = self.given[i]
        finding, row = self._argument(i, [np.zeros(x.shape) for _ in self.draws])
        if finding is None:
            return None, row
        name = finding.argument
        text = (
            f"The VJP returns None for `{name}`, as for every argument, but the result depends on "
            "it. Does it end without `return`?"
            if for_all
            else f"The VJP returns None for `{name}`, but the result depends on it. If `{name}` is "
            "data, which needs no gradient, let both functions know it without being handed it: "
            f"lambda x: forward(x, {name})."
        )
        return replace(finding, cause="missing", sentence=text), replace(row, verdict="missing")

    def _argument(self, i: int, got: list[Array]) -> tuple[Finding | None, Row]:
        name, x = self.code.names[i], self.given[i]
        truth = self._truth(i)
        right = [truth.gradient(g) for g in (*self.gs, self.ones)]
        kinks = self._jacobians[i].kinked.any(axis=1).sum() if i in self._jacobians else 0
        if got[0].shape != x.shape:
            verdict = diagnosed(self._suspect(i, got, right))
            row = Row(name, x.shape, str(x.dtype), x.size, int(kinks), np.inf, None, verdict.cause)
            finding = Finding(
                name,
                verdict.cause,
                verdict.sentence,
                wrong=x.size,
                checked=x.size,
                largest_error=np.inf,
                order=self.order,
            )
            return finding, row
        relative = self._relative_of_code(i)
        judged = [
            _Judged.of(a, t, truth.bound(g) + self._rounding(truth, g, relative))
            for a, t, g in zip(got, right, (*self.gs, self.ones), strict=True)
        ]
        if not any(part.wrong.any() for part in judged) and self._elsewhere(i, got):
            return self._argument(i, got)  # with the elements around the one that was found
        worst = max(judged[:DRAWS], key=lambda part: part.times)
        if not worst.wrong.any():  # wrong for ones only
            worst = judged[DRAWS]
        if not any(part.wrong.any() for part in judged):
            self._note_what_was_left_out(i, int(kinks), judged[0].lost)
            # Of differences the last places mean nothing.
            ulps = _ulps(worst, self._dtype_of(i, x)) if self._witness is not None else None
            error = worst.largest
            return None, Row(
                name, x.shape, str(x.dtype), judged[0].checked, int(kinks), error, ulps, "right"
            )
        dtype = self._dtype_of(i, x)
        if dtype.kind != "f":
            text = BOOLEANS if dtype.kind == "b" else INTEGERS.format(dtype=dtype)
            verdict = Verdict("dtype", text)
        elif self._is_coarse(i, judged):
            verdict = COARSE
            if self.given[i].dtype != np.float64:  # it is checked in its own dtype
                row = Row(
                    name,
                    x.shape,
                    str(x.dtype),
                    worst.checked,
                    int(kinks),
                    worst.largest,
                    None,
                    "right",
                )
                return None, row
        else:
            verdict = self._diagnosed(i, got, right)
        at = worst.index
        expected = float(worst.right[at])
        if self._witness is None and abs(expected) <= worst.bound[at]:
            expected = 0.0  # of differences: no digit of it is known
        finding = Finding(
            argument=name,
            cause=verdict.cause,
            sentence=verdict.sentence,
            index=at,
            got=float(worst.got[at]),
            expected=expected,
            wrong=int(worst.wrong.sum()),
            checked=worst.checked,
            largest_error=worst.largest,
            ulps=_ulps(worst, self._dtype_of(i, x)),
            times=worst.times,
            order=self.order,
        )
        row = Row(
            name,
            x.shape,
            str(x.dtype),
            worst.checked,
            int(kinks),
            worst.largest,
            finding.ulps,
            verdict.cause,
        )
        return finding, row

    def _note_what_was_left_out(self, i: int, kinks: int, unknown: int) -> None:
        name, x = self.code.names[i], self.given[i]
        if self._witness is not None:
            return
        if kinks:
            is_coarse = float(np.median(self.noise / (abs(self.at) + 1e-300))) > NOISY
            coarse = "or look so because `forward` computes in float32, " if is_coarse else ""
            self.notes.append(
                f"`{name}`: {counted(kinks)} at a kink, where the slopes on both sides differ, "
                f"{coarse}and {was(kinks)} left out"
            )
        still = x.size - self._jacobian(i).elements.size
        if still:
            self.notes.append(
                f"`{name}`: {still} elements were not moved one by one, only all together along a "
                "random direction"
            )
        lost = unknown - kinks - still
        if lost > 0:
            self.notes.append(
                f"`{name}`: {counted(lost, was(lost))} left out, since `forward` jumps or is not "
                f"finite beside {'it' if lost == 1 else 'them'}"
            )

    def _is_coarse(self, i: int, judged: list[_Judged]) -> bool:
        """Whether an error is the rounding of float32, in which the VJP computes on the way."""
        for part in judged:
            size = float(np.nanmax(abs(part.right), initial=0.0))
            if part.largest > _relative(np.float32, self._length) * size:
                return False
        return self._rounds_coarsely(i)

    def _rounds_coarsely(self, i: int) -> bool:
        """Whether the VJP rounds as float32 does, and the forward pass does not."""
        rng = np.random.default_rng(0)
        moves = [
            rng.choice([-1.0, 1.0], size=x.shape) * scale_of(x) if x.dtype.kind == "f" else None
            for x in self.arrays
        ]

        def along(t: float) -> Array:
            moved = [x if v is None else x + t * v for x, v in zip(self.arrays, moves, strict=True)]
            gx = self.code.gradients(self.gs[0], moved, self.dtype)[i]
            return np.asarray(gx, np.float64).ravel()

        def ratio(noise: Array, size: Array, unit: float) -> float:
            # Of the largest: `noise_of` goes by the size of all, which tells nothing of the small.
            some = (size > 0) & (size >= 0.1 * size.max(initial=0.0))
            found = noise[some] / np.maximum(size[some], unit)
            return float(np.median(found)) if some.any() else 0.0

        # In a saturated 1 - tanh(x)² float64 keeps few digits, too: of the size by its units.
        unit = float(abs(self.at).max(initial=0.0) * abs(self.gs[0]).max(initial=0.0))
        found = ratio(noise_of(along, 1.0), abs(along(0.0)), 1e-3 * unit / scale_of(self.arrays[i]))
        return found > NOISY >= ratio(self.noise, abs(self.at), 0.0)

    def _elsewhere(self, i: int, got: list[Array]) -> bool:
        """Whether there is an error among the elements that were not moved; if so, they are now.

        All of them are moved at once, along a random direction; where the derivative is wrong, the
        half that it is wrong for is looked for, and so on.
        """
        x = self.arrays[i]
        if self._witness is not None or self._jacobian(i).elements.size >= x.size:
            return False
        if i in self._searched:
            return False
        self._searched.add(i)
        rest = np.setdiff1d(np.arange(x.size), self._jacobian(i).elements)
        v = _cotangent(self.rng, x.size)
        if not self._wrong_along(i, got[0], v, rest):
            return False
        while rest.size > 1:
            half = rest[: rest.size // 2]
            rest = half if self._wrong_along(i, got[0], v, half) else rest[half.size :]
        around = np.arange(max(0, rest[0] - 100), min(x.size, rest[0] + 100))
        elements = np.union1d(self._jacobian(i).elements, around)
        self._jacobians[i] = jacobian(
            self.code.value, self.arrays, i, elements, self.at, self.noise
        )
        del self._truths[i]
        return True

    def _wrong_along(self, i: int, got: Array, v: Array, elements: Array) -> bool:
        x, g = self.arrays[i], self.gs[0]
        direction = np.zeros(x.size)
        direction[elements] = v[elements]
        directions: list[Array | None] = [None] * len(self.arrays)
        directions[i] = direction.reshape(x.shape)
        moved = directional(
            self.code.value, self.arrays, directions, self.at, self.noise, scale_of(x)
        )
        found, expected = float(got.reshape(-1) @ direction), float(moved.value @ g)
        size = float(abs(got.reshape(-1)) @ abs(direction)) + float(abs(moved.value) @ abs(g))
        bound = 2 * float(moved.uncertainty @ abs(g)) + 1e-6 * size
        bound += self._relative_of_code(i) * size
        return not abs(found - expected) <= bound

    def _dtype_of(self, i: int, x: Array) -> Any:
        return self.draws[0][i].dtype if self.draws[0][i] is not None else x.dtype

    def _relative_of_code(self, i: int) -> float:
        """The relative precision of the code itself, where it is not float64's throughout."""
        gx = self.draws[0][i]
        coarse = [y.dtype for y in self.ys] + ([gx.dtype] if gx is not None else [])
        kinds = [dtype for dtype in coarse if dtype.kind == "f" and dtype.itemsize < 8]
        return max((_relative(dtype, self._length) for dtype in kinds), default=0.0)

    def _rounding(self, truth: Truth, g: Array, relative: float) -> Array:
        if not relative:
            return np.zeros(())
        size = abs(np.nan_to_num(truth.gradient(g)))
        return np.asarray(relative * (size + float(size.max(initial=0.0))))

    def _suspect(self, i: int, got: list[Array], right: list[Array]) -> Suspect:
        truth = self._truth(i)
        truths = [np.where(truth.sure, t, np.nan) for t in right]
        return Suspect(
            code=self.code,
            argument=i,
            arrays=self.arrays,
            ys=[y.astype(np.float64) for y in self.ys],
            gs=self.gs,
            got=got[:DRAWS],
            truth=truths[:DRAWS],
            ones=(got[DRAWS], truths[DRAWS]),
            right=truth,
            kinks=lambda: self._jacobian(i),
        )

    def _diagnosed(self, i: int, got: list[Array], right: list[Array]) -> Verdict:
        verdict = diagnosed(self._suspect(i, got, right))
        if verdict.cause == "unknown":  # of sums and means it takes all elements to see
            everywhere = self._all_elements(i)
            if everywhere is not None:
                suspect = self._suspect(i, got, right)
                suspect.truth, suspect.ones = everywhere[:DRAWS], (got[DRAWS], everywhere[DRAWS])
                return diagnosed(suspect)
        return verdict

    def _all_elements(self, i: int) -> list[Array] | None:
        """The right gradients at all elements, if only some were moved and they are not many."""
        x = self.arrays[i]
        whole = self._witness is not None or self._jacobian(i).elements.size == x.size
        if whole or x.size > ELEMENTS_OF_WRONG:
            return None
        gs = np.stack([*self.gs, self.ones])

        def sums(arrays: Sequence[Array]) -> Array:
            return np.asarray(gs @ self.code.value(arrays))

        noise = abs(gs) @ self.noise
        found = jacobian(sums, self.arrays, i, np.arange(x.size), gs @ self.at, noise)
        truth = ByDifferences(found)
        return [truth.gradient(one) for one in np.eye(len(gs))]

    # -- ties --------------------------------------------------------------------------------------

    def _ties(self) -> list[Finding]:
        """Moved together, tied elements make no kink: so far the VJP is determined there."""
        if self._witness is not None or self.order > 1:
            return []
        asked = [i for i, gx in enumerate(self.draws[0]) if gx is not None]
        found = {i: self._jacobian(i) for i in asked}
        return self._ties_among(self.arrays, self.at, self.noise, found)

    def _ties_among(
        self, arrays: Sequence[Array], at: Array, noise: Array, found: dict[int, Jacobian]
    ) -> list[Finding]:
        for group in _tied_groups(found):
            finding = self._group(arrays, at, noise, found, group)
            if finding is not None:
                return [finding]
        return []

    def _group(
        self,
        arrays: Sequence[Array],
        at: Array,
        noise: Array,
        found: dict[int, Jacobian],
        group: list[tuple[int, int]],
    ) -> Finding | None:
        directions: list[Array | None] = [None] * len(arrays)
        for i, j in group:
            if directions[i] is None:
                directions[i] = np.zeros(arrays[i].shape)
            directions[i].reshape(-1)[j] = 1.0  # type: ignore[union-attr]
        scale = min(scale_of(arrays[i]) for i, _ in group)
        moved = directional(self.code.value, arrays, directions, at, noise, scale)
        if not _is_smooth(moved):
            return None
        for g in self.gs:
            try:
                with np.errstate(all="ignore"):
                    draws = self.code.gradients(g, arrays, self.dtype)
            except Exception:  # of data that it was not given
                return None
            if any(draws[i] is None or draws[i].shape != arrays[i].shape for i, _ in group):
                return None
            got = sum(float(draws[i].reshape(-1)[j]) for i, j in group)
            expected = float(moved.value @ g)
            size = float(abs(moved.value) @ abs(g)) + sum(
                float(abs(found[i].value[_row(found[i], j)]) @ abs(g)) for i, j in group
            )
            relative = max([1e-6, *(self._relative_of_code(i) for i, _ in group)])
            bound = 2 * float(moved.error @ abs(g)) + relative * size
            if not np.isfinite(got) or abs(got - expected) <= bound:
                continue
            i, j = group[0]
            index = _unraveled(j, arrays[i].shape)
            rewarded = all(
                abs(draws[a].reshape(-1)[b] - _steepest(found[a], b) @ g) <= 1e-4 * size + bound
                for a, b in group
            )
            of = "" if arrays is self.arrays else " (in the data rounded, so that there are ties)"
            sentence = (
                TIES["all rewarded"]
                if rewarded
                else "Where several elements share the largest value, what flows back to them all "
                "together is not what came in."
            )
            return Finding(
                argument=self.code.names[i],
                cause="ties",
                sentence=f"{sentence} The values here are the sums over {len(group)} elements "
                f"that are tied{of}, the first of which is at {list(index)}.",
                index=index,
                got=got,
                expected=expected,
                wrong=len(group),
                checked=len(group),
                largest_error=abs(got - expected),
                times=abs(got - expected) / bound if bound else np.inf,
                order=self.order,
            )
        return None

    def _provoked_ties(self) -> list[Finding]:
        """The same for rounded data, where ties abound, of the arguments that make kinks at all."""
        if self._witness is not None or self.order > 1:
            return []
        rounded = [_rounded(x) if x.dtype.kind == "f" else x for x in self.arrays]
        try:
            at = self.code.value(rounded)
            if at.shape != self.at.shape or not np.isfinite(at).all():
                return []
            noise = self._noise_at(rounded)

            def moved(i: int, elements: Array) -> Jacobian:
                return jacobian(self.code.value, rounded, i, elements, at, noise)

            most = min(ELEMENTS_OF_TIES, max(16, NUMBERS // max(1, self.size)))
            found = {}
            for i, gx in enumerate(self.draws[0]):
                n = rounded[i].size
                if gx is None or not n:
                    continue
                some = np.sort(np.random.default_rng(0).choice(n, min(n, 24), replace=False))
                if moved(i, some).kinked.any():
                    # Neighbours, as those in a window are; a group that is not whole has a kink.
                    found[i] = moved(i, np.arange(min(n, most)))
            return self._ties_among(rounded, at, noise, found)
        except Exception:  # of data that it was not given
            return []

    # -- the dtype that was given ------------------------------------------------------------------

    def _other_dtype(self) -> list[Finding]:
        """What the code returns for the arrays as they are given, and in which dtype."""
        if self.tape is not None:
            return []
        findings = []
        exact = all(_double(x).dtype == x.dtype for x in self.given)
        dtype = np.result_type(*[x.dtype for x in self.given if x.dtype.kind == "f"])
        with np.errstate(all="ignore"):
            found = self.draws[0] if exact else self.code.gradients(self.gs[0], self.given, dtype)
        self._result_dtype = self.code.outputs(self.given)[0].dtype
        for i, (gx, x) in enumerate(zip(found, self.given, strict=True)):
            if gx is None or self.draws[0][i] is None:
                continue
            name = self.code.names[i]
            finer = gx.dtype == self._result_dtype and gx.dtype.itemsize > x.dtype.itemsize
            if gx.dtype != x.dtype and not finer:
                findings.append(
                    Finding(
                        name,
                        "dtype",
                        f"The gradient of `{name}` has the right values in the dtype {gx.dtype}, "
                        f"and `{name}` is {x.dtype}. A gradient has the dtype of its argument: "
                        "NumPy makes float64 of np.zeros(shape), of Python's lists, and of sums "
                        "with np.float64; write np.zeros_like(x), or .astype(x.dtype).",
                        wrong=x.size,
                        checked=x.size,
                        order=self.order,
                    )
                )
            elif exact and self._rounds_coarsely(i):
                findings.append(
                    Finding(
                        name,
                        COARSE.cause,
                        COARSE.sentence,
                        wrong=x.size,
                        checked=x.size,
                        order=self.order,
                    )
                )
            elif not exact:
                finding = self._coarse(i, np.asarray(gx, np.float64))
                findings += [finding] if finding is not None else []
        return findings

    def _coarse(self, i: int, gx: Array) -> Finding | None:
        """The gradient in float32 against that in float64, which is right."""
        x, name = self.given[i], self.code.names[i]
        precise = np.asarray(self.draws[0][i], np.float64)
        if gx.shape != precise.shape:
            return None
        eps = float(np.finfo(x.dtype).eps)
        moved = np.zeros(precise.shape)
        for seed in range(3):
            rng = np.random.default_rng(seed)
            near = [
                a * (1 + eps * rng.uniform(-1, 1, a.shape)) if a.dtype.kind == "f" else a
                for a in self.arrays
            ]
            g = self.gs[0] * (1 + eps * rng.uniform(-1, 1, self.size))
            try:
                with np.errstate(all="ignore"):
                    other = self.code.gradients(g, near, self.dtype)[i]
            except Exception:  # beside the data it was given
                continue
            if other is not None and other.shape == precise.shape:
                moved = np.fmax(moved, abs(other - precise))
        size = abs(precise)
        if self._witness is None:
            size = np.nan_to_num(self._jacobian(i).size(self.gs[0])) + size
        # Terms cancel, as in g - sum(g * y): of the size that a gradient has here by its units.
        unit = float(abs(self.at).max(initial=0.0) * abs(self.gs[0]).max(initial=0.0))
        scale = float(size.max(initial=0.0)) + unit / scale_of(x)
        bound = _relative(x.dtype, self._length) * (size + scale) + 8 * moved
        bound = bound + 8 * float(moved.max(initial=0.0)) + self._forward_error(scale)
        judged = _Judged.of(gx, np.where(np.isfinite(precise), precise, np.nan), bound)
        self._in_its_dtype[name] = (judged.largest, _ulps(judged, x.dtype))
        if not judged.wrong.any():
            return None
        at = judged.index
        return Finding(
            argument=name,
            cause="unknown",
            sentence=f"The gradient is right in float64, and in {x.dtype} further off than "
            "rounding explains: digits cancel, or a number overflows. Look for an exponential "
            "without its largest argument subtracted, a variance as the mean of squares minus a "
            "square, a small number added that vanishes.",
            index=at,
            got=float(gx[at]),
            expected=float(precise[at]),
            wrong=int(judged.wrong.sum()),
            checked=judged.checked,
            largest_error=judged.largest,
            ulps=_ulps(judged, x.dtype),
            times=judged.times,
            order=self.order,
        )

    def _coarse_row(self, row: Row) -> dict[str, Any]:
        """Of float32 the error in float32, against the same code in float64."""
        if row.argument not in self._in_its_dtype:
            return {}
        error, ulps = self._in_its_dtype[row.argument]
        return {"largest_error": error, "ulps": ulps}

    def _forward_error(self, scale: float) -> float:
        """What the forward pass itself loses in this dtype: its formula is the user's choice."""
        with np.errstate(all="ignore"):
            coarse = self.code.value(self.given)
        size = float(np.sqrt(np.mean(self.at**2))) or 1.0
        gap = float(np.sqrt(np.mean((coarse - self.at) ** 2)))
        return 8 * scale * gap / size if np.isfinite(gap) else 0.0

    # -- the second order --------------------------------------------------------------------------

    def _second_order(self) -> list[Finding]:
        """``d/dt <w, vjp(g, x + t v)>`` against ``∂²/∂s∂t <g, f(x + s w + t v)>``."""
        asked = [i for i, gx in enumerate(self.draws[0]) if gx is not None]
        for a in asked:
            for b in asked:  # labels, say, without a gradient of their own, stay what they are
                finding = self._mixed(a, b, self.gs[0])
                if finding is not None:
                    return [finding]
        return []

    def _smooth_direction(self, i: int) -> Array:
        """A random direction that moves no element that is at a kink."""
        sure = ByDifferences(self._jacobian(i)).sure
        return _cotangent(self.rng, sure.size).reshape(sure.shape) * sure

    def _mixed(self, a: int, b: int, g: Array) -> Finding | None:
        arrays, code = self.arrays, self.code
        w, v = (self._smooth_direction(i) for i in (a, b))
        sa, sb = scale_of(arrays[a]), scale_of(arrays[b])

        def moved(s: float, t: float) -> list[Array]:
            changed = list(arrays)
            changed[b] = changed[b] + t * sb * v
            changed[a] = changed[a] + s * sa * w
            return changed

        def by_code(t: float) -> Array:
            gx = code.gradients(g, moved(0, t), self.dtype)[a]
            return np.array([sa * float(np.sum(np.asarray(gx, np.float64) * w))])

        def by_differences(t: float) -> Array:
            def inner(s: float) -> Array:
                return np.array([float(code.value(moved(s, t)) @ g)])

            around = inner(0.0)
            return _slope_of(inner, around, np.full(1, float(self.noise @ abs(g)))).value

        with np.errstate(all="ignore"):
            start = by_code(0.0)
            size = float(abs(self.at) @ abs(g)) + abs(float(start[0]))
            noise = np.full(1, EPS * size)
            found = _slope_of(by_code, start, noise)
            truth = _slope_of(
                by_differences, by_differences(0.0), np.full(1, 1e4 * float(self.noise @ abs(g)))
            )
        size = max(abs(float(found.value[0])), abs(float(truth.value[0])))
        if float(found.uncertainty[0] + truth.uncertainty[0]) > 1e-3 * size:
            return None
        gap = abs(float(found.value[0] - truth.value[0]))
        bound = 4 * float(found.error[0] + truth.error[0]) + 1e-5 * abs(float(truth.value[0]))
        if gap <= bound + 1e-7 * abs(float(start[0])):
            return None
        return Finding(
            argument=code.names[a],
            cause="second_order",
            sentence=f"The gradient of `{code.names[a]}` is right where it was asked, and does "
            f"not change as it should when `{code.names[b]}` does: it uses a value that was kept "
            "from before as if it were a constant. Compute it from the arguments of the VJP.",
            index=(),
            got=float(found.value[0]),
            expected=float(truth.value[0]),
            wrong=1,
            checked=1,
            largest_error=gap,
            times=gap / bound if bound else np.inf,
            order=2,
        )

    # -- no elements, and side effects -------------------------------------------------------------

    def _of_nothing(self) -> tuple[list[Finding], list[Row]]:
        """An empty result: all gradients are zero."""
        findings, rows = [], []
        for i, (name, x) in enumerate(zip(self.code.names, self.given, strict=True)):
            gx = self.draws[0][i]
            verdict = "not checked" if gx is None else "right"
            rows.append(Row(name, x.shape, str(x.dtype), x.size, 0, 0.0, None, verdict))
            if gx is None or (gx.shape == x.shape and not np.any(gx)):
                continue
            shape = f"has shape {gx.shape}, `{name}` has {x.shape}"
            cause = "broadcast" if gx.shape != x.shape else "unknown"
            text = shape if gx.shape != x.shape else "is not zero"
            findings.append(
                Finding(
                    name,
                    cause,
                    f"The result is empty, so that nothing flows back, and the gradient {text}.",
                    wrong=x.size,
                    checked=x.size,
                    order=self.order,
                )
            )
        return findings, rows

    def _aliasing(self, findings: list[Finding]) -> list[Finding]:
        if not self.code.changed:
            return findings
        also = " What else is wrong may come from that." if findings else ""
        text = "; ".join(self.code.changed)
        in_place = not all(part.endswith(AGAIN) for part in self.code.changed)
        copy = (
            " The caller, and the gradients computed after, need what was there before: write to a "
            "copy."
            if in_place
            else ""
        )
        sentence = f"{text[0].upper()}{text[1:]}.{copy}{also}"
        return [Finding(self._changed_name(), "aliasing", sentence), *findings]

    def _changed_name(self) -> str:
        for name in self.code.names:
            if any(f"`{name}`" in text for text in self.code.changed):
                return name
        return "g"


def _unknown_last(findings: list[Finding]) -> list[Finding]:
    """Those with a cause first: the others are likely to come of the same mistake."""
    known = [finding for finding in findings if finding.cause != "unknown"]
    if not known:
        return findings
    also = f" It may come of what is wrong with `{known[0].argument}`: mend that first."
    unknown = [f for f in findings if f.cause == "unknown"]
    return [*known, *(replace(f, sentence=f"{f.sentence}{also}") for f in unknown)]


@dataclass(frozen=True)
class _Judged:
    """One gradient against the right one, element by element."""

    got: Array
    right: Array
    bound: Array
    wrong: Array

    @classmethod
    def of(cls, got: Array, right: Array, bound: Array) -> _Judged:
        bound = np.broadcast_to(bound, right.shape)
        with np.errstate(invalid="ignore"):
            wrong = ~np.isnan(right) & ~(abs(got - right) <= bound)
        return cls(got, right, bound, wrong)

    @property
    def excess(self) -> Array:
        with np.errstate(all="ignore"):
            gap = abs(self.got - self.right)
            times = np.where(gap == 0, 0.0, gap / np.maximum(self.bound, 1e-300))
        times = np.where(np.isnan(self.right), 0.0, times)
        return np.where(np.isnan(times), np.inf, times)

    @property
    def times(self) -> float:
        return float(self.excess.max(initial=0.0))

    @property
    def index(self) -> tuple[int, ...]:
        """Where the error is largest."""
        gap = np.where(self.wrong, abs(self.got - self.right), -1.0)
        flat = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
        return _unraveled(flat, self.right.shape)

    @property
    def largest(self) -> float:
        gap = abs(self.got - self.right)[~np.isnan(self.right)]
        return float(np.where(np.isnan(gap), np.inf, gap).max(initial=0.0))

    @property
    def checked(self) -> int:
        return int((~np.isnan(self.right)).sum())

    @property
    def lost(self) -> int:
        return int(np.isnan(self.right).sum())


def _unraveled(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()


def _ulps(judged: _Judged, dtype: Any) -> float | None:
    if not judged.right.size or not judged.checked:
        return None
    gap = np.where(np.isnan(judged.right), -1.0, abs(judged.got - judged.right))
    flat = int(np.argmax(np.where(np.isnan(gap), -1.0, gap)))
    at = _unraveled(flat, judged.right.shape)
    kind = dtype if np.dtype(dtype).kind == "f" else np.float64
    value = float(ulps_between(judged.got[at], judged.right[at], kind))
    return value if np.isfinite(value) else None


def _relative(dtype: Any, length: int) -> float:
    """What sums of so many terms in `dtype` may be off by, relative to their terms."""
    return float(np.finfo(dtype).eps) * (64 + length)


def _slope_of(f: Callable[[float], Array], at: Array, noise: Array) -> Slope:
    return slope(f, at, 1.0, noise)


def _is_whole(x: Array) -> bool:
    return bool((x == np.round(x)).all())


def _double(x: Array) -> Array:
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def _equal(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    a, b = a.astype(np.float64), b.astype(np.float64)  # booleans cannot be subtracted
    size = float(np.nanmax(abs(a), initial=0.0)) if a.size else 0.0
    with np.errstate(invalid="ignore"):
        same = (abs(a - b) <= 1e-6 * size) | (np.isnan(a) & np.isnan(b)) | (a == b)
    return bool(np.all(same))


def _cotangent(rng: np.random.Generator, size: int) -> Array:
    """Of both signs, none near 0: no element may hide."""
    return np.asarray(rng.uniform(0.3, 1.0, size=size) * rng.choice([-1.0, 1.0], size=size))


def _rounded(x: Array) -> Array:
    """To a power of two near the size of the data, so that many elements are equal."""
    unit = 2.0 ** round(np.log2(scale_of(x)))
    return np.asarray(np.round(x / unit) * unit)


def _is_smooth(found: Slope) -> bool:
    size = float(abs(found.value).max(initial=0.0)) + float(abs(found.jump).max(initial=0.0))
    return bool((found.uncertainty <= 1e-4 * size).all())


def _row(found: Jacobian, j: int) -> int:
    return int(np.searchsorted(found.elements, j))


def _steepest(found: Jacobian, j: int) -> Array:
    """The slopes of element j on the side where they are larger."""
    row = _row(found, j)
    up = found.value[row] + found.jump[row] / 2
    down = found.value[row] - found.jump[row] / 2
    steepest: Array = np.where(abs(up) > abs(down), up, down)
    return steepest


def _tied_groups(found: dict[int, Jacobian]) -> list[list[tuple[int, int]]]:
    """Elements with a kink in a result that they share, (argument, flat index), joined."""
    parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while parent[node] != node:
            node = parent[node]
        return node

    first: dict[int, tuple[int, int]] = {}
    for i, part in found.items():
        for row, output in zip(*np.nonzero(part.kinked), strict=True):
            node = (i, int(part.elements[row]))
            parent.setdefault(node, node)
            other = first.setdefault(int(output), node)
            parent[root(node)] = root(other)
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for node in parent:
        groups.setdefault(root(node), []).append(node)
    return [sorted(group) for group in groups.values() if len(group) > 1]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Kernels on one thread: thousands of small calls would mostly wait for other threads."""
    THREADS.start()
    if THREADS.state is not USABLE:  # after a fork
        yield
        return
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


# -- functions of tensors --------------------------------------------------------------------------


@dataclass
class _Taped:
    """A function of tensors as a forward pass and a VJP of arrays, by a tape."""

    where: str
    f: Callable[..., Any]

    def forward(self, *arrays: Array) -> Any:
        ys = self._results(self.f(*map(constant, arrays)))
        return tuple(y.numpy() for y in ys)

    def vjp(self, g: Any, *arrays: Array) -> Any:
        return tuple(None if gx is None else gx.numpy() for gx in self._gradients(g, arrays)[0])

    def _gradients(self, g: Any, arrays: Sequence[Array]) -> tuple[list[Any], Any, list[Any]]:
        xs = [constant(x) for x in arrays]
        floats = [x for x in xs if x.dtype.is_floating]
        with GradientTape() as tape:
            tape.watch(floats)
            ys = self._results(self.f(*xs))
        gs = [constant(part) for part in (g if isinstance(g, tuple) else (g,))]
        found = iter(tape.gradient(ys, floats, output_gradients=gs))
        return [next(found) if x.dtype.is_floating else None for x in xs], tape, xs

    def declared_none(self, arrays: Sequence[Array], i: int) -> bool:
        """Whether a row on the way says why it has no gradient."""
        ys = self.forward(*arrays)
        gs = tuple(np.ones_like(y) for y in ys)
        _, tape, xs = self._gradients(gs if len(gs) > 1 else gs[0], arrays)
        return "has no gradient:" in str(tape.explain_none(xs[i]))

    def _results(self, result: Any) -> list[Tensor]:
        ys = list(result) if isinstance(result, list | tuple) else [result]
        for y in ys:
            if not isinstance(y, Tensor):
                raise TypeError(
                    f"{self.where}: `f` must return a tensor, or a list or tuple of tensors, "
                    f"received {with_article(type(y).__name__)}"
                )
        smooth = [y for y in ys if y.dtype.is_floating]
        if not smooth:
            dtypes = ", ".join(y.dtype.name for y in ys)
            raise TypeError(
                f"{self.where}: `f` must return a floating tensor, since only those have "
                f"gradients, received {dtypes or 'none'}"
            )
        return smooth


def _next_order(
    f: Callable[..., Any], arrays: list[Array], names: list[str], rng: np.random.Generator
) -> tuple[Callable[..., Any], list[Array], list[str]]:
    """The gradients of `f` as a function of its arguments, in float64, and its cotangents."""
    count, doubles = len(arrays), [_double(x) for x in arrays]

    def gradient(*args: Any) -> list[Any]:
        xs = list(args[:count])
        floats = [x for x in xs if x.dtype.is_floating]
        with GradientTape() as tape:
            tape.watch(floats)
            ys = _smooth(f(*xs))
        found = tape.gradient(ys, floats, output_gradients=list(args[count:]))
        return [gx for gx in found if gx is not None]

    ys = [y.numpy() for y in _smooth(f(*map(constant, doubles)))]
    gs = [_cotangent(rng, y.size).reshape(y.shape).astype(y.dtype) for y in ys]
    letter = "g" * (1 + max((len(n) for n in names if set(n) == {"g"}), default=0))
    labels = [letter] if len(gs) == 1 else [f"{letter}[{i}]" for i in range(len(gs))]
    return gradient, [*doubles, *gs], [*names, *labels]


def _smooth(result: Any) -> list[Any]:
    ys = list(result) if isinstance(result, list | tuple) else [result]
    return [y for y in ys if y.dtype.is_floating]


def _higher_order(
    where: str,
    f: Callable[..., Any],
    given: list[Array],
    names: list[str],
    rng: np.random.Generator,
    order: int,
) -> Report | None:
    """The check of a gradient's gradient; None where `f` returns none at all."""
    if not f(*map(constant, given)):
        return None
    tape = _Taped(where, f)
    code = UserCode(where, tape.forward, tape.vjp, given, names, keeps=False)
    check = _Check(code, given, None, rng, tape=tape, elements=ELEMENTS_OF_HIGHER, order=order)
    try:
        report = check.report(1)
    except NoDerivativeError as error:
        text = (
            "The gradient is right, and cannot be differentiated: something that was saved for "
            f"the way back is used as if it had a derivative. The tape says: {error}"
        )
        return Report(where, DIFFERENCES, (Finding(names[0], "second_order", text, order=order),))
    words = {2: "twice", 3: "three times"}.get(order, f"{order} times")
    return replace(
        report,
        findings=tuple(
            replace(
                finding,
                cause="second_order",
                sentence=f"The gradient is right once and wrong {words}: its own derivative is not "
                "that of its values. That happens where a VJP uses what the forward pass saved, or "
                "an array made by NumPy, as if it had a derivative: compute it again from the "
                f"inputs and outputs, in ops. (The error looks like {finding.cause}: "
                f"{finding.sentence})"
                if finding.cause != "unknown"
                else f"The gradient is right once and wrong {words}: its own derivative is not "
                "that of its values. That happens where a VJP uses what the forward pass saved, or "
                "an array made by NumPy, as if it had a derivative: compute it again from the "
                "inputs and outputs, in ops.",
            )
            for finding in report.findings
        ),
    )
