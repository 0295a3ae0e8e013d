"""tf.compat.v1.logging: the first cells of many notebooks, and what they then log."""

from __future__ import annotations

import logging

import pytest
import tensorflow

import scratchnet
from tests.support.paired import agree, both_raise


def test_levels_and_messages(caplog: pytest.LogCaptureFixture) -> None:
    told = []
    for tf in (scratchnet, tensorflow):
        logger, log = tf.get_logger(), tf.compat.v1.logging
        before = logger.level
        try:
            log.set_verbosity(log.ERROR)
            found = [log.get_verbosity(), logger.level]
            log.set_verbosity("INFO")
            found.append(log.get_verbosity())
            with caplog.at_level(logging.DEBUG):
                caplog.clear()
                for write in (log.debug, log.info, log.warn, log.warning, log.error, log.fatal):
                    write("%d of %s", 1, "two")
                log.log(log.WARN, "three")
                found += [(r.levelno, r.getMessage()) for r in caplog.records]
        finally:
            logger.setLevel(before)
        told.append(found)
    assert told[0][:3] == told[1][:3] == [40, 40, 20]
    assert [level for level, _ in told[0][3:]] == [20, 30, 30, 40, 50, 30]
    assert {text for _, text in told[0][3:]} == {"1 of two", "three"}
    agree("[getattr(tf.compat.v1.logging, n) for n in ('DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL')]")
    both_raise("tf.compat.v1.logging.set_verbosity('nope')", "nope")
