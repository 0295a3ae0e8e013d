"""Sums of products, written as letters: ``einsum("ij,jk->ik", a, b)``.

Each letter names an axis.  Inputs are multiplied two at a time: the letters that both have and
that are needed later go in front (a batch), those that both have and nobody needs are summed over,
and a `matmul` does it.  So gradients of every order are those of transpose, reshape and matmul.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import brackets, matching, numeric
from scratchnet.ops.diagonal import diag_part
from scratchnet.ops.matmul import matmul
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.shape import reshape, squeeze, transpose

Labels = list[str]  # one per axis; those that "..." stands for are "0", "1", … from the right


def einsum(equation: str, *inputs: TensorLike) -> Tensor:
    """``y[output letters] = Σ_(other letters) Π inputs[their letters]``.

    Args:
        equation: "ij,jk->ik".  A letter twice in one input is its diagonal.  "..." stands for any
            axes, which broadcast.  Without "->" the output has the letters that occur once, in
            alphabetical order, behind the axes of "..." (which TensorFlow wants to be told where
            several inputs have it).
        *inputs: tensors of one dtype, one per term.

    Returns:
        Tensor of the axes behind "->".

    Raises:
        ValueError: an equation that is none; another number of inputs; an output letter twice, or
            in no input.
        InvalidArgumentError: a term with another rank than its input; two sizes of one letter;
            two dtypes, bools.

    Reference: ``tf.einsum``, without its argument `optimize`: terms are taken from left to right.

    >>> einsum("ij,jk->ik", [[1, 2], [3, 4]], [[2, 3], [4, 5]]).numpy()
    array([[10, 13],
           [22, 29]], dtype=int32)
    >>> einsum("ii->i", [[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    if not isinstance(equation, str):
        raise ValueError(say("einsum", "equation", "Subscripts have incorrect format", equation))
    terms, output = _parsed(equation, len(inputs))
    tensors = matching("einsum", **{f"inputs[{i}]": value for i, value in enumerate(inputs)})
    numeric("einsum", "inputs", tensors[0])
    labels = [_labels(i, term, x) for i, (term, x) in enumerate(zip(terms, tensors, strict=True))]
    wanted = _output(output, labels)
    parts = _fitted(tensors, labels)
    y, here = parts[0]
    for i, (x, there) in enumerate(parts[1:], start=2):
        later = {*wanted, *[label for _, own in parts[i:] for label in own]}
        y, here = _product(y, here, x, there, later)
    y, here = _summed(y, here, set(wanted))
    return _transposed(y, here, wanted)


# -- reading the equation -------------------------------------------------------------------------

_TERM = r"[a-zA-Z]*(?:\.\.\.)?[a-zA-Z]*"


@lru_cache(maxsize=256)
def _parsed(equation: str, count: int) -> tuple[list[str], str]:
    """The terms, and the output, which is worked out if the equation does not say it."""
    said = equation.replace(" ", "")
    if not re.fullmatch(rf"{_TERM}(,{_TERM})*(->{_TERM})?", said):
        raise ValueError(say("einsum", "equation", "Subscripts have incorrect format", equation))
    left, arrow, output = said.partition("->")
    terms = left.split(",")
    if len(terms) != count:
        raise ValueError(
            f"einsum: `equation`: Got {count} inputs for equation {equation!r}, expecting "
            f"{len(terms)}"
        )
    letters = left.replace(",", "").replace(".", "")
    if not arrow:
        once = sorted(c for c in set(letters) if letters.count(c) == 1)
        output = ("..." if "..." in left else "") + "".join(once)
    for c in output.replace(".", ""):
        if output.count(c) > 1:
            rule = f"Output subscripts contain a label appearing more than once: {c}"
            raise ValueError(say("einsum", "equation", rule, equation))
        if c not in letters:
            rule = f"Output subscripts contain the label {c} not present in the input subscripts"
            raise ValueError(say("einsum", "equation", rule, equation))
    return terms, output


def _labels(i: int, term: str, x: Tensor) -> Labels:
    """One label for each axis of input `i`."""
    rank = x._data.ndim
    hidden = rank - len(term.replace("...", ""))
    if hidden < 0 or (hidden and "..." not in term):
        wanted = len(term.replace("...", ""))
        raise InvalidArgumentError(
            f"einsum: `inputs[{i}]`: Expected input {i} to have rank {wanted} but got: {rank}, "
            f"for the term {term!r}"
        )
    before, _, after = term.partition("...")
    return [*before, *_hidden(hidden), *after]


def _hidden(count: int) -> Labels:
    return [str(i) for i in reversed(range(count))]


def _output(output: str, labels: list[Labels]) -> Labels:
    most = max(sum(label.isdigit() for label in own) for own in labels)
    if most and "..." not in output:
        raise InvalidArgumentError(
            f"einsum: `equation`: Output contains {most} broadcasting dimension(s) but no "
            f"ellipsis: {output!r}"
        )
    before, _, after = output.partition("...")
    return [*before, *_hidden(most if "..." in output else 0), *after]


# -- preparing the inputs -------------------------------------------------------------------------


def _fitted(tensors: list[Tensor], labels: list[Labels]) -> list[tuple[Tensor, Labels]]:
    """The inputs, no label twice in any, and without the axes of size 1 that broadcast."""
    sizes: dict[str, int] = {}
    for x, own in zip(tensors, labels, strict=True):
        for axis, (label, n) in enumerate(zip(own, x._data.shape, strict=True)):
            known = sizes.setdefault(label, n)
            if label.isdigit() and 1 in (known, n):
                sizes[label] = n if known == 1 else known
            elif known != n:
                raise InvalidArgumentError(
                    f"einsum: `inputs`: Expected dimension {known} at axis {axis} of the input "
                    f"shaped {brackets(x._data.shape)} but got dimension {n}"
                )
    parts = []
    for x, own in zip(tensors, labels, strict=True):
        x, own = _diagonals(x, own)
        stretched = [i for i, label in enumerate(own) if x._data.shape[i] != sizes[label]]
        kept = [label for i, label in enumerate(own) if i not in stretched]
        parts.append((squeeze(x, stretched) if stretched else x, kept))
    return parts


def _diagonals(x: Tensor, own: Labels) -> tuple[Tensor, Labels]:
    for label in dict.fromkeys(own):
        while own.count(label) > 1:
            i = own.index(label)
            j = own.index(label, i + 1)
            rest = [k for k in range(len(own)) if k not in (i, j)]
            x = diag_part(transpose(x, [*rest, i, j]))
            own = [*[own[k] for k in rest], label]
    return x, own


# -- multiplying ----------------------------------------------------------------------------------


def _summed(x: Tensor, own: Labels, needed: set[str]) -> tuple[Tensor, Labels]:
    """`x` summed over the labels that nobody needs."""
    over = [i for i, label in enumerate(own) if label not in needed]
    return (reduce_sum(x, over) if over else x), [label for label in own if label in needed]


def _product(
    a: Tensor, of_a: Labels, b: Tensor, of_b: Labels, later: set[str]
) -> tuple[Tensor, Labels]:
    """The product of two, summed over the labels that are not needed later."""
    a, of_a = _summed(a, of_a, later | set(of_b))
    b, of_b = _summed(b, of_b, later | set(of_a))
    sizes = dict(zip(of_a + of_b, a._data.shape + b._data.shape, strict=True))
    both = [label for label in of_a if label in of_b]
    batch = [label for label in both if label in later]
    over = [label for label in both if label not in later]
    rows = [label for label in of_a if label not in both]
    columns = [label for label in of_b if label not in both]

    a, transpose_a = _blocks(a, of_a, batch, rows, over)
    b, transpose_b = _blocks(b, of_b, batch, over, columns)
    y = matmul(a, b, transpose_a, transpose_b)
    kept = batch + rows + columns
    return _reshaped(y, [sizes[label] for label in kept]), kept


def _blocks(
    x: Tensor, own: Labels, batch: Labels, first: Labels, second: Labels
) -> tuple[Tensor, bool]:
    """`x` as matrices of the axes (first, second), and whether they are transposed."""
    flipped = own == batch + second + first != batch + first + second
    if flipped:
        first, second = second, first
    shape = x._data.shape
    sizes = [shape[own.index(label)] for label in batch]
    for side in (first, second):
        sizes.append(math.prod(shape[own.index(label)] for label in side))
    return _reshaped(_transposed(x, own, batch + first + second), sizes), flipped


def _transposed(x: Tensor, own: Labels, wanted: Labels) -> Tensor:
    return x if own == wanted else transpose(x, [own.index(label) for label in wanted])


def _reshaped(x: Tensor, sizes: list[int]) -> Tensor:
    return x if x._data.shape == tuple(sizes) else reshape(x, sizes)


register(Op("einsum", einsum))
