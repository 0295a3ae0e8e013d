"""What event files for TensorBoard hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow


def events(folder: Path) -> dict[str, list[Any]]:
    """For each folder below `folder` the (tag, step, plugin, value) in its files, in order."""
    found: dict[str, list[Any]] = {}
    for path in sorted(folder.rglob("events.out.tfevents.*")):
        rows = found.setdefault(path.parent.relative_to(folder).as_posix(), [])
        for record in tensorflow.data.TFRecordDataset(str(path)):
            event = tensorflow.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                plugin = value.metadata.plugin_data.plugin_name
                rows.append((value.tag, event.step, plugin, _plain(plugin, value)))
    return found


def _plain(plugin: str, value: Any) -> Any:
    array = tensorflow.make_ndarray(value.tensor)
    if plugin == "images":
        shown = [tensorflow.io.decode_png(png).numpy().tolist() for png in array[2:]]
        return [array[:2].tolist(), shown, value.metadata.summary_description]
    if array.dtype == object:
        return [array.tolist(), value.metadata.summary_description]
    return [np.round(array.astype("f"), 5).tolist(), value.metadata.summary_description]
