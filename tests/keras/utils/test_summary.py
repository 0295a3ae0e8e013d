"""The tables that `summary` prints, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, fresh, prints_the_same, same
from tests.support.sequential_models import MODELS, any_size, notebook, with_input

SUMMARIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "narrow": {"line_length": 65},
    "wide": {"line_length": 120},
    "positions": {"positions": [0.5, 0.7, 1.0]},
    "trainable": {"show_trainable": True},
    "expanded": {"expand_nested": True},
    "expanded trainable": {"expand_nested": True, "show_trainable": True, "line_length": 100},
}


@pytest.mark.filterwarnings("ignore:`build..` was called on layer:UserWarning")  # Keras, of `own`
@pytest.mark.parametrize("options", SUMMARIES)
@pytest.mark.parametrize("model", MODELS)
def test_summary(model: str, options: str) -> None:
    """Character for character."""
    prints_the_same(lambda tf: MODELS[model](tf).summary(**SUMMARIES[options]))


@pytest.mark.parametrize(
    "names", [("conv2d", "max_pooling2d"), ("flatten", "batch.*"), ("d.*", "d.*")]
)
def test_part_of_a_summary(names: tuple[str, str]) -> None:
    prints_the_same(lambda tf: with_input(tf).summary(layer_range=names))


def test_summary_to_a_function() -> None:
    def program(tf: Any) -> list[str]:
        texts: list[str] = []
        with_input(tf).summary(print_fn=texts.append)
        return texts

    same(program)


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_summary_on_other_terminals(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    prints_the_same(lambda tf: notebook(tf).summary())


def test_notebook_counts() -> None:
    fresh(scratchnet)
    assert notebook(scratchnet).count_params() == 1_199_882
    assert any_size(scratchnet).count_params() == 2_650


def chain(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "too few positions": (
        lambda tf: chain(tf).summary(positions=[1, 2]),
        "",
        "summary: `positions` must say where each of the columns ends",
    ),
    "one position": (lambda tf: chain(tf).summary(positions=5), "", "`positions` must say where"),
    "positions of text": (
        lambda tf: chain(tf).summary(positions=["a", "b", "c"]),
        "",
        "`positions` must say where",
    ),
    "narrow": (
        lambda tf: with_input(tf).summary(line_length=8),
        "width",
        "no room for the columns",
    ),
    "range": (
        lambda tf: with_input(tf).summary(layer_range=("foo", "bar")),
        "('foo', 'bar')",
        "must fit names of layers",
    ),
    "range of one": (
        lambda tf: with_input(tf).summary(layer_range=("foo",)),
        "('foo',)",
        "must be two names",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
