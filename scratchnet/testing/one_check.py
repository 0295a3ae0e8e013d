"""One check of a VJP: what it returns, against the right gradients, argument by argument."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numba
import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.kernels.threads import THREADS, USABLE
from scratchnet.testing.diagnosis import diagnosed
from scratchnet.testing.differences import (
    EPS,
    NOISY,
    START,
    Jacobian,
    directional,
    jacobian,
    noise_of,
    scale_of,
    step_of,
)
from scratchnet.testing.judged import Judged, cotangent, relative_of, ulps_of
from scratchnet.testing.report import Finding, Report, Row, counted, was
from scratchnet.testing.second_order import second_order
from scratchnet.testing.suspect import Suspect, Verdict
from scratchnet.testing.ties import NOT_TOGETHER, NUMBERS, equal_elements, provoked_ties, ties
from scratchnet.testing.user_code import UserCode
from scratchnet.testing.witness import CLOSE, ByDifferences, ByWitness, Truth, Witness

DRAWS = 2
ELEMENTS = 1000  # of one argument that are moved, at most
SAMPLE = 300  # of an argument with more than that
BLOCKS = 64  # of elements that are moved together, at most; and elements in one, if they are few
FAR = 100  # times what an ulp of the arguments makes: rounding of float64 does not explain it
ELEMENTS_OF_WRONG = 8000  # of one argument, once something is wrong with it
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


@dataclass
class Check:
    """One pair of a function and its VJP, called at one point and judged, argument by argument."""

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
        with warnings.catch_warnings(), np.errstate(all="ignore"), one_thread():
            warnings.simplefilter("ignore")
            return self._report(order)

    def _report(self, order: int) -> Report:
        self._prepare()
        if self.size:
            findings, rows = self._judge()
            if not findings:
                findings = ties(self) or provoked_ties(self)
            if not findings:
                findings, rows = self._unchecked(rows)
            if not findings:
                findings = self._other_dtype()
            if not findings and order > 1:
                findings = second_order(self)
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
        self.arrays = [double(x) for x in self.given]
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
        self.gs = [cotangent(self.rng, self.size) for _ in range(DRAWS)]
        if abs(np.sign(self.gs).sum()) == DRAWS * self.size:  # of few outputs, all of one sign
            self.gs[-1] = -self.gs[-1]
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
        self.tied: set[int] = set()  # arguments of which tied elements were checked together
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
            self.relative, self.for_witness = relative_of(np.float32, self._length), self.given
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
            self._noise = self.noise_at(self.arrays)
        return self._noise

    def noise_at(self, arrays: Sequence[Array]) -> Array:
        rng = np.random.default_rng(0)
        moves = [
            rng.choice([-1.0, 1.0], size=x.shape) * step_of(x) if x.dtype.kind == "f" else None
            for x in arrays
        ]

        def along(t: float) -> Array:
            return self.code.value(
                [x if v is None else x + t * v for x, v in zip(arrays, moves, strict=True)]
            )

        return np.maximum(noise_of(along, 1.0), EPS * abs(self.at) if arrays is self.arrays else 0)

    def _noise_ratio(self) -> float:
        """The noise of the result, relative to it."""
        some = self.at != 0
        return float(np.median(self.noise[some] / abs(self.at[some]))) if some.any() else 0.0

    def jacobian_of(self, i: int) -> Jacobian:
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
                self._truths[i] = ByDifferences(self.jacobian_of(i), relative)
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
                    finding, row = self._returned_none(i)
                    if finding is None or nothing:
                        rows.append(row)
                        findings += [finding] if finding is not None else []
                        continue
                    # Beside other gradients None says "this one has none", as of a mask or labels.
                    depends = "not checked; the result depends on it"
                    self.notes.append(f"`{name}`: the VJP returns None, {depends}")
                rows.append(Row(name, x.shape, str(x.dtype), 0, 0, 0.0, None, "not checked"))
                continue
            finding, row = self._argument(i, [np.asarray(gx, np.float64) for gx in got])
            rows.append(row)
            if finding is not None:
                findings.append(finding)
        return findings, rows

    def _returned_none(self, i: int) -> tuple[Finding | None, Row]:
        """Of a VJP that returns None: right where the result does not depend on the argument."""
        x = self.given[i]
        finding, row = self._argument(i, [np.zeros(x.shape) for _ in self.draws])
        if finding is None:
            return None, row
        text = (
            f"The VJP returns None for `{finding.argument}`, as for every argument, but the result "
            "depends on it. Does it end without `return`?"
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
        relative = self.relative_of_code(i)
        judged = [
            Judged.of(a, t, truth.bound(g) + self._rounding(truth, g, relative))
            for a, t, g in zip(got, right, (*self.gs, self.ones), strict=True)
        ]
        if any(part.wrong.any() for part in judged):  # does float64 have the digits?
            judged = [
                Judged.of(part.got, part.right, part.bound + FAR * self._of_an_ulp(i, g))
                for part, g in zip(judged, (*self.gs, self.ones), strict=True)
            ]
        if not any(part.wrong.any() for part in judged) and self._elsewhere(i, got):
            return self._argument(i, got)  # with the elements around the one that was found
        wrong = np.logical_or.reduce([part.wrong for part in judged])
        tied = self._equal_elements(i, got, wrong)
        if tied:
            kinks += wrong.sum()
            judged = [
                Judged.of(part.got, np.where(wrong, np.nan, part.right), part.bound)
                for part in judged
            ]
        worst = max(judged[:DRAWS], key=lambda part: part.times)
        if not worst.wrong.any():  # wrong for ones only
            worst = judged[DRAWS]
        if not any(part.wrong.any() for part in judged):
            self._note_what_was_left_out(i, int(kinks), judged[0].lost)
            # Of differences the last places mean nothing.
            ulps = ulps_of(worst, self._dtype_of(i, x)) if self._witness is not None else None
            error = worst.largest
            return None, Row(
                name, x.shape, str(x.dtype), judged[0].checked, int(kinks), error, ulps, "right"
            )
        dtype = self._dtype_of(i, x)
        if dtype.kind != "f":
            text = BOOLEANS if dtype.kind == "b" else INTEGERS.format(dtype=dtype)
            verdict = Verdict("dtype", text)
        elif tied is False:
            verdict = Verdict("ties", NOT_TOGETHER.format("are equal"))
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
            ulps=ulps_of(worst, self._dtype_of(i, x)),
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

    def _equal_elements(self, i: int, got: list[Array], wrong: Array) -> bool | None:
        """See `ties.equal_elements`; None also where that cannot be told."""
        if self._witness is not None or not wrong.any():
            return None
        try:
            return equal_elements(self, i, got, wrong)
        except Exception:  # of data or cotangents that it was not given
            return None

    def _unchecked(self, rows: list[Row]) -> tuple[list[Finding], list[Row]]:
        """What says that nothing of an argument could be checked: that is not right.

        Unless other arguments were, zeros that could not be checked are let pass: the result jumps
        where labels and masks that are floats are moved.
        """
        if self.order > 1:
            return [], rows
        asked = [
            i
            for i, (row, gx) in enumerate(zip(rows, self.draws[0], strict=True))
            if gx is not None and self.given[i].size and row.verdict == "right"
        ]
        empty = [i for i in asked if not rows[i].checked and i not in self.tied]
        rows = [replace(r, verdict="not checked") if i in empty else r for i, r in enumerate(rows)]
        some = len(empty) < len(asked)
        findings = []
        for i in empty:
            if some and not any(np.any(draw[i]) for draw in self.draws):
                continue
            name, n = self.code.names[i], self.given[i].size
            findings.append(
                Finding(
                    name,
                    "unknown",
                    f"Nothing of `{name}` could be checked: beside each of its "
                    f"{n} element{'' if n == 1 else 's'} `forward` jumps or has a kink, where the "
                    "slopes on both sides differ, as at 0 of relu or where values are equal. Check "
                    "it for other data, or against a witness.",
                    order=self.order,
                )
            )
        return findings, rows

    def _note_what_was_left_out(self, i: int, kinks: int, unknown: int) -> None:
        name, x = self.code.names[i], self.given[i]
        if self._witness is not None:
            return
        if kinks:
            coarse = ""
            if self._noise_ratio() > NOISY:
                single = any(y.dtype.itemsize < 8 for y in self.ys)
                why = "computes in float32" if single else "rounds as coarsely as float32"
                coarse = f"or look so because `forward` {why}, "
            self.notes.append(
                f"`{name}`: {counted(kinks)} at a kink, where the slopes on both sides differ, "
                f"{coarse}and {was(kinks)} left out"
            )
        still = x.size - self.jacobian_of(i).elements.size
        if still:
            self.notes.append(
                f"`{name}`: {still} elements were not moved one by one, only in groups along a "
                "random direction"
            )
        lost = unknown - kinks - still
        if lost > 0:
            self.notes.append(
                f"`{name}`: {counted(lost, was(lost))} left out, since `forward` jumps or is not "
                f"finite beside {'it' if lost == 1 else 'them'}"
            )

    def _is_coarse(self, i: int, judged: list[Judged]) -> bool:
        """Whether an error is the rounding of float32, in which the VJP computes on the way."""
        for part in judged:
            size = float(np.nanmax(abs(part.right), initial=0.0))
            if part.largest > relative_of(np.float32, self._length) * size:
                return False
        return self._rounds_coarsely(i)

    def _rounds_coarsely(self, i: int) -> bool:
        """Whether the VJP rounds as float32 does, and the forward pass does not.

        Where digits cancel, as in x - mean far from 0, float64 keeps few of them: only noise far
        above what an ulp of the arguments makes of the gradient, and of the result, is float32.
        """
        rng = np.random.default_rng(0)
        moves = [
            rng.choice([-1.0, 1.0], size=x.shape) * step_of(x) if x.dtype.kind == "f" else None
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
        unit *= 1e-3 / scale_of(self.arrays[i])
        here = abs(along(0.0))
        found = ratio(noise_of(along, 1.0), here, unit)
        forward = ratio(self.noise, abs(self.at), 0.0)
        if not found > NOISY >= forward:
            return False
        explained = ratio(self._of_an_ulp(i, self.gs[0]).ravel(), here, unit)
        return found > FAR * max(forward, explained)

    def _of_an_ulp(self, i: int, g: Array) -> Array:
        """How far an ulp of all arguments moves the gradient; by its slope over longer steps.

        Steps of an ulp themselves would show how the VJP rounds, too.
        """
        floats = [x for x in self.arrays if x.dtype.kind == "f" and x.size]
        h = START * min(step_of(x) / scale_of(x) for x in floats)
        moved = np.zeros(self.given[i].shape)
        for seed in range(3):
            rng = np.random.default_rng(seed)
            moves = [
                rng.choice([-h, h], size=x.shape) * (abs(x) + scale_of(x)) / 2
                if x.dtype.kind == "f"
                else None
                for x in self.arrays
            ]
            ends = []
            for sign in (1, -1):
                arrays = [
                    x if v is None else x + sign * v
                    for x, v in zip(self.arrays, moves, strict=True)
                ]
                try:
                    with np.errstate(all="ignore"):
                        gx = self.code.gradients(g, arrays, self.dtype)[i]
                except Exception:  # beside the data it was given
                    break
                ends.append(np.asarray(np.nan if gx is None else gx, np.float64))
            if len(ends) == 2 and ends[0].shape == ends[1].shape == moved.shape:
                gap = abs(ends[0] - ends[1])
                moved = np.fmax(moved, np.where(np.isfinite(gap), gap, 0.0))
        return moved * (EPS / (2 * h))

    def _elsewhere(self, i: int, got: list[Array]) -> bool:
        """Whether there is an error among the elements that were not moved; if so, they are now.

        A block of them is moved at once, along a random direction; where the derivative is wrong,
        the half that it is wrong for is looked for, and so on.
        """
        x = self.arrays[i]
        if self._witness is not None or self.jacobian_of(i).elements.size >= x.size:
            return False
        if i in self._searched:
            return False
        self._searched.add(i)
        rest = np.setdiff1d(np.arange(x.size), self.jacobian_of(i).elements)
        v = cotangent(self.rng, x.size)
        # In a sum over few, the error of one is not lost among the rounding of the others.
        blocks = np.array_split(rest, min(BLOCKS, -(-rest.size // BLOCKS)))
        wrong = next((block for block in blocks if self._wrong_along(i, got[0], v, block)), None)
        if wrong is None:
            return False
        rest = wrong
        while rest.size > 1:
            half = rest[: rest.size // 2]
            rest = half if self._wrong_along(i, got[0], v, half) else rest[half.size :]
        around = np.arange(max(0, rest[0] - 100), min(x.size, rest[0] + 100))
        elements = np.union1d(self.jacobian_of(i).elements, around)
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
            self.code.value, self.arrays, directions, self.at, self.noise, step_of(x)
        )
        found, expected = float(got.reshape(-1) @ direction), float(moved.value @ g)
        size = float(abs(got.reshape(-1)) @ abs(direction)) + float(abs(moved.value) @ abs(g))
        bound = 2 * float(moved.uncertainty @ abs(g)) + 1e-6 * size
        bound += self.relative_of_code(i) * size
        return not abs(found - expected) <= bound

    def _dtype_of(self, i: int, x: Array) -> Any:
        return self.draws[0][i].dtype if self.draws[0][i] is not None else x.dtype

    def relative_of_code(self, i: int) -> float:
        """The relative precision of the code itself, where it is not float64's throughout."""
        gx = self.draws[0][i]
        coarse = [y.dtype for y in self.ys] + ([gx.dtype] if gx is not None else [])
        kinds = [dtype for dtype in coarse if dtype.kind == "f" and dtype.itemsize < 8]
        return max((relative_of(dtype, self._length) for dtype in kinds), default=0.0)

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
            kinks=lambda: self.jacobian_of(i),
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
        whole = self._witness is not None or self.jacobian_of(i).elements.size == x.size
        if whole or x.size > ELEMENTS_OF_WRONG:
            return None
        gs = np.stack([*self.gs, self.ones])

        def sums(arrays: Sequence[Array]) -> Array:
            return np.asarray(gs @ self.code.value(arrays))

        noise = abs(gs) @ self.noise
        found = jacobian(sums, self.arrays, i, np.arange(x.size), gs @ self.at, noise)
        truth = ByDifferences(found)
        return [truth.gradient(one) for one in np.eye(len(gs))]

    # -- the dtype that was given ------------------------------------------------------------------

    def _other_dtype(self) -> list[Finding]:
        """What the code returns for the arrays as they are given, and in which dtype."""
        if self.tape is not None:
            return []
        findings = []
        exact = all(double(x).dtype == x.dtype for x in self.given)
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
            size = np.nan_to_num(self.jacobian_of(i).size(self.gs[0])) + size
        # Terms cancel, as in g - sum(g * y): of the size that a gradient has here by its units.
        unit = float(abs(self.at).max(initial=0.0) * abs(self.gs[0]).max(initial=0.0))
        scale = float(size.max(initial=0.0)) + unit / scale_of(x)
        if size.size and size.max() < 1e-2 * unit / scale_of(x):
            scale = max(scale, self._slope_before_saturation(i))
        bound = relative_of(x.dtype, self._length) * (size + scale) + 8 * moved
        bound = bound + 8 * float(moved.max(initial=0.0)) + self._forward_error(scale)
        judged = Judged.of(gx, np.where(np.isfinite(precise), precise, np.nan), bound)
        self._in_its_dtype[name] = (judged.largest, ulps_of(judged, x.dtype))
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
            ulps=ulps_of(judged, x.dtype),
            times=judged.times,
            order=self.order,
        )

    def _slope_before_saturation(self, i: int) -> float:
        """The largest gradient on the way towards 0, as far as the result stays about the same.

        A VJP that is written with the result, such as y (1 - y), is off by an ulp of y times the
        slope that y has there, however flat it is at x.
        """
        largest, at, size = 0.0, self.at, float(abs(self.at).max(initial=0.0))
        arrays = list(self.arrays)
        for _ in range(12):
            arrays[i] = arrays[i] / 2
            try:
                with np.errstate(all="ignore"):
                    y, gx = self.code.value(arrays), self.code.gradients(self.gs[0], arrays)[i]
            except Exception:  # it was not made for these data
                break
            if gx is None or not (abs(y - at) <= size / 2).all():
                break
            largest = max(largest, float(np.nanmax(abs(gx), initial=0.0)))
        return largest

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
        # A gradient that is another one each time is not worth a second cause.
        moving = [part for part in self.code.changed if part.endswith(AGAIN)]
        findings = [f for f in findings if not any(f"`{f.argument}`" in part for part in moving)]
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


def _equal(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    a, b = a.astype(np.float64), b.astype(np.float64)  # booleans cannot be subtracted
    size = float(np.nanmax(abs(a), initial=0.0)) if a.size else 0.0
    with np.errstate(invalid="ignore"):
        same = (abs(a - b) <= 1e-6 * size) | (np.isnan(a) & np.isnan(b)) | (a == b)
    return bool(np.all(same))


def double(x: Array) -> Array:
    """`x` in float64, unless it holds integers or booleans."""
    return x.astype(np.float64) if x.dtype.kind == "f" else x


@contextmanager
def one_thread() -> Iterator[None]:
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
