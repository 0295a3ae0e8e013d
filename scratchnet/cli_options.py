"""The options that several commands have: their names, what they take, what they say of themselves.

`scratchnet train` and `python -m reference.train` have the same training options, from here.
"""

from __future__ import annotations

from typing import Annotated

import typer

from scratchnet.train.on_tensorflow import module_of


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


Data = Annotated[
    str | None,
    typer.Option(
        metavar="mnist|fashion_mnist|digits|FILE.npz",
        help="What to learn from: MNIST; Fashion-MNIST; the embedded digits; a file with the "
        "arrays x_train, y_train, x_test and y_test.",
        show_default="MNIST if it is in Keras's cache or can be fetched, else the digits",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.py",
        help="A network of your own: a file with a function build(tf) that returns it.",
        show_default="the seed network",
    ),
]
AnyModel = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.py",
        help="A file that defines build(tf), which returns a Keras model, compiled or not.",
        show_default="the seed network",
    ),
]
KnownData = Annotated[
    str, typer.Option(metavar="mnist|fashion_mnist|digits|FILE.npz", help="What to learn from.")
]
SeedOfAll = Annotated[
    int, typer.Option(metavar="N", parser=whole, help="Of weights, order and dropout.")
]
Lang = Annotated[str, typer.Option(metavar="en|zh", help="The language that the page opens in.")]
Open = Annotated[bool, typer.Option("--open/--no-open", help="Show it in the browser.")]
Epochs = Annotated[
    int, typer.Option(metavar="N", parser=whole, help="Times through the training images.")
]
BatchSize = Annotated[int, typer.Option(metavar="N", parser=whole, help="Images per step.")]
Optimizer = Annotated[
    str, typer.Option(metavar="sgd|adam", help="How a gradient moves the weights.")
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        parser=number,
        help="How far it moves them.",
        show_default="sgd 0.01, adam 0.001",
    ),
]
Seed = Annotated[
    int, typer.Option(metavar="N", parser=whole, help="The same seed makes the same training.")
]
LimitTrain = Annotated[
    int, typer.Option(metavar="N", parser=whole, help="Train on the first N images.")
]
LimitTest = Annotated[
    int, typer.Option(metavar="N", parser=whole, help="Test on the first N images.")
]
Loop = Annotated[
    str,
    typer.Option(metavar="fit|tape", help="Keras's fit, or the loop written out with a tape."),
]
Out = Annotated[
    str,
    typer.Option(
        metavar="DIR",
        help="Where model.weights.h5, history.json and curves.png go, over older ones.",
    ),
]
# The options that `python -m reference.train` has besides; a test holds that these are they.
OF_TENSORFLOW = (
    "--device",
    "--replicas",
    "--mixed-precision",
    "--xla",
    "--tf32",
    "--checkpoint-every",
    "--resume",
    "--workers",
    "--index",
    "--patience",
)
On = Annotated[
    str,
    typer.Option(
        metavar="scratchnet|tensorflow",
        help="Which library computes. With tensorflow, the options of "
        f"`python -m {module_of('reference.train')}` may follow.",
    ),
]
Measures = Annotated[
    str, typer.Option(metavar="scratchnet|tensorflow", help="Which library computes.")
]
TestData = Annotated[
    str | None,
    typer.Option(
        metavar="mnist|fashion_mnist|digits|FILE.npz",
        help="Whose test images: MNIST's; Fashion-MNIST's; the embedded digits'; a file's with the "
        "arrays x_train, y_train, x_test and y_test.",
        show_default="MNIST if it is in Keras's cache or can be fetched, else the digits",
    ),
]
Weights = Annotated[
    str, typer.Argument(metavar="WEIGHTS", help="A .weights.h5 file, written by either library.")
]
Predictions = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.npy", help="Where to write the probabilities of the classes, image by image."
    ),
]
