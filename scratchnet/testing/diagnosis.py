"""Why a gradient is wrong, found by trying.

Each try changes the wrong gradient, or what the code is handed, in one way; or it looks for one
pattern in the error.  It explains the mistake if what comes out is the right gradient, element by
element, for two random cotangents.  The simplest that explains wins; where none does, the cause is
`unknown`, and the sentence says what was excluded and where the error is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchnet.testing.coupling import coupled, leaks
from scratchnet.testing.hidden_units import hidden_mask
from scratchnet.testing.operator_analysis import all_pass, by_output, by_places, zero_padded
from scratchnet.testing.patterns import (
    all_zero,
    at_labels,
    constant,
    direct_term,
    factor_by_element,
    masked,
    mean_term,
    not_finite,
    of_another,
    softmax_itself,
    softmax_terms,
    summed_wrongly,
    tied,
    two_ways,
    unchanging,
    unnamed_factor,
    without_cotangent,
    wrong_shape,
)
from scratchnet.testing.rearrangements import (
    constant_factor,
    cut_up_otherwise,
    flipped,
    matrix_not_transposed,
    nearly_right,
    parts_exchanged,
    runs_the_wrong_way,
    shifted,
    transposed,
)
from scratchnet.testing.suspect import UNFIT, Suspect, Verdict

NOTHING = "None of these explains it"

Try = Callable[[Suspect], Verdict | None]

# In this order, what each excludes where it finds nothing.
TRIES: tuple[tuple[Try, str], ...] = (
    (not_finite, "NaN"),
    (all_zero, "zero everywhere"),
    (nearly_right, "a constant factor"),
    (constant_factor, "a constant factor"),
    (without_cotangent, "a cotangent that is not used"),
    (flipped, "axes in reverse order"),
    (transposed, "exchanged axes"),
    (tied, "ties"),
    (zero_padded, "a mask"),
    (masked, "a mask"),
    (at_labels, "a term at the labels"),
    (of_another, "the gradient of another argument"),
    (softmax_terms, "a sum over other axes, as of softmax"),
    (softmax_itself, "another softmax"),
    (mean_term, "a missing term through a mean, a variance or a sum"),
    (factor_by_element, "a factor for each element or channel"),
    (shifted, "a shift"),
    (parts_exchanged, "parts in another order"),
    (runs_the_wrong_way, "the wrong direction"),
    (summed_wrongly, "a sum over other axes"),
    (by_output, "another stride, dilation or padding"),
    (cut_up_otherwise, "exchanged axes"),
    (hidden_mask, "a mask"),
    (all_pass, "a mask"),
    (coupled, "a missing term through a mean, a variance or a sum"),
    (two_ways, "statistics of other axes"),
    (direct_term, "a missing term with the element's own cotangent"),
    (constant, "right for a cotangent of ones"),
    (unnamed_factor, "a factor for each element or channel"),
    (matrix_not_transposed, "exchanged axes"),
    (by_places, "a mask"),
    (unchanging, "a missing derivative"),
)


def diagnosed(s: Suspect) -> Verdict:
    """The likely cause of a wrong gradient; `unknown` where looking for it fails.

    Args:
        s: the gradient, and what can be asked about it.
    """
    try:
        return _diagnosed(s)
    except Exception as error:  # that it is wrong is known, whatever becomes of the diagnosis
        text = f"Looking for the cause failed ({type(error).__name__}: {error})."
        return Verdict("unknown", f"{text} Compare with the formula.")


def _diagnosed(s: Suspect) -> Verdict:
    if s.got[0].shape != s.x.shape:
        return wrong_shape(s)
    for tried, _ in TRIES:
        try:
            verdict = tried(s)
        except UNFIT:
            continue
        if verdict is not None:
            return _instead_of(verdict, s) or verdict
    verdict = _of_one_output(s)
    if verdict is not None:
        return verdict
    excluded = ", ".join(dict.fromkeys(what for _, what in TRIES[1:]))
    return Verdict("unknown", f"{_place(s)}{NOTHING}: {excluded}. Compare with the formula.")


def _instead_of(verdict: Verdict, s: Suspect) -> Verdict | None:
    """What looks like one mistake, and is another one if looked at output by output.

    Elements that are left out may be contributions that are overwritten; a term that seems to be
    missing may be there, over more axes than it should.
    """
    better = None
    try:
        if verdict.cause == "missing":
            hidden = hidden_mask(s)
            if hidden is not None:
                return hidden
            better = by_output(s)
        elif verdict.cause == "mean_term":
            better = leaks(s)
    except UNFIT:
        return None
    return better if better is not None and better.cause == "broadcast" else None


def _of_one_output(s: Suspect) -> Verdict | None:
    """Of several outputs, the one whose cotangent flows back wrong, if the others' do not."""
    if len(s.ys) < 2:
        return None
    parts = [s.of_output(k) for k in range(len(s.ys))]
    wrong = [k for k, part in enumerate(parts) if not _is_right(part, s.near(0))]
    if len(wrong) != 1:
        return None
    k = wrong[0]
    verdict = diagnosed(parts[k])
    return Verdict(
        verdict.cause,
        f"Only what flows back from result number {k} (of {len(parts)}, counted from 0) is wrong. "
        f"{verdict.sentence}",
    )


def _is_right(s: Suspect, near: float) -> bool:
    pairs = zip(s.got, s.truth, strict=True)
    return all(bool((abs(a - t)[np.isfinite(t)] <= near).all()) for a, t in pairs)


def _place(s: Suspect) -> str:
    """Where the wrong elements are, if they are in some places only."""
    wrong = np.zeros(s.x.shape, bool)
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        wrong |= np.isfinite(t) & ~(abs(a - t) <= s.near(d))
    if wrong.all() or not wrong.any():
        return ""
    places = []
    for axis, n in enumerate(s.x.shape):
        rest = tuple(i for i in range(s.x.ndim) if i != axis)
        where = np.flatnonzero(wrong.any(axis=rest))
        if where.size < n:
            shown = ", ".join(str(i) for i in where[:8]) + (" …" if where.size > 8 else "")
            places.append(f"at {shown} of axis {axis}")
    return f"It is wrong only {' and '.join(places)}. " if places else ""
