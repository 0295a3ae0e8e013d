"""CsvDataset: the rows of files of numbers."""

from __future__ import annotations

import csv
import gzip
import os
import zlib
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import IO, Any

import numpy as np

from scratchnet.data.dataset import Dataset
from scratchnet.data.element_spec import Element, Spec, TensorSpec
from scratchnet.data.node import UNKNOWN, Node
from scratchnet.engine.dtypes import Array, DType, as_dtype
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import convert
from scratchnet.ops.arguments import flag, ints

_WHERE = "CsvDataset"


def CsvDataset(  # noqa: N802 - TensorFlow's name
    filenames: Any,
    record_defaults: Any,
    compression_type: str | None = None,
    buffer_size: int | None = None,
    header: bool = False,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Any = None,
    exclude_cols: Any = None,
) -> Dataset:
    """The rows of CSV files, each a tuple of scalars (``tf.data.experimental.CsvDataset``).

    Args:
        filenames: a path, or a list of them.
        record_defaults: for each column that is read its dtype, if each row must have a value, or
            what stands for one that is missing: a number, or a list or tensor of one.
        compression_type: None or ``""``, ``"GZIP"`` or ``"ZLIB"``.
        buffer_size: how many bytes TensorFlow reads at once; not used.
        header: whether the first line of each file is skipped.
        field_delim: what parts two values.
        use_quote_delim: whether quotes stand around a value.
        na_value: what is written for a value that is missing, besides nothing.
        select_cols: the numbers of the columns that are read, in rising order; all if not given.
        exclude_cols: those that are not read; only one of the two may be given.

    Raises:
        ValueError: an argument that is not as said; text, of which there are no tensors.
        InvalidArgumentError: both `select_cols` and `exclude_cols`; while reading, a row with
            another number of values, a value that is missing or no number.
        FileNotFoundError: while reading: no such file.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/x.csv"
    ...     _ = Path(path).write_text("a,b\\n1.5,2\\n3,\\n")
    ...     [(float(a), int(b)) for a, b in CsvDataset(path, [0.0, -1], header=True)]
    [(1.5, 2), (3.0, -1)]
    """
    if isinstance(filenames, str | bytes | os.PathLike):
        filenames = [filenames]
    for name, value in (("filenames", filenames), ("record_defaults", record_defaults)):
        if not isinstance(value, list | tuple):
            raise TypeError(say(_WHERE, name, "must be a list", value))
    for name, value in (("header", header), ("use_quote_delim", use_quote_delim)):
        flag(_WHERE, name, value)
    if compression_type not in (None, "", "GZIP", "ZLIB"):
        rule = "must be None, '', 'GZIP' or 'ZLIB'"
        raise ValueError(say(_WHERE, "compression_type", rule, compression_type))
    if not isinstance(field_delim, str) or len(field_delim) != 1:
        raise ValueError(say(_WHERE, "field_delim", "must be one character", field_delim))
    if select_cols is not None and exclude_cols is not None:
        raise InvalidArgumentError(
            f"{_WHERE}: only one of `select_cols` and `exclude_cols` may be given"
        )
    columns = [_column(default) for default in record_defaults]
    if select_cols is not None:
        select_cols = list(ints(_WHERE, "select_cols", select_cols))
        if select_cols != sorted(set(select_cols)) or min(select_cols, default=0) < 0:
            raise ValueError(say(_WHERE, "select_cols", "must rise from 0 on", select_cols))
        if len(select_cols) != len(columns):
            rule = f"must be as many as the {len(columns)} `record_defaults`"
            raise ValueError(say(_WHERE, "select_cols", rule, select_cols))
    left_out = frozenset(ints(_WHERE, "exclude_cols", exclude_cols or ()))
    quoting = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    form = {"delimiter": field_delim, "quoting": quoting}
    rows = _Rows(
        [os.fspath(name) for name in filenames],
        *(columns, compression_type, header, form, na_value, select_cols, left_out),
    )
    return Dataset(rows)


def _column(default: Any) -> tuple[np.dtype[Any], Array | None]:
    """(dtype, what stands for a missing value, if anything does) of a column."""
    if isinstance(default, str):
        raise ValueError(say(_WHERE, "record_defaults", "must not be text: there is none", default))
    if isinstance(default, DType | type | np.dtype):
        kind, found = as_dtype(default).numpy, None
    else:
        found = convert(default)._data
        if found.size > 1:
            raise ValueError(say(_WHERE, "record_defaults", "must hold single values", default))
        kind, found = found.dtype, found.reshape(-1)[0] if found.size else None
    if kind.name not in ("float32", "float64", "int32", "int64"):
        rule = "must be of float32, float64, int32 or int64"
        raise ValueError(say(_WHERE, "record_defaults", rule, default))
    return kind, found


class _Rows(Node):
    name = "CsvDatasetV2"

    def __init__(
        self,
        paths: list[str],
        columns: list[tuple[np.dtype[Any], Array | None]],
        compression: str | None,
        header: bool,
        form: dict[str, Any],
        na_value: str,
        selected: list[int] | None,
        left_out: frozenset[int],
    ) -> None:
        self._paths, self._columns, self._compression = paths, columns, compression
        self._header, self._form, self._na_value = header, form, na_value
        self._selected, self._left_out = selected, left_out

    @property
    def spec(self) -> Spec:
        return tuple(TensorSpec((), kind) for kind, _ in self._columns)

    def cardinality(self) -> int:
        return UNKNOWN

    def elements(self) -> Iterator[Element]:
        return (element for path in self._paths for element in self._elements_of(path))

    def _elements_of(self, path: str) -> Iterator[Element]:
        with _opened(path, self._compression) as file:
            rows = csv.reader(file, **self._form)
            if self._header:
                next(rows, None)
            yield from map(self._element, rows)

    def _element(self, row: list[str]) -> Element:
        if self._selected is not None:
            if row and self._selected and self._selected[-1] >= len(row):
                raise self._wrong_count(row)
            row = [row[i] for i in self._selected] if row else row
        elif self._left_out:
            row = [value for i, value in enumerate(row) if i not in self._left_out]
        if len(row) != len(self._columns):
            raise self._wrong_count(row)
        pairs = enumerate(zip(row, self._columns, strict=True))
        return tuple(self._value(i, text, *column) for i, (text, column) in pairs)

    def _wrong_count(self, row: list[str]) -> InvalidArgumentError:
        return InvalidArgumentError(
            f"{_WHERE}: Expect {len(self._columns)} fields but have {len(row)} in record {row}"
        )

    def _value(self, i: int, text: str, kind: np.dtype[Any], default: Array | None) -> Array:
        if text in ("", self._na_value):
            if default is None:
                raise InvalidArgumentError(f"{_WHERE}: Field {i} is required but missing in record")
            return np.asarray(default)
        try:
            return np.asarray(int(text) if kind.kind == "i" else float(text), kind)
        except (ValueError, OverflowError):
            raise InvalidArgumentError(
                f"{_WHERE}: Field {i} in record is not a valid {kind.name}: {text}"
            ) from None


def _opened(path: str, compression: str | None) -> IO[str]:
    """The text of a file, unpacked."""
    if compression == "GZIP":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    if compression == "ZLIB":
        with open(path, "rb") as packed:
            return TextIOWrapper(BytesIO(zlib.decompress(packed.read())), "utf-8", newline="")
    return open(path, encoding="utf-8", newline="")
