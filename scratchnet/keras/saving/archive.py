"""The zip file that a ``.keras`` file is: read with care, since anybody may have written it."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.configs.limits import MIB, UNZIPPING

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"


class Archive:
    """The members of a ``.keras`` file; nothing is ever unpacked to the disk.

    Args:
        path: the file.
        label: what errors begin with.

    Raises:
        ValueError: it is no zip file; members that reach out of their folder, or come twice.
    """

    def __init__(self, path: str, label: str) -> None:
        self.label = label
        try:
            self._zip = zipfile.ZipFile(path)
        except (*UNZIPPING, OSError, MemoryError) as error:
            raise ValueError(
                f"{label}: Please ensure the file is an accessible `.keras` zip file: {error}"
            ) from error
        names = self._zip.namelist()
        for name in names:
            parts = name.replace("\\", "/").split("/")
            if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
                raise self._refused(f"its member {name!r} reaches out of its folder")
        if len(set(names)) != len(names):
            raise self._refused("it has two members of one name")

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def _refused(self, reason: str) -> ValueError:
        self._zip.close()
        return ValueError(f"{self.label}: Not allowed: {reason}")

    def read(self, name: str) -> bytes:
        """The member `name`.

        Raises:
            KeyError: there is none.
            ValueError: it is damaged, encrypted, or unpacks to far more than is stored.
        """
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            raise KeyError(f"{self.label}: there is no {name} in the archive") from None
        if info.file_size > 64 * MIB and info.file_size > 100 * info.compress_size:
            raise self._refused(
                f"its member {name!r} unpacks to {info.file_size} bytes from {info.compress_size}"
            )
        try:
            return self._zip.read(info)
        except (*UNZIPPING, OSError, MemoryError) as error:
            raise ValueError(f"{self.label}: {name} is damaged: {error}") from error

    def opened(self, name: str) -> io.BytesIO:
        """The member `name` as a file.

        Raises:
            ValueError: there is none; as of `read`.
        """
        try:
            return io.BytesIO(self.read(name))
        except KeyError:
            raise ValueError(f"{self.label}: Expected a {name} file in the archive") from None

    def texts(self, folder: str) -> dict[str, dict[str, str]]:
        """The text files below `folder`: by their folders, by their names.

        Raises:
            ValueError: as of `read`; one is no text.
        """
        found: dict[str, dict[str, str]] = {}
        for name in self._zip.namelist():
            if name.startswith(folder) and name.endswith(".txt"):
                where, _, own = name.rpartition("/")
                try:
                    found.setdefault(where, {})[own] = self.read(name).decode()
                except UnicodeDecodeError as error:
                    raise ValueError(f"{self.label}: {name} is no text: {error}") from None
        return found

    def json(self, name: str) -> Any:
        """The member `name`, read as JSON.

        Raises:
            KeyError, ValueError: as of `read`; it is no JSON.
        """
        return parsed(self.read(name), f"{self.label}: {name}")


def parsed(text: str | bytes, label: str, object_hook: Any = None) -> Any:
    """`text`, read as JSON.

    Args:
        text: the text.
        label: what errors begin with.
        object_hook: as of ``json.loads``.

    Raises:
        JSONDecodeError: it is no JSON, or too deeply nested.
    """
    try:
        return json.loads(text, object_hook=object_hook)
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(
            f"{label} is not JSON: {error.msg}", error.doc, error.pos
        ) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise json.JSONDecodeError(f"{label} is not JSON: {error}", "", 0) from None


def path_of(where: str, filepath: Any) -> str:
    """The path that `filepath`, a text or a Path, says.

    Raises:
        ValueError: something else.
    """
    try:
        return os.fsdecode(filepath)
    except TypeError:
        raise ValueError(say(where, "filepath", "must be a path of a file", filepath)) from None
