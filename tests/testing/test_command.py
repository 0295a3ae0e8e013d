"""`scratchnet check FILE`: tables, JSON, HTML, exit codes, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest

from tests.support.train_command import run

HEAD = "import numpy as np\ndef forward(x, b):\n    return x + b\n"
RIGHT = HEAD + "def vjp(g, x, b):\n    return g, g.sum(axis=0)\n"
WRONG = HEAD + "def vjp(g, x, b):\n    return g, g.mean(axis=0)\n"
SHAPES = 'shapes = {"x": (3, 4), "bias": (4,)}\n'
ARRAYS = "def arrays():\n    return np.ones((3, 4), np.float32), np.ones(4, np.float32)\n"


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def call(text, *options):
        (tmp_path / "mine.py").write_text(text)
        code = run("check", "mine.py", *options)
        return code, capsys.readouterr()

    return call


def test_right_code_ends_with_0(check):
    for where in (SHAPES, ARRAYS, "shapes = [(3, 4), 4]\n"):
        code, said = check(RIGHT + where)
        assert code == 0, said
        assert "right" in said.out
        assert "Likely cause" not in said.out


def test_wrong_code_ends_with_1_and_is_named(check):
    code, said = check(WRONG + SHAPES)
    assert code == 1
    assert "bias" in said.out
    assert "Likely cause: scale" in said.out
    assert "batch size" in said.out


def test_json_and_html(check, tmp_path):
    code, said = check(WRONG + SHAPES, "--json", "--html", "report.html")
    assert code == 1
    assert json.loads(said.out)["findings"][0]["cause"] == "scale"
    assert "Likely cause: scale" in (tmp_path / "report.html").read_text()


def test_order_seed_and_a_witness(check):
    kept = "kept = np.ones((3, 4))\n"
    cube = "def forward(x):\n    return x**3\ndef vjp(g, x):\n    return 3 * g * kept**2\n"
    arrays = "def arrays():\n    return {'image': np.ones((3, 4))}\n"
    text = "import numpy as np\n" + kept + cube + arrays
    assert check(text)[0] == 0
    code, said = check(text, "--order", "2", "--seed", "3")
    assert code == 1
    assert "second_order" in said.out
    assert "image" in said.out
    witness = "import scratchnet as tf\ndef witness(x, b):\n    return tf.add(x, b)\n"
    code, said = check(RIGHT + SHAPES + witness)
    assert code == 0
    assert "compared with the witness" in said.out


BAD = [
    ("x = 3\n", [], "Error: mine.py must define forward(*arrays) and vjp(g, *arrays), received"),
    (RIGHT, [], "Error: mine.py must define arrays(), which returns the arrays to check with,"),
    (RIGHT + "shapes = [(3, -4)]\n", [], "Error: mine.py: shapes must hold tuples of non-negative"),
    (RIGHT + "shapes = (2, 3)\n", [], "Error: mine.py: `shapes` must be a dict of names and shap"),
    (RIGHT + SHAPES, ["--order", "3"], "Error: --order must be 1 or 2, received 3"),
    (RIGHT + SHAPES, ["--seed", "-1"], "Error: --seed must be at least 0, received -1"),
    (RIGHT + SHAPES, ["--seed", "x"], "Error: Invalid value for '--seed': must be an integer"),
    (RIGHT + SHAPES, ["--html", "no/where.html"], "Error: [Errno 2]"),
]


@pytest.mark.parametrize(("text", "options", "says"), BAD)
def test_what_cannot_be_checked_is_one_line(check, text, options, says):
    code, said = check(text, *options)
    assert code == 2
    assert said.err.startswith(says), said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


RAISES = [
    (
        "def forward(x: return\n",
        "Error: mine.py, line 1\n    def forward(x: return\n                   ^\nSyntaxError: ",
    ),
    (
        HEAD + SHAPES + "def vjp(g, x, b):\n    return {}[3]\n",
        "Error: mine.py, line 6, in vjp\n    return {}[3]\nKeyError: 3\n",
    ),
    (
        "import numpy\ny = numpy.zeros(\n    -1\n)\n",
        "Error: mine.py, line 2, in <module>\n    y = numpy.zeros(\nValueError: negative",
    ),
    (
        HEAD + SHAPES + "def vjp(g, x, b):\n    return g\n",
        "Error: check_vjp: `vjp` must return 2 gradients, one for each of x, bias",
    ),
]


@pytest.mark.parametrize(("text", "says"), RAISES)
def test_what_the_file_raises_is_shown_in_its_own_lines(check, text, says):
    code, said = check(text)
    assert code == 2
    assert said.err.startswith(says), said.err
    assert said.err.count("\n") <= 4
    assert said.out == ""


def test_shapes_that_are_none_are_shown(check):
    code, said = check(RIGHT + 'shapes = "abc"\n')
    assert code == 2
    assert said.err.endswith("received shapes = 'abc'\n")


def test_a_file_that_is_not_there(check, capsys):
    assert run("check", "nowhere.py") == 2
    says = "Error: FILE must be a Python file, received nowhere.py: there is no such file\n"
    assert capsys.readouterr().err == says


PROGRAM = "def program(tf):\n    return tf.nn.softmax(tf.random.normal([4, 5]))\n"
BUILD = """
def build(tf):
    k = tf.keras.layers
    layers = [k.Conv2D(4, 3, activation="relu"), k.GlobalAveragePooling2D(), k.Dense(2)]
    return tf.keras.Sequential([tf.keras.Input((None, 8, 3)), *layers])
