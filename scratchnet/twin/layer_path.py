"""Path: the way of the numbers through the layers of one step, forward and back."""

from __future__ import annotations

import math

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.twin.differences import kinks, other_winners
from scratchnet.twin.observe import Seen


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
        self._kink = -1  # the last layer with one

    def look(self, i: int, what: Seen, ours: list[Array], theirs: list[Array]) -> None:
        """Look for values that send gradients another way."""
        if what.is_random:
            return
        found = kinks(ours[i], theirs[i])
        if what.pool is not None and theirs[i - 1].ndim == theirs[i].ndim == 4:
            found += other_winners(ours[i - 1], theirs[i - 1], *what.pool)
        if found:
            self._kink = i

    @property
    def has_kink(self) -> bool:
        """Whether one was found."""
        return self._kink >= 0

    def is_past_a_kink(self, variable: str) -> bool:
        """Whether the gradient of `variable` came through a layer with a kink."""
        return self._home.get(variable, 0) <= self._kink

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
        if not self._seen[i].over_batch or self._arrays[i - 1].shape != self._arrays[i].shape:
            return 1.0
        x, y = self._arrays[i - 1], self._arrays[i]
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
        x, y = self._arrays[norm - 1], self._arrays[norm]
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
