"""CsvDataset against TensorFlow: files, columns, missing values, errors."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import pytest
import tensorflow

import scratchnet

TEXT = '1.5,2,"7",4\n3,,8,NA\n-2e3,5,9,6\n'


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("csv")
    files = {
        "plain": TEXT.encode(),
        "header": b"a,b,c,d\n" + TEXT.encode(),
        "semicolons": TEXT.replace(",", ";").replace("\n", "\r\n").encode(),
        "gzip": gzip.compress(TEXT.encode()),
        "zlib": zlib.compress(TEXT.encode()),
        "short": b"1,2,3,4\n1,2\n",
        "words": b"1,2,3,4\n1,x,3,4\n",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: str(folder / name) for name in files}


DEFAULTS = [0.0, [-1], 0, 9.5]
CALLS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "plain": ("plain", DEFAULTS, {"na_value": "NA"}),
    "several": (["plain", "plain"], DEFAULTS, {"na_value": "NA"}),
    "header": ("header", DEFAULTS, {"header": True, "na_value": "NA"}),
    "semicolons": ("semicolons", DEFAULTS, {"field_delim": ";", "na_value": "NA"}),
    "gzip": ("gzip", DEFAULTS, {"compression_type": "GZIP", "na_value": "NA"}),
    "zlib": ("zlib", DEFAULTS, {"compression_type": "ZLIB", "na_value": "NA"}),
    "columns": ("plain", ["float64", "int64"], {"select_cols": [0, 2]}),
    "all but one": ("plain", DEFAULTS[:3], {"exclude_cols": [3]}),
}


def elements(tf: Any, paths: dict[str, str], name: str) -> Any:
    files, defaults, arguments = CALLS[name]
    files = [paths[n] for n in files] if isinstance(files, list) else paths[files]
    defaults = [getattr(tf, d) if isinstance(d, str) else d for d in defaults]
    made = tf.data.experimental.CsvDataset(files, defaults, **arguments)
    specs = [(spec.shape.as_list(), spec.dtype.name) for spec in made.element_spec]
    return specs, [[value.numpy().tolist() for value in row] for row in made]


@pytest.mark.parametrize("name", CALLS)
def test_rows(name: str, paths: dict[str, str]) -> None:
    assert elements(scratchnet, paths, name) == elements(tensorflow, paths, name)


def test_batches_of_rows(paths: dict[str, str]) -> None:
    def first(tf: Any) -> Any:
        rows = tf.data.experimental.CsvDataset(paths["plain"], DEFAULTS[:3], exclude_cols=[3])
        packed = rows.batch(2).map(lambda *row: (tf.stack(row[:1], 1), row[2])).unbatch()
        return [(x.numpy().tolist(), int(y)) for x, y in packed.skip(1)]

    assert first(scratchnet) == first(tensorflow)


def test_errors(paths: dict[str, str], tmp_path: Path) -> None:
    for tf in (scratchnet, tensorflow):
        kind = tf.data.experimental.CsvDataset
        for name, defaults, said in (
            ("short", DEFAULTS, "Expect 4 fields but have 2 in record"),
            ("words", DEFAULTS, "Field 1 in record is not a valid int32: x"),
            ("plain", [0.0, tf.int32, 0, 1.0], "Field 1 is required but missing in record"),
        ):
            with pytest.raises(tf.errors.InvalidArgumentError, match=said):
                list(kind(paths[name], defaults))
        with pytest.raises(tf.errors.InvalidArgumentError, match="select_cols"):
            kind(paths["plain"], [0.0], select_cols=[0], exclude_cols=[1])
    kind = scratchnet.data.experimental.CsvDataset
    with pytest.raises(FileNotFoundError):
        list(kind(str(tmp_path / "none"), DEFAULTS))
    for wrong, value in (
        *(("record_defaults", ["a"]), ("record_defaults", [scratchnet.bool])),
        *(("compression_type", "ZIP"), ("field_delim", ""), ("select_cols", [2, 1, 0, 3])),
        *(("select_cols", [1]), ("filenames", 5), ("select_cols", "a")),
    ):
        given = {"filenames": "x", "record_defaults": DEFAULTS, wrong: value}
        with pytest.raises((ValueError, TypeError), match=f"CsvDataset: `{wrong}` must"):
            kind(**given)
