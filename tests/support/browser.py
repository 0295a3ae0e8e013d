"""A headless Chromium, and a page in it."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP, PHONE = (1280, 900), (390, 844)


def browser() -> Any:
    """A browser that is driven by selenium; the test is skipped where there is none, but in CI."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ModuleNotFoundError:
        missing("selenium is not installed: pip install selenium")
    if found is None or driver is None:
        missing("no Chromium with its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = found
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(driver))


def missing(what: str) -> None:
    """Skip, or fail where `.ci/run` has found that there is a browser."""
    if os.environ.get("NEEDS_BROWSER"):
        pytest.fail(what)
    pytest.skip(what)


class Page:
    """A page of `scratchnet explain` in a browser."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver, self.path = driver, path
        self.size(*DESKTOP)
        self.js("if (location.protocol === 'file:') sessionStorage.clear()")
        driver.get_log("browser"), driver.get_log("performance")
        start = time.perf_counter()
        driver.get(path.as_uri())
        while self.js("return document.body.dataset.ready") != "yes":
            assert time.perf_counter() - start < 30, self.complaints() or "the page is not ready"
            time.sleep(0.02)
        self.seconds = time.perf_counter() - start
        # A page is usable before the last of its arrays are decoded, and whole after that.
        while self.js("return typeof page === 'object' && document.body.dataset.whole !== 'yes'"):
            assert time.perf_counter() - start < 60, "arrays are not decoded"
            time.sleep(0.02)

    def js(self, script: str, *args: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *args)

    def size(self, width: int, height: int) -> None:
        """The size of the screen."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefers(self, scheme: str) -> None:
        """What the reader's system asks for: "dark" or "light"."""
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def click(self, selector: str) -> None:
        """Click the first element that a CSS selector finds."""
        from selenium.webdriver.common.by import By

        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def click_at(self, selector: str, number: int, x: int, y: int) -> None:
        """Click one of the elements that a CSS selector finds, so far from its left upper corner.

        Args:
            number: which of them.
        """
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.by import By

        element = self.driver.find_elements(By.CSS_SELECTOR, selector)[number]
        self.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        size = element.size
        offset = round(x - size["width"] / 2), round(y - size["height"] / 2)
        ActionChains(self.driver).move_to_element_with_offset(element, *offset).click().perform()

    def text(self, selector: str) -> str:
        """The text of the first element that a CSS selector finds."""
        return str(self.js("return document.querySelector(arguments[0]).textContent", selector))

    def complaints(self) -> list[str]:
        """What stands in the console since this was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """What was requested from outside of the page since this was asked last."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        own = self.path.as_uri()
        return [url for url in found if url != own and not url.startswith("data:")]
