"""Numbers, histograms and images for TensorBoard: ``tf.summary``.

They are written with the writer of the package tensorboard, which is not part of scratchnet:
``pip install tensorboard``.  Nothing is written before a writer is the default one:

    writer = tf.summary.create_file_writer("logs")
    with writer.as_default():
        tf.summary.scalar("loss", 0.5, step=1)
"""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.name_scope import in_scope
from scratchnet.engine.tensor import TensorLike, convert
from scratchnet.unsupported import listed, missing

__all__ = [
    "SummaryWriter",
    "create_file_writer",
    "create_noop_writer",
    "experimental",
    "flush",
    "histogram",
    "image",
    "record_if",
    "scalar",
    "should_record_summaries",
    "text",
    "write",
]


class _State(threading.local):
    writer: Any = None
    step: Any = None
    recording: Any = True  # a truth value, or a function that returns one


_state = _State()
_count = iter(range(2**62))  # of the writers of this process, in the names of their files


def _package(where: str) -> Any:
    """The parts of tensorboard that are used.

    Raises:
        ImportError: it is not installed.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.plugins.histogram.summary_v2 import histogram_pb
        from tensorboard.plugins.image.metadata import create_summary_metadata
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb
        from tensorboard.plugins.text.summary_v2 import text_pb
        from tensorboard.summary.writer.record_writer import RecordWriter
        from tensorboard.util.tensor_util import make_tensor_proto
    except ImportError as error:
        raise ImportError(
            f"{where}: the package tensorboard writes these files, and is not installed here: pip "
            f"install tensorboard ({error})"
        ) from error
    return SimpleNamespace(
        Event=Event,
        Summary=Summary,
        SummaryMetadata=SummaryMetadata,
        RecordWriter=RecordWriter,
        histogram_pb=histogram_pb,
        image_metadata=create_summary_metadata,
        make_tensor_proto=make_tensor_proto,
        scalar_pb=scalar_pb,
        text_pb=text_pb,
    )


class SummaryWriter:
    """What `create_file_writer` returns: an event file, made when something is first written."""

    def __init__(self, logdir: str | None, suffix: str = "") -> None:
        self._logdir, self._suffix = logdir, suffix
        self._file: Any = None
        self._records: Any = None
        self._closed = False
        self._lock = threading.Lock()

    def _write(self, event: Any, parts: Any) -> None:
        if self._closed:
            raise RuntimeError("SummaryWriter is already closed")
        if self._logdir is None:
            return
        with self._lock:
            if self._records is None:
                os.makedirs(self._logdir, exist_ok=True)
                name = (
                    f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}."
                    f"{os.getpid()}.{next(_count)}.v2{self._suffix}"
                )
                self._file = open(os.path.join(self._logdir, name), "wb")
                self._records = parts.RecordWriter(self._file)
                first = parts.Event(wall_time=time.time(), file_version="brain.Event:2")
                self._records.write(first.SerializeToString())
            self._records.write(event.SerializeToString())

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """In this context summaries go to this file, by default of that `step`."""
        if self._closed:
            raise RuntimeError("SummaryWriter is already closed")
        outer = _state.writer, _state.step
        _state.writer = self
        if step is not None:
            _state.step = step
        try:
            yield self
            self.flush()
        finally:
            _state.writer, _state.step = outer

    def set_as_default(self, step: Any = None) -> None:
        """From here on summaries go to this file."""
        if self._closed:
            raise RuntimeError("SummaryWriter is already closed")
        _state.writer = self
        if step is not None:
            _state.step = step

    def init(self) -> None:
        """Nothing: the file is made when something is first written."""

    def flush(self) -> None:
        """Hand all that was written to the system."""
        if self._records is not None and not self._closed:
            self._records.flush()

    def close(self) -> None:
        """Close the file; nothing can be written after that."""
        if self._file is not None and not self._closed:
            self._file.close()
        self._closed = True


def create_file_writer(
    logdir: Any,
    max_queue: Any = None,
    flush_millis: Any = None,
    filename_suffix: str | None = None,
    name: str | None = None,
    experimental_trackable: bool = False,
    experimental_mesh: Any = None,
) -> SummaryWriter:
    """A writer of an event file in the folder `logdir` (``tf.summary.create_file_writer``).

    Args:
        logdir: the folder; made when something is written.
        max_queue, flush_millis: how TensorFlow keeps what is to be written; here it is written at
            once.
        filename_suffix: what the name of the file ends in.
        name, experimental_trackable, experimental_mesh: unused.

    Raises:
        ValueError: no `logdir`.
        ImportError: tensorboard is not installed.
    """
    if logdir is None:
        raise ValueError("Argument `logdir` cannot be None")
    _package("create_file_writer")
    return SummaryWriter(os.fsdecode(logdir), filename_suffix or "")


def create_noop_writer() -> SummaryWriter:
    """A writer that writes nothing.

    >>> with create_noop_writer().as_default():
    ...     pass
    """
    return SummaryWriter(None)


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Flush `writer`, or the default one."""
    chosen = _state.writer if writer is None else writer
    if chosen is not None:
        chosen.flush()


@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """In this context summaries are written only if `condition`, or what it returns, is true."""
    outer, _state.recording = _state.recording, condition
    try:
        yield
    finally:
        _state.recording = outer


def should_record_summaries() -> bool:
    """Whether a summary would be written: there is a default writer, and the condition holds.

    >>> should_record_summaries()
    False
    """
    condition = _state.recording
    return _state.writer is not None and bool(condition() if callable(condition) else condition)


# -- what can be written --------------------------------------------------------------------------


