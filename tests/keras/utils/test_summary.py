"""The tables that `summary` prints, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
from scratchnet.keras.utils.summary import readable_memory_size
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


@pytest.mark.parametrize(
    "names",
    [("dense", "conv2d"), ("flatten", "flatten"), (".*", "conv2d"), ("dropout", ".*"), ("d", "f")],
)
def test_parts_from_either_end(names: tuple[str, str]) -> None:
    prints_the_same(lambda tf: with_input(tf).summary(layer_range=names))


@pytest.mark.parametrize("line_length", [65, 66, 88, 100, 101, 131, 200])
def test_columns_of_every_width(line_length: int) -> None:
    options = {"line_length": line_length, "show_trainable": line_length % 2 == 0}
    prints_the_same(lambda tf: MODELS["nested"](tf).summary(expand_nested=True, **options))


def test_the_narrowest_table() -> None:
    prints_the_same(lambda tf: chain(tf).summary(line_length=16))
    with pytest.raises(ValueError, match=r"summary: a width of 15 has no room for the columns"):
        chain(scratchnet).summary(line_length=15)


def test_ends_that_are_given() -> None:
    def program(tf: Any) -> None:
        for ends in ([0.2, 0.5, 0.9], (0.4, 0.7, 1.0), [], [0.3, 0.6, 0.8, 1.0]):
            chain(tf).summary(positions=ends, line_length=90)
            chain(tf).summary(positions=None, line_length=None)

    prints_the_same(program)


@pytest.mark.parametrize("columns", ["70", "91", "92", "93", "104", "116", "130"])
def test_connections_on_terminals_of_any_width(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    def program(tf: Any) -> None:
        k = tf.keras
        x = k.Input((4,), name="x[0]")
        shared = k.layers.Dense(4, name="shared")
        y = k.layers.Add()([shared(x), shared(k.layers.ReLU()(x))])
        model = k.Model(x, [y, k.layers.Dense(2, trainable=False)(y)], name="with[bold]")
        model.summary()
        model.summary(show_trainable=True)
        chain(tf).summary(show_trainable=True)

    prints_the_same(program)


def test_sizes_of_memory() -> None:
    from keras.src.utils.summary_utils import readable_memory_size as theirs

    for power in range(5):
        for size in (0, 1, 1023, 1023.999, 1024, 1025, 1500, 1024 * 1023.99):
            assert readable_memory_size(size * 1024.0**power) == theirs(size * 1024.0**power)


def test_lengths_and_flags_that_are_none() -> None:
    model = chain(scratchnet)
    for length, error in ((-1, ValueError), (2**31, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="summary: `line_length` must be an integer"):
            model.summary(line_length=length)
    for names in (("a", 3), ("a", "b", "c"), "abc"):
        with pytest.raises(ValueError, match="summary: `layer_range` must be two names, received"):
            model.summary(layer_range=names)
    for names in (("dense", "foo"), ("foo", "dense")):
        with pytest.raises(
            ValueError, match="summary: `layer_range` must fit names of layers, rec"
        ):
            model.summary(layer_range=names)
    with pytest.raises(
        IndexError, match="`positions` must say where each of the columns ends: Lay"
    ):
        model.summary(positions=[0.5, 1.0])
    with pytest.raises(ValueError, match=r"summary: a width of 9 has no room for the columns \["):
        model.summary(line_length=9)
