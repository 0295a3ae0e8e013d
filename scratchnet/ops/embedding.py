"""Looking rows up in a table of embeddings, which may be given in parts."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.errors import UnimplementedError, invalid, say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import integer, matching, tensor
from scratchnet.ops.concat_split import concat
from scratchnet.ops.gather import check_in_range, gather


def embedding_lookup(params: TensorLike, ids: TensorLike, max_norm: None = None) -> Tensor:
    """The rows of `params` at `ids`: `gather` along the first axis.

    Args:
        params: a table, of rank 1 at least; or a list (not a tuple) of the parts of one, in order:
            of n rows in k parts the first n mod k have a row more than the others.
        ids: of an integer dtype.
        max_norm: must be None.

    Raises:
        InvalidArgumentError: as `gather`; parts of other sizes.
        ValueError: an empty list.
        UnimplementedError: a `max_norm` (TensorFlow clips the rows by it).

    Reference: ``tf.nn.embedding_lookup``.

    >>> import numpy as np
    >>> embedding_lookup(np.array([[1, 2], [3, 4]]), [1, 1]).numpy()
    array([[3, 4],
           [3, 4]])
    >>> embedding_lookup([[1, 2], [3, 4]], [1, 2]).numpy()
    array([2, 3], dtype=int32)
    """
    if max_norm is not None:
        raise UnimplementedError(
            say("embedding_lookup", "max_norm", "must be None: use `clip_by_norm`", max_norm)
        )
    x, at = _table(params), integer("embedding_lookup", "ids", ids)
    check_in_range("embedding_lookup", at._data, x._data.shape[0], "ids")
    return gather(x, at)


def _table(params: Any) -> Tensor:
    """The one table of an embedding lookup, which may be given in parts."""
    if isinstance(params, list) and not params:
        raise ValueError(say("embedding_lookup", "params", "must hold at least one table", params))
    given = params if isinstance(params, list) else [params]
    if len(given) == 1:
        parts = [tensor("embedding_lookup", "params", given[0])]
    else:
        parts = matching("embedding_lookup", **{f"params[{i}]": p for i, p in enumerate(given)})
    for part in parts:
        if not part._data.ndim:
            raise invalid("embedding_lookup", "params", "must have rank >= 1", params)
    if len(parts) == 1:
        return parts[0]
    counts = [part._data.shape[0] for part in parts]
    fewest, more = divmod(sum(counts), len(counts))
    if counts != [fewest + (i < more) for i in range(len(counts))]:
        rule = "must be of equal sizes, the first of them with a row more if need be"
        raise invalid("embedding_lookup", "params", rule, params)
    if len({part._data.shape[1:] for part in parts}) > 1:
        raise invalid("embedding_lookup", "params", "must hold rows of one shape", params)
    return concat(parts, 0)


register(Op("embedding_lookup", embedding_lookup))
