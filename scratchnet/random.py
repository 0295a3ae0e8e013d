"""The ops under their names in ``tf.random``."""

from typing import TYPE_CHECKING

from scratchnet.engine.name_scope import accept_names
from scratchnet.ops.random import (
    Algorithm,
    categorical,
    normal,
    set_seed,
    shuffle,
    stateless_categorical,
    stateless_normal,
    stateless_truncated_normal,
    stateless_uniform,
    truncated_normal,
    uniform,
)
from scratchnet.ops.random import stateless_fold_in as fold_in
from scratchnet.ops.random import stateless_split as split
from scratchnet.ops.random_generator import (
    Generator,
    create_rng_state,
    get_global_generator,
    set_global_generator,
)
from scratchnet.unsupported import listed, missing

__all__ = [
    "Algorithm",
    "Generator",
    "categorical",
    "create_rng_state",
    "fold_in",
    "get_global_generator",
    "normal",
    "set_global_generator",
    "set_seed",
    "shuffle",
    "split",
    "stateless_categorical",
    "stateless_normal",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]

accept_names(globals())
if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.random")
    __dir__ = listed(__name__)
