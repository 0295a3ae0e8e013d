"""The ops under their names in ``tf.linalg``."""

from typing import TYPE_CHECKING

from scratchnet.engine.name_scope import accept_names
from scratchnet.ops import (
    band_part,
    cholesky,
    det,
    diag,
    diag_part,
    einsum,
    eye,
    global_norm,
    inv,
    l2_normalize,
    matmul,
    matrix_transpose,
    matvec,
    norm,
    normalize,
    solve,
    tensordot,
    trace,
)
from scratchnet.unsupported import listed, missing

__all__ = [
    "band_part",
    "cholesky",
    "det",
    "diag",
    "diag_part",
    "einsum",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "matmul",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "solve",
    "tensordot",
    "trace",
]

accept_names(globals())
if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.linalg")
    __dir__ = listed(__name__)
