"""The ops under their names in ``tf.linalg``."""

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
from scratchnet.unsupported import missing

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
__getattr__ = missing(__name__, "tf.linalg")
