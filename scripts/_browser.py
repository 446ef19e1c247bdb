"""A browser without a window, for pictures and tests of pages."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --hide-scrollbars --force-device-scale-factor=1
""".split()


def missing() -> str | None:
    """Why there can be no browser, in one sentence; None if there can."""
    if _chromium() is None or shutil.which("chromedriver") is None:
        return "no Chromium with chromedriver here (Debian: apt install chromium chromium-driver)"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed (pip install 'd2l_bn[dev]')"
    return None


def _chromium() -> str | None:
    """Where it is, by the names that it has in different systems."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextmanager
def browser(width: int = 1000, height: int = 1000, *, logs: bool = False) -> Iterator:
    """A selenium driver of Chromium with a profile of its own, which is removed at the end.

    ``logs``: keep what the console says and what the network does, for ``driver.get_log``.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = _chromium()
    if logs:
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={Path(profile)}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        try:
            # not the size of a window, which has a smallest one: that of the page
            resize(driver, width, height)
            yield driver
        finally:
            driver.quit()


def resize(driver, width: int, height: int = 1000) -> None:
    """Give the page this width and height in CSS pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def prefer(driver, **features: str) -> None:
    """What the reader prefers: ``prefer(driver, color_scheme="dark", reduced_motion="reduce")``."""
    media = [{"name": f"prefers-{k.replace('_', '-')}", "value": v} for k, v in features.items()]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})


def open_figures(driver, figures, *, address: str = "", policy: str = "") -> None:
    """Open a plain page with these figures, from a file as a reader would have it.

    ``policy`` is a Content-Security-Policy, as an editor or a host has for what it shows.
    """
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    style = "<style>:root { color-scheme: light dark; } body { margin: 0; padding: 8px; }</style>"
    body = "".join(figure.html for figure in figures)
    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as page:
        page.write(f"<!doctype html><meta charset='utf-8'>{meta}{style}{body}")
    try:
        driver.get("about:blank")  # or an address that differs in its end only loads nothing
        driver.get(f"{Path(page.name).as_uri()}{address}")
    finally:
        Path(page.name).unlink()
