"""The command `scratchnet`: reads the options, hands them on, says what went wrong in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from scratchnet import cli_options as take
from scratchnet.explain.options import ExplainOptions
from scratchnet.studies.options import StudyOptions
from scratchnet.train.on_tensorflow import module_of
from scratchnet.train.options import Options
from scratchnet.twin.options import TwinOptions
from scratchnet.version import SCRATCHNET_VERSION

DEFAULT = Options()
TWIN = TwinOptions()
EXPLAIN = ExplainOptions()
STUDY = StudyOptions()

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"scratchnet {SCRATCHNET_VERSION}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def scratchnet(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Say which version this is."
        ),
    ] = False,
) -> None:
    """TensorFlow 2's student core, rebuilt from scratch."""
    if context.invoked_subcommand is None:
        _fail(f"{context.get_help()}\n\nError: Missing command.", 2)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def train(
    context: typer.Context,
    data: take.Data = DEFAULT.data,
    model: take.Model = DEFAULT.model,
    epochs: take.Epochs = DEFAULT.epochs,
    batch_size: take.BatchSize = DEFAULT.batch_size,
    optimizer: take.Optimizer = DEFAULT.optimizer,
    learning_rate: take.LearningRate = DEFAULT.learning_rate,
    seed: take.Seed = DEFAULT.seed,
    limit_train: take.LimitTrain = DEFAULT.limit_train,
    limit_test: take.LimitTest = DEFAULT.limit_test,
    loop: take.Loop = DEFAULT.loop,
    out: take.Out = DEFAULT.out,
    on: take.On = DEFAULT.on,
) -> None:
    """Train a convolutional network to read handwritten digits."""
    try:
        options = Options(**context.params)
    except ValueError as error:
        _fail(f"Error: {error}", 2)
    if options.on == "tensorflow":
        _hand_over("reference.train", options, *context.args)
    if context.args:  # which only TensorFlow's training may know
        _fail(f"Error: {_unknown(context.args[0])}", 2)
    try:
        _train(options)
    except KeyboardInterrupt as stop:
        _fail(f"Interrupted. {stop}", 130)


def _unknown(word: str) -> str:
    """What is to be said of a word that is no option of scratchnet's own training."""
    if word.partition("=")[0] in take.OF_TENSORFLOW:
        return (
            f"{word} must come with --on tensorflow, which hands the training over to "
            f"`python -m {module_of('reference.train')}`, received --on scratchnet"
        )
    kind = "No such option:" if word.startswith("-") else "Got unexpected extra argument"
    return f"{kind} {word}"


