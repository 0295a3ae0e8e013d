"""map and cache: random numbers, tapes and errors in functions of a pipeline."""

from __future__ import annotations

import pytest
import tensorflow as tf

import scratchnet
from scratchnet.data import Dataset
from scratchnet.engine.tape import GradientTape
from tests.support.datasets import read


def test_random_ops_in_map_are_tensorflows_and_do_not_disturb_the_program():
    def run(module, set_seed):
        set_seed(5)
        first = module.random.uniform([2])
        noisy = module.data.Dataset.range(3).map(lambda i: module.random.uniform([2]))
        assert noisy.element_spec  # finding it calls the function
        readings = [[x.numpy().tolist() for x in noisy] for _ in range(2)]
        return first.numpy().tolist(), readings, module.random.uniform([2]).numpy().tolist()

    assert run(scratchnet, scratchnet.random.set_seed) == run(tf, tf.random.set_seed)


def test_a_cache_is_filled_by_a_complete_reading_only():
    calls = []
    dataset = Dataset.range(3).map(lambda i: calls.append(int(i)) or i).cache()
    next(iter(dataset))
    assert read(dataset) == read(dataset) == [0, 1, 2]
    assert calls == [0, 0, 1, 2]


def test_functions_of_a_pipeline_are_unseen_by_the_tape():
    weight = scratchnet.Variable(2.0)
    with GradientTape() as tape:
        total = (
            Dataset.from_tensor_slices([1.0, 2.0])
            .map(lambda x: x * weight)
            .reduce(0.0, lambda s, x: s + x)
        )
    assert float(total) == 6
    assert tape.gradient(total, weight) is None


def test_errors_of_a_users_function_come_through_as_they_are():
    with pytest.raises(ZeroDivisionError):
        list(Dataset.from_generator(lambda: (1 / 0 for _ in "a"), "int32"))
    with pytest.raises(KeyError):
        list(Dataset.range(3).map(lambda i: {}["a"]))


def test_what_a_function_lacks_is_told() -> None:
    """And not that the data set has no `element_spec`, while this is found."""
    for module in (scratchnet, tf):
        with pytest.raises(AttributeError, match=r"Tensor' object has no attribute 'foo'"):
            _ = module.data.Dataset.range(2).map(lambda x: x.foo).element_spec


def test_datasets_are_neither_stacked_nor_sliced() -> None:
    """TensorFlow makes batches of windows that hold nothing that can be read."""
    windows = scratchnet.data.Dataset.range(6).window(3)
    with pytest.raises(TypeError, match=r"batch: component 0 of the elements must be a tensor"):
        _ = windows.batch(2).element_spec
    pairs = windows.map(lambda window: (1, window))
    with pytest.raises(TypeError, match=r"batch: component 1 of the elements must be a tensor"):
        _ = pairs.batch(2, drop_remainder=True).element_spec
    for module in (scratchnet, tf):
        numbers = module.data.Dataset.range(3)
        for tensors in (numbers, {"a": numbers}, ([1, 2, 3], numbers)):
            with pytest.raises(ValueError, match=r"received a dataset|not supported"):
                module.data.Dataset.from_tensor_slices(tensors)
        with pytest.raises(ValueError, match=r"unbatch: the components must be tensors|not supp"):
            module.data.Dataset.range(6).window(3).unbatch()


@pytest.mark.parametrize(
    "program",
    [
        "D.from_tensors(tf.zeros((0, 2))).unbatch()",
        "D.from_tensors(tf.zeros(0)).repeat(0).unbatch()",
        "D.from_tensors(tf.zeros(0)).repeat().unbatch()",
        "D.from_tensors(tf.zeros(3)).repeat(2).unbatch()",
        "D.range(0).batch(2, drop_remainder=True).unbatch()",
        "D.range(4).batch(2, drop_remainder=True).unbatch()",
        "D.range(4).batch(2).unbatch()",
        "D.range(0).batch(2).unbatch()",
    ],
)
def test_how_many_rows_there_are(program: str) -> None:
    found = [
        int(eval(program, {"tf": module, "D": module.data.Dataset}).cardinality())
        for module in (scratchnet, tf)
    ]
    assert found[0] == found[1]
