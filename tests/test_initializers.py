"""Keras's seeds, random functions and initializers: stored vectors, and Keras itself."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.keras import config
from scratchnet.keras import initializers as sni
from scratchnet.keras import random as snr
from scratchnet.keras.session import clear_session
from scratchnet.ops.random import fit_permutation
from tests.support.random_numbers import GOLDEN, array_of, assert_golden, assert_same_bits

NAMES = (
    *("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"),
    *("RandomNormal", "RandomUniform", "TruncatedNormal"),
)
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


@pytest.mark.parametrize("case", GOLDEN["keras_initializers"])
def test_golden_initializers(case: dict[str, Any]) -> None:
    found = getattr(sni, case["name"])(seed=case["seed"])(case["shape"])
    if "tolerance" in case:  # the QR decomposition is rounded in other places
        np.testing.assert_allclose(found, array_of(case["out"]), rtol=0, atol=3e-6)
    else:
        assert_golden(found, case["out"])


@pytest.mark.parametrize("case", GOLDEN["keras_model"])
def test_golden_draws_of_a_model(case: dict[str, Any]) -> None:
    """Conv2D(4, 3), Flatten, Dropout, Dense(6, he_normal), BatchNormalization, Dense(3)."""
    snr.set_random_seed(case["seed"])
    conv, dropout = sni.get("glorot_uniform"), snr.SeedGenerator()
    dense1, dense2 = sni.get("he_normal"), sni.get("glorot_uniform")
    assert sni.get("zeros") is not None  # draws none
    assert_golden(conv((3, 3, 1, 4)), case["conv"])
    assert dropout.state.numpy().tolist() == case["dropout_state"]
    assert_golden(dense1((144, 6)), case["dense1"])
    assert_golden(dense2((6, 3)), case["dense2"])


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


@pytest.mark.parametrize("case", GOLDEN["fit_mlp"])
def test_golden_fit(case: dict[str, Any]) -> None:
    """A whole ``fit`` with nothing but seeds in common, its training loop written out in NumPy."""
    snr.set_random_seed(case["seed"])
    first, drop, second = sni.get("glorot_uniform"), snr.SeedGenerator(), sni.get("he_normal")
    w1, w2 = first((10, 6)).numpy(), second((6, 4)).numpy()
    b1, b2 = np.zeros(6, np.float32), np.zeros(4, np.float32)
    x = np.sin(np.arange(300)).reshape(30, 10).astype(np.float32)
    y = (np.arange(30) * 7) % 4
    losses = []
    for _ in range(3):
        total = 0.0
        for rows in np.split(fit_permutation(case["seed"], 30), [8, 16, 24]):
            h = np.maximum(x[rows] @ w1 + b1, 0)
            mask = snr.dropout(np.ones_like(h), 0.4, seed=drop).numpy()
            z = (h * mask) @ w2 + b2
            e = np.exp(z - z.max(1, keepdims=True))
            p = e / e.sum(1, keepdims=True)
            total -= np.log(p[np.arange(len(rows)), y[rows]]).sum()
            g = (p - np.eye(4, dtype=np.float32)[y[rows]]) / np.float32(len(rows))
            gh = (g @ w2.T) * mask * (h > 0)
            w2, b2 = w2 - np.float32(0.1) * (h * mask).T @ g, b2 - np.float32(0.1) * g.sum(0)
            w1, b1 = w1 - np.float32(0.1) * x[rows].T @ gh, b1 - np.float32(0.1) * gh.sum(0)
        losses.append(total / 30)
    np.testing.assert_allclose(losses, case["loss"], rtol=1e-6)
    for found, out in zip((w1, b1, w2, b2), case["weights"], strict=True):
        np.testing.assert_allclose(found, array_of(out), rtol=0, atol=case["tolerance"])


# -- seeds, against Keras -------------------------------------------------------------------------


def both(seed: int) -> None:
    snr.set_random_seed(seed)
    keras.utils.set_random_seed(seed)


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


def test_default_seeds_are_drawn_when_an_object_is_made() -> None:
    def program(initializers: Any, r: Any) -> list[int]:
        made = [getattr(initializers, name)() for name in (*NAMES, "Orthogonal", "VarianceScaling")]
        none = initializers.Zeros(), initializers.Ones(), initializers.Constant(2)
        given_ = initializers.Identity(), initializers.HeNormal(seed=3), r.SeedGenerator(4)
        assert len(none) + len(given_) == 6
        state = r.SeedGenerator().state.numpy()
        return [*(i.seed for i in made), int(state[0]), random.randint(0, 10**9)]

    snr.set_random_seed(8)
    found = program(sni, snr)
    keras.utils.set_random_seed(8)
    assert found == program(keras.initializers, keras.random)


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


def test_floatx_is_the_default_dtype() -> None:
    config.set_floatx("float64")
    try:
        assert snr.normal((2,), seed=1).dtype == "float64"
        assert sni.GlorotUniform(seed=1)((2, 2)).dtype == "float64"
        assert sni.Zeros()((2,)).dtype == "float64"
    finally:
        config.set_floatx("float32")


# -- initializers, against Keras ------------------------------------------------------------------


@given(SHAPES, INT_SEEDS, FLOATS)
def test_random_initializers(shape, seed, dtype) -> None:
    for name in NAMES:
        a, b = getattr(sni, name)(seed=seed), getattr(keras.initializers, name)(seed=seed)
        assert_same_bits(a(shape, dtype=dtype), b(shape, dtype=dtype))


@given(
    st.floats(0.01, 5),
    st.sampled_from(["fan_in", "fan_out", "fan_avg"]),
    st.sampled_from(["normal", "truncated_normal", "untruncated_normal", "uniform", "UNIFORM"]),
    st.lists(st.integers(0, 6), min_size=3, max_size=3),
    st.sampled_from([{}, {"input_axes": (0, 1), "output_axes": (2,)}, {"input_axes": (0,)}]),
)
def test_variance_scaling(scale, mode, distribution, shape, axes) -> None:
    arguments = {"scale": scale, "mode": mode, "distribution": distribution, "seed": 5, **axes}
    a, b = sni.VarianceScaling(**arguments), keras.initializers.VarianceScaling(**arguments)
    assert_same_bits(a(shape), b(shape))
    assert a.get_config() == b.get_config()


@pytest.mark.parametrize("shape", [(3, 3, 1, 32), (3, 3, 32, 64), (5408, 128), (128, 10), (7, 2)])
def test_the_kernels_of_a_small_network(shape: tuple[int, ...]) -> None:
    for name in NAMES:
        a, b = getattr(sni, name)(seed=42), getattr(keras.initializers, name)(seed=42)
        assert_same_bits(a(shape), b(shape))


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (3, 3, 2, 5), (2, 1), (1, 7)])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float16", 4e-3), ("float32", 3e-6), ("float64", 5e-15)]
)
def test_orthogonal(shape: tuple[int, ...], dtype: str, tolerance: float) -> None:
    for gain in (1.0, 2.5):
        found = sni.Orthogonal(gain, seed=3)(shape, dtype=dtype)
        expected = keras.initializers.Orthogonal(gain, seed=3)(shape, dtype=dtype)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * gain)
        q = found.numpy().reshape(-1, shape[-1])
        q = q if q.shape[0] >= q.shape[1] else q.T
        exact = q.astype(np.float64)
        near = 5e-3 * gain**2 if dtype == "float16" else 1e-5
        np.testing.assert_allclose(exact.T @ exact, gain**2 * np.eye(q.shape[1]), atol=near)


@pytest.mark.parametrize("dtype", [None, "float64", "int32"])
def test_constant_initializers(dtype: str | None) -> None:
    pairs = [(sni.Zeros(), keras.initializers.Zeros()), (sni.Ones(), keras.initializers.Ones())]
    for value in (2, 1.5, [1.0, 2.0, 3.0], np.array([[1], [2]], np.float32)):
        pairs.append((sni.Constant(value), keras.initializers.Constant(value)))
    for a, b in pairs:
        assert_same_bits(a((2, 3), dtype=dtype), b((2, 3), dtype=dtype))
    if dtype != "int32":
        for shape in ((3, 3), (2, 4)):
            found = sni.Identity(2.0)(shape, dtype=dtype)
            assert_same_bits(found, keras.initializers.Identity(2.0)(shape, dtype=dtype))


@pytest.mark.parametrize(
    ("initializer", "shape"), [("glorot_uniform", (3, 2)), ("truncated_normal", (4,)), ("ones", ())]
)
def test_values_are_c_contiguous_and_ours(initializer: str, shape: tuple[int, ...]) -> None:
    x = sni.get(initializer)(shape)._data
    assert x.flags.c_contiguous
    assert isinstance(x, np.ndarray)


def test_a_shared_seed_generator_gives_each_call_its_own_values() -> None:
    a, b = snr.SeedGenerator(3), keras.random.SeedGenerator(3)
    x, y = sni.HeNormal(seed=a), keras.initializers.HeNormal(seed=b)
    for _ in range(3):
        assert_same_bits(x((2, 3)), y((2, 3)))


# -- names and configurations ---------------------------------------------------------------------

ALL_NAMES = (*NAMES, "VarianceScaling", "Orthogonal", "Zeros", "Ones", "Constant", "Identity")


@pytest.mark.parametrize("name", ALL_NAMES)
def test_names(name: str) -> None:
    cls = getattr(sni, name)
    snake = keras.src.utils.naming.to_snake_case(name)
    assert getattr(keras.initializers, snake) is getattr(keras.initializers, name)
    assert getattr(sni, snake) is cls
    for identifier in (name, snake, cls, cls(), {"class_name": name, "config": {}}):
        assert type(sni.get(identifier)) is cls
    if name != "Constant":  # which Keras cannot make without its value
        assert type(keras.initializers.get(snake)).__name__ == name


@pytest.mark.parametrize(("alias", "name"), [("zero", "Zeros"), ("one", "Ones")])
def test_short_names(alias: str, name: str) -> None:
    assert type(sni.get(alias)).__name__ == name
    assert type(sni.get("normal")) is sni.RandomNormal
    assert type(sni.get("uniform")) is sni.RandomUniform


@pytest.mark.parametrize("name", [n for n in ALL_NAMES if n != "Identity"])
def test_serialized_forms_are_keras(name: str) -> None:
    arguments = {"seed": 4} if hasattr(getattr(sni, name)(), "seed") else {}
    a, b = getattr(sni, name)(**arguments), getattr(keras.initializers, name)(**arguments)
    assert sni.serialize(a) == keras.initializers.serialize(b)
    again = sni.deserialize(keras.initializers.serialize(b))
    assert_same_bits(again((3, 2)), a((3, 2)))
    assert a.clone().get_config() == a.get_config()


def test_serialized_parts() -> None:
    generator = {"seed": 3, "name": "g"}
    a = sni.RandomNormal(seed=snr.SeedGenerator(**generator))
    b = keras.initializers.RandomNormal(seed=keras.random.SeedGenerator(**generator))
    assert sni.serialize(a) == keras.initializers.serialize(b)
    assert_same_bits(sni.deserialize(sni.serialize(b))((3,)), b((3,)))
    array = np.array([1.0, 2.0])
    form = sni.serialize(sni.Constant(array))
    assert form == keras.initializers.serialize(keras.initializers.Constant(array))
    assert_same_bits(sni.deserialize(form)((2, 2)), sni.Constant(array)((2, 2)))
    assert sni.Identity(3.0).clone().gain == 3.0


def test_other_identifiers() -> None:
    assert sni.get(None) is None
    assert sni.deserialize(None) is None

    def mine(shape: Any, dtype: Any = None) -> Any:
        return ops.zeros(shape, dtype)

    assert sni.get(mine) is mine
    values = np.ones((2, 2))
    for given_ in (values, ops.constant(values)):
        assert_same_bits(sni.get(given_)((2, 2)), keras.initializers.get(values)((2, 2)))
    with pytest.raises(ValueError, match=r"Expected `shape` to be \(2, 2\) for direct tensor"):
        sni.get(values)((2, 3))

    class Mine(sni.Initializer):
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return ops.ones(shape, dtype)

    config_ = {"class_name": "Mine", "config": {}}
    assert isinstance(sni.deserialize(config_, {"Mine": Mine}), Mine)


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


@pytest.mark.parametrize("m", [sni, keras.initializers])
def test_bad_arguments_of_initializers(m: Any) -> None:
    for scale in (0, -1.0):
        with pytest.raises(ValueError, match="Argument `scale` must be positive float"):
            m.VarianceScaling(scale=scale)
    with pytest.raises(ValueError, match="Invalid `mode` argument: foo"):
        m.VarianceScaling(mode="foo")
    with pytest.raises(ValueError, match="Invalid `distribution` argument: foo"):
        m.VarianceScaling(distribution="foo")
    with pytest.raises(ValueError, match=r"at least two-dimensional. Received: shape=\(3,\)"):
        m.Orthogonal(seed=1)((3,))
    with pytest.raises(ValueError, match="can only be used for 2D matrices"):
        m.Identity()((3,))
    with pytest.raises(NotImplementedError, match="must implement the `__call__"):
        m.Initializer()((2,))
    with pytest.raises(ValueError, match="Invalid dtype: foo"):
        m.Zeros()((2,), dtype="foo")
    for identifier in ("foo", 5, {"class_name": "Foo", "config": {}}):
        with pytest.raises(ValueError, match="Could not interpret initializer identifier"):
            m.get(identifier)
    with pytest.raises(ValueError, match="Unknown `config` as a `dict`"):
        m.get({"foo": 3})
