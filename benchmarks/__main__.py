"""The command ``python -m benchmarks``: reads the options, says what went wrong in one line."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from benchmarks.options import NAMES, Options
from scratchnet.cli_options import whole

DEFAULT = Options()

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def benchmarks(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL_FILE]",
            help="A file of yours with build(tf): its layers are timed instead, forward and "
            "backward apart.",
            show_default=False,
        ),
    ] = DEFAULT.model,
    quick: Annotated[
        bool, typer.Option("--quick", help="End within 5 minutes: fewer rounds, fewer sizes.")
    ] = DEFAULT.quick,
    only: Annotated[
        str | None,
        typer.Option(metavar="NAME,…", help=f"Only these sections of {', '.join(NAMES)}."),
    ] = DEFAULT.only,
    threads: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole,
            help="Threads of each library.",
            show_default="one per processor",
        ),
    ] = DEFAULT.threads,
    out: Annotated[
        str,
        typer.Option(metavar="DIR", help="Where results.json and the charts go, over older ones."),
    ] = DEFAULT.out,
    avx2: Annotated[
        bool,
        typer.Option("--avx2", help="As on a processor without AVX-512: no library may use it."),
    ] = DEFAULT.avx2,
) -> None:
    """Time scratchnet beside TensorFlow, on equal results.

    Exit status 1: results were not the same; 2: wrong options; 130: interrupted, and what was
    finished is kept.
    """
    try:
        options = Options(model, quick, only, threads, out, avx2)
    except ValueError as error:
        _fail(f"Error: {error}", 2)
    try:
        same = _run(options)
    except KeyboardInterrupt:
        _fail("Interrupted.", 130)
    raise typer.Exit(0 if same else 1)


def _run(options: Options) -> bool:
    from benchmarks.run import run  # here, so that --help does not wait for it
    from benchmarks.sides import SideError

    try:
        return run(options)
    except (OSError, ModuleNotFoundError, SideError) as error:
        _fail(f"Error: {error}", 2)


def _fail(message: str, code: int) -> NoReturn:
    print(" ".join(message.split()), file=sys.stderr)
    raise typer.Exit(code)


def main() -> None:
    """Run the command; a wrong option is one line, not a traceback."""
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:
        print(f"Error: {error.format_message()}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
