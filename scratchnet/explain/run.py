"""`scratchnet explain`: train a little, trace one step, write the page."""

from __future__ import annotations

import importlib
import time
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scratchnet.atomic_files import replacing
from scratchnet.explain import golden
from scratchnet.explain.on_tensorflow import tensorflow
from scratchnet.explain.options import ExplainOptions
from scratchnet.explain.page import assemble
from scratchnet.explain.page_data import PageData
from scratchnet.explain.step import Task, about, prepare, sample, traced
from scratchnet.explain.training import Moment, Recorder
from scratchnet.explain.witnesses import ask
from scratchnet.testing.golden import Golden

BATCH = 32


def run(options: ExplainOptions) -> Path:
    """Make the page that the options ask for; returns its path.

    Raises:
        OSError, ValueError: something cannot be read or written; the message says what.
    """
    start = time.perf_counter()
    kept = None if options.golden is None else golden.read(Path(options.golden).expanduser())
    if options.record is not None and tensorflow() is None:
        raise ValueError(
            "--record must be left out where TensorFlow is not installed (pip install "
            f"'scratchnet[reference]'), received {options.record}"
        )
    task = prepare(importlib.import_module("scratchnet"), options)
    sample(task, options)  # a wrong one is said now, not after the training
    if options.steps and options.image is not None and options.label is None and not task.copies:
        raise ValueError(
            "--label must be given with --image and --steps: the training is recorded for that "
            "class, and what the network will see in the image is not known before, received None"
        )
    moments: list[Moment] = []
    if options.weights is None and options.epochs:
        moments = train(task, options)
    elif options.weights is not None:
        if options.epochs not in (0, ExplainOptions.epochs):
            print(f"--epochs {options.epochs}: nothing was trained, since --weights are given")
    elif options.steps:  # the options refuse it beside weights
        print(f"--steps {options.steps}: nothing was recorded, since --epochs 0 trains nothing")
    data = data_of(task, options, moments, kept)
    page = assemble(data, options.lang)
    path = Path(options.out).expanduser()
    with replacing(path) as part:
        part.write_text(page, encoding="utf-8")
    size = path.stat().st_size / 1e6
    print(f"Kept in {path}: one page of {size:.1f} MB, after {time.perf_counter() - start:.0f} s")
    for line in remarks(data["about"]):
        print(line)
    if options.open:
        webbrowser.open(path.resolve().as_uri())
    return path


def remarks(about: Mapping[str, Any]) -> list[str]:
    """What the command says of a page that has something to be seen at once.

    >>> remarks({"witnesses": {"agree": 3, "disagree": 1, "compared": {"finite": 4}}})
    ['The witnesses DISAGREE in 1 of 4 comparisons: the page marks them in red']
    """
    found, said = [], about.get("witnesses")
    if about.get("nan") is not None:
        where = about["nan"]["text"].partition("\n")[0]
        found.append(f"The first number that is not finite: {where}")
    if said and said["disagree"]:
        total = said["agree"] + said["disagree"]
        found.append(
            f"The witnesses DISAGREE in {said['disagree']} of {total} comparisons: the page marks "
            "them in red"
        )
    if said and about.get("golden") and not said["compared"].get("tensorflow"):
        found.append(
            f"--golden {about['golden']}: no op of this step is in it, so nothing was compared "
            "with TensorFlow: was it recorded of another network?"
        )
    return found


def train(task: Task, options: ExplainOptions) -> list[Moment]:
    """A short training; returns the steps of it that are to be recorded."""
    images = task.images
    # One sample throughout, without dropout: what changes from step to step are the weights.
    x, y, _ = sample(task, _recorded(options))
    recorder = Recorder(lambda: traced(task, x, y, training=False), options.steps)
    print(f"Data: {images}")
    task.model.fit(
        images.x_train,
        task.target(images.x_train, images.y_train),
        batch_size=BATCH,
        epochs=options.epochs,
        verbose=2,
        callbacks=[recorder] if options.steps else [],
    )
    return recorder.moments


def data_of(
    task: Task,
    options: ExplainOptions,
    moments: Sequence[Moment] = (),
    kept: Golden | None = None,
) -> dict[str, Any]:
    """The data of the page; the golden file is written, if that is asked for."""
    x, y, name = sample(task, options)
    trace = traced(task, x, y)
    said = about(task, x, y, name, trace)
    if len(trace.passes) > 1:  # as the step of a GAN has: the page and the witnesses take the last
        said["passes"] = len(trace.passes)
        trace = trace.passes[-1]
    data = PageData(trace, said, options.model or "")
    if options.witnesses:
        tf = None if kept is not None else tensorflow()
        data.about["tensorflow"] = None if tf is None else str(tf.__version__)
        if kept is not None and options.golden is not None:
            data.about["tensorflow"] = kept.witness.removeprefix("TensorFlow ")
            data.about["golden"] = Path(options.golden).name
        data.add_witnesses(ask(trace, tf, kept))
        if options.record is not None and tf is not None:
            path = Path(options.record).expanduser()
            golden.record(trace, tf).write(path)
            print(f"Kept in {path}: what TensorFlow {tf.__version__} finds of the ops")
    if moments:
        data.about["recorded"] = sample(task, _recorded(options))[2]
        data.about["own_step"] = task.has_own_train_step
        data.add_training(moments)
    return data.to_dict()


def _recorded(options: ExplainOptions) -> ExplainOptions:
    """The options of the sample that is followed through the training: chosen before it."""
    return options if options.image is not None else replace(options, index=options.index or 0)