"""
TWO_INPUTS = """
def build(tf):
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((4,), name="b")
    y = tf.keras.layers.Dense(3)(tf.keras.layers.Add()([a, b]))
    model = tf.keras.Model([a, b], [y, tf.keras.layers.ReLU()(y)])
    model.compile("adam", "mse")
    return model
"""


def test_a_program_and_a_model_are_compared_with_tensorflow(check, tmp_path):
    code, said = check(PROGRAM, "--record", "a.npz", "--html", "report.html", "--seed", "3")
    assert code == 0, said
    assert "nn.softmax" in said.out
    assert "The same: 6 arrays of 2 calls compared with TensorFlow." in said.out
    assert "The same: 6 arrays" in (tmp_path / "report.html").read_text()
    code, said = check(PROGRAM, "--against", "a.npz", "--json", "--seed", "3")
    assert (code, json.loads(said.out)["witness"]) == (0, "TensorFlow, as recorded")
    code, said = check(PROGRAM, "--against", "a.npz", "--seed", "4")
    assert code == 1
    assert "NOT THE SAME" in said.out
    for text in (BUILD, TWO_INPUTS):
        code, said = check(text)
        assert code == 0, said


def test_a_program_that_cannot_be_compared_is_one_line(check, monkeypatch):
    for text, options, says in (
        (PROGRAM, ["--against", "none.npz"], "Error: compare: `against` must be a file"),
        (PROGRAM, ["--against", "mine.py"], "Error: compare: `against` must be a file"),
        (PROGRAM, ["--against", "a", "--record", "b"], "Error: --record and --against exclude"),
        ("def build(tf):\n    return 3\n", [], "Error: build(tf) must return a keras.Model"),
    ):
        code, said = check(text, *options)
        assert code == 2
        assert said.err.startswith(says)
        assert said.err.count("\n") == 1
    code, said = check(PROGRAM, "--against", "none.npz")
    assert said.err.endswith(": there is no such file\n"), said.err
    for option in ("--against", "--record"):
        code, said = check(RIGHT + SHAPES, option, "a.npz")
        assert (code, said.out) == (2, "")
        assert f"{option} is for a file that defines program(tf) or build(tf)" in said.err
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, said = check(PROGRAM)
    assert code == 2
    assert said.err.startswith("Error: TensorFlow is not installed; `pip install")


def test_json_alone_is_on_stdout_and_errors_are_json_too(check):
    code, said = check("print('hello')\n" + RIGHT + SHAPES, "--json")
    assert code == 0
    assert json.loads(said.out)["ok"] is True
    assert "hello" in said.err
    for text, options, says in (
        ("print('hello')\n1 / 0\n", (), "ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", (), "mine.py calls sys.exit(3)"),
        (RIGHT + SHAPES, ("--order", "3"), "--order must be 1 or 2"),
        (RIGHT, (), "must define arrays()"),
    ):
        code, said = check(text, "--json", *options)
        assert code == 2
        found = json.loads(said.out)
        assert found["ok"] is False
        assert says in found["error"]
        assert says in said.err


def test_a_file_that_ends_itself_is_told_of(check):
    code, said = check("def stop():\n    raise SystemExit\nstop()\n")
    assert code == 2
    assert "mine.py calls sys.exit(None)" in said.err
    assert "line 3" in said.err
    assert '__name__ == "__main__"' in said.err
