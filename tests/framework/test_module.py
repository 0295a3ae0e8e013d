"""tf.Module: names, and where it looks for variables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import prints_the_same
from tests.support.paired import both_raise, run


@pytest.mark.parametrize("name", ["'a b'", "''", "'1a'", "'a/b'"])
def test_names_that_no_module_can_have(name: str) -> None:
    both_raise(f"tf.Module(name={name})", "is not a valid module name. Module names must be valid")


@pytest.mark.parametrize("name", ["A", "MyHTTPNet2", "_Priv", "Conv2D", "ABCdE", "snake_case"])
def test_the_name_of_a_module(name: str) -> None:
    program = f"type({name!r}, (tf.Module,), {{}})().name"
    assert run(program, scratchnet) == run(program, tensorflow)


def test_where_modules_look_for_variables() -> None:
    def program(tf: Any) -> None:
        class Part(tf.Module):
            def __init__(self, name: Any = None) -> None:
                super().__init__(name=name)
                with self.name_scope:
                    self.v = tf.Variable(1.0, name="v")

        class Whole(tf.Module):
            def __init__(self) -> None:
                super().__init__()
                with self.name_scope:
                    self.b, self.a = Part(), Part(name="other")
                self.shared = self.b
                self.me = self
                self.z = {"q": [tf.Variable(1, name="q")], "p": self.b.v, "n": 3, "s": "text"}
                self.b.inner = Part("deep")
                self.a.inner = self.b.inner
                self.layer = tf.keras.layers.Dense(2)
                self.layer.build((1, 3))
                self.array, self.none = np.ones(2), None

        whole = Whole()
        print([v.name for v in whole.variables], [m.name for m in whole.submodules])
        print([v.name for v in whole.trainable_variables], whole.a.name_scope.name)
        whole.a = None
        print([v.name for v in whole.variables], [m.name for m in whole.submodules])

    prints_the_same(program)


def test_a_module_without_its_base_still_knows_its_variables() -> None:
    start = "class A(tf.Module):\n  def __init__(self): self.v = tf.Variable(1.0)\n"
    assert run(start + "len(A().variables)", scratchnet) == 1
    both_raise(start + "A().name", "'A' object has no attribute '_name'")
    both_raise("m = tf.Module()\nm.d = {1: 2, 'a': 3}\nm.variables", "Error processing property")
