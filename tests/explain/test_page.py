"""The page, in a real browser: it loads, moves, and its sums come to the engine's numbers."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.explain.page import assemble, html, show
from scratchnet.explain.page_data import PageData
from scratchnet.explain.witnesses import ask
from tests.support.browser import PHONE, Page
from tests.support.explained import MODELS

EPS = np.finfo(np.float32).eps

# Of every op, some elements of each output and of each argument: the sum, what it comes to, what
# the engine has, the number of terms, and the sum of their absolute values.
SUMS = """
const found = [];
const spread = (n) => [0, 1, 2, 3, 4].map((i) => Math.floor(n * (i * 0.618 % 1)));
const some = (n) => [...new Set([0, 1, n >> 1, n - 1, ...spread(n)])].filter((i) => i < n);
const add = (node, kind, sum, flat) => sum && found.push([node.op, kind, flat, sum.value, sum.shown,
  sum.terms.length, sum.terms.reduce((s, t) => s + Math.abs(t.value), 0)]);
for (const node of DATA.nodes) {
  node.outs.forEach((out, k) => {
    for (const flat of some(values(out.t).length)) {
      if (node.op !== "input") add(node, "value", outputSum(node, k, flat), flat);
      add(node, "uses", usesSum(node, k, flat), flat);
    }
  });
  node.ins.forEach((entry, i) => {
    if (entry.g != null) for (const flat of some(values(entry.g).length))
      add(node, "gradient " + i, gradientSum(node, i, flat), flat);
  });
}
return found;
"""
UNWRITTEN = {"log_sigmoid", "greater_equal", "equal"}  # ops of these models without a sum


@pytest.mark.parametrize("name", MODELS)
def test_the_sums_of_the_page_come_to_the_numbers_of_the_engine(page: Any, name: str) -> None:
    shown = page(name)
    found = shown.js(SUMS)
    for op, kind, flat, value, expected, terms, size in found:
        # A float32 sum of n terms in another order, and a few roundings in a chain of factors.
        allowed = EPS * (4 + terms**0.5) * max(size, abs(expected))
        assert abs(value - expected) <= allowed, (op, kind, flat, value, expected)
    ops = set(shown.js("return DATA.nodes.map((n) => n.op)")) - {"input"}
    assert ops - {op for op, kind, *_ in found if kind == "value"} <= UNWRITTEN
    with_gradient = set(
        shown.js("return DATA.nodes.filter((n) => n.ins.some((e) => e.g != null)).map((n) => n.op)")
    )
    assert with_gradient == {op for op, kind, *_ in found if kind.startswith("gradient")}
    assert not shown.complaints()


@pytest.mark.parametrize("name", MODELS)
def test_every_array_of_the_page_is_the_traces_to_the_last_bit(
    page: Any, explained: Any, name: str
) -> None:
    trace, data, _ = explained(name)
    shown = page(name)
    arrays: dict[int, Any] = {}
    for node in data.nodes:
        if node["op"] == "input":
            continue
        row = trace[node["id"]]
        for entry, x in zip(node["ins"], row.inputs, strict=True):
            arrays[entry["t"]] = x
        for i, entry in enumerate(node["ins"]):
            if i in row.gx:
                arrays[entry["g"]] = row.input_gradients[i]
        for entry, y in zip(node["outs"], row.outputs, strict=True):
            arrays[entry["t"]] = y
    large = {number for number, x in arrays.items() if x.size > 100_000}
    for number, x in arrays.items():
        if number in large and not data.tensors[number].get("outer"):
            continue
        text = shown.js(
            """const v = values(arguments[0]).slice(0, 50000), bytes = new Uint8Array(v.buffer);
            let text = ""; for (let i = 0; i < bytes.length; i += 4096)
              text += String.fromCharCode(...bytes.subarray(i, i + 4096));
            return [v.constructor.name, btoa(text)];""",
            number,
        )
        dtype = {"Float32Array": "f4", "Float64Array": "f8", "Uint8Array": "u1"}[text[0]]
        got = np.frombuffer(base64.b64decode(text[1]), dtype)
        assert np.array_equal(got, x.ravel()[:50_000].astype(dtype), equal_nan=True), number


@pytest.mark.parametrize("name", MODELS)
def test_a_page_opens_and_walks_through_without_a_complaint(
    page: Any, explained: Any, name: str
) -> None:
    shown = page(name)
    assert explained(name)[2].stat().st_size < 10e6
    tries = [shown.seconds]
    while min(tries) >= 2 and len(tries) < 5:  # the machine may do other things, too
        shown = page(name)
        tries.append(shown.seconds)
    assert min(tries) < 2
    steps = shown.js("return page.steps.length")
    titles = [shown.text("#panel h2")]
    for _ in range(steps - 1):
        shown.press("\ue014")  # the right arrow key
        titles.append(shown.text("#panel h2"))
    forward = [title for title in titles if title.endswith("forward")]
    backward = [title for title in titles if title.endswith("backward")]
    assert len(forward) == shown.js("return DATA.nodes.length")
    assert backward
    assert titles == forward + backward
    assert shown.complaints() == []
    assert shown.requests() == []
    names = shown.js(
        """return [...document.querySelectorAll("button, canvas[tabindex], input")].filter((e) =>
        !(e.getAttribute("aria-label") || e.textContent.trim() || e.title)).length"""
    )
    assert names == 0  # a screen reader has a word for each


def test_buttons_keys_and_play(page: Any) -> None:
    shown = page("seed_network")
    last = shown.js("return page.steps.length") - 1
    shown.click("#next")
    shown.click("#next")
    shown.click("#back")
    assert shown.js("return page.at") == 1
    assert "forward 2 of" in shown.text("#where")
    shown.click("#turn")
    assert shown.text("#where").startswith("backward")
    assert "fused conv2d" in shown.text("#panel h2")
    shown.press("\ue010")  # End
    assert shown.js("return page.at") == last
    shown.press("\ue011")  # Home
    assert shown.js("return page.at") == 0
    shown.js("document.activeElement.blur()")
    shown.press(" ")
    assert shown.js("return page.playing") is not None
    shown.js("page.go(arguments[0])", last - 1)
    for _ in range(100):
        if shown.js("return page.at === page.steps.length - 1 && page.playing === null"):
            break
        shown.js("return new Promise((r) => setTimeout(r, 50))")
    assert shown.js("return page.playing") is None  # it stops at the end
    shown.click(".card:nth-of-type(3)")
    assert shown.js("return page.at") > 0
    assert shown.complaints() == []


def test_a_click_follows_a_number(page: Any) -> None:
    shown = page("seed_network")
    shown.js("page.goNode(DATA.nodes.find((n) => n.op === 'fused_conv2d').id, 'forward')")
    canvas = "figure.value .picture canvas"
    shown.click_at(canvas, -1, 30, 20)
    assert shown.text(".sum-title").endswith("is made of")
    assert "10 terms" in shown.text(".follow")  # 3 x 3 of one channel, and the bias
    assert len(shown.js("return [...page.panel.pictures[0].lit.keys()]")) == 9
    shown.click(".follow .zoom")
    assert "Click a number" in shown.text(".follow")
    # The same by keys: into the picture, along a row, and Enter.
    shown.js(f"[...document.querySelectorAll('{canvas}')].at(-1).focus()")
    shown.press("\ue014", "\ue014", "\ue007")
    assert shown.text(".sum-title") == "y[0, 0, 1, 0] is made of"
    assert "y[0, 0, 1, 0] = " in shown.text("#live")
    assert shown.complaints() == []


def test_the_questions_are_answered(page: Any) -> None:
    shown = page("seed_network")
    questions = shown.js("return [...document.querySelectorAll('.question')].length")
    assert questions == 6
    answers = []
    for i in range(questions - 1):
        shown.js("document.querySelectorAll('.question')[arguments[0]].click()", i)
        answers.append(shown.text("#panel .answer"))
    assert "pulled the loss down" in answers[0]
    assert "input gradients are 0" in answers[1]
    assert "filters" in answers[2]
    assert "(p − y)" in answers[3]
    assert "what it dropped gets no gradient" in answers[4]
    # What is answered below the op lights an op, too, and is read out.
    shown.js("page.go(0)")
    shown.js("document.querySelectorAll('.question')[5].click()")
    assert "times smaller" in shown.text("#panel .answer")
    assert shown.js("return page.at") > 0
    assert shown.text("#panel .answer p") in shown.text("#live")
    assert shown.complaints() == []


def test_every_convolution_with_silent_filters_is_named(page: Any) -> None:
    shown = page("seed_network")
    shown.js(
        """const convs = DATA.nodes.filter((n) => n.op === "fused_conv2d");
        convs[0].silent = {5: "relu", 7: "blocked"}; convs[1].silent = {16: "relu"};
        page.questions(); document.querySelectorAll(".question")[2].click();"""
    )
    said = shown.text("#panel .answer")
    assert "2 of 32 filters" in said
    assert "Likewise in conv2d_1, number 16" in said
    shown.click("#panel .answer .link")
    assert "1 of 64 filters" in shown.text("#panel .answer")
    assert "Likewise in conv2d, number 5, 7" in shown.text("#panel .answer")
    assert shown.text(".sum-title").startswith("∂L/∂k[0, 0, 0, 16] is made of")


def test_the_table_and_the_op_say_the_same_of_max_pooling(page: Any, explained: Any) -> None:
    pool = next(row for row in explained("seed_network")[0] if row.op == "max_pool2d")
    shown = page("seed_network")
    shown.js("page.goNode(DATA.nodes.find((n) => n.op === 'max_pool2d').id, 'backward')")
    share = float(100 * (pool.input_gradients[0] != 0).mean())
    text = f"{share:.3g} %"
    assert text in shown.text("#panel .note")
    assert f"a gradient other than 0 to {text} of the pixels" in shown.text("#flow")


def test_a_step_that_sees_another_class_says_both(driver: Any, tmp_path: Any) -> None:
    with tf.tracing() as trace:
        tf.nn.relu([1.0])
    here = {"prediction": 3, "with": ["dropout", "statistics"]}
    sample = "embedded digits, test image 3"
    about = {"label": 5, "prediction": 5, "in_training": here, "sample": sample}
    path = tmp_path / "page.html"
    path.write_text(html(trace, about | {"model": "seed network"}), encoding="utf-8")
    shown = Page(driver, path)
    said = "predicted in this step, with dropout, the batch's own statistics: 3 · without: 5"
    assert said in shown.text("#about")
    assert sample in shown.text("#about")
    shown.press("l")
    assert "本批统计量）预测 3" in shown.text("#about")
    assert "种子网络 · 内置手写数字，测试图像 3" in shown.text("#about")
    assert shown.complaints() == []


def test_the_label_under_the_pointer_goes_with_scrolling_and_stepping(page: Any) -> None:
    shown = page("seed_network")
    hidden = "return document.getElementById('tip').hidden"
    for leave in (
        "document.dispatchEvent(new Event('scroll'))",
        "dispatchEvent(new Event('blur'))",
        "page.go(page.at + 1)",
    ):
        shown.js("showTip('y[0] = 1', 10, 10)")
        assert not shown.js(hidden)
        shown.js(leave)
        assert shown.js(hidden), leave


def test_a_page_of_several_passes_shows_the_last_or_the_one_that_is_chosen(
    driver: Any, tmp_path: Any
) -> None:
    w = tf.Variable([1.0, 2.0])
    with tf.tracing() as trace:
        with tf.GradientTape(persistent=True) as tape:
            two, three = tf.reduce_sum(2.0 * w), tf.reduce_sum(3.0 * w)
        tape.gradient(two, w), tape.gradient(three, w)
    for shown_trace, expected in ((trace, 9.0), (trace.passes[0], 6.0)):
        assert PageData(shown_trace).to_dict()["loss"] == expected
    path = tmp_path / "page.html"
    path.write_text(html(trace), encoding="utf-8")
    shown = Page(driver, path)
    assert "the last of 2 backward passes" in shown.text("#about")
    assert shown.complaints() == []


def test_what_is_not_seen_at_once_is_decoded_after_the_page_is_usable(page: Any) -> None:
    shown = page("seed_network")
    late, eager = shown.js(
        "return [[...later()], DATA.nodes.flatMap((n) => n.outs.flatMap((o) => [o.t, o.g]))]"
    )
    assert late
    assert not set(late) & set(eager)
    (kernel,) = [n for n in late if shown.js("return shapeOf(arguments[0])[0]", n) > 1000][:1]
    shown.js(
        """const tensor = DATA.tensors[arguments[0]];
        window.kept = tensor.values; tensor.values = null; tensor.data = "…";
        page.goNode(DATA.nodes.find((n) => n.ins.some((e) => e.t === arguments[0])).id, "forward");
        page.panel.follow({ output: 0 }, "value", 3);""",
        kernel,
    )
    assert shown.text("#panel .decoding") == "Being decoded …"
    shown.js(
        "const tensor = DATA.tensors[arguments[0]]; tensor.values = window.kept;"
        "tensor.data = null; page.whole();",
        kernel,
    )
    assert shown.js("return document.querySelector('#panel .decoding')") is None
    assert shown.text(".sum-title").endswith("is made of")  # what was followed still is
    assert shown.js("return page.panel.followed.sum.terms.length") > 1000
    assert shown.complaints() == []


def numbers(text: str) -> list[float]:
    """The numbers of a sentence, in its order."""
    plain = text.replace("−", "-").replace(",", "")
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", plain)]


def test_the_words_of_the_answers_are_the_numbers_of_the_trace(page: Any, explained: Any) -> None:
    trace = explained("seed_network")[0]
    shown = page("seed_network")

    def asked(i: int) -> list[str]:
        shown.js("document.querySelectorAll('.question')[arguments[0]].click()", i)
        lines = "[...document.querySelectorAll('#panel .answer p')]"
        return list(shown.js(f"return {lines}.map((p) => p.textContent)"))

    rows = {row.op: row for row in reversed(trace.rows)}
    first = next(row for row in trace if row.op == "fused_conv2d")
    x, gx = first.inputs[0].astype(float), first.input_gradients[0].astype(float)
    effect = x * gx
    _, pixels, strongest = asked(0)
    found = numbers(pixels)
    assert found[0] == (effect < 0).sum()
    assert found[2] == (effect > 0).sum()
    np.testing.assert_allclose(found[1], effect[effect < 0].sum(), rtol=1e-3)
    np.testing.assert_allclose(found[3], effect[effect > 0].sum(), rtol=1e-3)
    best = np.unravel_index(effect.argmin(), effect.shape)
    assert numbers(strongest)[:4] == list(best)
    np.testing.assert_allclose(numbers(strongest)[-1], effect.min(), rtol=1e-3)
    # What is outlined in the product's picture is that pixel.
    assert shown.js("return page.panel.pictures.at(-1).pointed") == effect.argmin()

    pool = rows["max_pool2d"]
    _, _, ties, went = asked(1)
    windows = pool.inputs[0].reshape(1, 12, 2, 12, 2, 64).transpose(0, 1, 3, 5, 2, 4)
    several = (windows == windows.max((-2, -1), keepdims=True)).sum((-2, -1)) > 1
    assert numbers(ties)[0] == (several & (pool.gradient != 0)).sum()
    alone = np.where(several, 0, pool.gradient)
    at = np.unravel_index(np.abs(alone).argmax(), alone.shape)
    assert numbers(went)[:4] == list(at)
    n, h, w, c = (int(i) for i in numbers(went)[5:9])
    assert pool.input_gradients[0][n, h, w, c] == pool.gradient[at]
    assert (h // 2, w // 2) == (at[1], at[2])
    assert shown.text(".sum-title").startswith(f"∂L/∂x[{n}, {h}, {w}, {c}] is made of")
    assert shown.js("return page.panel.followed.sum.shown") == float(pool.gradient[at])

    loss = rows["sparse_softmax_cross_entropy_with_logits"]
    asked(3)
    table = shown.js(
        "return [...document.querySelectorAll('.numbers tbody tr')].slice(0, 10)"
        ".map((row) => [...row.cells].map((c) => c.textContent))"
    )
    logits, g = loss.inputs[1][0].astype(float), loss.input_gradients[1][0]
    p = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    y = np.eye(10)[3]
    for i, cells in enumerate(table):
        np.testing.assert_allclose(
            numbers(" ".join(cells)), [i, logits[i], p[i], y[i], p[i] - y[i], g[i]], atol=6e-5
        )

    drop = rows["drop"]
    _, dropped, back, largest = asked(4)
    keep = drop.inputs[1].astype(bool)
    assert numbers(dropped)[:2] == [(~keep).sum(), keep.size]
    blocked = np.where(keep, 0, drop.gradient)
    assert numbers(back)[:2] == [(blocked != 0).sum(), (drop.gradient != 0).sum()]
    np.testing.assert_allclose(abs(numbers(largest)[0]), np.abs(blocked).max(), rtol=1e-3)
    assert shown.complaints() == []


@pytest.mark.parametrize("name", MODELS)
def test_the_way_back_is_a_table_of_the_gradients_of_the_trace(
    page: Any, explained: Any, name: str
) -> None:
    data = explained(name)[1]
    shown = page(name)
    rows = shown.js(
        "return [...document.querySelectorAll('#flow tbody tr')]"
        ".map((row) => [...row.cells].map((c) => c.textContent))"
    )
    nodes = [n for n in data.nodes if not n["minor"] and n["outs"][0]["g"] is not None][::-1]
    assert len(rows) == len(nodes) > 4
    for (title, size, per, norm, times, _, _), node in zip(rows, nodes, strict=True):
        g = data._arrays[node["outs"][0]["g"]]
        assert numbers(size) == [g.size]
        np.testing.assert_allclose(numbers(norm), [np.linalg.norm(g.astype(float))], rtol=6e-3)
        np.testing.assert_allclose(numbers(per), numbers(norm)[0] / g.size**0.5, rtol=2e-2)
        if node["op"] in ("reshape", "bias_add"):
            assert times == "× 1"
        assert title
    said = shown.text("#flow .answer")
    assert ("times smaller" in said) != ("times larger" in said)
    shown.js("document.querySelector('#flow tbody tr:last-child button').click()")
    assert shown.js("return page.panel.node.id") == nodes[-1]["id"]
    assert shown.complaints() == []


def test_the_number_of_a_silent_filter_leads_to_its_gradient(page: Any) -> None:
    shown = page("seed_network")
    shown.js("page.goNode(DATA.nodes.filter((n) => n.op === 'fused_conv2d')[0].id, 'backward')")
    shown.js("page.panel.node.silent = {'5': 'relu', '7': 'blocked'}; page.show()")
    shown.js("document.querySelectorAll('.note .link')[1].click()")
    assert shown.text(".sum-title").startswith("∂L/∂k[0, 0, 0, 7] is made of")
    assert "at all 676 places" in shown.text("#panel .note")


def test_stepping_moves_nothing_above_the_op(page: Any) -> None:
    """The tape keeps its height, so that the panel stays where it is."""
    for name in ("seed_network", "residual"):
        shown = page(name)
        tops = set()
        for at in range(0, shown.js("return page.steps.length"), 2):
            shown.js("page.go(arguments[0])", at)
            tops.add(shown.js("return document.getElementById('panel').offsetTop"))
        assert len(tops) == 1, (name, tops)


@pytest.mark.parametrize("name", MODELS)
def test_every_control_has_a_name_and_a_role_for_a_screen_reader(page: Any, name: str) -> None:
    shown = page(name)
    shown.js("page.goNode(DATA.nodes.at(-6).id, 'backward')")
    tree = shown.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    controls = [
        node
        for node in tree
        if not node["ignored"]
        and any(p["name"] == "focusable" and p["value"]["value"] for p in node["properties"])
        and node["role"]["value"] not in ("RootWebArea", "generic")
    ]
    assert len(controls) > 20
    nameless = [node["role"]["value"] for node in controls if not node["name"]["value"].strip()]
    assert nameless == []


def test_language_theme_and_colours(page: Any) -> None:
    shown = page("residual")
    shown.click("#language")
    assert shown.text("h1") == "反向传播显微镜"
    assert shown.js("return document.documentElement.lang") == "zh-Hans"
    assert "前向" in shown.text("#where")
    shown.press("l")
    assert shown.text("h1") == "The backprop microscope"
    ground = "return getComputedStyle(document.body).backgroundColor"
    shown.prefers("light")
    light = shown.js(ground)
    shown.prefers("dark")
    dark = shown.js(ground)
    assert light != dark
    shown.click("#theme")
    assert shown.js(ground) == light
    shown.prefers("light")
    shown.press("d")
    shown.press("c")
    assert "linear" in shown.text("#contrast")
    missing = shown.js(
        "return Object.keys(TEXTS.en).filter((key) => !(key in TEXTS.zh)).concat("
        "Object.keys(TEXTS.zh).filter((key) => !(key in TEXTS.en)))"
    )
    assert missing == []
    assert shown.complaints() == []


@pytest.mark.parametrize("name", ["seed_network", "residual"])
def test_on_a_phone_nothing_sticks_out(page: Any, name: str) -> None:
    shown = page(name)
    shown.size(*PHONE)
    for at in range(0, shown.js("return page.steps.length"), 3):
        shown.js("page.go(arguments[0])", at)
        assert shown.js("return document.documentElement.scrollWidth <= innerWidth"), at
    # What is followed is written out in a sheet below the picture, which stays where it is.
    shown.js("page.goNode(DATA.nodes.find((n) => n.op.includes('conv2d')).id, 'backward')")
    canvas = "figure.gradient .picture canvas"
    before = shown.js("return scrollY")
    shown.click_at(canvas, 0, 60, 60)
    assert shown.text(".sum-title").startswith("∂L/∂x[")
    low = shown.js("return document.querySelector('.follow').getBoundingClientRect().top")
    assert 0.5 < low / PHONE[1] < 0.95
    assert shown.js("return scrollY") != before  # the test scrolled to the picture, and there it is
    place = shown.js(f"return document.querySelector('{canvas}').getBoundingClientRect().top")
    assert 0 < place < PHONE[1]
    assert shown.complaints() == []


def test_a_page_in_chinese_and_one_of_a_trace_without_gradients(tmp_path: Any, driver: Any) -> None:
    with tf.tracing() as trace:
        tf.nn.relu(tf.constant([[1.0, -1.0, np.nan, np.inf]]) * 2.0)
    path = tmp_path / "page.html"
    path.write_text(html(trace, {"title": "</script><b>"}, "zh"), encoding="utf-8")
    shown = Page(driver, path)
    assert shown.text("h1") == "反向传播显微镜"
    assert shown.driver.title == "</script><b>"
    shown.press("\ue010")
    assert "没有梯度" in shown.text("#panel .note")
    assert "2 个非有限值" in shown.text("#panel .stats")
    assert shown.complaints() == []


def test_what_is_not_drawn_is_said(tmp_path: Any, driver: Any) -> None:
    w = tf.Variable([1.0 + 2.0j, 3.0 - 1.0j])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(w * w), w)
    path = tmp_path / "page.html"
    path.write_text(html(trace), encoding="utf-8")
    shown = Page(driver, path)
    for at in range(shown.js("return page.steps.length")):
        shown.js("page.go(arguments[0])", at)
    assert "not drawn" in shown.text("#panel .none")
    assert shown.complaints() == []


def test_in_a_notebook_the_page_is_in_a_frame(driver: Any, tmp_path: Any) -> None:
    with tf.tracing() as trace:
        tf.nn.relu([[1.0, -1.0]])
    shown = show(trace, {"title": 'a "title" & more'}, height=400)
    assert re.fullmatch(r"<Shown: a page of 0\.\d MB, 400 pixels high>", repr(shown))
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{shown._repr_html_()}", encoding="utf-8")
    driver.get(path.as_uri())
    driver.switch_to.frame(0)
    for _ in range(200):
        if driver.execute_script("return document.body.dataset.ready") == "yes":
            break
        time.sleep(0.02)
    assert driver.execute_script("return document.title") == 'a "title" & more'
    assert driver.execute_script("return page.steps.length") == 2
    driver.switch_to.default_content()
    with pytest.raises(
        ValueError, match="show: `height` must be an int of at least 1, received height=0"
    ):
        show(trace, height=0)


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="`lang` must be en or zh, received fr"):
        assemble({}, "fr")


def test_a_sum_that_does_not_come_to_the_value_is_said_to_be_wrong(page: Any) -> None:
    shown = page("functional")
    shown.js("page.goNode(DATA.nodes.find((n) => n.op === 'matmul').id, 'forward')")
    shown.js("page.panel.follow({output: 0}, 'value', 3)")
    assert shown.js("return document.querySelector('.total .far')") is None
    shown.js("values(page.panel.node.outs[0].t)[3] *= 1.001")
    shown.js("page.panel.follow({output: 0}, 'value', 3)")
    assert "more than rounding explains" in shown.text(".total .far")


# -- what is not finite, not asked for, hidden, or used several times ------------------------------


@pytest.fixture
def opened(driver: Any, tmp_path: Path) -> Any:
    """A function that opens the page of a trace."""

    def make(trace: Any, witnesses: Any = None) -> Page:
        data = PageData(trace)
        if witnesses is not None:
            data.add_witnesses(witnesses)
        path = tmp_path / "page.html"
        path.write_text(assemble(data.to_dict()), encoding="utf-8")
        return Page(driver, path)

    return make


def test_a_page_with_numbers_that_are_not_finite_opens_at_the_first_of_them(opened: Any) -> None:
    tf.keras.utils.set_random_seed(0)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((3,)), layers.Dense(4, name="a"), layers.Dense(4, name="b")]
    )
    x, y = np.ones((1, 3), np.float32), np.zeros((1, 4), np.float32)
    model.layers[1].kernel.assign(np.full((4, 4), 1e38, np.float32) * np.sign([1, -1, 1, -1]))
    model.layers[0].kernel.assign(np.full((3, 4), 9.0, np.float32))
    trace = tf.trace(model, x, y, loss="mse")
    found = trace.nan()
    assert found is not None
    assert not np.isfinite(trace.loss)
    shown = opened(trace, ask(trace))
    assert "Not every number is finite" in shown.text("#nonfinite")
    assert f"matmul b; {found.count} of 4" in shown.text("#nonfinite")
    assert shown.js("return page.panel.node.id") == found.row.index
    assert "What the op was given" in shown.text("#panel .answer")
    assert "A: 27 … 27" in shown.text("#panel .answer")
    assert "loss Infinity" in shown.text("#about") or "loss NaN" in shown.text("#about")
    for at in range(shown.js("return page.steps.length")):
        shown.js("page.go(arguments[0])", at)
    shown.click("#nonfinite .link")
    assert shown.js("return page.panel.node.id") == found.row.index
    shown.press("?")
    assert not shown.js("return document.getElementById('keys').hidden")
    shown.press("\ue00c")  # Escape
    assert shown.js("return document.getElementById('keys').hidden")
    assert shown.complaints() == []


def test_a_weight_that_is_used_several_times_shows_each_part_and_the_sum(opened: Any) -> None:
    tf.keras.utils.set_random_seed(0)
    dense, a, b = tf.keras.layers.Dense(3, name="d"), tf.keras.Input((3,)), tf.keras.Input((3,))
    outputs = tf.keras.layers.Add()([dense(dense(dense(a))), dense(b)])
    rng = np.random.default_rng(0)
    xs = [rng.random((1, 3), np.float32) for _ in range(2)]
    trace = tf.trace(tf.keras.Model([a, b], outputs), xs, np.zeros((1, 3), np.float32), "mse")
    shown = opened(trace)
    uses = [row for row in trace if row.op == "matmul"]
    for k, row in enumerate(uses):
        shown.js("page.goNode(arguments[0], 'backward')", row.index)
        captions = shown.js(
            "return [...document.querySelectorAll('figcaption')].map((c) => c.textContent)"
        )
        assert sum(f"this use, {k + 1} of 4" in c for c in captions) == 1
        assert sum("sum of all 4 uses" in c for c in captions) == 1
        assert "Nothing flows" not in shown.text("#panel .tensors")
    assert "is used 4 times" in shown.text("#panel .tensors")
    shown.js("page.panel.follow({argument: 1, total: true}, 'gradient', 4)")
    assert shown.js("return page.panel.followed.sum.terms.length") == 4
    total = float(trace.gradients[dense.kernel.path].ravel()[4])
    assert shown.js("return page.panel.followed.sum.shown") == total
    parts = [float(row.input_gradients[1].ravel()[4]) for row in uses]
    assert shown.js("return page.panel.followed.sum.terms.map((t) => t.value)") == parts
    # Two inputs, which are no images: each is asked about.
    questions = "return [...document.querySelectorAll('.question')].map((q) => q.textContent)"
    assert shown.js(questions)[:2] == [
        f"Which inputs pulled the loss down? (input {k})" for k in (1, 2)
    ]
    shown.js("document.querySelectorAll('.question')[1].click()")
    assert "numbers pulled the loss down" in shown.text("#panel .answer")
    # What is said of a unit whose gradient is 0 names only what there is in this network.
    blocked = "return whySilent(DATA.nodes.find((n) => n.op === 'matmul'), 'blocked', 1)"
    assert shown.js(blocked) == "every gradient that arrives at its output is 0"
    assert shown.complaints() == []


def test_what_has_no_gradient_of_its_own_says_where_it_is(page: Any, explained: Any) -> None:
    trace = explained("seed_network")[0]
    loss = next(row for row in trace if "cross_entropy" in row.op)
    shown = page("seed_network")
    # The logits, clicked behind the softmax that the loss passes by: p - y.
    shown.js("page.goNode(DATA.nodes.find((n) => n.op === 'softmax').id, 'forward')")
    shown.js("page.panel.follow({argument: 0}, 'gradient', 3)")
    assert "the loss takes the logits" in shown.text(".follow")
    assert shown.js("return page.panel.followed.sum.shown") == float(loss.input_gradients[1][0, 3])
    # The p of p - y is the engine's.
    shown.js("page.goNode(arguments[0], 'backward')", loss.index)
    shown.js("page.panel.follow({argument: 1}, 'gradient', 3)")
    p = shown.js("return page.panel.followed.sum.terms[0].factors[1].v")
    assert p == float(loss.record.saved[0, 3])
    assert "only the order" not in shown.text(".total")
    shown.js("page.goNode(DATA.nodes.find((n) => n.op === 'drop').id, 'forward')")
    shown.js("page.panel.follow({argument: 1}, 'value', 3)")
    assert "The mask is drawn at random" in shown.text(".follow")
    blocked = "return whySilent(DATA.nodes[1], 'blocked:drop,relu', 1)"
    assert shown.js(blocked).endswith("(blocked after it, by dropout and a relu)")
    # A step that asks for the gradients of the weights alone.
    shown = page("own_train_step")
    assert shown.text(".question") == "Which pixels pulled the loss down?"
    shown.js("document.querySelector('.question').click()")
    assert "No gradient by the input was computed" in shown.text("#panel .answer")
    shown.js("page.goNode(DATA.nodes.find((n) => n.op === 'reshape').id, 'forward')")
    assert "no gradient was asked for" in shown.text("#panel .note")
    assert shown.complaints() == []


def test_printed_factors_multiply_to_the_printed_term(page: Any) -> None:
    shown = page("residual")
    wrong, seen = shown.js(
        """const wrong = [], printed = (f) => f.name ? f.v :
          Number((f.text.match(/= (\\S+)$/)?.[1] ?? f.text).replaceAll("−", "-"));
        let seen = 0;
        const found = DATA.nodes.filter((n) => n.op.includes("batch_norm") || n.op === "softmax");
        for (const node of found)
          for (const sum of [outputSum(node, 0, 3),
              ...node.ins.map((e, i) => gradientSum(node, i, 3))])
            for (const term of sum?.terms ?? []) {
              const product = term.factors.map(printed).reduce((a, b) => a * b, 1);
              if (!Number.isNaN(product)) seen += 1;
              if (Math.abs(product - term.value) > 2e-8 * Math.abs(term.value)) wrong.push(node.op);
            }
        return [wrong, seen];"""
    )
    assert wrong == []
    assert seen > 100


def test_a_factor_that_is_a_difference_is_rounded_as_what_it_is_made_of(opened: Any) -> None:
    """1 - y² of a tanh, y (1 - y) of a softmax, where they saturate."""
    x = tf.constant([[3.0, -2.5, 4.0, 5.0, 2.2, 9.0]])
    for function in (tf.tanh, tf.nn.softmax):
        with tf.tracing() as trace:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            tape.gradient(y, x, output_gradients=tf.constant([[1.0, 2.0, 3.0, -1.0, 0.5, 1.5]]))
        shown = opened(trace)
        for i in range(6):
            shown.js(
                "page.goNode(0, 'backward'); page.panel.follow({argument: 0}, 'gradient', "
                "arguments[0])",
                i,
            )
            assert "more than rounding explains" not in shown.text(".follow")


def test_a_trace_without_ops_is_refused() -> None:
    with tf.tracing() as trace:
        pass
    with pytest.raises(ValueError, match="`trace` must hold an op"):
        html(trace)


def test_what_is_no_trace_is_refused() -> None:
    with pytest.raises(TypeError, match=r"html: `trace` must be a Trace, .*received trace=3"):
        html(3)  # type: ignore[arg-type]
    with tf.tracing() as trace:
        tf.nn.relu([1.0])
    with pytest.raises(TypeError, match=r"html: `about` must be a dict .*received about='title'"):
        html(trace, "title")  # type: ignore[arg-type]


# What a page says at each op, with what is said where nothing is shown, and of the whole.
SAID = """
const T = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent);
const said = {}, heads = "#panel .note, #panel .answer, #panel .none";
for (let at = 0; at < page.steps.length; at++) {
  page.go(at);
  const { node, phase } = page.steps[at];
  (said[`${node.op} ${phase}`] ??= []).push(T(heads).join(" "));
}
return { said, flow: T("#flow td, #flow th"), above: T("#flow .answer").join(),
         nonfinite: T("#nonfinite").join(), about: T("#about").join(), at: page.at };
