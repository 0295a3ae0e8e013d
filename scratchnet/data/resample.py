"""Resampling: elements rejected or repeated until classes are as often as wished."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import float32, int64
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.ops.arithmetic import add, divide, multiply, subtract
from scratchnet.ops.comparison import less
from scratchnet.ops.creation import cast, fill
from scratchnet.ops.gather import gather
from scratchnet.ops.layout import tile
from scratchnet.ops.random import uniform
from scratchnet.ops.reduce import reduce_max, reduce_min, reduce_sum
from scratchnet.ops.sequence import one_hot
from scratchnet.ops.shape import expand_dims

_BATCH, _SMOOTHING = 32, 10  # elements counted at once; what every class is counted from


def resampled(
    dataset: Any,
    class_func: Callable[..., Any],
    target_dist: TensorLike,
    initial_dist: TensorLike,
    seed: int | None,
) -> Any:
    """What `Dataset.rejection_resample` returns: see there.

    With t_i the wished and p_i the real share of class i, and m the smallest of ``t_i / p_i``, an
    element comes from the dataset as it is with probability m, and otherwise from a dataset that
    keeps an element of class i with probability ``(t_i / p_i - m) / (max_j(t_j / p_j) - m)``.
    """
    kind = type(dataset)
    target = _distribution("target_dist", target_dist)
    static = None
    if initial_dist is not None:
        initial = _distribution("initial_dist", initial_dist)
        if initial._data.shape != target._data.shape:
            rule = f"must have the shape of target_dist, {target._data.shape}"
            raise ValueError(say("rejection_resample", "initial_dist", rule, initial_dist))
        accept, original = _acceptance(initial, target)
        initials, accepts, originals = (
            kind.from_tensors(x).repeat() for x in (initial, accept, original)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            static = np.min(target._data / initial._data)
    else:
        initials = _counted(dataset.map(class_func), target)
        both = initials.map(lambda shares: _acceptance(shares, target))
        accepts, originals = both.map(lambda a, _: a), both.map(lambda _, m: m)
    kept = _filtered(dataset, kind.zip((accepts, initials)), class_func, seed)

    def with_class(*element: Any) -> Any:
        return class_func(*element), element[0] if len(element) == 1 else element

    if static == 1:
        return dataset.map(with_class)
    if static == 0:
        return kept
    return kind.sample_from_datasets(
        [dataset.map(with_class), kept],
        weights=originals.map(lambda m: (m, subtract(1.0, m))),
        seed=seed,
        stop_on_empty_dataset=True,
    )


def _distribution(name: str, given: TensorLike) -> Tensor:
    shares = cast(convert(given), float32)
    if shares._data.ndim != 1 or not shares._data.size:
        raise ValueError(say("rejection_resample", name, "must be one share for each class", given))
    return shares


def _acceptance(initial: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The probabilities to keep each class, and the probability of an element as it is."""
    ratio = divide(target, add(initial, float(np.finfo(np.float32).tiny)))
    least = reduce_min(ratio)
    return divide(subtract(ratio, least), subtract(reduce_max(ratio), least)), least


def _counted(classes: Any, target: Tensor) -> Any:
    """The shares of the classes seen so far, one for each element: counted by whole batches."""
    n = len(target._data)

    def update(seen: Tensor, batch: Tensor) -> tuple[Tensor, Tensor]:
        seen = add(seen, reduce_sum(one_hot(batch, n, dtype=int64), 0))
        shares = cast(divide(seen, reduce_sum(seen)), float32)
        return seen, tile(expand_dims(shares, 0), [_BATCH, 1])

    return classes.batch(_BATCH).scan(fill([n], np.int64(_SMOOTHING)), update).unbatch()


def _filtered(
    dataset: Any, accepts_and_initials: Any, class_func: Callable[..., Any], seed: int | None
) -> Any:
    told = [0]

    def warn(accept: Tensor, initial: Tensor) -> Tensor:
        rejected = reduce_sum(multiply(subtract(1.0, accept), initial))
        if not rejected._data < 0.5 and told[0] < 10:
            told[0] += 1
            print(
                "Proportion of examples rejected by sampler is high: "
                f"[{rejected.numpy()}]{initial.numpy()}{accept.numpy()}",
                file=sys.stderr,
            )
        return accept

    def judged(accept: Tensor, element: Any) -> Any:
        which = class_func(*element) if isinstance(element, tuple) else class_func(element)
        return which, gather(accept, which), element

    def is_kept(_which: Tensor, p: Tensor, _element: Any) -> Tensor:
        return less(uniform([], seed=seed, dtype=p.dtype), p)

    pairs = type(dataset).zip((accepts_and_initials.map(warn), dataset)).map(judged)
    return pairs.filter(is_kept).map(lambda which, _, element: (which, element)).prefetch(3)
