"""TensorFlow's numbers of a study: by a process of its own, or those that were recorded.

A process of its own runs the experiment once and prints one line of JSON.  How far TensorFlow is
from itself when it is rounded otherwise is not measured anew: that was recorded, with the seed 0.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.studies.agreement import kind_of, named, shortened, spread, together
from scratchnet.studies.study import Late, Numbers, Study, Tell, Text, Witness, quiet
from scratchnet.twin.epochs import SPREADS, TIGHT

RECORDED = Path(__file__).parent / "recorded.json"
NUDGES = 4  # with fewer, the chance is too large that no decision falls otherwise in any
_PACKAGE = Path(__file__).parents[2]
# One way of computing, whatever the CPU, no GPU, and no messages of its own.
SETTINGS = {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}
MARK = "scratchnet study: "  # before the line of JSON: TensorFlow may print others
PART = "scratchnet study, part: "  # before a line on a part of the work, in both languages

# What `-m` does, but that no `random.py` in the current folder comes before Python's (-P), and that
# this very scratchnet is found.
_PROGRAM = f"""
import sys
packages = [i for i, path in enumerate(sys.path) if path.endswith("-packages")]
sys.path.insert(min(packages, default=len(sys.path)), {str(_PACKAGE)!r})
from scratchnet.studies.on_tensorflow import main
from scratchnet.studies.table import STUDIES
main(STUDIES)
"""


def witness(study: Study, seed: int, tell: Tell) -> tuple[Witness | None, Text]:
    """TensorFlow's numbers, and why there are none where there are none.

    Where TensorFlow is installed it is run; else there may be recorded numbers, of one seed.
    """
    if find_spec("tensorflow") is not None:
        tell(
            Text(
                "TensorFlow: the same experiment, up to three times as long "
                "(--no-witnesses leaves it out)",
                "TensorFlow：同样的实验，用时最多三倍（--no-witnesses 可省去）",
            )
        )
        found = ask(study, seed, tell)
        if found is not None:
            return found, Text("", "")
        tell(
            Text(
                "TensorFlow failed; its recorded numbers are taken",
                "TensorFlow 运行失败；改用记录下来的数字",
            )
        )
    return recorded(study, seed)


def ask(study: Study, seed: int, tell: Tell = quiet) -> Witness | None:
    """What a process with TensorFlow finds, with the recorded spreads; None where it fails."""
    found = computed_apart(study, seed, tell=tell)
    if found is None:
        return None
    kept = _kept().get(study.name, {})
    spreads = {key: kept.get(key, {}) for key in ("spreads", "together")}
    return _read(found | spreads, is_recorded=False)


def computed_apart(
    study: Study, seed: int, nudges: int = 0, tell: Tell = quiet
) -> dict[str, Any] | None:
    """What `computed` returns, by a process with TensorFlow; None where it fails."""
    found = _process(study, seed, nudges, "0", tell)
    if found is not None and study.again == "onednn":
        tell(Text("TensorFlow: once more, with oneDNN", "TensorFlow：启用 oneDNN 再来一次"))
        other = _process(study, seed, 0, "1", tell)
        found["again"] = [] if other is None else [other["numbers"]]
    return found


def _process(
    study: Study, seed: int, nudges: int, onednn: str, tell: Tell
) -> dict[str, Any] | None:
    found: dict[str, Any] | None = None
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM, study.name, str(seed), str(nudges)],
        env={**os.environ, **SETTINGS, "TF_ENABLE_ONEDNN_OPTS": onednn},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            for line in process.stdout or ():
                if line.startswith(PART):
                    part = Text(*json.loads(line.removeprefix(PART)))
                    tell(Text(f"TensorFlow: {part.en}", f"TensorFlow：{part.zh}"))
                elif line.startswith(MARK):
                    found = json.loads(line.removeprefix(MARK))
        except BaseException:  # the run is interrupted: TensorFlow's with it
            process.kill()
            raise
    return None if process.returncode else found


def recorded(study: Study, seed: int) -> tuple[Witness | None, Text]:
    """TensorFlow's numbers of an earlier run, kept in this package for the seed 0."""
    entry = _kept().get(study.name)
    if entry is not None and entry["seed"] == seed:
        return _read(entry, is_recorded=True), Text("", "")
    return None, Text(
        "TensorFlow is not installed here, and its numbers are recorded for the seed 0 only. "
        "After <code>pip install 'scratchnet[reference]'</code> this section compares "
        "every number.",
        "这里没有安装 TensorFlow，而记录下来的数字只针对种子 0。"
        "执行 <code>pip install 'scratchnet[reference]'</code> 之后，这一节会逐项比较。",
    )


