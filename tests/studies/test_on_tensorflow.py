"""TensorFlow's side of a study: its process, and the numbers that are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tensorflow

from scratchnet.studies import on_tensorflow
from scratchnet.studies.agreement import compare
from scratchnet.studies.on_tensorflow import MARK, NUDGES, PART, ask, computed, record, recorded
from scratchnet.studies.study import Text, Witness
from scratchnet.studies.table import STUDIES


@pytest.mark.parametrize("name", ["parameters", "pooling", "surprises"])
def test_the_recorded_numbers_are_what_tensorflow_finds_now(name: str) -> None:
    witness, _ = recorded(STUDIES[name], 0)
    assert witness is not None
    assert witness.recorded
    found = json.loads(json.dumps(computed(STUDIES[name], 0, tensorflow)["numbers"]))
    lines = compare(found, Witness(witness.numbers, witness.again, "", True))
    assert [line.name for line in lines if not line.agrees] == []


def test_every_study_has_recorded_numbers_and_says_of_which_versions() -> None:
    kept = json.loads(on_tensorflow.RECORDED.read_text(encoding="utf-8"))
    assert kept.keys() == STUDIES.keys()
    for name, study in STUDIES.items():
        assert kept[name]["versions"].startswith("TensorFlow 2.")
        assert len(kept[name]["again"]) == {"nudged": NUDGES, "onednn": 1, "": 0}[study.again]


def test_a_process_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer: dict[str, Any] = {"numbers": {"a": 0.1}, "again": [], "versions": "TensorFlow 9"}
    program = f"""
import json, os, sys
answer = {answer!r}
answer["numbers"]["onednn"] = os.environ["TF_ENABLE_ONEDNN_OPTS"]
answer["numbers"]["asked"] = sys.argv[1:]
print("TensorFlow says something")
print({PART!r} + json.dumps(["half of it", "一半"]), flush=True)
print({MARK!r} + json.dumps(answer))
"""
    monkeypatch.setattr(on_tensorflow, "_PROGRAM", program)
    told: list[Text] = []
    found = ask(STUDIES["pooling"], 5, told.append)
    assert told == [("TensorFlow: half of it", "TensorFlow：一半")]
    assert found is not None
    assert found.numbers == {"a": 0.1, "onednn": "0", "asked": ["pooling", "5"]}
    assert not found.recorded
    found = ask(STUDIES["surprises"], 0)
    assert found is not None
    assert [again["onednn"] for again in found.again] == ["1"]
    monkeypatch.setattr(on_tensorflow, "RECORDED", tmp_path / "recorded.json")
    record({"pooling": STUDIES["pooling"]}, seed=0)
    assert json.loads((tmp_path / "recorded.json").read_text())["pooling"]["numbers"]["a"] == 0.1
    monkeypatch.setattr(on_tensorflow, "_PROGRAM", "raise SystemExit(3)")
    assert ask(STUDIES["pooling"], 0) is None
    with pytest.raises(RuntimeError, match="TensorFlow failed in the study pooling"):
        record({"pooling": STUDIES["pooling"]})
