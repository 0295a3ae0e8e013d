"""Small datasets, of either library."""

from __future__ import annotations

import numpy as np

X = np.arange(22, dtype=np.float32).reshape(11, 2)
Y = np.arange(11)


def rows(ds):
    return ds.from_tensor_slices((X, Y))


def read(dataset):
    return [np.asarray(element).tolist() for element in dataset]
