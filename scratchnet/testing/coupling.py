"""Wrong gradients of results that share something: a mean, a variance, a sum, a matrix.

There each result depends on many elements, and the matrix of the VJP, whose row for output i is
what comes back for a cotangent that is 1 at i and 0 elsewhere, has few numbers in it: what goes
through a mean or a sum that n elements share is a matrix of rank 1 over these n.  So a term that is
missing, or has another factor, leaves a difference of rank 1 or 2 between the right matrix and the
other one, whatever the formula around it is: no axes need to be guessed, groups of channels and
attention are seen as batch normalization is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.operator_analysis import Rows, is_linear, rows_of
from scratchnet.testing.patterns import other_variance
from scratchnet.testing.suspect import NEAR, Suspect, Verdict, said, subsets

NO_RANK = 1e-6  # of the largest singular value: what is smaller is rounding
LARGEST = 600  # elements of a block whose rank is looked at


def coupled(s: Suspect) -> Verdict | None:
    """All that the couplings of elements tell, the simplest first."""
    if not s.ys[0].size or s.x.size < 4 or not is_linear(s):
        return None
    rows = rows_of(s)
    if rows is None or not np.any(rows.right):
        return None
    for tried in (_not_transposed, _along_other_axes, _by_sums, _of_low_rank, _of_its_own):
        verdict = tried(s, rows)
        if verdict is not None:
            return verdict
    return None


def _not_transposed(s: Suspect, rows: Rows) -> Verdict | None:
    """The matrix of derivatives itself, where its transpose should be."""
    if s.y is None or s.y.size != s.x.size:
        return None
    right, got = (part[:, rows.outputs] for part in (rows.right, rows.got))
    known = s.right.sure.reshape(-1)[rows.outputs]
    right, got = right[known][:, known], got[known][:, known]
    near = 10 * rows.near
    if right.size < 4 or abs(right - right.T).max() <= near or abs(got - right.T).max() > near:
        return None
    name = _factor_of_the_result(s, right) if known.all() else None
    if name is not None:
        return Verdict(
            "mean_term",
            f"`{name}` is multiplied with what comes out of the sums or means, and should be with "
            f"what goes in: each result has its own factor, so it is g * {name} whose mean (or "
            "sum) is taken away.",
        )
    return Verdict(
        "transpose",
        "The cotangent is multiplied by the matrix that the forward pass multiplies by, and should "
        "be by its transpose: y = a @ x has the gradient a.T @ g.",
    )


def _factor_of_the_result(s: Suspect, right: Array) -> str | None:
    """The argument that a symmetric matrix is multiplied by, row by row, if there is one."""
    for name, other in s.others:
        if other.dtype.kind != "f" or other.size < 2 or not np.all(other):
            continue
        try:
            factor = np.broadcast_to(other, s.x.shape).reshape(-1)
        except ValueError:
            continue
        inner = right / factor[:, None]
        if np.ptp(factor) and abs(inner - inner.T).max() <= 1e-5 * abs(inner).max():
            return name
    return None


# -- the axes along which elements depend on each other --------------------------------------------


def _coupled_axes(s: Suspect, rows: Rows, matrix: Array) -> tuple[int, ...]:
    """The axes along which a result, other than by its own element, has part in the gradient."""
    i, j = np.nonzero(abs(matrix) > rows.near)
    shape = s.x.shape
    here, there = np.unravel_index(rows.outputs[i], shape), np.unravel_index(j, shape)
    return tuple(axis for axis in range(s.x.ndim) if np.any(here[axis] != there[axis]))


def leaks(s: Suspect) -> Verdict | None:
    """Something flows back from results of other groups than those that share statistics."""
    if s.y is None or s.y.shape != s.x.shape or not is_linear(s):
        return None
    rows = rows_of(s)
    if rows is None:
        return None
    right, got = (_coupled_axes(s, rows, part) for part in (rows.right, rows.got))
    if not right or not set(got) > set(right):
        return None
    return Verdict("broadcast", _other_axes_sentence(right, got))


def _other_axes_sentence(right: tuple[int, ...], got: tuple[int, ...]) -> str:
    return (
        f"In the forward pass the elements along {said(right)} depend on each other; on the way "
        f"back those along {said(got)} do: a sum or mean is taken over other axes."
    )


def _along_other_axes(s: Suspect, rows: Rows) -> Verdict | None:
    if s.y is None or s.y.shape != s.x.shape:
        return None
    right, got = (_coupled_axes(s, rows, part) for part in (rows.right, rows.got))
    if not right or not got or right == got:
        return None
    terms = [_terms(s, rows, *of) for of in ((rows.right, right), (rows.got, got))]
    if terms[0] > 2:  # no normalization: something is multiplied
        return None
    seen = min(_groups_of(s.x.shape, rows.outputs, got), key=len).size >= 2 * terms[1] + 2
    if not set(right) & set(got) and terms[1] < terms[0] and seen:
        return Verdict(
            "mean_term",
            f"Of the two terms that go through the mean and the variance over {said(right)} one "
            f"is missing, and the other one goes over {said(got)}.",
        )
    return Verdict("broadcast", _other_axes_sentence(right, got))


def _terms(s: Suspect, rows: Rows, matrix: Array, axes: tuple[int, ...]) -> int:
    """How many terms elements along `axes` share: the rank, but for the diagonal; 3 for more.

    It is seen in minors that have no element of the diagonal; few elements leave it open.
    """
    size = float(abs(matrix).max(initial=0.0))
    most = 0
    for members, _ in zip(_groups_of(s.x.shape, rows.outputs, axes), range(4), strict=False):
        part = matrix[np.ix_(members, rows.outputs[members])] / size
        rank = 1
        while rank < 3 and members.size >= 2 * rank + 2 and not _minors_vanish(part, rank + 1):
            rank += 1
        most = max(most, rank)
    return most


def _minors_vanish(part: Array, n: int) -> bool:
    starts = range(len(part) - 2 * n + 1)
    minors = [np.linalg.det(part[i : i + n, i + n : i + 2 * n]) for i in starts]
    return bool(abs(np.array(minors)).max(initial=0.0) < 1e-6)


def _groups_of(shape: tuple[int, ...], flat: Array, axes: tuple[int, ...]) -> Iterator[Array]:
    """Positions in `flat`, a list of flat indices, of those that differ along `axes` only."""
    places = np.array(np.unravel_index(flat, shape))
    rest = [axis for axis in range(len(shape)) if axis not in axes]
    if not rest:
        yield np.arange(flat.size)
        return
    number = np.unique(places[rest], axis=1, return_inverse=True)[1].reshape(-1)
    for k in range(int(number.max()) + 1):
        yield np.flatnonzero(number == k)


# -- differences that go by a sum of the cotangent -------------------------------------------------


def _by_sums(s: Suspect, rows: Rows) -> Verdict | None:
    """The difference goes by sum(g), or sum(g * y), over axes of the result, and by nothing else.

    So it is of softmax within attention: what its sum takes away is sum(gp * p) = sum(g * y).
    """
    y = s.y
    if y is None or rows.outputs.size != y.size:
        return None
    error = rows.right - rows.got
    for names in (("1",), ("y",), ("1", "y")):
        for axes in sorted(subsets(range(y.ndim)), key=len):
            groups = list(_groups_of(y.shape, rows.outputs, axes))
            if groups[0].size < len(names) + 2:
                continue
            bases = [_columns(names, y.reshape(-1)[members]) for members in groups]
            if not _spanned(error, groups, bases) or _spanned(rows.right, groups, bases):
                continue
            largest = max(block.outputs.size for block in blocks_of(rows))
            if largest > groups[0].size:  # more of them share it: groups of channels, say
                verdict = _of_low_rank(s, rows)
                if verdict is not None:
                    return verdict
            sums = " and ".join("sum(g)" if name == "1" else "sum(g * y)" for name in names)
            return Verdict(
                "mean_term",
                f"The difference goes by {sums} over {said(axes)} of the result only: a term with "
                f"{'it' if len(names) == 1 else 'them'} is missing, or has another factor. So it "
                "is when something that all results there share, the sum in the denominator of a "
                "softmax, a mean, a variance, is taken for a constant (softmax: p * (gp - sum(gp * "
                "p))).",
            )
    return None


def _columns(names: tuple[str, ...], y: Array) -> Array:
    return np.stack([np.ones_like(y) if name == "1" else y for name in names], axis=1)


def _spanned(matrix: Array, groups: list[Array], bases: list[Array]) -> bool:
    """Whether the rows of each group are combinations of as many vectors as its basis has."""
    size = float(abs(matrix).max(initial=0.0))
    if not size:
        return False
    for members, basis in zip(groups, bases, strict=True):
        part = matrix[members]
        found = np.linalg.lstsq(basis, part, rcond=None)[0]
        if abs(basis @ found - part).max() > 1e-5 * size:
            return False
    return True


# -- differences of low rank -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """Results and elements that depend on each other, and on nothing else."""

    outputs: Array  # positions in the rows
    elements: Array  # flat indices of the argument


def blocks_of(rows: Rows) -> list[_Block]:
    """The blocks of the right matrix: results that share an element are in one."""
    marked = abs(rows.right) > rows.near
    found: list[_Block] = []
    left = set(map(int, np.flatnonzero(marked.any(axis=1))))
    while left:
        outputs: Array = np.zeros(len(marked), bool)
        outputs[left.pop()] = True
        while True:
            elements = np.asarray(marked[outputs].any(axis=0))
            grown = np.asarray(marked[:, elements].any(axis=1))
            if (grown == outputs).all():
                break
            outputs = grown
        left -= set(map(int, np.flatnonzero(outputs)))
        found.append(_Block(np.flatnonzero(outputs), np.flatnonzero(elements)))
    return found


def _of_low_rank(s: Suspect, rows: Rows) -> Verdict | None:
    """Within each block right - c · got is of rank 1 or 2, and the right matrix is not."""
    blocks = blocks_of(rows)
    if not blocks or len(blocks) > 100 or max(b.elements.size for b in blocks) > LARGEST:
        return None
    outside = np.ones(rows.right.shape, bool)
    for block in blocks:
        outside[np.ix_(block.outputs, block.elements)] = False
    if (abs(rows.got)[outside] > rows.near).any():
        return None
    size = float(abs(rows.right).max())
    ranks, factors = [], []
    for block in blocks:
        at = np.ix_(block.outputs, block.elements)
        right, got = rows.right[at], rows.got[at]
        rank, full = _rank(right - got, size), _rank(right, size)
        if not _is_everywhere(right - got, NEAR * size):
            return None
        smallest = min(right.shape)
        factor = 1.0
        if not 0 < rank <= 2 or full < rank + 2:
            if s.y is None or s.y.shape != s.x.shape or smallest < 6:
                return None
            factor = _common_factor(right, got)
            rank = _rank(right - factor * got, size)
            if not 0 < rank <= 2 or full < rank + 3:
                return None
        ranks.append(rank)
        factors.append(factor)
    if s.y is not None and s.y.shape != s.x.shape and len(blocks) < 2:
        return None
    epsilon = _another_deviation(s, blocks, np.array(factors))
    if epsilon is not None:
        return epsilon
    return Verdict("mean_term", _low_rank_sentence(s, blocks, max(ranks), np.array(factors)))


def _is_everywhere(error: Array, near: float) -> bool:
    """Whether most elements are wrong, as where each has part in a statistic; few are of no rank.

    And most results: what is wrong with one of them is of rank 1 whatever it is.
    """
    wrong = abs(error) > near
    return not wrong.any() or all(
        2 * wrong.any(axis=axis).sum() > wrong.shape[1 - axis] for axis in (0, 1)
    )


def _of_its_own(s: Suspect, rows: Rows) -> Verdict | None:
    """Each element gets something of its own result only, and all depend on all of their group."""
    if s.y is None or s.y.shape != s.x.shape or _coupled_axes(s, rows, rows.got):
        return None
    marked = abs(rows.right) > rows.near
    blocks = blocks_of(rows)
    if min(block.elements.size for block in blocks) < 2:
        return None
    if not all(marked[np.ix_(block.outputs, block.elements)].mean() > 0.9 for block in blocks):
        return None
    return Verdict(
        "mean_term",
        f"Each element gets what flows back from its own result only, though all results of its "
        f"group (of {blocks[0].elements.size}) depend on it: the terms through the mean, the "
        "variance or the sum that they share are missing.",
    )


def _rank(matrix: Array, size: float) -> int:
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > max(NO_RANK * values.max(initial=0.0), NEAR * size)).sum())


def _common_factor(right: Array, got: Array) -> float:
    """The c that most of right = c · got has, but for some terms of low rank."""
    values = np.linalg.eigvals(np.linalg.pinv(got, rcond=1e-8) @ right).real
    return float(np.median(values))


def _another_deviation(s: Suspect, blocks: list[_Block], factors: Array) -> Verdict | None:
    """Divided by the root without epsilon, or without the root: as the factors of groups tell."""
    variances = np.array([s.x.reshape(-1)[block.elements].var() for block in blocks])
    if len(blocks) < 2 or (abs(factors - 1) < 1e-6).any() or not np.ptp(variances):
        return None
    text = "Each group of elements has a factor of its own"
    with np.errstate(all="ignore"):
        added = factors**2 - variances
        left_out = variances * (1 / factors**2 - 1)
    if (added >= 0).all() and np.ptp(added) <= 1e-3 * variances.min():
        return Verdict(
            "scale",
            f"{text}, which is one over the standard deviation: on the way back (variance + ε) "
            "stands where its root should be.",
        )
    if (left_out > 0).all() and np.ptp(left_out) <= 1e-3 * left_out.max():
        return Verdict(
            "scale",
            f"{text}, which is √(variance + ε) / √variance, with ε = {float(left_out.mean()):.3g}: "
            "on the way back epsilon is left out under the root.",
        )
    return None


def _low_rank_sentence(s: Suspect, blocks: list[_Block], rank: int, factors: Array) -> str:
    n = blocks[0].elements.size
    one = len(blocks) == 1
    which = f"All {n} elements" if one else f"{len(blocks)} groups of {n} elements"
    share = "share a statistic" if one else "each share a statistic"
    terms = "a term" if rank == 1 else "two terms"
    text = (
        f"{which} {share}, a mean, a variance or a sum, and {terms} through it "
        f"{'is' if rank == 1 else 'are'} missing or {'has' if rank == 1 else 'have'} another "
        "factor: each of them moves all results of its group."
    )
    if (abs(factors - 1) > 1e-4).any():
        variances = np.array([s.x.reshape(-1)[block.elements].var() for block in blocks])
        name = other_variance(s, variances, 1 / factors)
        shown = ", ".join(f"{1 / c:.4g}" for c in factors[:6])
        text += (
            f" What is left has another factor for each group ({shown} …): it is divided by the "
            f"root of another variance than that of the batch, "
            f"{'as a running variance is' if name is None else f'`{name}`'}. A running variance "
            "is for inference only; and the epsilon and the root must be those of the forward pass."
        )
    return text
