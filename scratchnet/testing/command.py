"""What `scratchnet check FILE` does: find the functions in a file, check them, show the result."""

from __future__ import annotations

import importlib.util
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.program_error import lines_in_file
from scratchnet.testing.checks import check_vjp
from scratchnet.testing.comparison import compare
from scratchnet.testing.comparison_report import Comparison
from scratchnet.testing.golden import GoldenError
from scratchnet.testing.report import Report


class CheckFileError(ValueError):
    """The file to check is not what it must be; the message is the whole story."""


def check_file(
    file: str,
    order: int = 1,
    seed: int = 0,
    record: str | None = None,
    against: str | None = None,
) -> Report | Comparison:
    """Check what a Python file defines.

    Args:
        file: it defines ``forward(*arrays)`` and ``vjp(g, *arrays)``, and where to check them:
            ``arrays()``, which returns the arrays, or ``shapes``, a dict of names and shapes, or a
            list of shapes, of arrays of normal random numbers.  It may define ``witness``.  Or it
            defines ``program(tf)``, as `compare` takes it; or ``build(tf)``, which returns a model
            of Keras's, to be compared on random data.
        order: as of `check_vjp`.
        seed: as of `check_vjp` or `compare`.
        record, against: as of `compare`; of a program only.

    Raises:
        CheckFileError: there is no such file, something is not defined, or the file itself raises
            an exception, or calls ``sys.exit``: it is the cause, and its lines of the file are in
            the message.
    """
    path = Path(file).expanduser()
    if not path.is_file():
        why = "it is a folder" if path.is_dir() else "there is no such file"
        raise CheckFileError(f"FILE must be a Python file, received {file}: {why}")
    try:
        return _checked(file, path, order, seed, record, against)
    except CheckFileError:
        raise
    except SystemExit as error:
        text = f"{file} calls sys.exit({error.code!r}): what runs it, such as the command of a "
        text += 'program, belongs under `if __name__ == "__main__":`'
        raise CheckFileError(f"{text}\n{lines_in_file(error, path)}") from error
    except Exception as error:
        raise CheckFileError(lines_in_file(error, path)) from error


def _checked(
    file: str, path: Path, order: int, seed: int, record: str | None, against: str | None
) -> Report | Comparison:
    names = _run(path)
    if "forward" in names and "vjp" in names:
        for option, value in (("--record", record), ("--against", against)):
            if value is not None:
                raise CheckFileError(
                    f"{option} is for a file that defines program(tf) or build(tf): TensorFlow has "
                    f"no part in the check of a vjp, received {option} {value} and {file}, which "
                    "defines forward and vjp"
                )
        given, labels = _arrays(file, names, seed)
        return check_vjp(
            names["forward"],
            names["vjp"],
            *given,
            order=order,
            witness=names.get("witness"),
            names=labels,
            seed=seed,
        )
    for name, program_of in (("program", lambda f: f), ("build", random_data_program)):
        if callable(names.get(name)):
            return _compare(program_of(names[name]), seed, record, against)
    raise CheckFileError(
        f"{file} must define forward(*arrays) and vjp(g, *arrays), received a file that defines "
        f"{_defined(names)}; or program(tf), or build(tf)"
    )


def _compare(program: Any, seed: int, record: str | None, against: str | None) -> Comparison:
    if record is not None and against is not None:
        raise CheckFileError("--record and --against exclude each other, received both")
    if against is None and importlib.util.find_spec("tensorflow") is None:
        raise CheckFileError(
            "TensorFlow is not installed; `pip install tensorflow` installs it, or "
            "give --against FILE.npz, which --record FILE.npz wrote where it is"
        )
    try:
        return compare(program, seed=seed, record=record, against=against)
    except GoldenError as error:
        raise CheckFileError(str(error)) from error


BATCH, SIZE = 8, 16  # of random data, where a model leaves it open