@app.command()
def twin(
    model: take.AnyModel = TWIN.model,
    script: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.py",
            help="Instead: a whole script that imports tensorflow; the options below do not reach "
            "it, but for --seed and --out.",
        ),
    ] = TWIN.script,
    data: take.KnownData = TWIN.data,
    epochs: take.Epochs = TWIN.epochs,
    batch_size: Annotated[
        int, typer.Option(metavar="N", parser=take.whole, help="Images per step.")
    ] = TWIN.batch_size,
    optimizer: Annotated[
        str, typer.Option(metavar="sgd|adam", help="Of a model that is not compiled.")
    ] = TWIN.optimizer,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            parser=take.number,
            help="How far a gradient moves the weights.",
            show_default="sgd 0.01, adam 0.001",
        ),
    ] = TWIN.learning_rate,
    seed: Annotated[
        int, typer.Option(metavar="N", parser=take.whole, help="What both sides begin with.")
    ] = TWIN.seed,
    limit_train: Annotated[
        int, typer.Option(metavar="N", parser=take.whole, help="Train on the first N images.")
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


def _train(options: Options) -> None:
    from scratchnet.train.training import TrainingRun  # here, so that --help does not wait for it

    try:
        job = TrainingRun.prepare(options)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    try:
        job.run()
    except OSError as error:  # a full disk, say
        _fail(f"Error: {error}", 1)


@app.command()
def evaluate(
    weights: take.Weights,
    data: take.TestData = DEFAULT.data,
    model: take.Model = DEFAULT.model,
    limit_test: take.LimitTest = DEFAULT.limit_test,
    predictions: take.Predictions = None,
    on: take.Measures = DEFAULT.on,
) -> None:
    """Measure trained weights on test images; scratchnet and TensorFlow read the same files."""
    from scratchnet.train.evaluate import EvaluateOptions, run

    try:
        options = EvaluateOptions(weights, data, model, limit_test, predictions, on)
        if on == "scratchnet":
            run(options)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    if on == "tensorflow":
        _hand_over("reference.evaluate", options)


@app.command()
def explain(
    model: take.AnyModel = EXPLAIN.model,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A .weights.h5 file, written by either library.",
            show_default="a short training",
        ),
    ] = EXPLAIN.weights,
    data: take.KnownData = EXPLAIN.data,
    index: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=take.whole,
            help="Which test image to show, from 0.",
            show_default="the first that the network is unsure of",
        ),
    ] = EXPLAIN.index,
    image: Annotated[
        str | None,
        typer.Option(metavar="FILE.png|FILE.npy", help="Instead: an image of your own."),
    ] = EXPLAIN.image,
    label: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=take.whole,
            help="The class that the loss takes for true.",
            show_default="that of the test image; for --image the class that the network sees",
        ),
    ] = EXPLAIN.label,
    epochs: take.Epochs = EXPLAIN.epochs,
    steps: Annotated[
        int,
        typer.Option(
            metavar="N", parser=take.whole, help="Record N steps of the training for a slider."
        ),
    ] = EXPLAIN.steps,
    seed: take.SeedOfAll = EXPLAIN.seed,
    out: Annotated[
        str, typer.Option(metavar="FILE.html", help="Where the page goes, over an older one.")
    ] = EXPLAIN.out,
    open: take.Open = EXPLAIN.open,
    witnesses: Annotated[
        bool,
        typer.Option(
            "--witnesses/--no-witnesses",
            help="Compare each op with TensorFlow, where it is installed, and with finite "
            "differences.",
        ),
    ] = EXPLAIN.witnesses,
    golden: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.npz",
            help="Instead of TensorFlow: a golden file of it, which --record wrote.",
        ),
    ] = EXPLAIN.golden,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.npz", help="Write a golden file: what TensorFlow finds of each op."
        ),
    ] = EXPLAIN.record,
    lang: take.Lang = EXPLAIN.lang,
) -> None:
    """Show one training step as a page: every number, forward and back."""
    try:
        options = ExplainOptions(
            model=model,
            weights=weights,
            data=data,
            index=index,
            image=image,
            label=label,
            epochs=epochs,
            steps=steps,
            seed=seed,
            out=out,
            open=open,
            witnesses=witnesses,
            golden=golden,
            record=record,
            lang=lang,
        )
        _explain(options)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    except KeyboardInterrupt:
        _fail("Interrupted.", 130)


def _explain(options: ExplainOptions) -> None:
    from scratchnet.explain.run import run

    run(options)


@app.command()
def exercise(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Which one.", show_default="list all"),
    ] = None,
    folder: Annotated[
        str, typer.Option(metavar="DIR", help="Where the files and the progress are.")
    ] = "exercises",
) -> None:
    """Write a VJP yourself: get the file to fill in, then have it checked, with hints."""
    from rich.console import Console

    from scratchnet.exercises import show

    console, place = Console(), Path(folder)
    try:
        if name is None:
            show.list_exercises(place, console)
            right = True
        else:
            right = show.exercise(name, place, console)
    except (OSError, ValueError, SyntaxError) as error:
        _fail(f"Error: {error}", 2)
    if not right:
        raise typer.Exit(1)


@app.command("break")
def break_(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Which wrong VJP.", show_default="list all"),
    ] = None,
    epochs: Annotated[
        int, typer.Option(metavar="N", parser=take.whole, help="Times through the digits.")
    ] = 6,
    seed: take.SeedOfAll = 0,
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the picture goes.")] = ".",
) -> None:
    """Train a network with a wrong VJP beside the right one: it learns, and is wrong."""
    from rich.console import Console

    from scratchnet.exercises import show

    console = Console()
    try:
        if name is None:
            show.list_broken(console)
        else:
            show.break_it(name, epochs, seed, Path(out), console)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    except KeyboardInterrupt:
        _fail("Interrupted.", 130)