def scalar(name: str, data: TensorLike, step: Any = None, description: str | None = None) -> bool:
    """Write a number (``tf.summary.scalar``).

    Args:
        name: its name, below the open name scopes.
        data: a scalar.
        step: an integer; the default one of the writer if not given.
        description: a text about it.

    Returns:
        Whether it was written: there was a default writer.

    Raises:
        ValueError: `data` is no scalar; no `step`.
    """

    def made(parts: Any, tag: str) -> Any:
        value = convert(data)._data
        if value.ndim:
            raise ValueError(say("scalar", "data", "must be a scalar", data))
        return parts.scalar_pb(tag, np.asarray(value, np.float32), description)

    return _written("scalar", name, step, made)


def histogram(
    name: str,
    data: TensorLike,
    step: Any = None,
    buckets: int | None = None,
    description: str | None = None,
) -> bool:
    """Write how often numbers lie in ranges of equal width (``tf.summary.histogram``).

    Args:
        name: its name, below the open name scopes.
        data: numbers, of any shape.
        step: an integer; the default one of the writer if not given.
        buckets: how many ranges; 30 if not given.
        description: a text about it.

    Returns:
        Whether it was written.

    Raises:
        ValueError: no `step`.
    """

    def made(parts: Any, tag: str) -> Any:
        values = np.asarray(convert(data)._data, np.float64)
        return parts.histogram_pb(tag, values, buckets, description)

    return _written("histogram", name, step, made)


def image(
    name: str,
    data: TensorLike,
    step: Any = None,
    max_outputs: int = 3,
    description: str | None = None,
) -> bool:
    """Write images (``tf.summary.image``).

    Args:
        name: their name, below the open name scopes.
        data: (N, H, W, C) with C of 1 to 4, floats in [0, 1] or uint8.
        step: an integer; the default one of the writer if not given.
        max_outputs: how many at most.
        description: a text about them.

    Returns:
        Whether they were written.

    Raises:
        ValueError: another rank, or number of channels; no `step`.
    """

    def made(parts: Any, tag: str) -> Any:
        values = convert(data)._data
        if values.ndim != 4 or not 1 <= values.shape[-1] <= 4:
            rule = "must be images (N, H, W, C) with 1 to 4 channels"
            raise ValueError(f"image: `data` {rule}, received shape {values.shape}")
        if 0 in values.shape[1:3]:
            rule = "must be images with at least one pixel"
            raise ValueError(f"image: `data` {rule}, received shape {values.shape}")
        if values.dtype.kind == "f":  # as tf.image.convert_image_dtype
            values = np.clip(np.nan_to_num(values) * 255.5, 0, 255)
        elif values.dtype != np.uint8:
            shift = 8 * (values.dtype.itemsize - 1) - (values.dtype.kind == "i")
            values = np.clip(values >> shift, 0, 255)
        kept = values.astype(np.uint8)[:max_outputs]
        sizes = [str(n).encode() for n in (values.shape[2], values.shape[1])]
        content = [*sizes, *(_png(pixels) for pixels in kept)]
        metadata = parts.image_metadata(display_name=None, description=description)
        summary = parts.Summary()
        tensor = parts.make_tensor_proto(np.array(content, dtype=object))
        summary.value.add(tag=tag, metadata=metadata, tensor=tensor)
        return summary

    return _written("image", name, step, made)


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Write a text, which may be Markdown (``tf.summary.text``).

    Args:
        name: its name, below the open name scopes.
        data: the text, or a list of them.
        step: an integer; the default one of the writer if not given.
        description: a text about it.

    Returns:
        Whether it was written.

    Raises:
        ValueError: no `step`.
    """

    def made(parts: Any, tag: str) -> Any:
        return parts.text_pb(tag, data, description)

    return _written("text", name, step, made)


def write(
    tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None
) -> bool:
    """Write a tensor, or a text, for a plugin of TensorBoard (``tf.summary.write``).

    Args:
        tag: its name.
        tensor: numbers, a text, or a function that returns one of them.
        step: an integer; the default one of the writer if not given.
        metadata: a ``SummaryMetadata`` of tensorboard.
        name: unused.

    Returns:
        Whether it was written.

    Raises:
        ValueError: no `step`.
    """

    def made(parts: Any, _: str) -> Any:
        value = tensor() if callable(tensor) else tensor
        is_text = isinstance(value, str | bytes)
        encoded = value.encode() if isinstance(value, str) else value
        array = np.array(encoded, dtype=object) if is_text else convert(value)._data
        summary = parts.Summary()
        summary.value.add(tag=tag, metadata=metadata, tensor=parts.make_tensor_proto(array))
        return summary

    return _written("write", tag, step, made)


def _written(where: str, name: str, step: Any, made: Callable[[Any, str], Any]) -> bool:
    """Write what `made` makes of the tag."""
    if not should_record_summaries():
        return False
    at = _state.step if step is None else step
    if at is None:
        raise ValueError(
            f"{where}: No step set. Please specify one either through the `step` argument or "
            "through tf.summary.experimental.set_step()"
        )
    parts = _package(where)
    summary = made(parts, in_scope(name))
    event = parts.Event(wall_time=time.time(), step=int(convert(at)._data), summary=summary)
    _state.writer._write(event, parts)
    return True


def _png(pixels: Array) -> bytes:
    """(H, W, C) of uint8 as a PNG file."""
    from PIL import Image  # which matplotlib brings, and tensorboard

    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "png")
    return file.getvalue()


def _set_step(step: Any) -> None:
    """Set the default step."""
    _state.step = step


def _get_step() -> Any:
    """The default step."""
    return _state.step


experimental = SimpleNamespace(get_step=_get_step, set_step=_set_step)

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.summary")
    __dir__ = listed(__name__)
