"""A missing browser skips a test, and fails it where there has to be one."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.support.browser import browser


@pytest.mark.parametrize("without", ["chromium", "selenium"])
def test_without_a_browser_the_tests_say_so(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if without == "selenium":
        monkeypatch.setitem(sys.modules, "selenium", None)
    else:
        pytest.importorskip("selenium")
        monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("NEEDS_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match=without):
        browser()
    monkeypatch.setenv("NEEDS_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match=without):
        browser()
