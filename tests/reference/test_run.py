"""Batches, checkpoints and interruptions of a run."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reference import data, run
from reference.options import FullOptions
from reference.workers import Watchdog
from tests.support.full_training import ALONE, MODEL, SMALL, full

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_resume_says_where_there_is_nothing_to_go_on_with_and_refuses_other_images(here, capsys):
    full(out="a", resume=True)
    assert "There is no checkpoint in a: beginning anew." in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"--resume .* is of one with data .*digits.* \(\w{12}\)"):
        full(out="a", resume=True, limit_test=34)


@pytest.mark.parametrize(
    ("count", "batch", "replicas", "fits"),
    [(9, 4, 1, True), (9, 4, 2, False), (8, 4, 4, True), (8, 4, 5, False), (3, 8, 4, False)],
)
def test_every_replica_gets_an_image(count, batch, replicas, fits):
    if fits:
        run.check_batches(count, batch, replicas)
    else:
        with pytest.raises(ValueError, match=f"--batch-size must .* received {batch}"):
            run.check_batches(count, batch, replicas)


def test_a_finished_training_is_extended_by_more_epochs(here):
    whole = full(epochs=3, loop="tape", out="a")
    full(epochs=1, loop="tape", out="b")
    more = full(epochs=3, loop="tape", out="b", resume=True)
    for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
        assert more.history[name] == whole.history[name]
    for one, other in zip(more.steps.state(), whole.steps.state(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("epochs", [2, 3])
def test_a_finished_training_resumed_for_no_more_epochs_says_so(epochs, here, capsys):
    whole = full(epochs=3, out="a")
    capsys.readouterr()
    again = full(epochs=epochs, out="a", resume=True)
    said = capsys.readouterr().out
    assert (
        "\nNothing is left to train: a/checkpoint.npz has 3 finished epochs, --epochs is "
        f"{epochs}.\n"
    ) in said
    assert said.endswith("curves.png, after 3 of 3 epochs.\n")
    assert again.history == whole.history


def test_there_is_something_to_resume_from_the_first_checkpoint_on(here):
    options = FullOptions(**SMALL | {"out": "a"})
    job = run.FullTrainingRun(options, ALONE, Watchdog(ALONE, 60))
    assert not job.watchdog.resumable
    job.run()
    assert job.watchdog.resumable
    more = replace(options, epochs=3, resume=True)
    assert run.FullTrainingRun(more, ALONE, Watchdog(ALONE, 60)).watchdog.resumable


def test_a_checkpoint_of_another_network_is_refused(here):
    full(epochs=1, out="a")
    Path("model.py").write_text(MODEL.format(rate=0.4))
    with pytest.raises(ValueError, match=r"--resume must come with the options .* model "):
        full(epochs=2, out="a", resume=True)


def test_a_training_that_is_stopped_says_what_is_kept(here, monkeypatch):
    options = FullOptions(**SMALL | {"checkpoint_every": 1, "out": "a"})
    job = run.FullTrainingRun(options, ALONE, Watchdog(ALONE, 60))

    def stop(test):
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "_measure", stop)
    with pytest.raises(
        KeyboardInterrupt, match=r"^Kept in a: checkpoint.npz\. Go on with --resume"
    ):
        job.run()


@pytest.mark.parametrize("module", [data, run])
def test_the_examples_run(module):
    found = doctest.testmod(module)
    assert (found.failed, found.attempted) == (0, 1)