def random_data_program(build: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``build(tf)``, which returns a model, as a program for `compare`: on normal random numbers.

    Its loss is the sum of all outputs, each times a random number, so that every gradient counts.
    """

    def program(tf: Any) -> Any:
        model = build(tf)
        if not isinstance(model, tf.keras.Model):
            raise CheckFileError(f"build(tf) must return a keras.Model, returned {model!r}")
        shapes = getattr(model, "input_shape", None)
        if shapes is None:
            raise CheckFileError(
                "build(tf) must return a model that knows its input shape, such as a Sequential "
                "that begins with an Input; or define program(tf), which says its data, too"
            )
        rng = np.random.default_rng(0)

        def normal(shape: Any) -> Array:
            sizes = [BATCH, *[SIZE if n is None else n for n in tuple(shape)[1:]]]
            return rng.normal(size=sizes).astype(np.float32)

        def loss(y: Any, outputs: Any) -> Any:
            parts = tf.nest.flatten(outputs)
            sums = [
                tf.reduce_sum(p * tf.constant(rng.normal(size=p.shape), p.dtype)) for p in parts
            ]
            return tf.add_n(sums)

        is_one = isinstance(shapes, tuple) and not any(isinstance(n, tuple) for n in shapes)
        x: Any = normal(shapes) if is_one else _mapped(normal, shapes)
        return model, loss, x, None

    return program


def _mapped(normal: Callable[[Any], Array], shapes: Any) -> Any:
    if isinstance(shapes, Mapping):
        return {name: normal(shape) for name, shape in shapes.items()}
    return [normal(shape) for shape in shapes]


def _run(path: Path) -> dict[str, Any]:
    """The names that a file defines; it may import its neighbours."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        return runpy.run_path(str(path), run_name="check")
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _defined(names: Mapping[str, Any]) -> str:
    """The functions of a file, in words."""
    found = [name for name, value in names.items() if not name.startswith("_") and callable(value)]
    return ", ".join(found) or "no functions"


def _arrays(
    file: str, names: Mapping[str, Any], seed: int
) -> tuple[list[Any], Sequence[str] | None]:
    if callable(names.get("arrays")):
        given = names["arrays"]()
        if isinstance(given, Mapping):
            return list(given.values()), [str(name) for name in given]
        return (list(given) if isinstance(given, tuple | list) else [given]), None
    shapes = names.get("shapes")
    if isinstance(shapes, Mapping) and shapes:
        return _normal(file, list(shapes.values()), seed), [str(name) for name in shapes]
    if isinstance(shapes, tuple) and shapes and all(isinstance(n, int) for n in shapes):
        raise CheckFileError(
            f"{file}: `shapes` must be a dict of names and shapes, or a list of shapes, received "
            f"shapes = {shapes!r}, which is one shape: write shapes = [{shapes!r}]"
        )
    if isinstance(shapes, tuple | list) and shapes:
        return _normal(file, shapes, seed), None
    received = f"shapes = {shapes!r}" if "shapes" in names else "neither"
    raise CheckFileError(
        f"{file} must define arrays(), which returns the arrays to check with, or shapes, such as "
        f'{{"x": (2, 6, 7, 3), "k": (3, 3, 3, 4)}}, received {received}'
    )


def _normal(file: str, shapes: Sequence[Any], seed: int) -> list[Array]:
    rng = np.random.default_rng(seed)
    found: list[Array] = []
    for shape in shapes:
        sizes = shape if isinstance(shape, tuple | list) else (shape,)
        if not all(isinstance(n, int) and n >= 0 for n in sizes):
            raise CheckFileError(
                f"{file}: shapes must hold tuples of non-negative integers, received {shape!r}"
            )
        found.append(rng.normal(size=tuple(sizes)))
    return found


def show(report: Report | Comparison) -> None:
    """Print a report as a table, and below it what is wrong."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if isinstance(report, Comparison):
        # A row of names and numbers: 80 columns, as of a pipe, are too few.
        Console(width=max(console.width, 120)).print(report.table())
        console.print(Text(str(report)))
        return
    table = Table(title=f"compared with {report.truth}", title_justify="left")
    for name in ("argument", "shape", "dtype", "checked", "largest error", "ulps", "verdict"):
        table.add_column(name, justify="right" if name in _NUMBERS else "left")
    for row in report.rows:
        colour = {"right": "green", "not checked": "dim"}.get(row.verdict, "red")
        table.add_row(
            row.argument,
            str(row.shape),
            row.dtype,
            str(row.checked),
            f"{row.largest_error:.3g}",
            "" if row.ulps is None else f"{row.ulps:.3g}",
            Text(row.verdict, style=colour),
        )
    console.print(table)
    for finding in report.findings:
        console.print(Text(finding.said(min(88, console.width - 2))))
    for note in report.notes:
        console.print(Text(f"Note: {note}", style="dim"))


_NUMBERS = {"checked", "largest error", "ulps"}


def page(report: Report | Comparison) -> str:
    """The report as a page of HTML, complete in itself."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>scratchnet check'
        "</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;"
        "padding:0 1em;color-scheme:light dark}table{border-collapse:collapse}th,td{padding:.2em "
        ".8em;border-bottom:1px solid #8888;text-align:left}pre{white-space:pre-wrap}</style>"
        f"</head><body>{report._repr_html_()}</body></html>\n"
    )
