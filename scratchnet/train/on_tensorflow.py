"""The same command on TensorFlow: `reference` runs it, in a process of its own.

`reference` lies beside scratchnet.  In an installed wheel it is called `scratchnet_reference`: so
short a name as the other may be somebody else's there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NEEDS_TENSORFLOW = (
    "--on tensorflow needs TensorFlow, which is not installed: pip install "
    'tensorflow, or for a GPU pip install "tensorflow[and-cuda]"'
)
BESIDE = Path(__file__).parents[2]


def module_of(reference: str) -> str:
    """The name under which a module of `reference` is found here.

    >>> module_of("reference.train").endswith("reference.train")
    True
    """
    installed = (BESIDE / "scratchnet_reference").is_dir()
    return f"scratchnet_{reference}" if installed else reference


def as_arguments(options: Any) -> list[str]:
    """The fields of a dataclass of options, as the words of a command line.

    What was not chosen is left out, and `on`, which said whose command line it is to be.
    """
    chosen = {name: value for name, value in vars(options).items() if value is not None}
    del chosen["on"]
    words = [chosen.pop("weights")] if "weights" in chosen else []
    for name, value in chosen.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    return words


def hand_over(module: str, arguments: Sequence[str]) -> int:
    """Run ``python -m MODULE ARGUMENTS``, a module of `reference`; returns its exit code.

    Raises:
        ModuleNotFoundError: TensorFlow is not installed.
    """
    if find_spec("tensorflow") is None:
        raise ModuleNotFoundError(NEEDS_TENSORFLOW)
    # With -P no folder of that name in the working directory comes before it.
    path = os.pathsep.join(filter(None, (str(BESIDE), os.environ.get("PYTHONPATH"))))
    sys.stdout.flush()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", module_of(module), *arguments],
        env=os.environ | {"PYTHONPATH": path},
    ) as process:
        # Ctrl-C goes to both, SIGTERM to this one only; the one that works ends in its own way.
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            return _end_of(process)
        finally:
            signal.signal(signal.SIGTERM, before)


def _end_of(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
