"""Keras's initializers: stored vectors, and Keras itself."""

from __future__ import annotations

import random
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet import ops
from scratchnet.keras import config
from scratchnet.keras import initializers as sni
from scratchnet.keras import random as snr
from scratchnet.ops.random import fit_permutation
from tests.support.paired import agree
from tests.support.random_numbers import GOLDEN, array_of, assert_golden, assert_same_bits
from tests.support.signatures import attributes_alike, taken_alike

NAMES = (
    *("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"),
    *("RandomNormal", "RandomUniform", "TruncatedNormal"),
)

INT_SEEDS = st.one_of(st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1))
SHAPES = st.lists(st.integers(0, 5), max_size=4)
FLOATS = st.sampled_from(["float16", "float32", "float64"])

# -- stored vectors -------------------------------------------------------------------------------


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


# -- random functions, against Keras --------------------------------------------------------------


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


@pytest.mark.parametrize("shape", [6, None, "a", [[1, 2]], [2.5, 1], (None, 2)])
@pytest.mark.parametrize("name", ["HeNormal", "VarianceScaling", "Identity", "Orthogonal"])
def test_what_is_no_shape_is_refused_by_name(name: str, shape: Any) -> None:
    with pytest.raises(TypeError, match=f"{name}: `shape` must be a list or tuple of integers"):
        getattr(sni, name)()(shape)


@pytest.mark.parametrize("scale", ["a", None, [1.0], 1j, np.ones(2), np.array("a")])
def test_a_scale_that_is_no_number_is_refused_by_name(scale: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="VarianceScaling: `scale` must be"):
        sni.VarianceScaling(scale=scale)


@pytest.mark.parametrize("value", [None, 1, 1j, ["uniform"], np.ones(2), ops.ones((2,))])
def test_a_mode_or_distribution_that_is_no_name_is_refused(value: Any) -> None:
    for name in ("mode", "distribution"):
        with pytest.raises(ValueError, match=f"Invalid `{name}` argument: "):
            sni.VarianceScaling(**{name: value})


@pytest.mark.parametrize("axes", [0, 1.5, "a", (0.5,), [[0]], (None,), [2], [-3]])
def test_axes_that_are_none_are_refused_by_name(axes: Any) -> None:
    for name, other in (("input_axes", "output_axes"), ("output_axes", "input_axes")):
        made = sni.HeNormal(**{name: axes, other: [0]})
        with pytest.raises((TypeError, ValueError), match=f"`{name}` must"):
            made((2, 3))


@pytest.mark.parametrize("axes", ["[0]", "(-1, -2)", "[0, 0]", "()", "np.array([1])"])
def test_axes_of_fans(axes: str) -> None:
    agree(
        f"tf.keras.initializers.VarianceScaling(seed=1, input_axes={axes}, output_axes=[0])"
        "((2, 3)).numpy()"
    )


def test_what_they_take() -> None:
    taken_alike("initializers")


@pytest.mark.parametrize("name", ALL_NAMES)
def test_attributes(name: str) -> None:
    """Seeds that are drawn included."""
    arguments = [2.5] if name in ("Constant", "Identity", "Orthogonal", "VarianceScaling") else []
    attributes_alike(lambda keras: getattr(keras.initializers, name)(*arguments))


def test_scales_and_shapes_at_their_bounds() -> None:
    for scale in (0, 0.0, -0.5, np.array(0.0)):
        with pytest.raises(ValueError, match=r"^Argument `scale` must be positive"):
            sni.VarianceScaling(scale)
    assert sni.VarianceScaling(np.array([0.5])).scale == 0.5
    assert sni.VarianceScaling(1e-9).scale == 1e-9
    for shape in ((2,), (2, 3, 4), ()):
        text = r"^Identity matrix initializer can only be used for 2D matrices\. Received: shape="
        with pytest.raises(ValueError, match=text):
            sni.Identity()(shape)
        if len(shape) < 2:
            with pytest.raises(ValueError, match=rf"of rank {len(shape)}\.$"):
                sni.Orthogonal()(shape)
    assert sni.Orthogonal(seed=1)((2, 1, 1)).shape == (2, 1, 1)
    for make in (sni.HeNormal, sni.Orthogonal):
        with pytest.raises(ValueError, match=r"^`seed` argument should be an instance"):
            make(seed="a")
