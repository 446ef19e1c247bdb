r"""Figures: data in, matplotlib Axes out. The only part of the package that imports matplotlib.

Nothing here is imported by ``import d2l_bn``; write ``from d2l_bn import figures``.
"""

import d2l_bn._support.backend  # noqa: F401

from .activations import draw_activations
from .agreement import draw_agreement
from .averages import draw_averages, draw_past_weights
from .axes_of_arrays import draw_broadcast, draw_chain, draw_mean, draw_product
from .bars import draw_bars, draw_marks
from .checks import draw_checks
from .computation_graph import draw_batch_norm_graph
from .cubes import draw_cubes, index_sets
from .curves import draw_curves, save_curves
from .descent_paths import draw_paths, draw_steps_needed, draw_values
from .distributions import draw_moved, draw_shapes, draw_through_training
from .explorables import interactive
from .filtered_table import filtered_table
from .gradients import draw_matrices, draw_removed
from .image_rows import draw_image_rows
from .images import draw_images, save_images
from .judgements import draw_judgement
from .landscape import draw_bands, draw_dots, draw_over_seeds
from .lines import draw_lines
from .look_ahead import draw_look_ahead
from .memory_passes import draw_memory_passes
from .network import draw_network
from .normalization import draw_learned, draw_spreads, draw_stages
from .points import draw_clouds, draw_search
from .show import show
from .sigmoids import draw_sigmoid, draw_sigmoid_inputs
from .style import COLOURS, LINES, MARKERS, new_axes, style, styled
from .sweeps import draw_error_curves, draw_estimates, draw_heatmap, draw_seed_bands
from .variance_shift import draw_shifts

__all__ = [
    "COLOURS",
    "LINES",
    "MARKERS",
    "draw_activations",
    "draw_agreement",
    "draw_averages",
    "draw_bands",
    "draw_bars",
    "draw_batch_norm_graph",
    "draw_broadcast",
    "draw_chain",
    "draw_checks",
    "draw_clouds",
    "draw_cubes",
    "draw_curves",
    "draw_dots",
    "draw_error_curves",
    "draw_estimates",
    "draw_heatmap",
    "draw_image_rows",
    "draw_judgement",
    "draw_learned",
    "draw_images",
    "draw_lines",
    "draw_look_ahead",
    "draw_marks",
    "draw_matrices",
    "draw_mean",
    "draw_moved",
    "draw_memory_passes",
    "draw_network",
    "draw_over_seeds",
    "draw_past_weights",
    "draw_paths",
    "draw_product",
    "draw_removed",
    "draw_search",
    "draw_seed_bands",
    "draw_shapes",
    "draw_shifts",
    "draw_sigmoid",
    "draw_sigmoid_inputs",
    "draw_spreads",
    "draw_stages",
    "draw_steps_needed",
    "draw_through_training",
    "draw_values",
    "filtered_table",
    "index_sets",
    "interactive",
    "new_axes",
    "save_curves",
    "save_images",
    "show",
    "style",
    "styled",
]