def _kept() -> dict[str, Any]:
    """All that is recorded, by the studies' names."""
    kept: dict[str, Any] = {}
    if RECORDED.exists():
        kept = json.loads(RECORDED.read_text(encoding="utf-8"))
    return kept


def _read(entry: dict[str, Any], is_recorded: bool) -> Witness:
    rest = entry["spreads"], entry["together"]
    return Witness(entry["numbers"], entry["again"], entry["versions"], is_recorded, *rest)


def computed(
    study: Study, seed: int, tf: Any, nudges: int = 0, tell: Tell = quiet
) -> dict[str, Any]:
    """What TensorFlow finds, as it is printed and recorded.

    Args:
        study: which.
        seed: what it begins with.
        tf: TensorFlow.
        nudges: how many times it is run again, rounded otherwise; see `Study.again`.
        tell: called with a line on each part of the work.
    """
    numbers = study.experiment(tf, seed, tell=tell)
    again = []
    for nudge in range(1, nudges + 1) if study.again == "nudged" else ():
        tell(
            Text(
                "once more, rounded otherwise: how far is it from itself?",
                "换一种舍入再来一次：它与自己差多少？",
            )
        )
        again.append(study.experiment(tf, seed, tell=tell, nudge=nudge))
    setting = "on" if os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0" else "off"
    versions = (
        f"TensorFlow {tf.__version__}, Keras {tf.keras.__version__}, NumPy {np.__version__}, "
        f"oneDNN {setting}"
    )
    found = {"seed": seed, "versions": versions, "numbers": numbers, "again": []}
    return found | spreads(numbers, again, study.late)


def spreads(numbers: Numbers, again: list[dict[str, Any]], late: Late = ()) -> dict[str, Any]:
    """How far runs are from one: `Witness.spreads`, of those that matter, and `Witness.together`.

    Args:
        numbers: of the one run.
        again: of the others.
        late: kinds of numbers that come of long trainings, see `Study.late`.
    """
    alone: dict[str, float] = {}
    kinds: dict[tuple[str, ...], list[str]] = {}
    for name, value in numbers.items() if again else ():
        kind = kind_of(name, late)
        if kind is not None:
            kinds.setdefault(kind, []).append(name)
        elif not name.startswith("seconds/"):
            own = spread(value, [other[name] for other in again])
            if SPREADS * own > TIGHT:
                alone[name] = own
    return {
        "spreads": alone,
        "together": {
            named(kind): max(together(names, other, numbers) for other in again)
            for kind, names in kinds.items()
        },
    }


def record(studies: dict[str, Study], seed: int = 0) -> None:
    """Ask TensorFlow anew for these studies, and keep its numbers in this package.

    Raises:
        RuntimeError: TensorFlow failed.
    """
    kept = _kept()
    for name, study in studies.items():
        found = computed_apart(study, seed, NUDGES)
        if found is None:
            raise RuntimeError(f"TensorFlow failed in the study {name}")
        kept[name] = shortened(found)
    with replacing(RECORDED) as part:
        lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in kept.items()]
        part.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main(studies: dict[str, Study]) -> None:
    """Run the study that the command line names, on TensorFlow; print what it finds."""
    tf = importlib.import_module("tensorflow")
    name, seed, nudges = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

    def tell(part: Text) -> None:
        print(PART + json.dumps(part), flush=True)

    print(MARK + json.dumps(computed(studies[name], seed, tf, nudges, tell)), flush=True)
    os._exit(0)  # whatever threads TensorFlow has left
