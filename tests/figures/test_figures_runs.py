"""Several runs: each line is its run, and the bars are the interval of their mean."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from d2l_bn import figures

PANELS = {
    "moving average": {0: [0.5, 0.8, 0.6], 7: [0.7, 0.4, 0.9]},
    "population": {0: [0.8, 0.85, 0.87], 7: [0.81, 0.86, 0.86]},
}


def test_lines_means_and_intervals():
    axes = figures.draw_runs(PANELS, ylabel="test accuracy")
    assert [ax.get_title() for ax in axes] == list(PANELS)
    assert axes[0].get_ylim() == axes[1].get_ylim()
    for ax, runs in zip(axes, PANELS.values()):
        lines = {line.get_label(): line.get_ydata() for line in ax.lines}
        for seed, values in runs.items():
            np.testing.assert_allclose(lines[f"seed {seed}"], values)
        everything = np.array(list(runs.values()))
        (bars,) = ax.containers
        mean_line, _, (segments,) = bars.lines
        np.testing.assert_allclose(mean_line.get_ydata(), everything.mean(axis=0))
        reach = np.array([segment[:, 1] for segment in segments.get_segments()])
        half = 12.7062 * np.ptp(everything, axis=0) / 2  # Student's t for two
        np.testing.assert_allclose(reach[:, 1] - reach[:, 0], 2 * half, rtol=1e-5)
        assert ax.get_xlabel() == "epoch\nbars: 95 % interval over 2 seeds"
    plt.close("all")
