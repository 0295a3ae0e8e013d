"""The errors under TensorFlow's names: ``tf.errors``.

scratchnet itself raises the first few; the others are here for programs that raise or catch them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.engine.errors import DataLossError as DataLossError
from scratchnet.engine.errors import (
    InvalidArgumentError as InvalidArgumentError,
)
from scratchnet.engine.errors import NoDerivativeError as NoDerivativeError
from scratchnet.engine.errors import OpError as OpError
from scratchnet.engine.errors import OutOfRangeError as OutOfRangeError
from scratchnet.engine.errors import UnimplementedError as UnimplementedError
from scratchnet.unsupported import listed, missing

__all__ = [
    "ABORTED",
    "ALREADY_EXISTS",
    "CANCELLED",
    "DATA_LOSS",
    "DEADLINE_EXCEEDED",
    "FAILED_PRECONDITION",
    "INTERNAL",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OK",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNIMPLEMENTED",
    "UNKNOWN",
    "AbortedError",
    "AlreadyExistsError",
    "CancelledError",
    "DataLossError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalError",
    "InvalidArgumentError",
    "NoDerivativeError",
    "NotFoundError",
    "OpError",
    "OperatorNotAllowedInGraphError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
]

OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND = range(6)
ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION = range(6, 10)
ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS = range(10, 16)
UNAUTHENTICATED = 16


class OperatorNotAllowedInGraphError(TypeError):
    """A Python operator met a tensor without a value; tensors always have one here."""


class CancelledError(OpError):
    """A step was cancelled."""

    error_code = CANCELLED


class UnknownError(OpError):
    """An error of no other class."""

    error_code = UNKNOWN


class DeadlineExceededError(OpError):
    """An operation took too long."""

    error_code = DEADLINE_EXCEEDED


class NotFoundError(OpError):
    """A file or the like does not exist."""

    error_code = NOT_FOUND


class AlreadyExistsError(OpError):
    """What was to be made is there already."""

    error_code = ALREADY_EXISTS


class PermissionDeniedError(OpError):
    """The caller may not do this."""

    error_code = PERMISSION_DENIED


class UnauthenticatedError(OpError):
    """The caller did not say who they are."""

    error_code = UNAUTHENTICATED


class ResourceExhaustedError(OpError):
    """There is no memory (or other resource) left."""

    error_code = RESOURCE_EXHAUSTED


class FailedPreconditionError(OpError):
    """The system is not in the state that the operation needs."""

    error_code = FAILED_PRECONDITION


class AbortedError(OpError):
    """An operation was given up."""

    error_code = ABORTED


class InternalError(OpError):
    """Something that must hold inside the library does not."""

    error_code = INTERNAL


class UnavailableError(OpError):
    """The runtime cannot be reached now."""

    error_code = UNAVAILABLE


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.errors")
    __dir__ = listed(__name__)
