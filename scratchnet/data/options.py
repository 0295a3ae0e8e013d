"""``tf.data.Options``: how TensorFlow may run a pipeline.  Taken here, and without effect."""

from __future__ import annotations

import enum
from typing import Any, ClassVar


class AutoShardPolicy(enum.IntEnum):
    """How TensorFlow parts a dataset among machines (``tf.data.experimental.AutoShardPolicy``)."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


class AutotuneAlgorithm(enum.Enum):
    """How it looks for the best settings (``tf.data.experimental.AutotuneAlgorithm``)."""

    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4


class ExternalStatePolicy(enum.Enum):
    """What it does about state outside (``tf.data.experimental.ExternalStatePolicy``)."""

    WARN = 0
    IGNORE = 1
    FAIL = 2


class Settings:
    """Attributes of fixed names and types, None before they are set."""

    _types: ClassVar[dict[str, type]]
    _aliases: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        for name, kind in self._types.items():
            self.__dict__[name] = kind() if issubclass(kind, Settings) else None

    def __setattr__(self, name: str, value: Any) -> None:
        name = self._aliases.get(name, name)
        if name not in self._types:
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        if not isinstance(value, self._types[name]):
            raise TypeError(
                f'Property "{name}" must be of type {self._types[name]}, got: {value} '
                f"(type: {type(value)})"
            )
        self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        if name in self._aliases:
            return getattr(self, self._aliases[name])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]

    def _merged(self, other: Any) -> Any:
        found = type(self)()
        for name in self._types:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Settings):
                found.__dict__[name] = mine._merged(theirs)
            else:
                default = getattr(type(self)(), name)
                found.__dict__[name] = mine if theirs == default else theirs
        return found


class AutotuneOptions(Settings):
    """``tf.data.experimental.AutotuneOptions``."""

    _types: ClassVar[dict[str, type]] = {
        "enabled": bool,
        "cpu_budget": int,
        "ram_budget": int,
        "autotune_algorithm": AutotuneAlgorithm,
        "initial_parallelism": int,
        "min_parallelism": int,
    }


class DistributeOptions(Settings):
    """``tf.data.experimental.DistributeOptions``."""

    _types: ClassVar[dict[str, type]] = {"auto_shard_policy": AutoShardPolicy, "num_devices": int}

    def __init__(self) -> None:
        super().__init__()
        self.auto_shard_policy = AutoShardPolicy.AUTO


class OptimizationOptions(Settings):
    """``tf.data.experimental.OptimizationOptions``."""

    _types: ClassVar[dict[str, type]] = dict.fromkeys(
        [
            *("apply_default_optimizations", "filter_fusion", "filter_parallelization"),
            *("inject_prefetch", "seq_interleave_prefetch", "map_and_batch_fusion"),
            *("map_and_filter_fusion", "map_fusion", "map_parallelization", "noop_elimination"),
            *("parallel_batch", "shuffle_and_repeat_fusion"),
        ],
        bool,
    )


class ThreadingOptions(Settings):
    """``tf.data.ThreadingOptions``."""

    _types: ClassVar[dict[str, type]] = {
        "max_intra_op_parallelism": int,
        "private_threadpool_size": int,
    }


class Options(Settings):
    """How TensorFlow may run a pipeline (``tf.data.Options``).

    There is one way to run a pipeline here, so that nothing of it has an effect: programs that set
    it run, with the elements and the order that they have without it.

    Raises:
        AttributeError: an attribute is set that it does not have.
        TypeError: it is set to a value of another type.

    >>> import scratchnet as tf
    >>> options = Options()
    >>> options.deterministic = False
    >>> options.threading.private_threadpool_size = 4
    >>> [int(x) for x in tf.data.Dataset.range(3).with_options(options)]
    [0, 1, 2]
    """

    _types: ClassVar[dict[str, type]] = {
        "autotune": AutotuneOptions,
        "deterministic": bool,
        "experimental_distribute": DistributeOptions,
        "experimental_external_state_policy": ExternalStatePolicy,
        "experimental_optimization": OptimizationOptions,
        "experimental_slack": bool,
        "experimental_symbolic_checkpoint": bool,
        "experimental_warm_start": bool,
        "dataset_name": str,
        "framework_type": list,
        "threading": ThreadingOptions,
    }
    _aliases: ClassVar[dict[str, str]] = {
        "experimental_deterministic": "deterministic",
        "experimental_threading": "threading",
    }

    def merge(self, options: Options) -> Options:
        """These options, with what is set in `options` in place of theirs."""
        found: Options = self._merged(options)
        return found
