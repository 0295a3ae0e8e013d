"""clear_session: automatic names begin anew."""

from __future__ import annotations

import gc

from scratchnet.keras.config import forget_dtype_policy
from scratchnet.keras.naming import reset_names
from scratchnet.keras.random import forget_global_seed_generator
from scratchnet.ops.random_seeds import forget_kernels


def clear_session(free_memory: bool = True) -> None:
    """Count automatic names from the beginning again (``keras.utils.clear_session``).

    What layers compute in is `config.floatx` again, even if it was set after the first of them.

    Models that exist keep their names and go on working. Seeds stay as they are; only the generator
    that all calls with ``seed=None`` share is forgotten.

    Args:
        free_memory: whether Python looks for what nobody holds any more, which takes a while.
    """
    reset_names()
    forget_dtype_policy()
    forget_global_seed_generator()
    forget_kernels()
    if free_memory:
        gc.collect()
