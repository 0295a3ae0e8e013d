"""``keras.mixed_precision``: the policy of layers, by its older names.

Mixed policies are taken, and computed in float32 (`scratchnet.keras.config.DTypePolicy`).
"""

from typing import TYPE_CHECKING

from scratchnet.keras.config import DTypePolicy, dtype_policy, set_dtype_policy
from scratchnet.unsupported import listed, missing

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.mixed_precision")
    __dir__ = listed(__name__)
