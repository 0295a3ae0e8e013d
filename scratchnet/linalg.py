"""The ops under their names in ``tf.linalg``."""

from typing import TYPE_CHECKING

from scratchnet.engine.name_scope import accept_names
from scratchnet.ops import (
    band_part,
    cholesky,
    cholesky_solve,
    det,
    diag,
    diag_part,
    eigh,
    eigvalsh,
    einsum,
    expm,
    eye,
    global_norm,
    inv,
    l2_normalize,
    logdet,
    lstsq,
    matmul,
    matrix_rank,
    matrix_transpose,
    matvec,
    norm,
    normalize,
    pinv,
    qr,
    slogdet,
    solve,
    svd,
    tensordot,
    trace,
    triangular_solve,
)
from scratchnet.unsupported import listed, missing

__all__ = [
    "band_part",
    "cholesky",
    "cholesky_solve",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "expm",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "tensordot",
    "trace",
    "triangular_solve",
]

accept_names(globals())
if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.linalg")
    __dir__ = listed(__name__)
