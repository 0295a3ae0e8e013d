"""Recorded steps of a training: evenly spread, and watching changes no number."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.explain.page_data import PageData
from scratchnet.explain.step import task_of, traced
from scratchnet.explain.training import Recorder, moment
from tests.support.explained import images, seed_network

X, Y = images().x_test, images().y_test


def trained(count: int) -> tuple[Any, Any]:
    tf.keras.utils.set_random_seed(0)
    task = task_of(seed_network(tf), images(), "seed network")
    recorder = Recorder(lambda: traced(task, X[:1], Y[:1], training=False), count)
    callbacks = [recorder] if count else []
    task.model.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=callbacks)
    return task.model, recorder.moments


def test_the_steps_are_spread_from_the_first_to_the_last() -> None:
    assert [m.step for m in trained(3)[1]] == [0, 3, 6]
    assert [m.step for m in trained(1)[1]] == [0, 6]
    assert [m.step for m in trained(50)[1]] == list(range(7))


def test_a_training_goes_the_same_way_while_it_is_recorded() -> None:
    plain, _ = trained(0)
    watched, moments = trained(7)
    assert len(moments) == 7
    for a, b in zip(plain.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_moment_holds_the_numbers_of_its_trace() -> None:
    task = task_of(seed_network(tf), images(), "seed network")
    trace = traced(task, X[:1], Y[:1], training=False)
    found = moment(trace, 5)
    conv = trace["conv2d"] if "conv2d" in [c.name for c in trace.layers] else trace.layers[0]
    name = next(name for name in found.norms if name.startswith("fused conv2d"))
    assert np.isclose(found.norms[name][0], np.linalg.norm(conv.output.astype(float)))
    assert np.isclose(found.norms[name][1], np.linalg.norm(conv.gradient.astype(float)))
    np.testing.assert_array_equal(found.pictures[name][0], conv.output[..., :8])
    np.testing.assert_array_equal(found.filters[name][1], conv.weight_gradients["kernel"])
    assert found.loss == trace.loss
    assert len(found.filters) == 1  # those of the second convolution see no image


def test_ops_of_one_name_are_told_apart() -> None:
    w = tf.Variable(2.0)
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.square(tf.square(tf.square(w))), w)
    assert list(moment(trace, 0).norms) == ["square", "square #2", "square #3"]


def test_the_page_has_a_slider_over_them(driver: Any, tmp_path: Any) -> None:
    from scratchnet.explain.page import assemble
    from tests.support.browser import Page

    _, moments = trained(4)
    task = task_of(seed_network(tf), images(), "seed network")
    data = PageData(traced(task, X[:1], Y[:1]), {"recorded": "an image"})
    data.add_training(moments)
    path = tmp_path / "page.html"
    path.write_text(assemble(data.to_dict()), encoding="utf-8")
    page = Page(driver, path)
    text = page.text("#training output")
    assert text.startswith("step 6 of training: loss ")
    page.js("document.getElementById('moment').value = 1")
    page.js("document.getElementById('moment').dispatchEvent(new Event('input'))")
    assert page.text("#training output").startswith("step 2 of training")
    assert page.js("return document.querySelectorAll('#training .frame').length") > 5
    assert page.js("return document.querySelectorAll('#training td.now').length") > 10
    page.click("#training td")
    assert page.text("#training output").startswith("step 0 of training")
    page.js("[...document.querySelectorAll('.question')].at(-1).click()")
    assert "The loss of an image went from" in page.text("#panel .answer")  # which sample
    assert page.complaints() == []
