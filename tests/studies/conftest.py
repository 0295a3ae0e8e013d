"""One browser for the pages of the studies, and a run of each study at a small size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow

import scratchnet
from scratchnet.studies.agreement import Line, compare
from scratchnet.studies.study import Witness
from scratchnet.studies.table import STUDIES
from tests.support.browser import browser


@pytest.fixture(scope="session")
def driver() -> Any:
    driver = browser()
    yield driver
    driver.quit()


@pytest.fixture
def beside() -> Callable[..., tuple[dict[str, Any], list[Line]]]:
    """Runs a study on both libraries: our numbers, and what the comparison says of them."""

    def asked(name: str, **sizes: Any) -> tuple[dict[str, Any], list[Line]]:
        ours = STUDIES[name].experiment(scratchnet, 3, **sizes)
        theirs = STUDIES[name].experiment(tensorflow, 3, **sizes)
        return ours, compare(ours, Witness(theirs, (), "", False))

    return asked
