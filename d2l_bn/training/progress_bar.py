r"""What a training run shows in a terminal: a bar within an epoch, a line after it."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from d2l_bn.training.history import History
from d2l_bn.training.running_totals import RunningTotals

__all__ = ["Progress"]


class Progress:
    """Callbacks for :func:`d2l_bn.train`; without a terminal there are lines only."""

    def __init__(self, batches: Any, epochs: int, quiet: bool = False) -> None:
        self._batches, self._epochs, self._quiet = batches, epochs, quiet
        self._bar: tqdm | None = None
        #: of the epochs that were finished under these callbacks
        self.history: History | None = None

    def on_batches(self, number: int, tally: RunningTotals) -> None:
        if self._quiet or not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = tqdm(
                total=self._batches.num_examples,
                desc=f"epoch {number}/{self._epochs}",
                unit=" examples",
                unit_scale=True,
                leave=False,
            )
        if tally.examples:
            figures = {"loss": f"{tally.loss:.4f}", "acc": f"{tally.accuracy:.3f}"}
            self._bar.set_postfix(figures, refresh=False)
        self._bar.update(tally.examples - self._bar.n)

    def on_epoch(self, history: History) -> None:
        self.close()
        self.history = history
        self.line(str(history.last))

    def line(self, text: str) -> None:
        if not self._quiet:
            print(text, flush=True)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
