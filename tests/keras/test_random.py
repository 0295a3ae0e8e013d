"""Keras's seeds and random functions: stored vectors, and Keras itself."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import scratchnet as sn
from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.keras import initializers as sni
from scratchnet.keras import random as snr
from scratchnet.keras.session import clear_session
from scratchnet.ops.random import fit_permutation
from tests.support.random_numbers import GOLDEN, assert_golden, assert_same_bits
from tests.support.signatures import taken_alike

INT_SEEDS = st.one_of(st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1))
SHAPES = st.lists(st.integers(0, 5), max_size=4)
FLOATS = st.sampled_from(["float16", "float32", "float64"])

# -- stored vectors -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["keras_default_seeds"])
def test_golden_default_seeds(case: dict[str, Any]) -> None:
    snr.set_random_seed(case["seed"])
    drawn = [snr.make_default_seed() for _ in case["make_default_seed"]]
    assert drawn == case["make_default_seed"]


@pytest.mark.parametrize("case", GOLDEN["keras_seed_generator"])
def test_golden_seed_generator(case: dict[str, Any]) -> None:
    generator = snr.SeedGenerator(case["seed"])
    assert [generator.next(ordered).numpy().tolist() for ordered in case["ordered"]] == case["next"]


@pytest.mark.parametrize("case", GOLDEN["keras_random"])
def test_golden_random(case: dict[str, Any]) -> None:
    seed = case["seed"]
    assert_golden(snr.normal((5,), seed=seed), case["normal"])
    assert_golden(snr.truncated_normal((5,), seed=seed), case["truncated_normal"])
    assert_golden(snr.uniform((5,), -0.3, 0.7, seed=seed), case["uniform"])
    assert_golden(snr.uniform((5,), -0.3, 0.7, "float64", seed), case["uniform_f64"])
    assert_golden(snr.randint((5,), -4, 9, seed=seed), case["randint"])
    assert_golden(snr.shuffle(np.arange(20), seed=seed), case["shuffle"])
    ones = np.ones((4, 5), np.float32)
    assert_golden(snr.dropout(ones, 0.3, seed=seed), case["dropout"])


@pytest.mark.parametrize("case", GOLDEN["keras_global_generator"])
def test_golden_global_generator(case: dict[str, Any]) -> None:
    snr.set_random_seed(case["seed"])
    for out in case["normal_3_times"]:
        assert_golden(snr.normal((4,)), out)


@pytest.mark.parametrize("case", GOLDEN["dropout_eager"])
def test_golden_dropout(case: dict[str, Any]) -> None:
    generator = snr.SeedGenerator(case["layer_seed"])
    for out in case["calls"]:
        ones = np.ones(case["shape"], np.float32)
        assert_golden(snr.dropout(ones, case["rate"], seed=generator), out)


@pytest.mark.parametrize("case", GOLDEN["fit_dropout"])
def test_golden_dropout_in_fit(case: dict[str, Any]) -> None:
    snr.set_random_seed(case["seed"])
    generator = snr.SeedGenerator()
    x = np.arange(1, 36, dtype=np.float32).reshape(7, 5)
    order = fit_permutation(case["seed"], 7)
    outputs = iter(case["dropout_outputs"])
    for _ in range(case["epochs"]):
        for at in range(0, 7, case["batch_size"]):
            rows = order[at : at + case["batch_size"]]
            assert_golden(snr.dropout(x[rows], 0.4, seed=generator), next(outputs))


# -- seeds, against Keras -------------------------------------------------------------------------


@given(INT_SEEDS, st.lists(st.booleans(), max_size=8))
def test_seed_generator(seed, ordered) -> None:
    a, b = snr.SeedGenerator(seed), keras.random.SeedGenerator(seed)
    for flag in ordered:
        assert_same_bits(a.next(flag), b.next(flag))
    assert_same_bits(a.state.numpy(), b.state.numpy())


def test_set_random_seed_seeds_pythons_numpys_and_ours() -> None:
    from scratchnet.ops.random import uniform

    snr.set_random_seed(5)
    found = random.random(), np.random.rand(), uniform([2]).numpy(), snr.normal((2,)).numpy()
    keras.utils.set_random_seed(5)
    expected = random.random(), np.random.rand(), tf.random.uniform([2]), keras.random.normal((2,))
    assert found[:2] == expected[:2]
    assert_same_bits(found[2], expected[2])
    assert_same_bits(found[3], expected[3])


def test_calls_draw_nothing_but_the_first_without_a_seed() -> None:
    snr.set_random_seed(3)
    initializer = sni.GlorotUniform()
    state = random.getstate()
    assert_same_bits(initializer((4, 3)), initializer((4, 3)))
    snr.normal((2,), seed=3)
    snr.dropout([1.0], 0.0)
    snr.dropout([1.0], 1.0)
    assert random.getstate() == state
    snr.normal((2,))
    after = random.getstate()
    assert after != state
    snr.uniform((2,))
    assert random.getstate() == after
    clear_session()
    snr.uniform((2,))
    assert random.getstate() != after


def test_a_seed_generator_has_a_name_and_a_config() -> None:
    generator = snr.SeedGenerator(4, name="mine")
    assert generator.state.path == keras.random.SeedGenerator(4, name="mine").state.path
    assert generator.get_config() == {"seed": 4, "name": "mine"}
    generator.next()
    again = snr.SeedGenerator.from_config(generator.get_config())
    assert again.state.numpy().tolist() == [4, 0]
    assert not again.state.trainable
    unnamed = snr.SeedGenerator()
    assert unnamed.get_config()["seed"] is None
    assert unnamed.name.startswith("seed_generator")


# -- random functions, against Keras --------------------------------------------------------------


@given(SHAPES, INT_SEEDS, FLOATS, st.floats(-3, 3), st.floats(0.01, 3))
def test_random_floats(shape, seed, dtype, first, second) -> None:
    for name in ("normal", "truncated_normal", "uniform"):
        for bounds in ((), (first, second)):
            found = getattr(snr, name)(shape, *bounds, dtype=dtype, seed=seed)
            expected = getattr(keras.random, name)(shape, *bounds, dtype=dtype, seed=seed)
            assert_same_bits(found, expected)


@given(
    SHAPES,
    INT_SEEDS,
    st.sampled_from(["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]),
    st.integers(-300, 300),
    st.integers(1, 500),
)
def test_randint(shape, seed, dtype, low, span) -> None:
    found = snr.randint(shape, low, low + span, dtype, seed)
    assert_same_bits(found, keras.random.randint(shape, low, low + span, dtype, seed))


def test_bounds_that_are_tensors_keep_their_precision() -> None:
    for low in (0.1, np.float64(0.1), ops.constant(0.1, "float64"), 0, ops.constant(0)):
        given_ = tf.constant(low.numpy()) if hasattr(low, "numpy") else low
        found = snr.uniform((4,), low, 3, "float64", 7)
        assert_same_bits(found, keras.random.uniform((4,), given_, 3, "float64", 7))


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), INT_SEEDS, st.data())
def test_shuffle(shape, seed, data) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = np.arange(np.prod(shape)).reshape(shape)
    assert_same_bits(snr.shuffle(x, axis, seed), keras.random.shuffle(x, axis, seed))


def test_shuffle_keeps_the_order_of_ties() -> None:
    n = 20_000  # so many numbers of 23 bits that some are equal
    found = snr.shuffle(np.arange(n), seed=1)
    u = snr.uniform((n,), seed=1).numpy()
    assert len(np.unique(u)) < n
    assert_same_bits(found, keras.random.shuffle(np.arange(n), seed=1))


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    INT_SEEDS,
    FLOATS,
    st.floats(0, 1),
    st.data(),
)
def test_dropout(shape, seed, dtype, rate, data) -> None:
    x = np.linspace(-2, 3, int(np.prod(shape)), dtype=dtype).reshape(shape)
    noise = data.draw(st.one_of(st.none(), st.tuples(*[st.sampled_from([None, 1])] * len(shape))))
    found = snr.dropout(x, rate, noise, seed)
    assert_same_bits(found, keras.random.dropout(tf.constant(x), rate, noise, seed))


def test_a_sequence_of_calls_without_a_seed() -> None:
    def program(r: Any, ones: Any) -> list[Any]:
        return [r.normal((2,)), r.uniform((3,)), r.randint((2,), 0, 9), r.dropout(ones, 0.5)]

    snr.set_random_seed(11)
    found = program(snr, ops.ones((6,)))
    keras.utils.set_random_seed(11)
    for x, y in zip(found, program(keras.random, tf.ones((6,))), strict=True):
        assert_same_bits(x, y)


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1.5, "a", [1, 2], np.int64(3)])
def test_bad_seeds(seed: Any) -> None:
    text = "must be either an integer or an instance of `SeedGenerator`"
    for m in (snr, keras.random):
        for call in (m.normal, m.truncated_normal, m.uniform):
            with pytest.raises(ValueError, match=text):
                call((2,), seed=seed)
        with pytest.raises(ValueError, match=text):
            m.randint((2,), 0, 3, seed=seed)
        with pytest.raises(ValueError, match=text):
            m.shuffle([1, 2], seed=seed)
        with pytest.raises(ValueError, match=text):
            m.dropout([1.0, 2.0], 0.5, seed=seed)
        with pytest.raises(ValueError, match="Argument `seed` must be an integer"):
            m.SeedGenerator(seed)
    for m in (sni, keras.initializers):
        with pytest.raises(ValueError, match="`seed` argument should be an instance of"):
            m.GlorotUniform(seed=seed)
    for set_random_seed in (snr.set_random_seed, keras.utils.set_random_seed):
        with pytest.raises(ValueError, match="Expected `seed` argument to be an integer"):
            set_random_seed(seed)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_random_seeds_out_of_range_change_nothing(seed: int) -> None:
    snr.set_random_seed(1)
    state = random.getstate()
    with pytest.raises(ValueError, match="Seed must be between 0 and"):
        snr.set_random_seed(seed)
    assert random.getstate() == state


@pytest.mark.parametrize("m", [snr, keras.random])
def test_bad_dtypes(m: Any) -> None:
    for name in ("normal", "truncated_normal"):
        with pytest.raises(TypeError, match=r"Cannot convert 0.0 to EagerTensor of dtype int32"):
            getattr(m, name)((2,), dtype="int32", seed=1)
    with pytest.raises(ValueError, match="requires a floating point `dtype`"):
        m.uniform((2,), dtype="int32", seed=1)
    with pytest.raises(ValueError, match="requires an integer `dtype`"):
        m.randint((2,), 0, 5, dtype="float32", seed=1)
    with pytest.raises(ValueError, match="Invalid dtype: foo"):
        m.uniform((2,), dtype="foo", seed=1)
    with pytest.raises(TypeError, match=r"Cannot convert 0.5"):
        m.randint((2,), 0.5, 5, seed=1)


@pytest.mark.parametrize(
    ("m", "invalid", "tensor"),
    [(snr, InvalidArgumentError, ops.constant), (keras.random, Exception, tf.constant)],
)
def test_bad_values(m: Any, invalid: type[Exception], tensor: Any) -> None:
    with pytest.raises(invalid, match="Need minval < maxval, got 5 >= 5"):
        m.randint((2,), 5, 5, seed=1)
    for shape in (3, (3, -1)):
        with pytest.raises(invalid):
            m.uniform(shape, seed=1)
    with pytest.raises(ValueError, match=r"."):
        m.uniform((3, None), seed=1)
    for rate in (1.5, -0.5):
        with pytest.raises(ValueError, match="rate"):
            m.dropout(tensor([1.0, 2.0]), rate, seed=1)
    with pytest.raises(ValueError, match="must be a floating point tensor"):
        m.dropout(tensor([1, 2]), 0.5, seed=1)
    with pytest.raises(invalid):
        m.shuffle(tensor([[1, 2]]), axis=2, seed=1)
    with pytest.raises(invalid):
        m.shuffle(tensor(5), seed=1)


def test_what_they_take() -> None:
    taken_alike("random", lacking={"SeedGenerator": "kwargs"})


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 9), INT_SEEDS)
def test_categorical(rows, classes, count, seed) -> None:
    logits = np.linspace(-2, 3, rows * classes, dtype="f").reshape(rows, classes)[::-1]
    for dtype in ("int32", "int64", "float32"):
        found = snr.categorical(logits, count, dtype, seed)
        assert_same_bits(found, keras.random.categorical(logits, count, dtype, seed))


def test_what_categorical_refuses() -> None:
    for logits in ([1.0, 2.0], [[[1.0]]], 1.0):
        text = r"`logits` should be a 2-D tensor with shape \[batch_size, num_classes\]"
        for m in (snr, keras.random):
            with pytest.raises(ValueError, match=text):
                m.categorical(tf.constant(logits).numpy(), 2, seed=1)
    with pytest.raises(InvalidArgumentError):
        snr.categorical([[0.0, 1.0]], -1, seed=1)
    with pytest.raises(TypeError):
        snr.categorical([[0, 1]], 2, seed=1)


def test_a_snapshot_brings_everything_back() -> None:
    def drawn() -> list[Any]:
        shared = snr.normal((2,)).numpy().tolist()
        ours = sn.random.get_global_generator().uniform((2,)).numpy().tolist()
        others = sn.random.uniform((2,)).numpy().tolist()
        return [random.random(), np.random.rand(), shared, ours, others, snr.make_default_seed()]

    snr.set_random_seed(4)
    sn.random.get_global_generator().reset_from_seed(3)
    for warm in (False, True):  # before and after the shared generator was made
        rewind = snr.snapshot()
        first, second = drawn(), drawn()
        assert first != second
        rewind()
        assert drawn() == first, warm
        assert drawn() == second
        rewind()
        assert drawn() == first


def test_the_texts_about_seeds() -> None:
    for call, text in (
        (
            lambda: snr.normal((2,), seed="a"),
            "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
            "Received: seed=a (of type <class 'str'>)",
        ),
        (lambda: snr.SeedGenerator(0.5), "Argument `seed` must be an integer. Received: seed=0.5"),
        (
            lambda: snr.set_random_seed("1"),
            "Expected `seed` argument to be an integer. Received: seed=1 (of type <class 'str'>)",
        ),
        (
            lambda: snr.uniform((2,), dtype="int32", seed=1),
            "`keras.random.uniform` requires a floating point `dtype`. Received: dtype=int32 ",
        ),
        (
            lambda: snr.randint((2,), 0, 2, "float32", 1),
            "`keras.random.randint` requires an integer `dtype`. Received: dtype=float32 ",
        ),
        (
            lambda: snr.dropout(ops.constant([1]), 0.5, seed=1),
            "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype=",
        ),
    ):
        with pytest.raises(ValueError, match=r"^[AE`]") as caught:
            call()
        assert str(caught.value).startswith(text), str(caught.value)


@pytest.mark.parametrize("rate", [0, 0.0, 1, 1.0, False])
def test_all_or_nothing_dropped_takes_no_seed(rate: Any) -> None:
    for x in ([1.0, -2.0], [3, 4]):
        found = snr.dropout(x, rate, seed="not looked at")
        assert found.numpy().tolist() == ([0] * 2 if rate else x)
    assert snr.dropout(ops.constant([1.0]), 0.25, seed=1).numpy() in (0, np.float32(4 / 3))


NAMED: dict[str, tuple[type[Exception], str]] = {
    "normal('a')": (TypeError, "stateless_normal: `shape`: convert_to_tensor: tensors of strings"),
    "normal((2,), 'a')": (TypeError, "stateless_normal: `mean`: Cannot convert 'a' to EagerTensor"),
    "uniform((2,), 'a')": (TypeError, "uniform: `minval`: convert_to_tensor: tensors of strings"),
    "uniform((2,), 0.0, None)": (ValueError, "uniform: `maxval`: Attempt to convert a value (Non"),
    "randint((2,), 0.5, 3)": (TypeError, "stateless_uniform: `minval`: Cannot convert 0.5 to Eag"),
    "categorical(None, 1)": (ValueError, "categorical: `logits`: Attempt to convert a value (Non"),
    "shuffle('a')": (TypeError, "shuffle: `x`: convert_to_tensor: tensors of strings are not sup"),
    "dropout(None, 0.5)": (ValueError, "dropout: `inputs`: Attempt to convert a value (None) wit"),
    "dropout([1.0], np.ones(2))": (ValueError, "stateless_dropout: `rate` must be a number in ["),
    "dropout([1.0], [[1], [1, 2]])": (ValueError, "stateless_dropout: `rate` must be a number in"),
    "SeedGenerator(1, name=3)": (ValueError, "SeedGenerator: `name` must be a string without '/'"),
}


@pytest.mark.parametrize("call", NAMED)
def test_each_argument_is_named(call: str) -> None:
    kind, text = NAMED[call]
    for m, error in ((keras.random, Exception), (snr, kind)):
        with pytest.raises(error) as caught:
            eval(f"m.{call}", {"m": m, "np": np})
    assert str(caught.value).startswith(text), str(caught.value)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_the_seed_of_all_is_in_range(seed: int) -> None:
    for library in (keras, sn.keras):
        with pytest.raises(ValueError, match="Seed must be between 0 and 2") as caught:
            library.utils.set_random_seed(seed)
    assert str(caught.value) == (
        "set_random_seed: `seed` must be in [0, 2**32): Seed must be between 0 and 2**32 - 1, "
        f"received seed={seed}"
    )
