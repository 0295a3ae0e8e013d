"""Arrays given to a model whose inputs are in a dict, against Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.models.input_structure import InputStructure, shapes_agree
from tests.support.keras_programs import Program, close


def refused_alike(program: Program) -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError):  # noqa: PT011  # the texts differ
            program(tf)


ONE, TWO = np.ones((3, 2), "f"), np.full((3, 2), 2, "f")


def model_of(tf: Any, *names: str) -> Any:
    keras = tf.keras
    inputs = {name: keras.Input((2,), name=name) for name in names}
    model = keras.Model(inputs, inputs["left"] - 10 * inputs["gate"])
    model.compile("sgd", "mse")
    return model


METHODS: dict[str, Any] = {
    "predict": lambda tf, model, x: model.predict(x, verbose=0),
    "call": lambda tf, model, x: model([tf.constant(part) for part in x]).numpy(),
    "evaluate": lambda tf, model, x: model.evaluate(x, ONE, verbose=0),
    "train_on_batch": lambda tf, model, x: model.train_on_batch(x, ONE),
    "a Dataset": lambda tf, model, x: model.evaluate(
        tf.data.Dataset.from_tensors((tuple(x), ONE)), verbose=0
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_list_for_keys_that_are_not_sorted_is_refused(method: str) -> None:
    refused_alike(lambda tf: METHODS[method](tf, model_of(tf, "left", "gate"), [ONE, TWO]))


@pytest.mark.parametrize("method", METHODS)
def test_a_list_for_sorted_keys_goes_by_their_order(method: str) -> None:
    def program(tf: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return METHODS[method](tf, model_of(tf, "gate", "left"), [ONE, TWO])

    close(program, 10)


@pytest.mark.parametrize("names", [("left", "gate"), ("gate", "left")])
def test_a_dict_goes_by_its_keys(names: tuple[str, str]) -> None:
    def program(tf: Any) -> Any:
        model = model_of(tf, *names)
        return [model.predict(x, verbose=0) for x in BOTH]

    close(program, 10)


BOTH = ({"left": ONE, "gate": TWO}, {"gate": TWO, "left": ONE})


def structure_of(*names: str, kind: type = dict) -> InputStructure:
    inputs = [scratchnet.keras.Input((2,), name=name) for name in names]
    return InputStructure(dict(zip(names, inputs, strict=True)) if kind is dict else kind(inputs))


def test_arrays_are_put_into_the_structure() -> None:
    """Without a word where it is the same, lists and tuples alike."""
    one = InputStructure(scratchnet.keras.Input((2,), name="a"))
    listed, named = structure_of("b", "a", kind=list), structure_of("a", "b")
    assert (listed.names, named.names) == (["b", "a"], ["a", "b"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert one.match(ONE) is ONE
        for x in ([ONE, TWO], (ONE, TWO), {"a": TWO, "b": ONE, "more": 3}):
            found = listed.match(x)
            assert type(found) is list
            assert found[0] is ONE
            assert found[1] is TWO
        assert list(named.match({"b": TWO, "a": ONE})) == ["a", "b"]
        symbolic = scratchnet.keras.Input((2,))
        assert one.match(symbolic) is symbolic


@pytest.mark.parametrize("any_batch_size", [False, True])
def test_another_structure_is_worth_a_warning(any_batch_size: bool) -> None:
    one = InputStructure(scratchnet.keras.Input((2,), name="a"))
    named, symbolic = structure_of("a", "b"), scratchnet.keras.Input((5,))
    size = None if any_batch_size else 3
    shown = f"Tensor(shape=({size}, 2))"
    for structure, x, expected, received in (
        (one, [ONE], "a", [shown]),
        (one, {"b": TWO, "a": ONE}, "a", [f"Tensor(shape=({size}, 2))"] * 2),
        (named, [ONE, TWO], {"a": "a", "b": "b"}, [shown, shown]),
        (named, (symbolic, TWO), {"a": "a", "b": "b"}, ("Tensor(shape=(None, 5))", shown)),
    ):
        with pytest.warns(UserWarning, match="structure of `inputs`") as caught:
            found = structure.match(x, any_batch_size)
        assert str(caught[0].message) == (
            "The structure of `inputs` doesn't match the expected structure.\n"
            f"Expected: {expected}\nReceived: inputs={received}"
        )
        if structure is one:
            assert found is ONE
        else:
            assert found["b"] is TWO


def test_arrays_that_do_not_fit_the_structure() -> None:
    one, listed = (
        InputStructure(scratchnet.keras.Input((2,), name="a")),
        structure_of("a", "b", kind=list),
    )
    unsorted = structure_of("b", "a")
    for structure, x, many, received in (
        (one, [ONE, TWO], 1, 2),
        (listed, ONE, 2, 1),
        (listed, [ONE, TWO, ONE], 2, 3),
        (one, [], 1, 0),
    ):
        with pytest.raises(
            ValueError, match=f"the model takes {many} inputs, .*, received {received}"
        ):
            structure.match(x)
    for structure, keys in ((listed, "['a', 'b']"), (unsorted, "['a', 'b']")):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
            structure.match({"a": ONE, "c": TWO})
        assert str(caught.value) == (
            f'Missing data for input "b". The model takes {keys}, received a dict with the keys '
            "['a', 'c']"
        )
    with pytest.raises(ValueError, match=r"a dict with the keys \['b', 'a'\], which .* a tuple of"):
        unsorted.match((ONE, TWO))


# (shape of the input without its batch, shape that is given, shape that comes of it)
RANKS: list[tuple[Any, Any, Any]] = [
    ((2,), (3, 2), (3, 2)),
    ((2,), (3, 2, 1), (3, 2)),
    ((1,), (3,), (3, 1)),
    ((4, 1), (3, 4), (3, 4, 1)),
    ((None, 1), (3, 4), (3, 4, 1)),
    ((1, 1), (3, 1), (3, 1, 1)),
    ((), (3,), (3,)),
    ((), (3, 1), (3,)),
    ((5,), (3, 4), (3, 4)),  # sizes are looked at elsewhere
]


@pytest.mark.parametrize(("sizes", "given", "shape"), RANKS)
def test_ranks_that_differ_by_an_axis_of_one(sizes: Any, given: Any, shape: Any) -> None:
    structure = InputStructure(scratchnet.keras.Input(sizes, dtype="float64"))
    for x in (np.ones(given, "f"), scratchnet.ones(given, scratchnet.int32)):
        (found,) = structure.convert(x)
        assert found.shape == shape
        assert found.dtype == scratchnet.float64


@pytest.mark.parametrize(
    ("sizes", "given", "hint"),
    [
        ((2,), (3, 2, 2), ""),
        ((2,), (2,), ": this is one sample; add a batch axis: x[None]"),
        ((2,), (3,), ""),
        ((4, 3), (4, 3), ": this is one sample; add a batch axis: x[None]"),
        ((4, 1), (4, 1), ": this is one sample; add a batch axis: x[None]"),
        ((1, None), (1, 1), ": this is one sample; add a batch axis: x[None]"),
        ((4, None), (4, 9), ": this is one sample; add a batch axis: x[None]"),
        ((4, 3), (4, 2), ""),
        ((4, 3), (3,), ""),
        ((2,), (3, 2, 1, 1), ""),
    ],
)
def test_ranks_that_do_not_fit(sizes: Any, given: Any, hint: str) -> None:
    structure = InputStructure(scratchnet.keras.Input(sizes, name="x"))
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        structure.convert(np.ones(given))
    assert str(caught.value) == (
        f"Invalid input shape for input with name 'x'. Expected shape {(None, *sizes)}, but input "
        f"has incompatible shape {given}{hint}"
    )


def test_an_input_is_not_optional() -> None:
    structure = structure_of("a", "b", kind=list)
    with pytest.raises(ValueError, match="The input 'b' is not optional, received None for it"):
        structure.convert([ONE, None])
    symbolic = scratchnet.keras.Input((7,))
    assert structure.convert([ONE, symbolic])[1] is symbolic
    given = scratchnet.constant(ONE)
    assert structure.convert([given, given])[0] is given


def test_sizes_that_agree() -> None:
    assert shapes_agree((1, None, 3), (1, 2, None))
    assert shapes_agree((), ())
    for wrong in ((1, 2), (1, 2, 3, 4), (2, 2, 3), (1, 2, 4)):
        assert not shapes_agree(wrong, (1, None, 3))
