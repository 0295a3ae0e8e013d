"""tf.config: devices, and settings that cannot be."""

from __future__ import annotations

import pytest
import tensorflow

import scratchnet
from tests.support.paired import both_raise, run

CONFIG = """list_physical_devices(); list_physical_devices('GPU'); list_physical_devices('CPU');
    list_logical_devices(); list_logical_devices('GPU'); list_physical_devices('X');
    get_visible_devices(); set_visible_devices([], 'GPU'); get_soft_device_placement();
    experimental.list_physical_devices('GPU'); list_physical_devices()[0].name;
    set_visible_devices(tf.config.list_physical_devices('CPU'), 'CPU');
    list_physical_devices('cpu')"""


@pytest.mark.parametrize("call", [part.strip() for part in CONFIG.split(";")])
def test_config(call: str) -> None:
    assert repr(run(f"tf.config.{call}", scratchnet)) == repr(run(f"tf.config.{call}", tensorflow))


def test_config_that_cannot_be() -> None:
    both_raise(
        "tf.config.experimental.set_memory_growth(tf.config.list_physical_devices()[0], True)",
        "Cannot set memory growth on non-GPU",
    )
    with pytest.raises(ValueError, match="`devices` must be"):
        scratchnet.config.set_visible_devices(["GPU:0"], "GPU")
    with pytest.raises(NotImplementedError, match="`enabled` must be True"):
        scratchnet.config.set_soft_device_placement(False)
