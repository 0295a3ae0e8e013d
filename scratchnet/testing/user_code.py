"""The code under test, a forward pass and its VJP: called on copies, and watched.

Every call gets arrays of its own.  What the code changes in place, an argument, the cotangent, or
what it returned before, is noticed; so are results of another number, shape or dtype.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say, with_article

Forward = Callable[..., Any]
Vjp = Callable[..., Any]


def checked_arrays(where: str, arrays: Sequence[Any], names: Sequence[str]) -> list[Array]:
    """The arguments as arrays: of numbers, finite, and at least one of them floating.

    Raises:
        TypeError: there is none, or one that is no array of real numbers.
        ValueError: NaN or infinity in one.
    """
    found = [np.array(x) for x in arrays]
    for name, x in zip(names, found, strict=True):
        if x.dtype.kind not in "fiub":
            rule = "must be an array of real numbers, integers or booleans"
            raise TypeError(f"{where}: `{name}` {rule}, received one of dtype {x.dtype}")
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
            raise ValueError(
                f"{where}: `{name}` must be finite, received {x[at]} at {list(at)}: there is no "
                "derivative to check there"
            )
    if not any(x.dtype.kind == "f" for x in found):
        dtypes = ", ".join(str(x.dtype) for x in found) or "none"
        raise TypeError(
            f"{where}: `arrays` must hold a floating array, since only those have gradients, "
            f"received dtypes {dtypes}"
        )
    return found


def checked_names(
    where: str, f: Callable[..., Any], count: int, names: Sequence[str] | None
) -> list[str]:
    """What the arguments are called: as `names` says, else as the parameters of `f`.

    >>> checked_names("check_vjp", lambda x, k: x, 2, None)
    ['x', 'k']
    >>> checked_names("check_vjp", np.maximum, 2, None)
    ['argument 0', 'argument 1']

    Raises:
        ValueError: not one name for each argument.
    """
    if names is not None:
        if isinstance(names, str) or len(names) != count:
            raise ValueError(say(where, "names", f"must be {count} names, one per array", names))
        if len({str(name) for name in names}) < count:
            raise ValueError(say(where, "names", "must be different names", names))
        return [str(name) for name in names]
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # a built-in function
        parameters = []
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in plain if p.default is p.empty]
    if count in (len(plain), len(required)) and not isinstance(f, np.ufunc):
        return [p.name for p in plain[:count]]
    return [f"argument {i}" for i in range(count)]


class UserCode:
    """A forward pass and its VJP, called with arrays of the user's shapes.

    Cotangents and results of several outputs are kept as one vector, in the order of the outputs.
    With `keeps` a call of the VJP follows one of the forward pass: it may keep what the VJP needs.

    Attributes:
        shapes: those of the outputs, from the first call of `forward` on.
        changed: what was changed in place, in words, each once.
    """

    def __init__(
        self,
        where: str,
        forward: Forward,
        vjp: Vjp,
        arrays: Sequence[Array],
        names: Sequence[str],
        keeps: bool = True,
    ) -> None:
        self.where, self._forward, self._vjp, self._keeps = where, forward, vjp, keeps
        self.arrays, self.names = list(arrays), list(names)
        self.shapes: list[tuple[int, ...]] = []
        self.changed: list[str] = []
        self._handed_out: list[tuple[Array, Array]] = []

    # -- the forward pass --------------------------------------------------------------------------

    def outputs(self, arrays: Sequence[Array], watched: bool = True) -> list[Array]:
        """What the forward pass returns, one array or several.

        Raises:
            TypeError: it returned something else than floating arrays.
        """
        given = [x.copy() for x in arrays]
        result = self._forward(*given)
        if watched:
            self._notice("the forward pass", given, arrays)
        ys = list(result) if isinstance(result, tuple | list) else [result]
        return [self._output(y) for y in ys]

    def _output(self, y: Any) -> Array:
        if not isinstance(y, np.ndarray | np.generic | float):
            kind = with_article(type(y).__name__)
            hint = ": of tensors, see check_gradients" if hasattr(y, "numpy") else ""
            raise TypeError(
                f"{self.where}: `forward` must return an array or a tuple of arrays, received "
                f"{kind}{hint}"
            )
        array = np.asarray(y)
        if array.dtype.kind != "f":
            raise TypeError(
                f"{self.where}: `forward` must return floating arrays, since only those have "
                f"gradients, received dtype {array.dtype}"
            )
        return array

    def value(self, arrays: Sequence[Array]) -> Array:
        """All outputs as one vector in float64."""
        ys = self.outputs(arrays, watched=False)
        return np.concatenate([y.ravel() for y in ys]).astype(np.float64)

    # -- the VJP -----------------------------------------------------------------------------------

    def gradients(self, g: Array, arrays: Sequence[Array], dtype: Any = None) -> list[Any]:
        """What the VJP returns for the cotangent `g`, a vector: an array or None per argument.

        Raises:
            TypeError, ValueError: the number of results, or what they are, is not as it must be.
        """
        if self._keeps:
            self._forward(*[x.copy() for x in arrays])
        gs = self.split(g if dtype is None else g.astype(dtype))
        given, cotangents = [x.copy() for x in arrays], [part.copy() for part in gs]
        first = cotangents[0] if len(cotangents) == 1 else tuple(cotangents)
        result = self._vjp(first, *given)
        self._notice("the VJP", given, arrays)
        for before, after in zip(gs, cotangents, strict=True):
            if not np.array_equal(before, after, equal_nan=True):
                self._change("the VJP changes the cotangent g in place")
        for kept, copy in self._handed_out:
            if not np.array_equal(kept, copy, equal_nan=True):
                self._change("a call of the VJP changes what an earlier call returned")
        found = [self._gradient(i, gx) for i, gx in enumerate(self._results(result))]
        self._handed_out = [(gx, gx.copy()) for gx in found if gx is not None]
        return [None if gx is None else gx.copy() for gx in found]

    def split(self, g: Array) -> list[Array]:
        """A vector over all outputs, as one array for each."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        parts = np.split(g, np.cumsum(sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def _results(self, result: Any) -> list[Any]:
        count = len(self.arrays)
        if count == 1 and not isinstance(result, tuple | list):
            return [result]
        if not isinstance(result, tuple | list) or len(result) != count:
            shown = (
                f"{len(result)} results"
                if isinstance(result, tuple | list)
                else with_article(type(result).__name__)
            )
            raise ValueError(
                f"{self.where}: `vjp` must return {count} gradients, one for each of "
                f"{', '.join(self.names)} (None for those without), received {shown}"
            )
        return list(result)

    def _gradient(self, i: int, gx: Any) -> Array | None:
        name, x = self.names[i], self.arrays[i]
        if gx is None:
            return None
        if not isinstance(gx, np.ndarray | np.generic | float | int):
            raise TypeError(
                f"{self.where}: `vjp` must return an array or None for `{name}`, received "
                f"{with_article(type(gx).__name__)}"
            )
        array = np.asarray(gx)
        if x.dtype.kind != "f" and np.any(array):
            raise ValueError(
                f"{self.where}: `vjp` must return None for `{name}`, whose dtype {x.dtype} has no "
                f"gradient, received an array of shape {array.shape}"
            )
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{self.where}: `vjp` must return an array of real numbers for `{name}`, received "
                f"one of dtype {array.dtype}"
            )
        return None if x.dtype.kind != "f" else array

    # -- what is changed in place ------------------------------------------------------------------

    def _notice(self, who: str, given: list[Array], arrays: Sequence[Array]) -> None:
        for name, before, after in zip(self.names, arrays, given, strict=True):
            if not np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
                self._change(f"{who} changes its argument `{name}` in place")

    def _change(self, text: str) -> None:
        if text not in self.changed:
            self.changed.append(text)
