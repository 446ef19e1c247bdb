r"""What lesson 12, on normalized weights and recurrent networks, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "weight_norm": Prediction(
        "the result of my_weight_norm(v, g)",
        None,
        "Each row divided by its own length, times its g: the sum runs over axis 1, and keeps it.",
        {
            0: "Return the whole array of weights, of the shape of v.",
            1: "Return the whole array of weights, of the shape of v.",
        },
        "Whatever the length of v was, w has length g.",
    ),
    "weights_needed": Prediction(
        "what weight normalization promises of the outputs",
        "nothing",
        "It never looks at an input.",
        {
            "mean": "Inputs of mean 5 go through it as they are.",
            "variance": "Only if the inputs are uncorrelated and of one variance.",
            "both": "It never looks at an activation.",
        },
    ),
    "filter_values": Prediction(
        "the number of values",
        150,
        "One filter of conv2, over its inputs and its pixels.",
        {
            25: "That is one channel of input; a filter has 6 of them.",
            2400: "Those are all 16 filters; each has statistics of its own.",
            16: "That is the number of filters.",
            6: "That is the number of input channels, each with 5 × 5 pixels.",
        },
        "6 · 5 · 5.",
    ),
    "forgets": Prediction(
        "what standardized weights forget",
        "weights",
        "Multiply the weights of a filter by ten, and then standardize them.",
        {
            "inputs": "Ten times the inputs give ten times the outputs.",
            "both": "Ten times the inputs give ten times the outputs: hence the normalizer behind.",
            "neither": "What is standardized has deviation 1, whatever it had before.",
        },
    ),
    "steps": Prediction(
        "the number of moving means for 14 steps of 64 units",
        896,
        "One for each unit at each step.",
        {
            64: "That is one for all steps: wrong for most of them.",
            14: "Each of the 64 units has its own at each step.",
            128: "That is the batch.",
        },
        "And a longer sequence finds none.",
    ),
    "groups": Prediction(
        "the number of groups",
        4,
        "How many gates are made of a?",
        {
            1: "That is layer normalization over all gates together.",
            64: "Each gate has 64 units; a group is a gate.",
            3: "i, f, o are gates; g, the candidate, is the fourth block.",
        },
    ),
}
