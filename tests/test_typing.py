"""What a type checker sees of a user's program: mypy, run on a few lines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = """
import scratchnet as tf
from scratchnet.extend import Listener, Op, Record, apply, listening, register

x, w, k = tf.constant(3.0), tf.Variable([[1.0]]), tf.keras.Variable([1.0])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = x * x
reveal_type(tape)  # GradientTape
reveal_type(y)  # Tensor
reveal_type(tape.gradient(y, x))  # Tensor | None
reveal_type(tape.gradient(y, w))  # Tensor | None
reveal_type(tape.gradient(y, k))  # Tensor | None
reveal_type(tape.gradient(y, [x]))  # list[Tensor | None]
reveal_type(tape.gradient(y, [x, w]))  # list[Tensor | None]
reveal_type(tape.gradient(y, (x, k)))  # tuple[Tensor | None, ...]
reveal_type(tape.gradient(y, {"a": x}))  # dict[str, Tensor | None]
reveal_type(tape.gradient(y, [[x], {"b": w}]))  # Any
reveal_type(tape.jacobian(y, [x]))  # list[Tensor | None]
reveal_type(tape.batch_jacobian(y, x))  # Tensor
reveal_type(x.numpy())  # ndarray
reveal_type(w.numpy())  # ndarray
tape.gradient(y, x).numpy()  # error: has no attribute "numpy"
x.nunpy()  # error: has no attribute "nunpy"

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
variables = model.trainable_variables
gradients = tape.gradient(y, variables)
reveal_type(gradients)  # list[Tensor | None]
tf.keras.optimizers.SGD(0.1).apply_gradients(zip(gradients, variables))
print(f"{x.numpy():.3f}", float(x.numpy()), x.numpy().round(2), x.numpy() < 1)

class Mine(Listener):
    def record(self, record: Record) -> None:
        reveal_type(record.layer)  # str | None
        reveal_type(record.output)  # Tensor

with listening(Mine()) as mine:
    reveal_type(mine)  # Mine
    reveal_type(apply(register(Op("mine", tf.exp)), x))  # Tensor
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What mypy says of each line."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "program.py").write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(folder / "cache"), "program.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    found = re.findall(r"^program\.py:(\d+): (.*)$", run.stdout, re.MULTILINE)
    assert found, run.stdout + run.stderr
    return {int(line): text for line, text in found}


def test_mypy_knows_the_types_of_what_a_user_writes(told: dict[int, str]) -> None:
    for i, line in enumerate(PROGRAM.splitlines(), 1):
        _, is_revealed, wanted = line.partition("  # ")
        said = re.sub(r"(\w+\.)+", "", told.get(i, ""))
        if line.lstrip().startswith("reveal_type"):
            assert is_revealed
            assert f'"{wanted}' in said, f"{line}: {said}"
        elif wanted.startswith("error"):
            assert wanted.removeprefix("error: ") in said
        else:
            assert not said, f"{line}: {said}"
