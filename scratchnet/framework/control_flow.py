"""tf.cond, tf.while_loop, tf.map_fn and so on: what graphs need in place of ``if`` and ``for``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import DType, as_dtype
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.graph import Graph, at_loop, in_own_graph
from scratchnet.engine.op import call
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.tensor_spec import TensorSpec
from scratchnet.nest import assert_same_structure
from scratchnet.ops.arguments import one_int


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """``true_fn() if pred else false_fn()`` (``tf.cond``).

    Args:
        pred: a truth value, or a tensor of one.
        true_fn, false_fn: functions without arguments.
        name: unused, as nothing has a name here.

    Raises:
        TypeError: one of the functions is not callable.

    >>> import scratchnet as tf
    >>> cond(tf.constant(1) < 2, lambda: tf.constant(10), lambda: tf.constant(20)).numpy()
    np.int32(10)
    """
    for which, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            raise TypeError(f"'{which}' must be callable, received {which}={function!r}")
    chosen: Any = true_fn if to_bool("cond", "pred", pred) else false_fn
    return in_own_graph(chosen)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: int | None = None,
    name: str | None = None,
) -> Any:
    """`body` again and again while `cond` holds (``tf.while_loop``).

    Args:
        cond: a function of the loop variables that returns a truth value.
        body: a function of them that returns their next values.
        loop_vars: a list or tuple of their first values.
        shape_invariants, parallel_iterations, swap_memory: how TensorFlow makes its graph; the
            numbers do not depend on them.
        back_prop: only True.
        maximum_iterations: how often at most; if not given, as often as `cond` holds.
        name: unused, as nothing has a name here.

    Raises:
        TypeError: `cond` or `body` is not callable.
        ValueError: no loop variables, or `body` returns another number of them.
        NotImplementedError: `back_prop` is False.

    >>> [int(i) for i in while_loop(lambda i: i < 5, lambda i: [i + 2], [0])]
    [6]
    """
    for which, function in (("cond", cond), ("body", body)):
        if not callable(function):
            raise TypeError(f"'{which}' must be callable, received {which}={function!r}")
    _only_true("while_loop", back_prop)
    if not nest.is_nested(loop_vars) or not len(loop_vars):
        raise ValueError("'loop_vars' must be provided.")
    values, turns = at_loop(_converted(loop_vars)), 0
    while (maximum_iterations is None or turns < maximum_iterations) and bool(
        in_own_graph(cond, *values)
    ):
        made = in_own_graph(body, *values)
        made = made if isinstance(made, list | tuple) else type(loop_vars)([made])
        assert_same_structure(list(loop_vars), list(made))
        values, turns = _converted(made), turns + 1
    return values


def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """`fn` of every row, stacked (``tf.map_fn``).

    Args:
        fn: a function of one row.
        elems: a tensor with at least one axis, or a structure of them.
        dtype, fn_output_signature: the dtypes of what `fn` returns, in its structure; those of
            `elems` if not given.  The second wins.
        parallel_iterations, swap_memory, infer_shape: how TensorFlow makes its graph; the numbers
            do not depend on them.
        back_prop: only True.
        name: unused, as nothing has a name here.

    Returns:
        The stacked results.  Without rows `fn` is not called: they are of shape (0,), or as a
        TensorSpec of the signature has it.

    Raises:
        ValueError: no tensors, or scalars; `fn` returns another structure than was said; no rows,
            and the TensorSpec has an unknown size.
        InvalidArgumentError: it returns another dtype.
        NotImplementedError: `back_prop` is False.

    >>> import scratchnet as tf
    >>> map_fn(lambda row: row * row, tf.range(1, 4)).numpy()
    array([1, 4, 9], dtype=int32)
    """
    _only_true("map_fn", back_prop)
    rows = _rows("map_fn", elems)
    wanted = fn_output_signature if dtype is None or fn_output_signature is not None else dtype
    if wanted is None:
        wanted = nest.pack(elems, [convert(x).dtype for x in nest.flatten(elems)])
    if not rows:
        return nest.pack(wanted, [_empty(leaf) for leaf in nest.flatten(wanted)])
    return _stacked([_converted(in_own_graph(fn, row)) for row in rows], wanted)


def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """The function of the first pair that is true (``tf.case``).

    Args:
        pred_fn_pairs: a list of (truth value, function without arguments).
        default: the function for the case that none is true.
        exclusive: whether not more than one may be true.
        strict: how TensorFlow packs a list of one.
        name: unused, as nothing has a name here.

    Raises:
        TypeError: pairs that are none; a function that is not callable.
        InvalidArgumentError: more than one is true, with `exclusive`; none is, without `default`.

    >>> import scratchnet as tf
    >>> x = tf.constant(3)
    >>> case([(x < 2, lambda: 1), (x < 5, lambda: 2)], default=lambda: 3)
    2
    """
    if not isinstance(pred_fn_pairs, list | tuple | dict):
        raise TypeError("'pred_fn_pairs' must be a list, tuple, or dict.")
    pairs = list(pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple. Received {pair!r}.")
    for function in [function for _, function in pairs] + ([default] if default else []):
        if not callable(function):
            raise TypeError(f"functions in 'pred_fn_pairs' must be callable, got {function!r}")
    true = [function for pred, function in pairs if bool(pred)]
    if exclusive and len(true) > 1:
        raise InvalidArgumentError("Input error: exclusive=True: More than 1 conditions are True")
    if not true and default is None:
        raise InvalidArgumentError("Input error: None of conditions evaluated as True.")
    chosen: Any = true[0] if true else default
    is_alone = len(pairs) == 1 and default is None  # which TensorFlow calls as it is
    return chosen() if is_alone else in_own_graph(chosen)


def switch_case(
    branch_index: Any,
    branch_fns: Any,
    default: Callable[[], Any] | None = None,
    name: str = "switch_case",
) -> Any:
    """The function with the number `branch_index` (``tf.switch_case``).

    Args:
        branch_index: an integer.
        branch_fns: functions without arguments: a list, a dict by their numbers, or pairs of both.
        default: the function for all other numbers; the one of the largest number if not given.
        name: unused, as nothing has a name here.

    Raises:
        TypeError: no integer; functions that are none.
        ValueError: numbers that are not 0, 1, 2, …

    >>> switch_case(1, [lambda: 10, lambda: 20, lambda: 30])
    20
    """
    if isinstance(branch_fns, dict):
        branches = dict(branch_fns)
    elif isinstance(branch_fns, list | tuple):
        pairs = all(isinstance(part, tuple) for part in branch_fns)
        branches = dict(branch_fns if pairs else enumerate(branch_fns))
    else:
        raise TypeError("'branch_fns' must be a list, tuple, or dict.")
    if not branches or not all(map(callable, branches.values())):
        raise TypeError(say("switch_case", "branch_fns", "must hold functions", branch_fns))
    if sorted(branches) != list(range(len(branches))):
        raise ValueError(
            f"branch indices (keys) must form contiguous range of [0 to {len(branches)}) but "
            f"found {{{','.join(map(str, sorted(branches)))}}}"
        )
    at = one_int("switch_case", "branch_index", branch_index)
    return in_own_graph(branches.get(at, default or branches[max(branches)]))


def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """``fn(… fn(fn(initializer, row 0), row 1) …)`` (``tf.foldl``).

    Args:
        fn: a function of what there is so far and of a row.
        elems: a tensor with at least one axis, or a structure of them.
        initializer: where to begin; the first row if not given.
        parallel_iterations, swap_memory: how TensorFlow makes its graph.
        back_prop: only True.
        name: unused, as nothing has a name here.

    Raises:
        TypeError: `fn` is not callable.
        ValueError: no rows and no `initializer`; scalars.

    >>> import scratchnet as tf
    >>> foldl(lambda total, row: total * 2 + row, tf.constant([1, 2, 3])).numpy()
    np.int32(11)
    """
    return _folded("foldl", fn, elems, initializer, back_prop, False)[-1]


def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """As `foldl`, from the last row to the first (``tf.foldr``).

    >>> import scratchnet as tf
    >>> foldr(lambda total, row: total * 2 + row, tf.constant([1, 2, 3])).numpy()
    np.int32(17)
    """
    return _folded("foldr", fn, elems, initializer, back_prop, True)[-1]


def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All that `foldl` has on its way, stacked (``tf.scan``).

    Args:
        fn, elems, initializer: as of `foldl`.
        parallel_iterations, swap_memory, infer_shape: how TensorFlow makes its graph.
        back_prop: only True.
        reverse: from the last row to the first; the results stay in the order of the rows.
        name: unused, as nothing has a name here.

    Raises:
        TypeError, ValueError: as of `foldl`.

    >>> import scratchnet as tf
    >>> scan(lambda total, row: total + row, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    found = _folded("scan", fn, elems, initializer, back_prop, reverse)
    if initializer is not None:
        found = found[1:]
    return _stacked(found[::-1] if reverse else found)


def _folded(
    where: str, fn: Any, elems: Any, initializer: Any, back_prop: bool, reverse: bool
) -> list[Any]:
    """What there is at first, and after each row."""
    if not callable(fn):
        raise TypeError(f"{fn.__class__.__name__} is not callable: fn must be callable.")
    _only_true(where, back_prop)
    rows = _rows(where, elems)
    rows = rows[::-1] if reverse else rows
    if initializer is None:
        if not rows:
            raise ValueError(say(where, "elems", "must have rows, without `initializer`", elems))
        found = [rows.pop(0)]
    else:
        found = [_converted(initializer)]
    found[0] = at_loop(found[0])
    for row in rows:
        made = _converted(in_own_graph(fn, found[-1], row))
        assert_same_structure(found[-1], made)
        found.append(made)
    return found


def vectorized_map(
    fn: Callable[[Any], Any], elems: Any, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """`fn` of every row, stacked: the same as `map_fn` here (``tf.vectorized_map``).

    Args:
        fn, elems: as of `map_fn`.
        fallback_to_while_loop, warn: what TensorFlow does where it cannot vectorize.

    Raises:
        ValueError: no rows, for what `fn` makes of them cannot be known (TensorFlow traces it).
    """
    rows = _rows("vectorized_map", elems)
    if not rows:
        raise ValueError(say("vectorized_map", "elems", "must have rows", elems))
    results = []
    for row in rows:
        with Graph():  # TensorFlow makes one outside of functions, too
            results.append(_converted(fn(row)))
    return _stacked(results)


def _rows(where: str, elems: Any) -> list[Any]:
    """The rows of `elems`, each in its structure."""
    tensors = [convert(x) for x in nest.flatten(elems)]
    if not tensors or not all(x.ndim for x in tensors):
        raise ValueError(say(where, "elems", "must be tensors with rows, not scalars", elems))
    return [nest.pack(elems, list(parts)) for parts in zip(*tensors, strict=True)]


def _empty(wanted: Any) -> Tensor:
    """No rows of a dtype, or of a TensorSpec that knows the shape of one."""
    known = isinstance(wanted, TensorSpec) and wanted.shape.rank is not None
    return call("zeros", [0, *(wanted.shape if known else ())], _dtype_of(wanted))


def _dtype_of(wanted: Any) -> DType:
    return as_dtype(wanted.dtype if isinstance(wanted, TensorSpec) else wanted)


def _converted(structure: Any) -> Any:
    return nest.pack(structure, [convert(x) for x in nest.flatten(structure)])


def _stacked(results: list[Any], dtypes: Any = None) -> Any:
    """Structures of tensors as one of stacked tensors, which must be of `dtypes`, if given."""
    if dtypes is not None:
        assert_same_structure(dtypes, results[0])
        for wanted, x in zip(nest.flatten(dtypes), nest.flatten(results[0]), strict=True):
            dtype = _dtype_of(wanted)
            if dtype != x.dtype:
                raise InvalidArgumentError(
                    f"map_fn: TensorArray dtype is {dtype.name} but Op is trying to write dtype "
                    f"{x.dtype.name}: name it in `fn_output_signature`"
                )
    columns = zip(*map(nest.flatten, results), strict=True)
    return nest.pack(results[0], [call("stack", list(column)) for column in columns])


def _only_true(where: str, back_prop: bool) -> None:
    if not back_prop:
        raise NotImplementedError(
            say(where, "back_prop", "must be True: use `tf.stop_gradient`", back_prop)
        )
