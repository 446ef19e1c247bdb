r"""Training curves: loss and accuracy against epochs, for one run or several on the same axes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from d2l_bn._support.atomic_write import replacing
from d2l_bn.training.history import History

from .style import LINES, WIDTH, looks, styled


@styled
def draw_curves(
    histories: History | Mapping[str, History], *, title: str = ""
) -> tuple[Axes, Axes]:
    r"""Draw loss (left) and accuracy (right; hollow marks for the test set) against the epoch.

    Where the test accuracy was taken by population statistics, that by the moving averages is drawn
    beside it, thin and dotted.

    Arguments:
        histories: one :class:`~d2l_bn.History`, or several by name, a colour each.
        title: over both.

    Returns:
        The two axes; ``axes[0].figure`` is the figure.
    """
    runs = {"": histories} if isinstance(histories, History) else dict(histories)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.6))
    for own, (name, history) in zip(looks(runs), runs.items()):
        epochs = history["number"]
        look = {"color": own["color"], "marker": own["marker"]}
        left.plot(epochs, history["loss"], label=name, linestyle=LINES[0], **look)
        right.plot(
            epochs,
            history["train_accuracy"],
            label=f"{name} train".strip(),
            linestyle=LINES[0],
            **look,
        )
        if None not in history["test_accuracy"]:
            right.plot(
                epochs,
                history["test_accuracy"],
                label=f"{name} test".strip(),
                linestyle=LINES[1],
                markerfacecolor="white",
                **look,
            )
        if None not in history["test_accuracy_population"] and len(history):
            right.plot(
                epochs,
                history["test_accuracy_moving"],
                label=f"{name} test, moving average".strip(),
                linestyle=":",
                linewidth=1.5,
                color=own["color"],
            )
    left.set(xlabel="epoch", ylabel="training loss", title="loss")
    right.set(xlabel="epoch", ylabel="share classified correctly", title="accuracy")
    for ax in (left, right):
        ax.xaxis.get_major_locator().set_params(integer=True)
    if len(runs) > 1:
        left.legend()
    right.legend()
    figure.suptitle(title)
    return left, right


@styled
def save_curves(
    histories: History | Mapping[str, History], path: str | os.PathLike, *, title: str = ""
) -> None:
    r"""Write :func:`draw_curves` as ``path.svg`` and ``path.png``; shows nothing."""
    figure = draw_curves(histories, title=title)[0].figure
    for suffix in (".svg", ".png"):
        with replacing(Path(path).with_suffix(suffix)) as temporary:
            figure.savefig(temporary, metadata={"Date": None} if suffix == ".svg" else None)
    plt.close(figure)
