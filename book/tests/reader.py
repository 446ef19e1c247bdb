"""A reader of the book: a browser that keeps its console and its requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from _browser import browser, prefer, resize
from built_book import HTML

HERE = Path(__file__).resolve().parent
AXE = HERE / "vendor/axe-core-4.14.1.min.js"
SCRIPTS = HERE / "page.js"
WIDE, PHONE = 1280, 380


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path = HTML) -> Iterator[str]:
    """The folder on a port of this machine, as a host would serve it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@contextmanager
def reading() -> Iterator[Reader]:
    with served() as top, browser(WIDE, logs=True) as driver:
        yield Reader(driver, top)


class Reader:
    """One page at a time; addresses are below the top, such as ``en/index.html``."""

    def __init__(self, driver: Any, top: str) -> None:
        self.driver, self.top = driver, top
        driver.set_script_timeout(240)

    def open(self, address: str, width: int = WIDE) -> None:
        """Open a page as a reader who was never here, and wait until all of it stands."""
        self.forget()
        self.width(width)
        prefer(self.driver, color_scheme="light", reduced_motion="reduce")
        self.driver.get(self.top + address)

    def forget(self) -> None:
        """What earlier pages have left: cookies, what is stored, logs."""
        self.driver.get("about:blank")
        origin = self.top.rstrip("/")
        self.cdp("Storage.clearDataForOrigin", origin=origin, storageTypes="local_storage")
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def width(self, width: int) -> None:
        resize(self.driver, width)

    def cdp(self, command: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, arguments)

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        return self.driver.execute_script(f"return {expression}")

    def ask(self, function: str, *arguments: Any) -> Any:
        """What an asynchronous function of ``page.js`` gives for the page that is open."""
        given = ", ".join(map(json.dumps, arguments))
        script = f"""
            const done = arguments[0], ask = async () => {{
                {SCRIPTS.read_text(encoding="utf-8")}
                return await {function}({given});
            }};
            ask().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));
        """
        found = self.driver.execute_async_script(script)
        if "error" in found:
            raise RuntimeError(f"{function}: {found['error']}")
        return found["value"]

    def serious_findings(self, rules: list[str] | None = None) -> list[str]:
        """What axe-core calls serious or critical."""
        if not self.run("'axe' in window"):
            self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        return self.ask("seriousFindings", rules)

    @property
    def address(self) -> str:
        return unquote(self.driver.current_url.removeprefix(self.top))

    def console_errors(self) -> list[str]:
        entries = self.driver.get_log("browser")
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def requests(self) -> tuple[list[str], list[str]]:
        """The files that the page has asked for, and what is wrong with its requests."""
        wanted: dict[str, str] = {}
        wrong = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            about, method = message["params"], message["method"]
            if method == "Network.requestWillBeSent":
                wanted[about["requestId"]] = about["request"]["url"]
            elif method == "Network.responseReceived" and about["response"]["status"] >= 400:
                wrong.append(f"{about['response']['status']}: {about['response']['url']}")
            elif method == "Network.loadingFailed" and not about.get("canceled"):
                wrong.append(f"{about['errorText']}: {wanted.get(about['requestId'])}")
        inline = ("data:", "blob:", "about:")
        urls = {url for url in wanted.values() if not url.startswith(inline)}
        foreign = [url for url in urls if not url.startswith(self.top)]
        files = {unquote(urlsplit(url).path).lstrip("/") for url in urls.difference(foreign)}
        return sorted(files), [*wrong, *(f"another host: {url}" for url in sorted(foreign))]
