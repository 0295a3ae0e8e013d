"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; when the block ends well, that file takes the place of `path`.

    Whatever goes wrong inside — an error, a full disk, Ctrl-C — leaves `path` as it was.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "a.txt") as part:
    ...         _ = part.write_text("all of it")
    ...     (Path(folder) / "a.txt").read_text()
    'all of it'
    """
    # In the same folder, so that the last step is a rename; with the same ending, by which some
    # writers know their format.
    part = path.with_name(f".{os.getpid()}-{threading.get_ident()}-{path.name}")
    try:
        yield part
        os.replace(part, path)
    except OSError as error:
        if error.filename in (part, str(part)):  # nobody knows that name: say the one asked for
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)
