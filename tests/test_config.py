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
    list_physical_devices('cpu'); LogicalDeviceConfiguration(memory_limit=1024);
    get_logical_device_configuration(tf.config.list_physical_devices()[0]);
    experimental.VirtualDeviceConfiguration();
    experimental.get_device_details(tf.config.list_physical_devices()[0])"""


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
    with pytest.raises(AttributeError, match=r"does not have `tf\.config\.exp"):
        scratchnet.config.experimental.get_memory_info  # noqa: B018 - it raises
    with pytest.raises(NotImplementedError, match="`enabled` must be True"):
        scratchnet.config.set_soft_device_placement(False)


def test_virtual_devices_are_accepted_and_are_the_one_cpu() -> None:
    """TensorFlow takes them before its first op only, and the test process has had it."""
    cpu = scratchnet.config.list_physical_devices("CPU")[0]
    half = scratchnet.config.LogicalDeviceConfiguration()
    scratchnet.config.set_logical_device_configuration(cpu, [half, half])
    assert scratchnet.config.get_logical_device_configuration(cpu) == [half, half]
    assert len(scratchnet.config.list_logical_devices()) == 1
    with scratchnet.device("/CPU:1"):
        assert float(scratchnet.constant(1.0) + 1.0) == 2.0
    limited = scratchnet.config.LogicalDeviceConfiguration(memory_limit=10)
    with pytest.raises(ValueError, match="Setting memory limit on CPU virtual devices"):
        scratchnet.config.set_logical_device_configuration(cpu, [limited])
    with pytest.raises(ValueError, match="Unrecognized device: 'GPU:0'"):
        scratchnet.config.set_logical_device_configuration("GPU:0", [half])
    scratchnet.config.set_logical_device_configuration(cpu, [])


def test_the_older_name_of_run_functions_eagerly() -> None:
    config = scratchnet.config
    assert config.experimental_run_functions_eagerly is config.run_functions_eagerly


def test_numbers_of_threads_are_taken_note_of() -> None:
    """TensorFlow takes them before its first op only, and the test process has had it."""
    threading = scratchnet.config.threading
    names = {name for name in dir(tensorflow.config.threading) if name[0] != "_"}
    assert vars(threading).keys() == names
    kept = threading.get_inter_op_parallelism_threads()
    assert (kept, threading.get_intra_op_parallelism_threads()) == (0, 0)
    try:
        threading.set_inter_op_parallelism_threads(2)
        threading.set_intra_op_parallelism_threads(3)
        assert threading.get_inter_op_parallelism_threads() == 2
        assert threading.get_intra_op_parallelism_threads() == 3
    finally:
        threading.set_inter_op_parallelism_threads(0)
        threading.set_intra_op_parallelism_threads(0)