@app.command()
def study(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Which one.", show_default="list all"),
    ] = STUDY.name,
    all: Annotated[
        bool, typer.Option("--all", help="Run all, and write a site with an index page.")
    ] = STUDY.all,
    seed: take.SeedOfAll = STUDY.seed,
    lang: take.Lang = STUDY.lang,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.html|DIR",
            help="Where the page goes, over an older one; with --all, the folder of the pages.",
            show_default="scratchnet-study-NAME.html; scratchnet-studies",
        ),
    ] = STUDY.out,
    open: take.Open = STUDY.open,
    witnesses: Annotated[
        bool,
        typer.Option(
            "--witnesses/--no-witnesses",
            help="Put TensorFlow's numbers beside: it is run where it is installed, once; else "
            "recorded ones, for seed 0. --no-witnesses: the page has scratchnet's numbers alone.",
        ),
    ] = STUDY.witnesses,
) -> None:
    """Answer a question about networks by an experiment: a page with the numbers and the code.

    An experiment takes less than a minute on two cores. Where TensorFlow is installed it is run as
    well, once, which takes up to three times as long (--no-witnesses leaves it out).
    """
    from rich.console import Console

    from scratchnet.studies import running

    console = Console()
    try:
        options = StudyOptions(name, all, seed, lang, out, open, witnesses)
        if name is None and not all:
            running.show_list(console, lang)
        else:
            running.make(options, console)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    except KeyboardInterrupt:
        _fail("Interrupted.", 130)


@app.command()
def check(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py",
            help="A file that defines forward(*arrays), vjp(g, *arrays), and arrays() or shapes; "
            "or program(tf); or build(tf).",
        ),
    ],
    order: Annotated[
        int,
        typer.Option(metavar="1|2", parser=take.whole, help="2: also how the gradient changes."),
    ] = 1,
    seed: Annotated[
        int, typer.Option(metavar="N", parser=take.whole, help="Of the cotangents and the arrays.")
    ] = 0,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print the report as JSON instead of a table, or the error; what the file prints "
            "goes to stderr.",
        ),
    ] = False,
    html: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="Write the report as a page, too.")
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(metavar="FILE.npz", help="Of a program: keep what TensorFlow finds."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="FILE.npz", help="Of a program: compare with what was kept."),
    ] = None,
) -> None:
    """Check a backward pass of your own, and say what is wrong with it; or a whole program."""
    import contextlib
    import json

    from scratchnet.testing.command import CheckFileError, check_file, page, show

    def fail(text: str) -> NoReturn:
        if as_json:
            print(json.dumps({"ok": False, "error": text}, indent=2))
        _fail(f"Error: {text}", 2)

    if seed < 0:
        fail(f"--seed must be at least 0, received {seed}")
    if order not in (1, 2):
        fail(f"--order must be 1 or 2, received {order}")
    try:
        with contextlib.redirect_stdout(sys.stderr if as_json else sys.stdout):
            report = check_file(file, order, seed, record, against)
        if html is not None:
            Path(html).expanduser().write_text(page(report), encoding="utf-8")
    except (CheckFileError, OSError) as error:
        fail(str(error))
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        show(report)
    if not report.ok:
        raise typer.Exit(1)


def _hand_over(module: str, options: object, *more: str) -> NoReturn:
    """Let a module of `reference` do it, on TensorFlow."""
    from scratchnet.train.on_tensorflow import as_arguments, hand_over

    try:
        code = hand_over(module, [*as_arguments(options), *more])
    except ModuleNotFoundError as error:
        _fail(f"Error: {error}", 2)
    raise typer.Exit(code)


def _fail(message: str, code: int) -> NoReturn:
    print(message.strip(), file=sys.stderr)
    raise typer.Exit(code)


def main() -> None:
    """Run the command; a wrong option is one line, not a traceback."""
    try:
        sys.exit(app(prog_name="scratchnet", standalone_mode=False))
    except typer.TyperException as error:
        print(f"Error: {error.format_message()}", file=sys.stderr)
        sys.exit(2)
