"""An interactive figure open in a browser, and what a reader's hands do with it."""

from __future__ import annotations

import sys
from pathlib import Path

from d2l_bn.figures import interactive

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from _browser import browser, open_figures, prefer, resize  # noqa: E402
from _browser import missing as browser_missing  # noqa: E402

__all__ = ["FigurePage", "browser", "browser_missing", "open_figures", "prefer"]


class FigurePage:
    """``width``, ``theme``, ``address``, ``policy`` are the page's; other options the figure's."""

    def __init__(
        self, driver, name, *, width=1000, theme="light", address="", policy="", **settings
    ):
        self.driver = driver
        from selenium.webdriver.support.ui import WebDriverWait

        prefer(driver, color_scheme=theme, reduced_motion="reduce")
        resize(driver, width)
        open_figures(driver, [interactive(name, **settings)], address=address, policy=policy)
        self.root = driver.find_element("css selector", "body > div").shadow_root
        # it is drawn when the browser has told it its width, which may take a while
        WebDriverWait(driver, 30).until(lambda _: self.drawn)

    def all(self, selector: str) -> list:
        return self.root.find_elements("css selector", selector)

    def one(self, selector: str):
        (found,) = self.all(selector)
        return found

    def button(self, label: str):
        (found,) = [button for button in self.all("button") if button.text == label]
        return found

    @property
    def says(self) -> str:
        """The sentence below the drawing."""
        return self.one(".says").text.replace("\N{NO-BREAK SPACE}", " ")

    @property
    def drawn(self) -> list[str]:
        """The texts of the drawing."""
        return self.driver.execute_script(
            "return [...arguments[0].querySelectorAll('svg text')].map((t) => t.textContent)"
            ".filter(Boolean)",
            self.root,
        )

    @property
    def address(self) -> str:
        """What the page's address says after the #."""
        return self.driver.execute_script("return location.hash.slice(1)")

    def slide(self, name: str, position: float) -> None:
        """Move a slider as a hand does: its position, not its setting, where it is logarithmic."""
        self.driver.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
            self.one(f"input[name={name}]"),
            position,
        )

    def focused(self) -> str:
        """The accessible name, or the text, of what has the focus in the figure."""
        return self.driver.execute_script(
            "const a = arguments[0].activeElement; return a && "
            "(a.getAttribute('aria-label') || a.labels?.[0]?.textContent || a.textContent)",
            self.root,
        )

    def keys(self, *keys: str, shift: bool = False) -> None:
        """Press keys, where the focus is."""
        from selenium.webdriver import ActionChains, Keys

        hands = ActionChains(self.driver)
        hands = hands.key_down(Keys.SHIFT) if shift else hands
        hands = hands.send_keys(*keys)
        (hands.key_up(Keys.SHIFT) if shift else hands).perform()

    def drag(self, element, dx: float, dy: float, *, start=(0, 0), kind: str = "mouse") -> None:
        """Press on an element (``start``: pixels from its middle), move, let go."""
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.actions.pointer_input import PointerInput

        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        hand = ActionChains(self.driver, devices=[PointerInput(kind, kind)])
        pointer = hand.w3c_actions.pointer_action
        pointer.move_to(element, *start)
        pointer.pointer_down()
        pointer.move_by(int(dx / 2), int(dy / 2))
        pointer.move_by(int(dx) - int(dx / 2), int(dy) - int(dy / 2))
        pointer.pointer_up()
        hand.perform()

    def overflow(self) -> int:
        """By how many pixels the figure is wider than the page."""
        return self.driver.execute_script(
            "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
        )

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]
