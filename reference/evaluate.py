"""``python -m reference.evaluate``: what weights are worth, by TensorFlow."""

from __future__ import annotations

import typer

from scratchnet import cli_options as take
from scratchnet.train.evaluate import EvaluateOptions, run

from .quiet import import_tensorflow
from .train import fail, run_app

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def evaluate(
    context: typer.Context,
    weights: take.Weights,
    data: take.TestData = None,
    model: take.Model = None,
    limit_test: take.LimitTest = EvaluateOptions.limit_test,
    predictions: take.Predictions = None,
) -> None:
    """Measure trained weights on test images with TensorFlow, as `scratchnet evaluate` does."""
    tf = import_tensorflow()
    try:
        run(EvaluateOptions(**context.params), tf)
    except (OSError, ValueError) as error:
        fail(f"Error: {error}", 2)


if __name__ == "__main__":
    run_app(app)
