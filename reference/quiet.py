"""TensorFlow without the lines that it writes while it is imported."""

from __future__ import annotations

import os
from typing import Any


def import_tensorflow() -> Any:
    """The module `tensorflow`.

    It writes to the process's standard error before it can be told not to: that it found no CUDA,
    say, which is said in other words here.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import tensorflow
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    return tensorflow
