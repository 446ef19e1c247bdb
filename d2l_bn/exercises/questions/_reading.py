r"""Where to read again, for each task: lessons (their files in notebooks/source) and sections."""

from __future__ import annotations

__all__ = ["READING", "where_to_read"]

AXES = "01_axis_and_keepdims"
LENET = "03_lenet_with_batch_norm"
BACKWARD = "04_backward_by_hand"
TRAPS = "08_block_and_traps"
BOUGHT = "07_what_batch_norm_buys"
FAMILY = "11_family_in_pictures"
WEIGHTS = "12_weights_and_recurrent"

#: From an assignment to its tasks, in order, and from a task to lessons and how headings begin.
READING: dict[str, dict[str, list[tuple[str, str]]]] = {
    "shapes": {
        "mean_shape": [(AXES, "Three axes"), (AXES, "Several axes at once")],
        "broadcast_shape": [(AXES, "Broadcasting, and what keepdims is for")],
        "centre": [(AXES, "Broadcasting, and what keepdims is for")],
        "channel_mean": [(AXES, "Four axes: the mean of a channel")],
        "check_images": [(AXES, "Making a wrong shape loud: `assert`")],
    },
    "batchnorm": {
        "normalize_2d": [(LENET, "Step 3: standardize"), (LENET, "Step 4: scale and shift")],
        "normalize_4d": [
            (LENET, "Convolution: one feature is one channel"),
            (AXES, "Four axes: the mean of a channel"),
        ],
        "batch_norm": [
            (LENET, "Training and prediction"),
            (LENET, "All of it in one function"),
            (TRAPS, "Averages that carry a graph"),
        ],
        "layer": [
            (LENET, "The layer and its state"),
            (TRAPS, "What a layer has to remember"),
            (TRAPS, "Trap 1: the file without statistics"),
        ],
    },
    "backward": {
        "backward_stages": [(BACKWARD, "Backward, step by step"), (BACKWARD, "Two rules")],
        "backward": [(BACKWARD, "The closed form"), (BACKWARD, "Checking each step")],
        "backward_in_prediction": [(BACKWARD, "The gradient in prediction mode")],
        "group_norm_backward": [
            (BACKWARD, "Your turn: layer and group normalization"),
            (FAMILY, "The cubes"),
        ],
    },
    "bug_zoo": {
        "tests": [
            (TRAPS, "Part one: the chapter's Block"),
            (TRAPS, "Part three: is it the same layer?"),
            (BACKWARD, "A test that sees nothing"),
        ],
    },
    "family": {
        "normalize": [(FAMILY, "Three lines make a normalizer")],
        "group_norm": [(FAMILY, "One number between two siblings: G")],
        "standardize_weight": [(WEIGHTS, "Weight standardization")],
        "adain": [(FAMILY, "AdaIN: another image's statistics")],
    },
    "experiments": {
        "bias_gradients": [(LENET, "The bias is redundant")],
        "largest_rate": [(BOUGHT, "Part two: how large can the learning rate be?")],
        "summary": [(BOUGHT, "Part two: how large can the learning rate be?")],
        "freeze": [(BOUGHT, "Part five: which piece does the work?")],
        "dropout_net": [
            ("13_dropout_and_bn", "Then comes a batch normalization"),
            ("13_dropout_and_bn", "Three places, three rates, several seeds"),
        ],
    },
    "whitening": {
        "whiten": [
            ("15_error_surface", "What standardizing cannot do"),
            ("18_first_weights_and_activations", "The inputs"),
        ],
        "layer": [
            (LENET, "The layer and its state"),
            (TRAPS, "Trap 1: the file without statistics"),
        ],
    },
}


def where_to_read(assignment: str, task: str) -> str:
    r"""The lessons and sections of a task, in words.

    >>> where_to_read("batchnorm", "normalize_2d")
    'notebook 3, “Step 3: standardize” and “Step 4: scale and shift”'
    """
    lessons: dict[str, list[str]] = {}
    for lesson, heading in READING[assignment][task]:
        lessons.setdefault(lesson, []).append(heading)
    return "; ".join(
        f"notebook {int(lesson[:2])}, {_quoted(*headings)}" for lesson, headings in lessons.items()
    )


def _quoted(heading: str, another: str = "") -> str:
    return f"“{heading}” and “{another}”" if another else f"“{heading}”"
