"""The command `scratchnet`: reads the options, hands them on, says what went wrong in one line."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from scratchnet.job.options import Options
from scratchnet.twin.options import TwinOptions

DEFAULT = Options()
TWIN = TwinOptions()

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def whole(text: str) -> int:
    """The integer that `text` says; typer's own message for others does not repeat them."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"must be an integer, received {text}") from None


def number(text: str) -> float:
    """The number that `text` says."""
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"must be a number, received {text}") from None


@app.callback()
def scratchnet() -> None:
    """TensorFlow 2's student core, rebuilt from scratch."""


@app.command()
def train(
    data: Annotated[
        str | None,
        typer.Option(
            metavar="mnist|digits|FILE.npz",
            help="What to learn from: MNIST; the embedded digits; a file with the arrays x_train, "
            "y_train, x_test and y_test.",
            show_default="MNIST if it is in Keras's cache or can be fetched, else the digits",
        ),
    ] = DEFAULT.data,
    epochs: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Times through the training images.")
    ] = DEFAULT.epochs,
    batch_size: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Images per step.")
    ] = DEFAULT.batch_size,
    optimizer: Annotated[
        str, typer.Option(metavar="sgd|adam", help="How a gradient moves the weights.")
    ] = DEFAULT.optimizer,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            parser=number,
            help="How far it moves them.",
            show_default="sgd 0.01, adam 0.001",
        ),
    ] = DEFAULT.learning_rate,
    seed: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="The same seed makes the same training.")
    ] = DEFAULT.seed,
    limit_train: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Train on the first N images.")
    ] = DEFAULT.limit_train,
    limit_test: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Test on the first N images.")
    ] = DEFAULT.limit_test,
    loop: Annotated[
        str,
        typer.Option(metavar="fit|tape", help="Keras's fit, or the loop written out with a tape."),
    ] = DEFAULT.loop,
    out: Annotated[
        str,
        typer.Option(
            metavar="DIR",
            help="Where model.weights.h5, history.json and curves.png go, over older ones.",
        ),
    ] = DEFAULT.out,
) -> None:
    """Train a convolutional network to read handwritten digits."""
    try:
        _train(
            data=data,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            seed=seed,
            limit_train=limit_train,
            limit_test=limit_test,
            loop=loop,
            out=out,
        )
    except KeyboardInterrupt as stop:
        _fail(f"Interrupted. {stop}", 130)


@app.command()
def twin(
    model: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.py",
            help="A file that defines build(tf), which returns a Keras model, compiled or not.",
            show_default="the seed network",
        ),
    ] = TWIN.model,
    script: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.py",
            help="Instead: a whole script that imports tensorflow; the options below do not reach "
            "it, but for --seed and --out.",
        ),
    ] = TWIN.script,
    data: Annotated[
        str, typer.Option(metavar="digits|mnist|FILE.npz", help="What to learn from.")
    ] = TWIN.data,
    epochs: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Times through the training images.")
    ] = TWIN.epochs,
    batch_size: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Images per step.")
    ] = TWIN.batch_size,
    optimizer: Annotated[
        str, typer.Option(metavar="sgd|adam", help="Of a model that is not compiled.")
    ] = TWIN.optimizer,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            parser=number,
            help="How far a gradient moves the weights.",
            show_default="sgd 0.01, adam 0.001",
        ),
    ] = TWIN.learning_rate,
    seed: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="What both sides begin with.")
    ] = TWIN.seed,
    limit_train: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Train on the first N images.")
    ] = TWIN.limit_train,
    loop: Annotated[
        str,
        typer.Option(metavar="fit|tape", help="Keras's fit, or the loop written out with a tape."),
    ] = TWIN.loop,
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Where twin.png and twin.json go, over older ones.")
    ] = TWIN.out,
) -> None:
    """Train on TensorFlow and here from one seed, and compare every step."""
    try:
        _twin(
            model=model,
            script=script,
            data=data,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            seed=seed,
            limit_train=limit_train,
            loop=loop,
            out=out,
        )
    except KeyboardInterrupt:
        _fail("Interrupted.", 130)


def _twin(**chosen: object) -> None:
    from scratchnet.twin.process import SideError
    from scratchnet.twin.report import show
    from scratchnet.twin.run import Twins

    try:
        twins = Twins.prepare(TwinOptions(**chosen))  # type: ignore[arg-type]
        show(twins)
    except (OSError, ValueError, ModuleNotFoundError) as error:
        _fail(f"Error: {error}", 2)
    except SideError as error:  # with the traceback of the user's program, line by line
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    if twins.findings:
        raise typer.Exit(1)


def _train(**chosen: object) -> None:
    from scratchnet.job.train import Job  # here, so that --help does not wait for it

    try:
        job = Job.prepare(Options(**chosen))  # type: ignore[arg-type]
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    try:
        job.run()
    except OSError as error:  # a full disk, say
        _fail(f"Error: {error}", 1)


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
