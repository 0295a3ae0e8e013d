"""The file that keeps what was solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from scratchnet.exercises.progress import NAME, Progress


def test_wrong_answers_are_counted_until_one_is_right(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        progress = Progress(folder)
        assert (progress.wrong_answers("relu"), progress.is_solved("relu")) == (0, False)
        for count in (1, 2):
            progress.note("relu", False)
            assert progress.wrong_answers("relu") == count
        progress.note("relu", True)
        assert (progress.wrong_answers("relu"), progress.is_solved("relu")) == (0, True)
        progress.note("relu", False)
        assert (progress.wrong_answers("relu"), progress.is_solved("relu")) == (1, True)
    kept = Progress(tmp_path)
    assert (kept.wrong_answers("relu"), kept.is_solved("relu")) == (1, True)
    assert kept.wrong_answers("matmul") == 0


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"relu": 1}', '{"relu": {"wrong": "1", "solved": true}}', "\xff"]
)
def test_another_file_of_that_name_is_told_and_stays(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match="is not the progress of exercises: remove it"):
        Progress(tmp_path)
    assert (tmp_path / NAME).read_text(encoding="latin-1") == text
