"""What of ``tf.data`` is not here, and what to use instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

_ARRAYS = "read the file with NumPy and begin with `from_tensor_slices` or `from_generator`"
_SELDOM = "it is not among the steps that scratchnet has"

OF_MODULE = {
    "TFRecordDataset": _ARRAYS,
    "TextLineDataset": _ARRAYS,
    "FixedLengthRecordDataset": _ARRAYS,
    "Iterator": "use `iter(dataset)`",
    "NumpyIterator": "use `dataset.as_numpy_iterator()`",
    "IteratorSpec": "an iterator is no element of a dataset here",
}

OF_DATASET = {
    "bucket_by_sequence_length": "use `group_by_window` with `padded_batch` in its `reduce_func`",
    "counter": "use `range`, or `enumerate`",
    "fingerprint": _SELDOM,
    "ignore_errors": "catch the error inside the mapped function's own code",
    "list_files": "use `from_generator` over `pathlib.Path.glob`",
    "load": "load arrays with NumPy, and use `from_tensor_slices`",
    "options": "those given by `with_options` change nothing here, and are not kept",
    "ragged_batch": "use `padded_batch`",
    "rebatch": "use `unbatch().batch(batch_size)`",
    "save": "save the arrays with `numpy.savez`",
    "snapshot": "use `cache`, which keeps the elements in memory",
    "sparse_batch": "sparse tensors do not exist here",
}


def refuse(owner: str, name: str, instead: Mapping[str, str]) -> NoReturn:
    """Say that `owner` has no `name`, and what `instead` knows about it.

    Raises:
        AttributeError: always.
    """
    text = f"{owner} has no attribute {name!r}"
    if name in instead:
        text += f": scratchnet does not have TensorFlow's `{name}`; {instead[name]}"
    raise AttributeError(text)
