"""Small trainings on TensorFlow and on scratchnet, and their commands."""

from __future__ import annotations

import sys

import pytest

from reference import run
from reference.options import FullOptions
from reference.workers import Cluster, Watchdog
from scratchnet.train.options import Options
from scratchnet.train.training import TrainingRun

ALONE = Cluster(("this machine",))

MODEL = """
def build(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([
        tf.keras.Input((28, 28, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dropout({rate}),
        layers.Dense(10, activation="softmax"),
    ])
"""

SMALL = {"data": "digits", "model": "model.py", "epochs": 2, "limit_train": 81, "limit_test": 33}


def full(**options):
    """The job of a full training, done."""
    chosen = FullOptions(**SMALL | options)
    job = run.FullTrainingRun(chosen, ALONE, Watchdog(ALONE, 60))
    job.run()
    return job


def ours(**options):
    """The same on scratchnet."""
    job = TrainingRun.prepare(Options(**SMALL | options))
    job.run()
    return job


def command(app, *words):
    """The exit code of a command that runs in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["command", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            app()
    return stop.value.code or 0
