"""One browser for all tests of pages, and the pages of five models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.explain.page import assemble
from scratchnet.explain.page_data import PageData
from scratchnet.explain.step import about, task_of, traced
from tests.support.browser import Page, browser
from tests.support.explained import MODELS, images


@pytest.fixture(scope="session")
def driver() -> Any:
    driver = browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """By the name of a model: its trace, the data of its page, and the page."""
    folder, made = tmp_path_factory.mktemp("pages"), {}

    def make(name: str) -> Any:
        if name not in made:
            tf.keras.utils.set_random_seed(0)
            tf.keras.backend.clear_session()  # names count from the beginning, whatever ran before
            task = task_of(MODELS[name](tf), images(), name)
            x, y = images().x_test[:1], np.array([3])
            trace = traced(task, x, y)
            data = PageData(trace, about(task, x, y, "an image", trace))
            path = folder / f"{name}.html"
            path.write_text(assemble(data.to_dict()), encoding="utf-8")
            made[name] = trace, data, path
        return made[name]

    return make


@pytest.fixture
def page(driver: Any, explained: Any) -> Any:
    """A function that opens the page of a model."""
    return lambda name: Page(driver, explained(name)[2])
