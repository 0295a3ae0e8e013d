"""Devices and switches: ``tf.config``, as far as it makes sense where there is one CPU.

Numbers of threads that a program gives to ``tf.config.threading`` are taken note of, and change
nothing: NUMBA_NUM_THREADS and OMP_NUM_THREADS, set before Python starts, say how many there are.
"""

from __future__ import annotations

import operator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from scratchnet.engine.convert import to_bool
from scratchnet.engine.errors import say
from scratchnet.unsupported import listed, missing

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "experimental",
    "experimental_run_functions_eagerly",
    "functions_run_eagerly",
    "get_logical_device_configuration",
    "get_soft_device_placement",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "run_functions_eagerly",
    "set_logical_device_configuration",
    "set_soft_device_placement",
    "set_visible_devices",
    "threading",
]


class PhysicalDevice(NamedTuple):
    """A device of this machine (``tf.config.PhysicalDevice``)."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as programs see it (``tf.config.LogicalDevice``)."""

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """How a part of a device is to be (``tf.config.LogicalDeviceConfiguration``)."""

    memory_limit: Any = None
    experimental_priority: int | None = None
    experimental_device_ordinal: int | None = None


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")
_state = SimpleNamespace(functions_run_eagerly=False, logical_devices=None)
_threads = {"inter": 0, "intra": 0}


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices there are: one CPU (``tf.config.list_physical_devices``).

    >>> list_physical_devices("GPU")
    []
    >>> list_physical_devices()
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return [_CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that programs can name (``tf.config.list_logical_devices``).

    >>> list_logical_devices("CPU")
    [LogicalDevice(name='/device:CPU:0', device_type='CPU')]
    """
    return [LogicalDevice("/device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that are used: all there are."""
    return list_physical_devices(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Choose the devices to use; the CPU stays, and there is no other.

    Raises:
        ValueError: devices that are not there, or none of the CPU's kind.
    """
    wanted = list(devices) if isinstance(devices, list | tuple) else [devices]
    here = list_physical_devices(device_type)
    if sorted(wanted) != here:
        raise ValueError(say("set_visible_devices", "devices", f"must be {here} here", devices))


def set_logical_device_configuration(device: Any, logical_devices: Any) -> None:
    """Take note of virtual devices: they are accepted, and all of them are the one CPU.

    `list_logical_devices` still has one device, and `tf.device` sends nothing anywhere else.

    Args:
        device: of `list_physical_devices`.
        logical_devices: a list of `LogicalDeviceConfiguration`.

    Raises:
        ValueError: no such device; a memory limit or a priority for a CPU.

    >>> cpu = list_physical_devices("CPU")[0]
    >>> set_logical_device_configuration(cpu, [LogicalDeviceConfiguration()] * 2)
    >>> len(list_logical_devices("CPU")), len(get_logical_device_configuration(cpu))
    (1, 2)
    """
    _check_device(device)
    given = list(logical_devices)
    for part in given:
        if part.memory_limit is not None:
            raise ValueError(
                "Setting memory limit on CPU virtual devices is currently not supported"
            )
        if part.experimental_priority is not None:
            raise ValueError(
                "Setting experimental_priority on CPU virtual  devices is currently not supported"
            )
    _state.logical_devices = given


def get_logical_device_configuration(device: Any) -> list[LogicalDeviceConfiguration] | None:
    """What `set_logical_device_configuration` was told; None at first.

    Raises:
        ValueError: no such device.
    """
    _check_device(device)
    found: list[LogicalDeviceConfiguration] | None = _state.logical_devices
    return found


def _check_device(device: Any) -> None:
    if device != _CPU:
        raise ValueError(f"Unrecognized device: {device!r}: there is {_CPU!r} here")


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Whether `tf.function` hands its arguments and results over as they are.

    A `tf.function` always runs eagerly here.  As in TensorFlow, what else this changes is that
    arrays that go in and numbers that come out are no longer made tensors.
    """
    _state.functions_run_eagerly = to_bool("run_functions_eagerly", "run_eagerly", run_eagerly)


experimental_run_functions_eagerly = run_functions_eagerly  # its name at first


def functions_run_eagerly() -> bool:
    """What `run_functions_eagerly` was last told; False at first."""
    return bool(_state.functions_run_eagerly)


def get_soft_device_placement() -> bool:
    """Whether an op may go to another device than it asked for: as in TensorFlow, True."""
    return True


def set_soft_device_placement(enabled: bool) -> None:
    """Take note that `enabled` is True.

    Raises:
        NotImplementedError: it is not.
    """
    if not enabled:
        raise NotImplementedError(
            say("set_soft_device_placement", "enabled", "must be True here", enabled)
        )


def _get_inter_op_parallelism_threads() -> int:
    return _threads["inter"]


def _get_intra_op_parallelism_threads() -> int:
    return _threads["intra"]


def _set_inter_op_parallelism_threads(num_threads: int) -> None:
    _threads["inter"] = operator.index(num_threads)


def _set_intra_op_parallelism_threads(num_threads: int) -> None:
    _threads["intra"] = operator.index(num_threads)


threading = SimpleNamespace(
    get_inter_op_parallelism_threads=_get_inter_op_parallelism_threads,
    get_intra_op_parallelism_threads=_get_intra_op_parallelism_threads,
    set_inter_op_parallelism_threads=_set_inter_op_parallelism_threads,
    set_intra_op_parallelism_threads=_set_intra_op_parallelism_threads,
)


def _enable_op_determinism() -> None:
    """Nothing to do: every op here is deterministic (`config.experimental`)."""


def _set_memory_growth(device: Any, enable: bool) -> None:
    raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")


def _get_device_details(device: PhysicalDevice) -> dict[str, Any]:
    return {}  # as in TensorFlow, which tells of GPUs only


class _Experimental(SimpleNamespace):
    """``tf.config.experimental``: what is not in it is refused with advice, as of a module."""

    def __getattr__(self, name: str) -> NoReturn:
        missing(f"{__name__}.experimental", "tf.config.experimental")(name)


experimental = _Experimental(
    VirtualDeviceConfiguration=LogicalDeviceConfiguration,
    get_virtual_device_configuration=get_logical_device_configuration,
    set_virtual_device_configuration=set_logical_device_configuration,
    enable_op_determinism=_enable_op_determinism,
    get_device_details=_get_device_details,
    get_visible_devices=get_visible_devices,
    list_logical_devices=list_logical_devices,
    list_physical_devices=list_physical_devices,
    set_memory_growth=_set_memory_growth,
    set_visible_devices=set_visible_devices,
)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.config")
    __dir__ = listed(__name__)
