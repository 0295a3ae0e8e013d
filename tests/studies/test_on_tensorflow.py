"""TensorFlow's side of a study: its process, and the numbers that are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tensorflow

from scratchnet.studies import on_tensorflow
from scratchnet.studies.agreement import compare, named
from scratchnet.studies.on_tensorflow import (
    MARK,
    NUDGES,
    PART,
    ask,
    computed,
    record,
    recorded,
    spreads,
)
from scratchnet.studies.study import Text
from scratchnet.studies.table import STUDIES


@pytest.mark.parametrize("name", ["parameters", "pooling", "surprises"])
def test_the_recorded_numbers_are_what_tensorflow_finds_now(name: str) -> None:
    witness, _ = recorded(STUDIES[name], 0)
    assert witness is not None
    assert witness.recorded
    found = json.loads(json.dumps(computed(STUDIES[name], 0, tensorflow)["numbers"]))
    lines = compare(found, witness, STUDIES[name].late)
    assert [line.name for line in lines if not line.agrees] == []


def test_every_study_has_recorded_numbers_and_says_of_which_versions() -> None:
    kept = json.loads(on_tensorflow.RECORDED.read_text(encoding="utf-8"))
    assert kept.keys() == STUDIES.keys()
    for name, study in STUDIES.items():
        assert kept[name]["versions"].startswith("TensorFlow 2.")
        assert len(kept[name]["again"]) == (study.again == "onednn")
        assert not kept[name]["spreads"] or study.again == "nudged"
        assert kept[name]["together"].keys() == {named(kind) for kind in study.late}


def test_a_process_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer: dict[str, Any] = {"numbers": {"a": 0.1}, "again": [], "versions": "TensorFlow 9"}
    answer |= {"spreads": {}, "together": {}}
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
    assert found.numbers == {"a": 0.1, "onednn": "0", "asked": ["pooling", "5", "0"]}
    assert not found.recorded
    found = ask(STUDIES["dropout"], 5)  # once: how far it is from itself was recorded
    assert found is not None
    assert found.numbers["asked"] == ["dropout", "5", "0"]
    kept, _ = recorded(STUDIES["dropout"], 0)
    assert kept is not None
    assert found.spreads == kept.spreads
    assert found.together == kept.together != {}
    found = ask(STUDIES["surprises"], 0)
    assert found is not None
    assert [again["onednn"] for again in found.again] == ["1"]
    monkeypatch.setattr(on_tensorflow, "RECORDED", tmp_path / "recorded.json")
    record({"pooling": STUDIES["pooling"]}, seed=0)
    kept_now = json.loads((tmp_path / "recorded.json").read_text())["pooling"]["numbers"]
    assert kept_now["a"] == 0.1
    assert kept_now["asked"] == ["pooling", "0", str(NUDGES)]
    monkeypatch.setattr(on_tensorflow, "_PROGRAM", "raise SystemExit(3)")
    assert ask(STUDIES["pooling"], 0) is None
    with pytest.raises(RuntimeError, match="TensorFlow failed in the study pooling"):
        record({"pooling": STUDIES["pooling"]})


def test_spreads_are_kept_where_they_matter() -> None:
    numbers = {"a": 2.0, "b": [1.0, 4.0], "n": 3, "late/a": 1.0, "late/b": 4.0, "seconds/a": 1.0}
    first = numbers | {"a": 2.000001, "b": [1.0, 4.4], "late/a": 1.1, "seconds/a": 2.0}
    second = numbers | {"late/b": 5.0}
    found = spreads(numbers, [first, second], (("late/",),))
    assert found["spreads"] == {"b": 0.1}
    assert found["together"] == {"late/…": pytest.approx((0.2**2 / 2) ** 0.5)}
    assert spreads(numbers, [], (("late/",),)) == {"spreads": {}, "together": {}}
