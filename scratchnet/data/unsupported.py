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
    "Options": "there is one way to run a pipeline here: leave the options out",
    "ThreadingOptions": "there is one way to run a pipeline here: leave the options out",
    "Iterator": "use `iter(dataset)`",
    "NumpyIterator": "use `dataset.as_numpy_iterator()`",
    "DatasetSpec": "a dataset is no element of another here",
    "IteratorSpec": "an iterator is no element of a dataset here",
}

OF_DATASET = {
    "bucket_by_sequence_length": "pad the arrays with NumPy before `from_tensor_slices`",
    "choose_from_datasets": "write a generator that chooses, and use `from_generator`",
    "counter": "use `range`, or `enumerate`",
    "fingerprint": _SELDOM,
    "get_single_element": "use `next(iter(dataset))`",
    "group_by_window": _SELDOM,
    "ignore_errors": "catch the error inside the mapped function's own code",
    "interleave": "use `flat_map`, which reads the datasets one after the other",
    "list_files": "use `from_generator` over `pathlib.Path.glob`",
    "load": "load arrays with NumPy, and use `from_tensor_slices`",
    "options": OF_MODULE["Options"],
    "padded_batch": "pad the arrays with NumPy before `from_tensor_slices`",
    "ragged_batch": "pad the arrays with NumPy before `from_tensor_slices`",
    "random": "use `range(n).map(lambda i: tf.random.uniform(...))`",
    "rebatch": "use `unbatch().batch(batch_size)`",
    "rejection_resample": "choose the samples with NumPy before `from_tensor_slices`",
    "sample_from_datasets": "write a generator that chooses, and use `from_generator`",
    "save": "save the arrays with `numpy.savez`",
    "scan": "use `reduce` for the last state, or a generator for all of them",
    "shard": "use `enumerate().filter(lambda i, x: i % num_shards == index)`",
    "snapshot": "use `cache`, which keeps the elements in memory",
    "sparse_batch": "sparse tensors do not exist here",
    "take_while": "use `take`, or `filter`",
    "unique": "use `numpy.unique` before `from_tensor_slices`",
    "window": "slice the arrays into windows with NumPy before `from_tensor_slices`",
    "with_options": OF_MODULE["Options"],
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
