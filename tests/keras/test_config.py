"""The settings of Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet import keras
from scratchnet.keras import config
from tests.support.signatures import taken_alike


def test_layer_fusion_has_its_older_names_too():
    config = keras.config
    try:
        config.disable_layer_joining()
        assert not config.is_layer_fusion_enabled()
        config.enable_layer_fusion()
        assert config.is_layer_joining_enabled()
        config.disable_layer_fusion()
        assert not config.is_layer_joining_enabled()
    finally:
        config.enable_layer_joining()
    assert config.is_layer_fusion_enabled()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda v: scratchnet.keras.layers.BatchNormalization(epsilon=v), "epsilon"),
        (lambda v: scratchnet.keras.layers.BatchNormalization(momentum=v), "momentum"),
        (lambda v: scratchnet.keras.config.set_epsilon(v), "value"),
        (
            lambda v: scratchnet.keras.optimizers.schedules.PiecewiseConstantDecay([v], [0.1, 0.2]),
            "boundaries",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["array", "tensor"])
def test_an_array_of_one_number_is_no_number(call: Any, name: str, kind: str) -> None:
    """Where a Python number is kept; NumPy's own text would name nothing."""
    value = np.array([0.5]) if kind == "array" else scratchnet.constant([0.5])
    with pytest.raises(ValueError, match=f"`{name}` must be a number, not an array of one"):
        call(value)


def test_what_they_take() -> None:
    taken_alike("config")


# -- the checks of arguments ----------------------------------------------------------------------

T = scratchnet.constant
NUMBER = "TypeError: f: `a` must be a number, received a="
ONE = "ValueError: f: `a` must be one number, received a="
RANK_0 = "ValueError: f: `a` must be a number, not an array of one, received a="
NUMBERS = "TypeError: f: `a` must be numbers, in lists of one length, received a="

# value -> what check_numbers, check_scalars, check_factors and array_of_numbers say to it
SAID: list[tuple[Any, str, str, str, str]] = [
    *((value, "", "", "", "") for value in (1, 1.5, True, np.float32(2), np.bool_(True), T(1.0))),
    (np.array(3, np.uint8), "", "", "", ""),
    *((value, "", RANK_0, "", "") for value in (np.array([1]), np.array([[True]]), T([1.0]))),
    *((value, ONE, ONE, "", "") for value in (np.array([1, 2]), np.array([]), T([1.0, 2.0]))),
    ([1], NUMBER, NUMBER, "", ""),
    *((value, NUMBER, NUMBER, NUMBER, NUMBERS) for value in ("a", b"a", None, np.array(["a"]))),
    *((value, NUMBER, NUMBER, NUMBER, "") for value in (1j, np.array(1j), T(1j), [1, 1j])),
]


