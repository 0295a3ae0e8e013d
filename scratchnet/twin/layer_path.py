"""Path: the way of the numbers through the layers of one step, forward and back."""

from __future__ import annotations

import math

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.twin.differences import kinks, other_winners
from scratchnet.twin.observe import Seen

LARGE_TERM = 10.0  # how much larger than a typical term of a gradient's sum one may be

# The input of a layer: ours, theirs, that of TensorFlow's other settings.
Inputs = tuple[Array, Array, Array | None] | None


class Path:
    """The layers of one step in the order of their calls."""

    def __init__(self, seen: list[Seen], arrays: list[Array]) -> None:
        self._seen, self._arrays = seen, arrays
        self._layers = [i for i, what in enumerate(seen) if what.role == "layer"]
        self._home: dict[str, int] = {}  # weight -> the first layer that uses it
        for i in self._layers:
            for name in seen[i].variables:
                self._home.setdefault(name, i)
        # A gradient sums over all places of the layer's output.
        self._places = {
            i: arrays[i].size // max(1, arrays[i].shape[-1:][0]) if arrays[i].ndim else 1
            for i in self._layers
        }
        # Mean and variance are sums over the places of each channel, and so are their gradients.
        self._terms = {
            i: seen[i].terms + (2 * self._places[i] if seen[i].over_batch else 0)
            for i in self._layers
        }
        self._by_number = {what.number: i for i, what in enumerate(seen) if what.number >= 0}
        # For each layer with kinks, how many there are: ours against theirs, other against theirs.
        self._kinks: dict[int, tuple[int, int]] = {}

    def input_of(self, i: int) -> int | None:
        """The row of what layer number `i` reads; None if it reads several, or nothing known."""
        what = self._seen[i]
        if what.number < 0:
            return i - 1
        found = [self._by_number[n] for n in what.inputs if n in self._by_number]
        return found[0] if len(found) == 1 else None

    def look(self, i: int, ours: Array, theirs: Array, other: Array | None, x: Inputs) -> None:
        """Look for values that send gradients another way.

        Args:
            i: of the layer.
            ours, theirs, other: its output.
            x: the same of its input; None if that is not known.
        """
        what = self._seen[i]
        if what.is_random:
            return
        counts = [0, 0]
        for k, (y, of) in enumerate(((ours, 0), (other, 2))):
            if y is None:
                continue
            if what.decides or what.number < 0:
                counts[k] += kinks(y, theirs)
            if what.pool is not None and x is not None and x[1].ndim == theirs.ndim == 4:
                counts[k] += other_winners(x[of], x[1], *what.pool)  # type: ignore[arg-type]
        if any(counts):
            self._kinks[i] = counts[0], counts[1]

    @property
    def has_kink(self) -> bool:
        """Whether one was found."""
        return any(ours for ours, _ in self._kinks.values())

    def kinks_behind(self, variable: str) -> tuple[float, int, int]:
        """The kinks in the layers that the gradient of `variable` came through.

        Returns:
            (by how much they may change it, in units of its largest value, at most; how many there
            are; how many TensorFlow's other settings have).

        A kink changes one place of the sum that a gradient is.  Of a sum of P terms of random
        signs, which is about √P typical terms large, that is a part of 1/√P; a term may be several
        times as large as a typical one.
        """
        home = self._home.get(variable, 0)
        found = [(i, *counts) for i, counts in self._kinks.items() if i >= home]
        share = sum(ours / self._places[i] for i, ours, _ in found)
        size = LARGE_TERM * math.sqrt(share)
        return size, sum(ours for _, ours, _ in found), sum(other for _, _, other in found)

    def home(self, variable: str) -> int:
        """The row of the first layer that uses `variable`; -1 if none does."""
        return self._home.get(variable, -1)

    def layers_after(self, variable: str) -> list[str]:
        """The names of the layers that were called after the first that uses `variable`."""
        home = self.home(variable)
        return [self._seen[i].name for i in self._layers if i > home]

    def roundings(self, i: int, what: Seen) -> float:
        """How many roundings lead to array number `i`; what makes an error k times as large, k²."""
        found = 1.0
        for layer, terms in self._terms.items():
            if layer <= i:
                found = (found + terms) * self._amplification(
                    layer, layer < i and what.role != "gradient"
                ) ** 2
        if what.role != "gradient":
            return found
        home = self._home.get(what.name, 0)
        back = sum(terms for layer, terms in self._terms.items() if layer >= home)
        return found + back + self._places.get(home, 1)

    def _amplification(self, i: int, for_later: bool) -> float:
        """By how much layer number `i` makes relative errors larger: 1, but for a normalization.

        That subtracts the mean: where it is large beside the standard deviation, what is left has
        lost as many digits.  An error of the mean is in all places of a channel alike, however
        small their values are: to the sums of later layers it is one in units of a typical value,
        the root mean square, not of the largest.  To a gradient it is not: a
        normalization makes the cotangents of a channel add up to 0, and so what all its places
        share, times them.
        """
        before = self.input_of(i)
        if not self._seen[i].over_batch or before is None:
            return 1.0
        x, y = self._arrays[before], self._arrays[i]
        if x.shape != y.shape:
            return 1.0
        size = np.sqrt(np.mean(np.square(y, dtype=np.float64))) if for_later else np.abs(y).max()
        return max(1.0, float(np.abs(x).max()) * _steepness(x, y) / (float(size) or 1.0))

    def summed(self, what: Seen) -> float:
        """How large the numbers are, at least, that make up the gradient of a bias.

        Before a BatchNormalization they are (g - mean g) gamma / std, and their sum is 0: all of it
        is rounding.  The rounding of mean g is in each of them, and adds up to that of
        sum g gamma / std, where sum g is the gradient of beta.  Three sums of that size led here,
        not one: mean g, mean of g times the output, and this; their errors add up like sqrt 3.

        Returns:
            sqrt 3 times the largest of all channels; 0 for a weight that is no bias before a
            normalization.
        """
        home = self._home.get(what.name)
        later = [i for i in self._layers if home is not None and i > home]
        norm = next((i for i in later if self._seen[i].variables), 0)
        before = self.input_of(norm) if norm else None
        if before is None:
            return 0.0
        x, y = self._arrays[before], self._arrays[norm]
        gradients = self._gradients(self._seen[norm].variables)
        if what.role != "gradient" or not norm or not gradients or x.shape != y.shape:
            return 0.0
        channels = y.shape[-1:]
        if any(g.shape != channels for g in [*gradients, *self._gradients((what.name,))]):
            return 0.0
        largest = max(float(np.abs(g).max(initial=0)) for g in gradients)
        return math.sqrt(3) * largest * _steepness(x, y)

    def _gradients(self, names: tuple[str, ...]) -> list[Array]:
        pairs = zip(self._seen, self._arrays, strict=True)
        return [g for what, g in pairs if what.role == "gradient" and what.name in names]


def _steepness(x: Array, y: Array) -> float:
    """By how much a normalization of `x` to `y` scales the channel that it scales most."""
    of_x, of_y = (v.reshape(-1, v.shape[-1]).std(0, dtype=np.float64) for v in (x, y))
    ratio = np.divide(of_y, of_x, out=np.zeros_like(of_x), where=of_x > 0)
    return float(ratio.max(initial=0))
