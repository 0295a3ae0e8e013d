"""InputSpec: what a layer demands of the tensor it is called on, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scratchnet.keras.config import Shape


@dataclass(frozen=True)
class InputSpec:
    """Rank and axis sizes that an input must have (``keras.InputSpec``).

    Attributes:
        ndim: the exact rank.
        min_ndim: the least rank.
        max_ndim: the greatest rank.
        axes: sizes by axis; None allows any.
    """

    ndim: int | None = None
    min_ndim: int | None = None
    max_ndim: int | None = None
    axes: Mapping[int, int | None] = field(default_factory=dict)

    def check(self, shape: Shape, layer_name: str) -> None:
        """Refuse a `shape` that does not fit.

        Raises:
            ValueError: names the layer, what it expects and what it received.
        """
        ndim = len(shape)
        start = f"Input 0 with name 'None' of layer '{layer_name}' is incompatible with the layer: "
        if self.ndim is not None and ndim != self.ndim:
            raise ValueError(
                f"{start}expected ndim={self.ndim}, found ndim={ndim}. Full shape received: {shape}"
            )
        if self.max_ndim is not None and ndim > self.max_ndim:
            raise ValueError(f"{start}expected max_ndim={self.max_ndim}, found ndim={ndim}")
        if self.min_ndim is not None and ndim < self.min_ndim:
            raise ValueError(
                f"{start}expected min_ndim={self.min_ndim}, found ndim={ndim}. Full shape "
                f"received: {shape}"
            )
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                raise ValueError(
                    f"{start}expected axis {axis} of input shape to have value {size}, "
                    f"but received input with shape {shape}"
                )