def said(check: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The class and text of the error, if there is one."""
    try:
        check(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("case", SAID, ids=lambda case: repr(case[0]))
def test_what_a_number_is(case: Any) -> None:
    value, *expected = case
    checks = (config.check_numbers, config.check_scalars, config.check_factors)
    found = [said(check, "f", b=2, a=value) for check in checks]
    found.append(said(config.array_of_numbers, "f", "a", value))
    assert found == [text and f"{text}{value!r}" for text in expected]


def test_lists_of_several_lengths() -> None:
    ragged = [[1], [1, 2]]
    rule = "ValueError: f: `a` must be a number, or numbers in lists of one length, received a="
    assert said(config.check_factors, "f", a=ragged) == f"{rule}{ragged}"
    rule = "ValueError: f: `a` must be numbers, in lists of one length, received a="
    assert said(config.array_of_numbers, "f", "a", ragged) == f"{rule}{ragged}"


def test_integers_from_one_bound_to_another() -> None:
    for value in (1, 2, True, np.int64(1), np.array(2)):
        config.check_integers("f", 1, a=value)
        config.check_integers("f", 1, 2, a=value, b=2)
    config.check_integers("f", 1, a=10**9)
    for value in (1.0, "a", None, [1], np.array([[1]])):
        text = f"TypeError: f: `a` must be an integer, received a={value!r}"
        assert said(config.check_integers, "f", 1, a=value) == text
    text = "ValueError: f: `a` must be an integer >= 1, received a=0"
    assert said(config.check_integers, "f", 1, b=3, a=0) == text
    rule = "ValueError: f: `a` must be an integer >= 1 and <= 2, received a="
    for value in (0, 3):
        assert said(config.check_integers, "f", 1, 2, a=value) == f"{rule}{value}"


def test_arguments_that_are_not_here_keep_their_one_value() -> None:
    given = {"a": 1, "b": None, "c": 3}
    config.refuse_unsupported("f", given, {"a": 1, "b": None, "d": 9})
    assert given == {"c": 3}
    for value in (None, np.array(1), T(1)):
        text = f"ValueError: f: `a` must be 1 here, received a={value!r}"
        assert said(config.refuse_unsupported, "f", {"a": value}, {"a": 1}) == text


SHAPES: list[tuple[Any, Any]] = [
    ([None, 3], (None, 3)),
    (np.array([1, 0]), (1, 0)),
    (T([2, 1]), (2, 1)),
    (range(1, 3), (1, 2)),
    ((), ()),
    *((x, "must be a sequence of sizes") for x in (None, 3, 2.5, np.array(3), T(3))),
    *((x, "must hold integers and None") for x in ([2.0], ["2"], "23", [[1]], [T([1, 2])], [{}])),
    *((x, "must hold no negative sizes") for x in ([3, -1], (-2,))),
]


@pytest.mark.parametrize(("shape", "expected"), SHAPES, ids=repr)
def test_shapes(shape: Any, expected: Any) -> None:
    if isinstance(expected, str):
        text = f"ValueError: shape: `shape` {expected}, received shape={shape!r}"
        assert said(config.standardize_shape, shape) == text
    else:
        found = config.standardize_shape(shape)
        assert found == expected
        assert {type(size) for size in found} <= {int, type(None)}


def test_layouts_of_images() -> None:
    found = [config.standardize_data_format(x) for x in (None, "channels_last", "Channels_First")]
    assert found == ["channels_last", "channels_last", "channels_first"]
    rule = "ValueError: layer: `data_format` must be 'channels_last' or 'channels_first', "
    for value in ("NHWC", 3):
        text = f"{rule}received data_format={value!r}"
        assert said(config.standardize_data_format, value) == text


def test_dtypes_and_policies_by_all_their_names() -> None:
    known = ("float64", float, np.int8, {"config": {"name": "float16"}}, scratchnet.bool)
    names = ["float64", "float32", "int8", "float16", "bool"]
    assert [config.standardize_dtype(dtype) for dtype in known] == names
    assert [config.standardize_policy(dtype) for dtype in known] == [(n, n) for n in names]
    for dtype in ("foo", 3):
        for check in (config.standardize_dtype, config.standardize_policy):
            assert said(check, dtype) == f"ValueError: Invalid dtype: {dtype}"
    plain = "ValueError: dtype: `dtype` must be a dtype, or the config of a dtype policy, received "
    policy = "ValueError: dtype: must be a dtype, its name, or the config of a policy, received "
    for dtype in ({}, {"config": 3}, {"config": {}}, {"config": ["name"]}):
        assert said(config.standardize_dtype, dtype) == f"{plain}dtype={dtype}"
        assert said(config.standardize_policy, dtype) == f"{policy}dtype={dtype}"
    for bits in ("float16", "bfloat16"):
        name = f"mixed_{bits}"
        for dtype in (name, {"config": {"name": name}}):
            with pytest.warns(UserWarning, match=f"policy '{name}' compute in {bits} in Keras"):
                assert config.standardize_policy(dtype) == ("float32", name)


def test_settings_are_those_that_were_set_last() -> None:
    settings = keras.config
    assert not settings.is_strict_compile_enabled()
    settings.enable_strict_compile()
    assert settings.is_strict_compile_enabled()
    settings.disable_strict_compile()
    assert not settings.is_strict_compile_enabled()
    assert (settings.floatx(), settings.epsilon()) == ("float32", 1e-7)
    try:
        for kind in ("float16", "float64", "float32"):
            settings.set_floatx(kind)
            assert (settings.floatx(), config.standardize_dtype(None)) == (kind, kind)
        settings.set_epsilon(np.float32(0.5))
        assert repr(settings.epsilon()) == "0.5"
    finally:
        settings.set_floatx("float32")
        settings.set_epsilon(1e-7)
    rule = "ValueError: set_floatx: `value` must be 'float16', 'float32' or 'float64', received "
    for value in ("int32", "bfloat16", None):
        assert said(settings.set_floatx, value) == f"{rule}value={value!r}"
    text = "TypeError: set_epsilon: `value` must be a number, received value='a'"
    assert said(settings.set_epsilon, "a") == text
    assert settings.floatx() == "float32"
    assert settings.enable_unsafe_deserialization() is None
