"""In a notebook a trace shows its table, and below it the page that a package above makes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.explain import page as explain_page
from scratchnet.traces import pages
from tests.support.browser import DESKTOP, Page, browser

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def driver() -> Any:
    driver = browser()
    yield driver
    driver.quit()


def small() -> Any:
    w = tf.Variable([[0.5, -1.0]], name="w")
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(tf.nn.relu(tf.constant([[2.0], [3.0]]) @ w)), w)
    return trace


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_makers", [])


def test_without_a_maker_there_is_the_table_alone(
    nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "entry_points", lambda group: [])
    html = small()._repr_html_()
    assert "<table>" in html
    assert "<iframe" not in html


def test_the_maker_is_found_by_its_entry_point(
    nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        def load(self) -> None:
            pages.register(lambda trace: f"<b>{len(trace)} ops</b>")

    asked = []
    monkeypatch.setattr(pages, "entry_points", lambda group: asked.append(group) or [Point()])
    assert small()._repr_html_().endswith("<b>4 ops</b>")
    small()._repr_html_()
    assert asked == ["scratchnet.pages"]


def test_the_entry_point_of_the_project_leads_to_a_module_that_registers() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (module,) = project["entry-points"][pages.GROUP].values()
    program = (
        "import sys, json, scratchnet as tf; from importlib import import_module\n"
        "from scratchnet.traces import pages\n"
        "before = [name for name in sys.modules if name.startswith('scratchnet.explain')]\n"
        f"import_module({module!r})\n"
        "print(json.dumps([before, len(pages._makers)]))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert json.loads(said) == [[], 1]


def test_the_page_is_folded_up_and_of_a_sane_size() -> None:
    tf.keras.utils.set_random_seed(0)
    dense = tf.keras.layers.Dense(1000)
    model = tf.keras.Sequential([tf.keras.Input((1000,)), dense])
    trace = tf.trace(model, np.ones((1, 1000), "f"), np.zeros((1, 1000), "f"), loss="mse")
    html = trace._repr_html_()
    assert html.count("<details") == html.count('loading="lazy"') == 1
    assert "<details open" not in html
    assert 100_000 < len(html) < 2 * explain_page.LARGEST_INLINE
    assert '"left_out":"size"' in unescape(html)  # the kernel
    large = tf.Variable(np.zeros(explain_page.MOST_INLINE // 2, "f"))
    with tf.tracing() as trace:
        tf.nn.relu(large)
    assert "<iframe" not in trace._repr_html_()
    assert "scratchnet.explain.show(trace)" in trace._repr_html_()


def test_a_trace_without_ops_has_a_table_without_rows() -> None:
    with tf.tracing() as trace:
        pass
    assert "<iframe" not in trace._repr_html_()


def test_unfolded_the_page_works_in_a_browser(driver: Any, tmp_path: Path) -> None:
    path = tmp_path / "cell.html"
    document = f"<!DOCTYPE html><meta charset=utf-8><body data-ready=yes>{small()._repr_html_()}"
    path.write_text(document, encoding="utf-8")
    notebook = Page(driver, path)
    notebook.size(*DESKTOP)
    frame = "document.querySelector('iframe')"
    assert notebook.js("return document.querySelector('details').offsetHeight") < 40
    assert not notebook.js(f"return {frame}.srcdoc")  # nothing of it is loaded before
    notebook.js("document.querySelector('summary').click()")
    box = notebook.js(f"const b = {frame}.getBoundingClientRect(); return [b.width, b.height]")
    assert box[1] == explain_page.INLINE_HEIGHT
    assert 1000 < box[0] <= DESKTOP[0]
    for _ in range(500):
        if notebook.js(f"return {frame}.contentDocument.body?.dataset.ready") == "yes":
            break
        time.sleep(0.02)
    driver.switch_to.frame(0)
    notebook.js("document.getElementById('next').click()")
    assert notebook.js("return page.at") == 1
    assert notebook.text("#panel h2").startswith("matmul")
    driver.switch_to.default_content()
    assert notebook.complaints() == []
    assert notebook.requests() == []
