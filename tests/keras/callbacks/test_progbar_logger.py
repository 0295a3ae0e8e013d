"""The time that remains leaves out the first step, in which kernels may be compiled."""

from __future__ import annotations

import re
from typing import Any

import pytest

from scratchnet.keras.callbacks import ProgbarLogger
from scratchnet.keras.utils import progbar


class Clock:
    now = 1e9

    def time(self) -> float:
        return self.now


def test_the_time_that_remains(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock: Any = Clock()
    monkeypatch.setattr(progbar, "time", clock)
    logger = ProgbarLogger()
    logger.set_params({"verbose": 1, "epochs": 2, "steps": 1000})

    def drawn(batch: int, seconds: float) -> str:
        clock.now += seconds
        logger.on_train_batch_end(batch, {"loss": 1.0})
        return re.findall("\x1b\\[1m([\\d:]+s?)\x1b\\[0m", capsys.readouterr().out)[-1]

    logger.on_train_begin()
    logger.on_epoch_begin(0)
    assert drawn(0, 25.0) == "25s"  # what has passed, and not 25 s times 999
    assert drawn(1, 0.1) == "1:39"
    logger.on_epoch_end(0, {})
    logger.on_epoch_begin(1)
    assert drawn(0, 0.1) == "1:39"  # nothing is compiled any more
