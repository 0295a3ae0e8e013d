"""The errors, in TensorFlow's families, and the one grammar that their messages follow.

    conv2d: `strides` must be two positive integers, received strides=(0, 1)

An op that refuses a *value* raises :class:`InvalidArgumentError`; a Keras-like front end raises
``ValueError`` or ``TypeError`` as Keras does.  Either way the text names the function, the
argument, the rule and what was received, and is raised before any kernel is entered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class OpError(Exception):
    """Base class of the errors that an op raises (``tf.errors.OpError``).

    Args:
        *args: the message; or, as for TensorFlow's own class, node_def, op, message and (of
            `OpError` itself) the error code.

    >>> OpError("a text").message, InvalidArgumentError(None, None, "a text").error_code
    ('a text', 3)
    """

    error_code = 2  # the number of "unknown"

    def __init__(self, *args: Any) -> None:
        self.node_def, self.op, self.message, *rest = (None, None, *args) if len(args) < 2 else args
        if type(self) is OpError and rest:
            self.error_code = rest[0]
        super().__init__(self.message)

    @property
    def experimental_payloads(self) -> dict[bytes, bytes]:
        """Nothing: errors carry no payload here."""
        return {}


class InvalidArgumentError(OpError):
    """An op received a value it cannot work on (``tf.errors.InvalidArgumentError``)."""

    error_code = 3


class IncompatibleShapesError(InvalidArgumentError):
    """Two shapes do not broadcast: an error everywhere but in ``==`` and ``!=``."""


class DtypeError(InvalidArgumentError, TypeError):
    """A dtype that the op does not take.

    Also a ``TypeError``: which of the two TensorFlow raises differs from op to op.
    """


class UnimplementedError(OpError):
    """The op exists, this variant of it does not (``tf.errors.UnimplementedError``)."""

    error_code = 12


class OutOfRangeError(OpError):
    """An iteration passed the end of its data (``tf.errors.OutOfRangeError``)."""

    error_code = 11


class DataLossError(OpError):
    """Data was lost or broken for good (``tf.errors.DataLossError``)."""

    error_code = 15


class NoDerivativeError(OpError, LookupError):
    """A cotangent reached an argument for which its op declares neither a VJP nor a reason."""


# What the messages about a gradient that is None end with.
WHY_NONE = (
    "None where the target does not depend on the source in a way that the tape saw; "
    "`tape.explain_none(source)` says why"
)


def with_article(noun: str) -> str:
    """``"an ndarray"``, ``"a list"``.

    >>> with_article("ndarray"), with_article("list"), with_article("NoneType")
    ('an ndarray', 'a list', 'a NoneType')
    """
    return f"an {noun}" if noun[:1].lower() in "aeiou" or noun.startswith("nd") else f"a {noun}"


def say(where: str, name: str, rule: str, value: object) -> str:
    """The message grammar: function, argument, rule, received value.

    >>> say("conv2d", "strides", "must be two positive integers", (0, 1))
    'conv2d: `strides` must be two positive integers, received strides=(0, 1)'
    """
    return f"{where}: `{name}` {rule}, received {name}={value!r}"


def invalid(where: str, name: str, rule: str, value: object) -> InvalidArgumentError:
    """An :class:`InvalidArgumentError` in the grammar of :func:`say`; the caller raises it."""
    return InvalidArgumentError(say(where, name, rule, value))
