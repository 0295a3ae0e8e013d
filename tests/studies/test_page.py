"""The pages, in a real browser: both languages, no complaint, nothing wider than a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

from scratchnet.studies.figures import bars
from scratchnet.studies.page import assemble, html, index
from scratchnet.studies.running import run
from scratchnet.studies.study import Run, Text
from scratchnet.studies.table import STUDIES
from tests.support.browser import PHONE, Page

CALCULATED = {
    "conv2d": keras.layers.Conv2D(50, 5),
    "depthwise_conv2d": keras.layers.DepthwiseConv2D(5),
    "separable_conv2d": keras.layers.SeparableConv2D(50, 5),
    "conv2d_transpose": keras.layers.Conv2DTranspose(50, 5),
    "dense": keras.layers.Dense(128),
    "batch_normalization": keras.layers.BatchNormalization(),
    "pooling": keras.layers.MaxPooling2D(5, 1),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies and an index, with recorded numbers where there are any."""
    folder = tmp_path_factory.mktemp("studies")
    studies = [STUDIES["parameters"], STUDIES["pooling"]]
    runs = [run(study.name, witnesses=False) for study in studies]
    for made in runs:
        page = html(made, site=studies)
        (folder / f"{made.study.name}.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(index(runs), encoding="utf-8")
    return folder


def words(shown: Page) -> str:
    return str(shown.js("return document.body.innerText"))


def test_a_study_is_read_in_both_languages_on_a_desk_and_on_a_phone(
    driver: Any, site: Path
) -> None:
    shown = Page(driver, site / "pooling.html")
    assert "Do pooling layers affect backpropagation?" in words(shown)
    assert "池化层影响反向传播吗" not in words(shown)
    for language, kept in (("en", ""), ("zh", "池化层影响反向传播吗")):
        assert kept in words(shown)
        named = f"[...document.querySelectorAll('svg[data-zh]')].map(e => e.dataset.{language})"
        heard = "[...document.querySelectorAll('svg[data-zh]')].map(e => e.ariaLabel)"
        assert shown.js(f"return String({heard}) === String({named})")
        for size in ((1280, 900), PHONE):
            shown.size(*size)
            assert shown.js("return document.documentElement.scrollWidth <= innerWidth")
            small = shown.js(
                """return [...document.querySelectorAll("svg text.label")].filter((e) =>
                e.getBoundingClientRect().width && e.textContent.length > 9 &&
                e.getBoundingClientRect().height < 9).length"""
            )
            assert small == 0
        shown.click("#language")
    shown.click("#theme")
    assert shown.js("return document.documentElement.dataset.theme") in ("dark", "light")
    assert shown.complaints() == []
    assert shown.requests() == []
    broken = shown.js("""return [...document.querySelectorAll("svg *")].filter((e) =>
        [...e.attributes].some((a) => /NaN|undefined|Infinity/.test(a.value))).length""")
    assert broken == 0


def test_the_microscope_opens_in_a_study(driver: Any, site: Path) -> None:
    shown = Page(driver, site / "pooling.html")
    assert not shown.js("return document.querySelector('.microscope iframe').srcdoc")
    shown.click(".microscope summary")
    driver.switch_to.frame(driver.find_element("css selector", ".microscope iframe"))
    for _ in range(200):
        if shown.js("return document.body && document.body.dataset.ready") == "yes":
            break
        shown.js("return new Promise((r) => setTimeout(r, 50))")
    text = shown.text("#questions")
    driver.switch_to.default_content()
    assert "Where did max pooling send the gradient?" in text
    assert shown.complaints() == []


def test_the_calculator_counts_as_keras_does(driver: Any, site: Path) -> None:
    shown = Page(driver, site / "parameters.html")
    assert "50 × 5 × 5 × 1 + 50 = 1,300" in shown.text(".calculator output")
    change = """const form = document.querySelector(".calculator");
        for (const [name, value] of Object.entries(arguments[0])) form.elements[name].value = value;
        form.dispatchEvent(new Event("input"));
        return [Number(form.dataset.total), form.querySelector("output").innerText];"""
    inputs = {"height": 30, "width": 20, "channels": 7}
    for padding in ("valid", "same"):
        for kind, layer in CALCULATED.items():
            layer = layer.from_config(layer.get_config() | {"name": None})
            if hasattr(layer, "padding"):
                layer.padding = padding
            flat = kind == "dense"
            image = keras.Input((7,) if flat else (30, 20, 7))
            out = layer(image)
            total, text = shown.js(change, {**inputs, "layer": kind, "padding": padding})
            assert total == layer.count_params(), kind
            shape = (128,) if flat else out.shape[1:]
            assert f"({', '.join(map(str, shape))})" in text, (kind, padding, text)
    larger = {"layer": "conv2d", "padding": "valid", "height": 4, "kh": 5}
    total, text = shown.js(change, larger)  # a layer refuses it, and so does the calculator
    assert total is None
    assert "larger than the image" in text
    total, text = shown.js(change, {**larger, "padding": "same"})
    assert total == 5 * 5 * 7 * 50 + 50


def test_the_index_leads_to_the_studies_and_back(driver: Any, site: Path) -> None:
    shown = Page(driver, site / "index.html")
    assert shown.js("return document.querySelectorAll('.tile').length") == 2
    blank = """return Math.max(...[...document.querySelectorAll(".tile .plot")].map((plot) =>
        plot.getBoundingClientRect().bottom - plot.lastChild.getBoundingClientRect().bottom));"""
    assert shown.js(blank) < 12  # a figure is as high as what is in it
    shown.click("#language")
    shown.click(".tile[data-site='pooling.html']")
    assert "池化层影响反向传播吗" in shown.text("h1")
    assert shown.js("return document.documentElement.lang") == "zh-Hans"
    shown.click(".site a")
    assert shown.js("return location.pathname").endswith("index.html")
    assert shown.js("return document.documentElement.scrollWidth <= innerWidth")
    assert shown.complaints() == []


@pytest.mark.parametrize("name", STUDIES)
def test_the_text_of_every_study_stands_in_both_languages(name: str) -> None:
    """A page made of the recorded numbers: nothing is missing, nothing is formatted wrongly."""
    from scratchnet.studies.on_tensorflow import recorded

    study = STUDIES[name]
    witness, _ = recorded(study, 0)
    assert witness is not None
    numbers = {**witness.numbers}
    made = Run(study, 0, numbers, 1.0, witness)
    for lang in ("en", "zh"):
        page = html(made, lang)
        main = page.partition("<main")[2].partition("</main>")[0]
        assert main.count('lang="en"') == main.count('lang="zh-Hans"') > 20
        assert "{n[" not in page
        assert "further apart than is allowed" not in page
    assert "recorded numbers of TensorFlow 2." in page
    assert "Recorded numbers have nine digits" in page
    spread = "The spread is made otherwise: the twin's is that of one other run"
    assert (spread in page) == (study.again == "nudged")
    assert "what is said of the notebook have the same words" in page


def test_conclusions_that_tensorflows_numbers_do_not_lead_to_are_told() -> None:
    from scratchnet.studies.on_tensorflow import recorded

    study = STUDIES["cnn-or-dense"]
    witness, _ = recorded(study, 0)
    assert witness is not None
    name = "accuracy/convolutional, shifted by 2"
    page = html(Run(study, 0, witness.numbers | {name: 0.2}, 1.0, witness))
    assert "has other words. The answer is then: That it <b>assumes" in page
    assert "further apart than is allowed: accuracy/…" in page


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="html: `lang` must be en or zh, received lang='fr'"):
        assemble(Text("a", "b"), [], "", "fr")


def test_marks_and_drawings_are_said_in_both_languages() -> None:
    name = Text("loss", "损失")
    drawn = bars(Text("two <b>bars</b>", "两根"), [Text("a", "甲")], [(name, [1.0]), (name, [2.0])])
    assert '<title data-en="loss: 1.000" data-zh="损失: 1.000">loss: 1.000</title>' in drawn
    assert 'data-en="two bars" data-zh="两根"' in drawn
