"""tf.device: the CPU, and others, for which it stands in."""

from __future__ import annotations

import pytest
import tensorflow

import scratchnet
from tests.support.paired import both_raise, run

CPUS = ["CPU:0", "/CPU:0", "cpu:0", "/device:CPU:0", "/job:localhost/replica:0/task:0/device:CPU:0"]


@pytest.mark.parametrize("name", [*CPUS, "CPU", None])
def test_the_cpu_is_a_device(name: str | None) -> None:
    program = f"with tf.device({name!r}):\n  x = tf.ones([1]) * 2\nx.device"
    assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize("name", ["GPU:0", "/gpu:0", "/device:GPU:1", "TPU:0"])
def test_the_cpu_stands_in_for_other_devices(name: str) -> None:
    program = f"with tf.device({name!r}):\n  x = tf.ones([1]) * 2\nx.device, x.numpy()"
    with pytest.warns(UserWarning, match=r"computes on the CPU only, not on .*list_physical"):
        found = run(program, scratchnet)
    assert found == run(program, tensorflow)


def test_names_of_no_device() -> None:
    both_raise("tf.device('foo')\nwith tf.device('foo'):\n  tf.ones(1) + tf.ones(1)\n1", "Unknown")
    both_raise("with tf.device(3):\n  tf.ones(1)\n1", "Expecting a string device name. Got")
