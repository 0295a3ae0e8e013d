"""The command `scratchnet explain`: a page from the options, or one line of what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scratchnet.explain.options import ExplainOptions
from tests.support.browser import Page
from tests.support.train_command import no_network, run, save

OWN = """\
def build(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([
        tf.keras.Input((8, 8, 1)),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
"""
COMPILED = """\
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refused(*args: Any) -> None:
        pytest.fail("a browser was opened")

    monkeypatch.setattr(webbrowser, "open", refused)
    return no_network(tmp_path, monkeypatch)  # type: ignore[no-any-return]


def data_of(path: str) -> Any:
    text = Path(path).read_text(encoding="utf-8")
    data = text.partition('<script id="data" type="application/json">')[2].partition("</script>")
    return json.loads(data[0])


def explain(*args: str) -> Any:
    return run("explain", "--data", save(), "--epochs", "1", "--no-open", *args)


def test_the_page_of_the_seed_network(capsys: Any) -> None:
    assert explain("--steps", "3") == 0
    out = capsys.readouterr().out
    assert "Kept in scratchnet-explain.html: one page of" in out
    data = data_of("scratchnet-explain.html")
    assert data["about"]["model"] == "seed network"
    assert data["about"]["witnesses"]["disagree"] == 0
    assert data["about"]["witnesses"]["agree"] > 30
    assert data["about"]["tensorflow"]
    assert [m["step"] for m in data["moments"]] == [0, 2, 3]
    assert all("site" not in node for node in data["nodes"])  # the lines are the command's own


def test_the_page_opens_in_the_language_that_was_asked_for(driver: Any) -> None:
    assert explain("--lang", "zh", "--no-witnesses") == 0
    page = Page(driver, Path("scratchnet-explain.html").resolve())
    assert page.text("h1") == "反向传播显微镜"
    assert page.complaints() == []
    assert page.requests() == []


def test_the_same_options_make_the_same_numbers() -> None:
    assert explain("--no-witnesses", "--index", "2", "--out", "a.html") == 0
    assert explain("--no-witnesses", "--index", "2", "--out", "b.html") == 0
    a, b = data_of("a.html"), data_of("b.html")
    assert a["tensors"] == b["tensors"]
    assert a["loss"] == b["loss"]


def test_a_model_of_the_users_with_weights_and_an_image(capsys: Any) -> None:
    import numpy as np

    Path("own.py").write_text(OWN)
    np.save("image.npy", np.eye(8))
    options = ["--data", save(), "--epochs", "1", "--model", "own.py"]
    assert run("train", *options, "--out", "trained") == 0
    words = ["--weights", "trained/model.weights.h5", "--image", "image.npy", "--no-witnesses"]
    assert explain("--model", "own.py", *words, "--out", "own.html") == 0
    assert "Epoch" not in capsys.readouterr().out.partition("Kept in trained")[2].partition("\n")[2]
    Path("own.py").write_text(OWN.replace("return ", "model = ", 1) + COMPILED)
    assert explain("--model", "own.py", *words, "--out", "compiled.html") == 0
    kernels = [data_of(page)["tensors"][2]["data"] for page in ("own.html", "compiled.html")]
    assert kernels[0] == kernels[1]
    data = data_of("own.html")
    assert data["about"]["model"] == "own.py"
    assert data["about"]["sample"] == "image.npy"
    assert data["about"]["label"] == data["about"]["prediction"]


TWO_PASSES = """\
def build(tf):
    class Two(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.made, self.judged = tf.keras.layers.Dense(10), tf.keras.layers.Dense(1)

        def call(self, x, training=False):
            return self.made(tf.reshape(x, [-1, 64]))

        def train_step(self, data):
            x, _ = data
            with tf.GradientTape() as first, tf.GradientTape() as second:
                verdict = self.judged(self(x, training=True))
                ours, theirs = tf.reduce_mean(verdict), -2.0 * tf.reduce_mean(verdict)
            judged, made = self.judged.trainable_variables, self.made.trainable_variables
            gradients = first.gradient(ours, judged) + second.gradient(theirs, made)
            self.optimizer.apply_gradients(zip(gradients, judged + made))
            return {"loss": theirs}

    model = Two()
    model.compile("sgd")
    return model
"""


def test_a_step_with_two_backward_passes_shows_the_last() -> None:
    Path("two.py").write_text(TWO_PASSES)
    assert explain("--model", "two.py", "--steps", "2") == 0
    data = data_of("scratchnet-explain.html")
    assert data["about"]["passes"] == 2
    assert data["about"]["witnesses"]["disagree"] == 0
    assert data["about"]["own_step"]
    ends = [n for n in data["nodes"] if n["op"] == "multiply"]  # the loss of the second pass
    assert [n["outs"][0]["g"] is not None for n in ends] == [True]
    assert data["moments"][0]["norms"]["multiply"][1] == 1.0


GROWS = """\
def build(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(10), layers.Dense(OUTPUTS)
    ])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.SGD(1e38), loss)
    return model
"""


def test_a_training_that_goes_to_infinity_makes_a_page_of_that(capsys: Any) -> None:
    Path("grows.py").write_text(GROWS.replace("OUTPUTS", "10"))
    assert explain("--model", "grows.py", "--steps", "2") == 0
    data = data_of("scratchnet-explain.html")
    assert data["loss"] == {"float": "NaN"}
    assert data["about"]["nan"]["count"] > 0
    assert data["about"]["witnesses"]["disagree"] == 0
    assert "The first number that is not finite: row " in capsys.readouterr().out
    Path("grows.py").write_text(GROWS.replace("OUTPUTS", "5"))
    assert explain("--model", "grows.py") == 2
    said = capsys.readouterr()
    assert "an output for each class" in said.err
    assert "has the labels 0 to 7, received 5 outputs" in said.err
    assert "Epoch" not in said.out


def test_steps_without_a_training_are_said_to_record_nothing(capsys: Any) -> None:
    assert explain("--steps", "5", "--epochs", "0", "--no-witnesses") == 0
    said = capsys.readouterr().out
    assert "--steps 5: nothing was recorded, since --epochs 0 trains nothing" in said
    assert not data_of("scratchnet-explain.html")["moments"]


def test_it_is_shown_in_the_browser_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    assert run("explain", "--data", save(), "--epochs", "0", "--no-witnesses") == 0
    assert shown == [Path("scratchnet-explain.html").resolve().as_uri()]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--index", "-1"], "Error: --index must be at least 0, received -1"),
        (
            ["--index", "99"],
            "Error: --index must be below the number of test images (32), received 99",
        ),
        (["--epochs", "-1"], "Error: --epochs must be at least 0, received -1"),
        (["--steps", "51"], "Error: --steps must be in [0, 50], received 51"),
        (["--lang", "fr"], "Error: --lang must be en or zh, received fr"),
        (["--label", "10"], "Error: --label must be in [0, 10), received 10"),
        (["--model", "no.py"], "Error: --model must be a file that exists, received no.py"),
        (["--weights", "no.h5"], "Error: --weights must be a file that exists, received no.h5"),
        (["--image", "no.png"], "Error: --image must be a file that exists, received no.png"),
        (
            ["--out", "no/a.html"],
            "Error: --out must be in a folder that exists, received no/a.html",
        ),
        (
            ["--weights", "small.npz"],
            "Error: --weights: small.npz: not the weights of this network",
        ),
        (
            ["--weights", "small.npz", "--steps", "3"],
            "Error: --steps must be 0 where --weights are",
        ),
        (["--golden", "no.npz"], "Error: --golden must be a file that exists, received no.npz"),
        (
            ["--golden", "small.npz"],
            "Error: --golden must be a file that scratchnet explain --record wrote, received",
        ),
        (
            ["--golden", "small.npz", "--record", "a.npz"],
            "Error: --golden must be left out with --record, received small.npz",
        ),
        (
            ["--record", "a.npz", "--no-witnesses"],
            "Error: --record must be left out with --no-witnesses, received a.npz",
        ),
        (
            ["--record", "no/a.npz"],
            "Error: --record must be in a folder that exists, received no/a.npz",
        ),
        (["--out", "."], "Error: --out must be a file, not a folder, received ."),
        (
            ["--index", "3", "--image", "small.npz"],
            "Error: --index must be left out with --image, received 3",
        ),
        (
            ["--image", "digit.png", "--steps", "3"],
            "Error: --label must be given with --image and --steps",
        ),
        (["--seed", "x"], "Error: Invalid value for '--seed': must be an integer, received x"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], said: str, capsys: Any) -> None:
    save()
    Image.new("L", (28, 28)).save("digit.png")
    assert run("explain", "--data", "small.npz", "--no-open", "--epochs", "1", *words) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith(said)
    assert not Path("scratchnet-explain.html").exists()


def test_the_command_reads_its_options_without_what_makes_pages() -> None:
    program = (
        "import json, sys, scratchnet.cli\n"
        "print(json.dumps([m for m in sys.modules if m.startswith('scratchnet.explain')]))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert set(json.loads(said)) == {"scratchnet.explain", "scratchnet.explain.options"}


def test_the_defaults_are_sound() -> None:
    assert ExplainOptions().epochs > 0