"""
L = tf.keras.layers


def small(*layers: Any, size: int = 3) -> Any:
    tf.keras.utils.set_random_seed(0)
    return tf.keras.Sequential([tf.keras.Input((size,)), *layers])


def test_no_reason_is_given_that_the_records_do_not_have(opened: Any) -> None:
    x, ones = np.ones((2, 3), np.float32), np.ones((2, 1), np.float32)
    model = small(L.Dense(1, activation="sigmoid"))
    shown = opened(tf.trace(model, x, ones, "binary_crossentropy"))
    said = shown.js(SAID)["said"]
    assert "comes out is bool" in said["greater_equal forward"][0]
    # A saturated relu6 is closed, and what is behind it 0.
    high = tf.keras.initializers.Constant(99.0)
    model = small(L.Dense(4, bias_initializer=high), L.ReLU(max_value=6.0), L.Dense(1))
    shown = opened(tf.trace(model, x, ones, "mse"))
    found = shown.js(SAID)
    assert "0 < x < 6 at 0 of 8 (0 %) places" in found["said"]["relu6 backward"][0]
    assert "stopped 8 of the 8 gradients" in found["said"]["relu6 backward"][0]
    assert "relu lets 0 % through" in found["flow"]
    assert "(blocked after it, by a relu)" in found["said"]["matmul backward"][1]
    # Ways that end; what was sent by none; the sum of two targets; a seed that is not 1.
    w = tf.Variable([1.0, 2.0])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        y = tf.stop_gradient(tf.nn.relu(w * [1.0, 1.0])) + w
        tape.gradient([tf.reduce_sum(y), y * 5.0], w, output_gradients=[tf.constant(9.0), 3.0 * w])
    shown = opened(trace)
    found = shown.js(SAID)
    assert (
        "ends at an op that passes no gradient on (stop_gradient)"
        in found["said"]["relu forward"][0]
    )
    assert "it comes from `stop_gradient`, which passes" in found["said"]["add backward"][0]
    assert "labels" not in found["said"]["add backward"][0]
    assert "loss 6, the first of 2 targets" in found["about"]
    shown.js(
        "const n = DATA.nodes.find((n) => n.op === 'reduce_sum'); page.goNode(n.id, 'backward');"
        "page.panel.follow({output: 0}, 'gradient', 0)"
    )
    assert "It is 9; where" in shown.text(".follow")
    assert "∂L/∂L = 1." in shown.text(".follow")
    assert "This is what is differentiated" not in shown.text(".follow")
    missing = "const a = Object.keys(TEXTS.en), b = Object.keys(TEXTS.zh);"
    assert shown.js(f"{missing} return a.length === b.length && a.every((k) => b.includes(k))")
    assert shown.complaints() == []


def test_of_numbers_that_are_not_finite_nothing_is_claimed(opened: Any) -> None:
    model = small(L.Dense(4, activation="relu"), L.Dense(2, activation="softmax"))
    x, y = np.ones((2, 3), np.float32), np.array([0, 1])
    x[1, 2] = np.nan
    model.compile("sgd", "sparse_categorical_crossentropy")
    shown = opened(tf.trace(model, x, y))
    found = shown.js(SAID)
    text = str(found)
    assert "times smaller" not in text
    assert "times larger" not in text
    assert "p = NaN" not in text
    assert "by NaN" not in text
    assert "x · ∂L/∂x is not finite for" in found["said"]["input backward"][0]
    assert any(re.fullmatch(r"\d+ not finite", cell) for cell in found["flow"])
    assert any("A: " not in c and re.search(r"B: \d+ not finite", c) for c in found["flow"])
    far = shown.js(
        """let far = 0, nan = 0;
        for (const node of DATA.nodes.filter((n) => n.op !== "input")) {
          page.goNode(node.id, "backward");
          node.outs.forEach((o, output) => { for (const what of ["value", "gradient"]) {
            const number = what === "value" ? o.t : o.g, flat = number == null ? -1 :
              [...values(number)].findIndex(Number.isNaN);
            if (flat < 0) continue;
            page.panel.follow({ output }, what, flat);
            far += document.querySelectorAll(".total .far").length;
            const said = document.querySelector(".total")?.textContent;
            nan += said?.includes("Both are NaN") ?? 0; } });
        }
        return [far, nan];"""
    )
    assert far[0] == 0
    assert far[1] > 3
    # -inf where it is meant, as in a mask: the page opens at its beginning, and says what it is.
    with tf.tracing() as trace, tf.GradientTape() as tape:
        w = tf.Variable([1.0, 2.0])
        p = tf.nn.softmax(w + tf.math.log([1.0, 0.0]))
        tape.gradient(tf.reduce_sum(p), w)
    found = opened(trace).js("return [page.at, document.getElementById('nonfinite').textContent]")
    assert found[0] == 0
    assert "The loss and all gradients are finite." in found[1]
    # A variable that no op uses is nowhere to be shown.
    unused = tf.Variable([np.nan], name="unused")
    with tf.tracing() as trace, tf.GradientTape() as tape:
        unused.read_value()
        tape.gradient(tf.reduce_sum(w * w), w)
    shown = opened(trace)
    assert "of a variable that was read" in shown.text("#nonfinite")
    assert shown.js("return document.querySelector('#nonfinite .link')") is None
    assert shown.complaints() == []


def test_targets_that_are_no_labels_and_a_loss_that_is_turned_round(opened: Any) -> None:
    def negated(y: Any, z: Any) -> Any:
        return -tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, tf.int32)[:, 0], z)

    x, high = np.ones((1, 3), np.float32), tf.constant_initializer([9.0, 0.0, 0.0])
    model = small(L.Dense(3, kernel_initializer="zeros", bias_initializer=high))
    smooth = tf.keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    shown = opened(tf.trace(model, x, np.eye(3, dtype=np.float32)[:1], smooth))
    (said,) = shown.js(SAID)["said"]["softmax_cross_entropy_with_logits backward"]
    assert "a larger logit raises the loss" in said
    assert "−Σ yᵢ ln pᵢ" in said
    assert "at the label" not in said
    asked = "return questionsOf().find((q) => q.question === 'q4').key"
    assert shown.js(asked) == "a4soft"
    shown = opened(tf.trace(model, x, np.array([[1]]), negated))
    (said,) = shown.js(SAID)["said"]["sparse_softmax_cross_entropy_with_logits backward"]
    assert "at the label 1" in said
    assert "a larger logit raises the loss" in said
    assert shown.js(asked) == "a4"


def test_pools_and_sums_say_what_they_do_at_the_edge_and_when_broadcast(opened: Any) -> None:
    i = tf.keras.Input((3, 3, 1))
    pooled = L.Flatten()(L.AveragePooling2D(2, padding="same")(i))
    out = L.Add()([L.Dense(4)(pooled), L.Dense(1)(pooled)])
    model = tf.keras.Model(i, out)
    trace = tf.trace(model, np.ones((1, 3, 3, 1), np.float32), np.zeros((1, 4)), "mse")
    shown = opened(trace)
    found = shown.js(SAID)
    assert "each of 4 gets 1/4; at the edge" in found["said"]["avg_pool2d backward"][0]
    assert "up to 1/1" in found["said"]["avg_pool2d backward"][0]
    assert "summed over the numbers" in found["said"]["add backward"][0]
    assert "copied to both inputs, summed where one was broadcast" in found["flow"]
    # A witness that was not asked is not named.
    shown.js(
        """DATA.about.witnesses = {agree: 2, disagree: 0, asked: ["tensorflow"]};
        DATA.about.tensorflow = "2.21"; page.about();"""
    )
    assert shown.text("#verdict") == "✓ TensorFlow 2.21: 2 comparisons agree"
    same = "wayBack = () => ({late: DATA.nodes.at(-1), early: DATA.nodes[0], key: 'flowSame'})"
    assert "kept their size" in shown.js(f"{same}; return say(wayBack().key, 'a', 1, 'b', 1)")
    assert shown.complaints() == []
