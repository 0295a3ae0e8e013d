"""The command `scratchnet`: reads the options, hands them on, says what went wrong in one line."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from scratchnet import cli_options as take
from scratchnet.job.options import Options

DEFAULT = Options()

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def scratchnet() -> None:
    """TensorFlow 2's student core, rebuilt from scratch."""


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
        unknown = context.args[0]
        kind = "No such option:" if unknown.startswith("-") else "Got unexpected extra argument"
        _fail(f"Error: {kind} {unknown}", 2)
    try:
        _train(options)
    except KeyboardInterrupt as stop:
        _fail(f"Interrupted. {stop}", 130)


def _train(options: Options) -> None:
    from scratchnet.job.train import Job  # here, so that --help does not wait for it

    try:
        job = Job.prepare(options)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    try:
        job.run()
    except OSError as error:  # a full disk, say
        _fail(f"Error: {error}", 1)


@app.command()
def evaluate(
    weights: take.Weights,
    data: take.Data = DEFAULT.data,
    model: take.Model = DEFAULT.model,
    limit_test: take.LimitTest = DEFAULT.limit_test,
    predictions: take.Predictions = None,
    on: take.On = DEFAULT.on,
) -> None:
    """Measure trained weights on test images; scratchnet and TensorFlow read the same files."""
    from scratchnet.job.evaluate import EvaluateOptions, run

    try:
        options = EvaluateOptions(weights, data, model, limit_test, predictions, on)
        if on == "scratchnet":
            run(options)
    except (OSError, ValueError) as error:
        _fail(f"Error: {error}", 2)
    if on == "tensorflow":
        _hand_over("reference.evaluate", options)


def _hand_over(module: str, options: object, *more: str) -> NoReturn:
    """Let a module of `reference` do it, on TensorFlow."""
    from scratchnet.job.hand_over import as_arguments, hand_over

    try:
        code = hand_over(module, [*as_arguments(options), *more])
    except ModuleNotFoundError as error:
        _fail(f"Error: {error}", 2)
    raise typer.Exit(code)


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
