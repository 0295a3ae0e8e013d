"""plot_model: the graph of the layers of a model, drawn with matplotlib."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any, NoReturn

from scratchnet.atomic_files import replacing
from scratchnet.engine.errors import say
from scratchnet.keras.utils.plot_contents import Shown, picture_of
from scratchnet.keras.utils.plot_drawing import SPLINES, Page, page_of

RANKDIRS = ("TB", "BT", "LR", "RL")
MOST_PIXELS = 2**16 - 1  # along one side: what matplotlib can draw


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Draw the layers of `model` and how they are connected (``keras.utils.plot_model``).

    Keras needs Graphviz and pydot for it; here matplotlib draws, so that the places of the boxes
    are others.  The boxes, their texts and the arrows are Keras's.

    Args:
        model: a model that is built; one that is neither Sequential nor functional is one box.
        to_file: where to write; the ending says the format (png, svg, pdf, …), png without one.
        show_shapes: tell the shapes that go in and come out.
        show_dtype: tell the dtype that comes out.
        show_layer_names: tell the names of the layers, too, not only their classes.
        rankdir: from top to bottom, ``"TB"``, or ``"BT"``, ``"LR"``, ``"RL"``.
        expand_nested: show the layers of models inside the model.
        dpi: pixels per inch.
        show_layer_activations: tell the activations of layers that have one.
        show_trainable: mark the layers with weights as trainable or not.
        splines: how arrows run: ``"ortho"`` (right angles), ``"curved"`` or ``"spline"``,
            ``"line"`` or ``"polyline"`` (straight).

    Returns:
        An image for a notebook, if IPython is installed and the format is not pdf; else None.

    Raises:
        ValueError: the model is not built; an unknown value; a picture that would be too large.
        AttributeError: `model` is none.
        TypeError: `to_file` is no path, or `dpi` no number.
        OSError: the file cannot be written.

    >>> import tempfile
    >>> from scratchnet import keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = plot_model(model, f"{folder}/model.png", show_shapes=True)
    """
    _refuse_unknown(kwargs)
    if not hasattr(model, "built"):
        raise AttributeError(say("plot_model", "model", "must be a model", model))
    if not isinstance(to_file, str | Path):
        raise TypeError(say("plot_model", "to_file", "must be a path of a file", to_file))
    if not model.built:
        raise ValueError(
            "This model has not yet been built. Build the model first by calling `build()` or by "
            "calling the model on a batch of data."
        )
    _check("rankdir", rankdir, RANKDIRS)
    _check("splines", splines, SPLINES)
    shown = Shown(
        shapes=show_shapes,
        dtype=show_dtype,
        names=show_layer_names,
        nested=expand_nested,
        activations=show_layer_activations,
        trainable=show_trainable,
    )
    page = page_of(picture_of(model, shown), rankdir, splines)
    path = Path(to_file)
    _write(page, path, dpi)
    return _image(path)


def model_to_dot(*args: Any, **kwargs: Any) -> NoReturn:
    """Not here: there is no Graphviz to give a graph to (``keras.utils.model_to_dot``).

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError(
        "model_to_dot: scratchnet does not use Graphviz and pydot; "
        "`keras.utils.plot_model(model, to_file)` draws the same graph with matplotlib"
    )


def _refuse_unknown(kwargs: dict[str, Any]) -> None:
    if kwargs.pop("layer_range", None) is not None:
        raise ValueError("plot_model: Argument `layer_range` is no longer supported.")
    if kwargs:
        raise ValueError(f"plot_model: Unrecognized keyword arguments: {kwargs}")


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(say("plot_model", name, f"must be one of {known}", value))


def _write(page: Page, path: Path, dpi: int) -> None:
    figure = page.drawn()
    kind = path.suffix[1:].lower() or "png"
    kinds = figure.canvas.get_supported_filetypes()
    if kind not in kinds:
        raise ValueError(say("plot_model", "to_file", f"must end in one of {sorted(kinds)}", path))
    if not hasattr(dpi, "__float__"):
        raise TypeError(say("plot_model", "dpi", "must be a number", dpi))
    most = int(MOST_PIXELS / max(figure.get_size_inches()))
    if not 0 < dpi <= most:
        raise ValueError(say("plot_model", "dpi", f"must be 1 to {most} for this model", dpi))
    with replacing(path) as part:
        figure.savefig(part, dpi=dpi, format=kind)


def _image(path: Path) -> Any:
    if path.suffix == ".pdf" or importlib.util.find_spec("IPython") is None:
        return None
    return importlib.import_module("IPython.display").Image(filename=str(path))
