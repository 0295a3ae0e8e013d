"""Training steps and models: the memory of a process does not grow with their number."""

from __future__ import annotations

import gc
import math
from pathlib import Path
from typing import Any

import scratchnet as tf
from tests.long.forms import Form

MIB = 1 << 20
STEPS, MODELS = 3000, 100  # of a minute; in shorter runs fewer
GROWTH = 16 * MIB  # allowed after the first quarter: what the allocator of C keeps varies by that
BATCH = 32


def resident() -> int:
    """The bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def network() -> Any:
    k = tf.keras
    made = k.Sequential(
        [
            k.Input((12, 12, 1)),
            k.layers.Conv2D(8, 3, activation="relu"),
            k.layers.MaxPooling2D(),
            k.layers.BatchNormalization(),
            k.layers.Flatten(),
            k.layers.Dropout(0.3),
            k.layers.Dense(10, activation="softmax"),
        ]
    )
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def run(form: Form) -> None:
    """Case 0 is the training, case 1 the models."""
    minutes = min(1.0, (form.end - form.begin) / 60)
    rng = form.rng(0)
    x = rng.normal(size=(BATCH, 12, 12, 1)).astype("f")
    y = rng.integers(0, 10, BATCH)
    for i in form.numbers():
        if i > 1:
            form.figures["cases"] -= 1
            return
        work = _steps if i == 0 else _models
        count = math.ceil((STEPS if i == 0 else MODELS) * minutes)
        _grows(form, i, work(x, y), count, "steps" if i == 0 else "models")


def _steps(x: Any, y: Any) -> Any:
    made = network()

    def step(number: int) -> None:
        if number % 3 == 0:
            made.train_on_batch(x, y)
        elif number % 3 == 1:
            with tf.GradientTape(persistent=True) as tape:
                loss = tf.reduce_mean(made(x, training=True) ** 2)
            made.optimizer.apply(tape.gradient(loss, made.trainable_variables))
        else:
            made.fit(x, y, verbose=0)

    return step


def _models(x: Any, y: Any) -> Any:
    def one(number: int) -> None:
        made = network()
        made.fit(x, y, verbose=0)
        made.predict(x, verbose=0)
        if number % 10 == 0:
            tf.keras.utils.clear_session()

    return one


def _grows(form: Form, i: int, work: Any, count: int, what: str) -> None:
    quarter, at = max(1, count // 4), 0
    for number in range(count):
        work(number)
        if number == quarter - 1:
            at = resident()
    growth = resident() - at
    form.count(what, count)
    form.figures[f"growth over the last three quarters of the {what}, KiB"] = growth // 1024
    if growth > GROWTH:
        form.found(i, "memory that grows", f"{growth / MIB:.0f} MiB over {count - quarter} {what}")
