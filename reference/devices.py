"""What TensorFlow computes on, and how exactly: to be set up before it does anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from .options import FullOptions
from .workers import Cluster


@dataclass(frozen=True)
class Setup:
    """The devices of this process, and the strategy that spreads a step over all of them."""

    strategy: Any
    device: str  # "CPU" or "GPU"
    names: tuple[str, ...]  # of the devices of this machine
    cluster: Cluster
    precision: str
    xla: bool
    tf32: bool

    @property
    def replicas(self) -> int:
        """How many copies of the network there are, on all machines."""
        return int(self.strategy.num_replicas_in_sync)

    @property
    def own(self) -> range:
        """Which of them are on this one."""
        here = self.replicas // len(self.cluster)
        return range(self.cluster.index * here, (self.cluster.index + 1) * here)

    def __str__(self) -> str:
        copies = "" if self.replicas == 1 else f", {self.replicas} copies"
        machines = "" if len(self.cluster) == 1 else f" on {len(self.cluster)} machines"
        switches = f"XLA {_switch(self.xla)}, TF32 {_switch(self.tf32)}"
        switches += ", not deterministic" if self.xla else ""
        return f"{', '.join(self.names)}{copies}{machines}; {self.precision}, {switches}"

    def facts(self) -> dict[str, Any]:
        """The same, to be kept beside the results."""
        return {
            "device": self.device,
            "device_names": list(self.names),
            "strategy": type(self.strategy).__name__,
            "replicas": self.replicas,
            "workers": len(self.cluster),
            "precision": self.precision,
            "xla": self.xla,
            "deterministic": not self.xla,
            "tf32": self.tf32,
        }


def _switch(on: bool) -> str:
    return "on" if on else "off"


def set_up(options: FullOptions, cluster: Cluster) -> Setup:
    """Choose the devices, make all deterministic unless XLA is on, and find the other workers.

    Raises:
        ValueError: ``--device gpu`` where TensorFlow sees none; more copies than devices.
    """
    kind, names = _choose_device(options, len(cluster))
    if not options.xla:  # which has no deterministic gradient of max pooling, and then refuses it
        tf.config.experimental.enable_op_determinism()
    tf.config.experimental.enable_tensor_float_32_execution(options.tf32)
    tf.keras.mixed_precision.set_global_policy(
        "float32" if options.mixed_precision == "float32" else f"mixed_{options.mixed_precision}"
    )
    strategy = _strategy(kind, len(names), cluster)
    precision, tf32 = options.mixed_precision, options.tf32
    return Setup(strategy, kind, names, cluster, precision, options.xla, tf32)


def _choose_device(options: FullOptions, machines: int) -> tuple[str, tuple[str, ...]]:
    """The kind of device, and the names of those that are used."""
    gpus = tf.config.list_physical_devices("GPU")
    if options.device == "gpu" and not gpus:
        raise ValueError(
            "--device gpu needs a GPU, and TensorFlow sees none here. If there is one (nvidia-smi "
            "shows it), install TensorFlow with its CUDA libraries: "
            'pip install "tensorflow[and-cuda]"'
        )
    if options.device == "cpu" or not gpus:
        if options.replicas not in (None, 1) and machines > 1:
            raise ValueError(
                f"--replicas must be 1 on the CPUs of several machines, received {options.replicas}"
            )
        tf.config.set_visible_devices([], "GPU")
        return "CPU", _share_cpu(options.replicas or 1)
    count = options.replicas or len(gpus)
    if count > len(gpus):
        raise ValueError(f"--replicas must be at most {len(gpus)}, one per GPU, received {count}")
    tf.config.set_visible_devices(gpus[:count], "GPU")
    for gpu in gpus[:count]:
        tf.config.experimental.set_memory_growth(gpu, True)
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus[:count]]
    return "GPU", tuple(str(found.get("device_name", "GPU")) for found in details)


def _share_cpu(count: int) -> tuple[str, ...]:
    """`count` devices that share the CPU: of no use but to try what several GPUs would do."""
    if count > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
        tf.config.set_logical_device_configuration(cpu, parts)
    return ("CPU",) * count


def _strategy(kind: str, count: int, cluster: Cluster) -> Any:
    if len(cluster) > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    devices = [f"/{kind.lower()}:{i}" for i in range(count)]
    if count > 1:
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.OneDeviceStrategy(devices[0])
