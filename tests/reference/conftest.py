"""An empty folder with a network in a file, and trainings in this process."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import tensorflow as tf

from reference import devices, run
from tests.support.full_training import MODEL


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in, with a network in a file; nothing global stays changed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    Path("model.py").write_text(MODEL.format(rate=0.3))
    on_sigterm = signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, on_sigterm)
    tf.keras.mixed_precision.set_global_policy("float32")


@pytest.fixture
def here(monkeypatch):
    """Trainings on the CPU of this process, of which nothing is to stay deterministic or hidden."""

    def set_up(options, cluster):
        tf.keras.mixed_precision.set_global_policy(
            {"float32": "float32"}.get(options.mixed_precision, f"mixed_{options.mixed_precision}")
        )
        strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
        chosen = options.mixed_precision, options.xla, options.tf32
        return devices.Setup(strategy, "CPU", ("CPU",), cluster, *chosen)

    monkeypatch.setattr(run, "set_up", set_up)


TF_CONFIG = {
    "cluster": {"worker": ["b:2", "c:3"], "chief": ["a:1"]},
    "task": {"type": "worker", "index": 1},
}
