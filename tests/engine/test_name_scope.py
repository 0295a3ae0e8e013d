"""Names: nested scopes, and the `name=` that every public function takes."""

from __future__ import annotations

import pytest

import scratchnet as sn
from scratchnet.engine.name_scope import accept_names, current_name_scope, in_scope
from tests.support.paired import agree, both_raise


@pytest.mark.parametrize(
    "program",
    [
        "with tf.name_scope('a') as s:\n    v = tf.Variable(1.0, name='w')\ns, v.name",
        "with tf.name_scope('a'), tf.name_scope('b') as s:\n    v = tf.Variable(1.0)\ns, v.name",
        "with tf.name_scope('a'), tf.name_scope('b/') as s:\n    v = tf.Variable(1.0)\ns, v.name",
        "with tf.name_scope('a'), tf.name_scope('') as s:\n    v = tf.Variable(1.0)\ns, v.name",
        "with tf.name_scope('a'):\n    inside = tf.get_current_name_scope()\n"
        "inside, tf.get_current_name_scope()",
    ],
)
def test_scopes_are_tensorflows(program: str) -> None:
    agree(program)


def test_a_scope_that_an_error_leaves_is_left() -> None:
    inside = []

    def fail() -> None:
        with sn.name_scope("a"):
            inside.append(in_scope("v"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert inside == ["a/v"]
    assert current_name_scope() == ""
    assert in_scope("v") == "v"


def test_a_name_has_no_effect_and_must_be_a_string() -> None:
    agree("tf.add(1, 2, name='sum')")
    agree("tf.square(3.0, 'squared'), tf.reduce_sum([1.0, 2.0], 0, False, 'sum'), tf.abs(-1, None)")
    assert sn.add is sn.math.add
    with pytest.raises(TypeError, match=r"square: `name` must be a string, received name=2\.0"):
        sn.square(3.0, 2.0)
    with pytest.raises(TypeError, match="takes 1 positional argument but 3 were given"):
        sn.square(3.0, "squared", 2)
    with pytest.raises(TypeError, match=r"add: `name` must be a string, received name=3"):
        sn.add(1, 2, name=3)
    both_raise("tf.name_scope(3)", "")


def test_a_tensor_for_a_name_is_passed_over_and_said() -> None:
    with pytest.warns(UserWarning, match="square: `name` must be .* takes no further tensor"):
        agree("tf.square(tf.constant([3.0, -2.0]), tf.constant([1.0, 1.0]))")
    with pytest.warns(UserWarning, match="(add|negative): `name`"):
        agree("tf.add(1, 2, np.ones(3)), tf.math.negative(1.0, name=tf.Variable(2.0))")


def test_a_function_with_a_name_of_its_own_is_left_alone() -> None:
    def named(x: int, name: str = "own") -> tuple[int, str]:
        return x, name

    def nameless(x: int) -> int:
        return x

    space = {"__all__": ["named", "nameless", "three"], "named": named, "nameless": nameless}
    space["three"] = 3
    accept_names(space)
    assert space["named"] is named
    assert space["nameless"](1, name="any") == 1
    assert space["three"] == 3


def test_a_name_may_stand_last_but_not_after_any_number_of_arguments() -> None:
    space = {
        "__all__": ["three", "any_number", "by_name"],
        "three": lambda x, y=2, z=3: (x, y, z),
        "any_number": lambda x, *rest: (x, *rest),
        "by_name": lambda x, *, y=2: (x, y),
    }
    accept_names(space)
    three, any_number, by_name = (space[key] for key in space["__all__"])  # type: ignore[misc]
    assert three(1) == (1, 2, 3)
    assert three(1, 5, 6, "sum") == three(1, 5, 6, name="sum") == (1, 5, 6)
    assert any_number(1, 2) == any_number(1, 2, name="sum") == (1, 2)
    assert any_number(1, "sum") == (1, "sum")
    assert any_number(1) == (1,)
    assert by_name(1, "sum", y=4) == (1, 4)
    with pytest.raises(TypeError, match="2 were given"):
        by_name(1, "sum", name="other")


def test_the_name_of_a_scope() -> None:
    scope = sn.name_scope("a")
    assert scope.name == "a"
    with pytest.raises(ValueError, match=r"^name for name_scope must be a string\.$"):
        sn.name_scope(3)  # type: ignore[arg-type]
    with scope as outer, sn.name_scope("b") as inner:
        assert (outer, inner, current_name_scope()) == ("a/", "a/b/", "a/b")
        with sn.name_scope(outer):
            assert in_scope("v") == "a/v"
