r"""What lesson 23, on the norms of today, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "means_of_layer_norm": Prediction(
        "the number of means that layer normalization takes",
        1024,
        "One for each token. How many tokens are there?",
        {
            64: "That would be one for each sequence: the normalizer of lesson 11.",
            32: "That is batch normalization: one for each feature.",
            16: "One for each place would mix the sequences.",
        },
        "64 sequences of 16 tokens, and each token has a mean of its own.",
    ),
    "rms": Prediction(
        "the second value of the RMS normalization of (1, 7)",
        1.4,
        "The mean of 1 and 49 is 25.",
        {
            1.0: "That is layer normalization: (7 − 4) / 3. Here no mean is subtracted.",
            0.99: "That divides by the length, √50. The root is of the mean of the squares.",
            1.75: "That divides by the mean, 4.",
        },
        "The root mean square is 5.",
    ),
    "same_for_all": Prediction(
        "which of the two outputs stays",
        "layer",
        "Which of the two subtracts what was added?",
        {
            "rms": "Its root mean square grows, and nothing is subtracted.",
            "both": "RMS normalization does not subtract the mean.",
            "neither": "Layer normalization subtracts the mean, and 10 is all in it.",
        },
    ),
    "looks_ahead": Prediction(
        "the number of places whose scores change with batch normalization",
        128,
        "Which tokens have a part in the mean of a feature?",
        {
            1: "So it is with layer normalization: a token's statistics are its own.",
            16: "The statistics are of all sequences, not only of the first one.",
            8: "Not only the last place of each sequence: all places share one mean.",
        },
        "Every token's scores hang on the mean, and the mean on every token.",
    ),
    "padding": Prediction(
        "the share of padding",
        0.3214,
        "Of k digits there are 2k + 1 tokens, of which at most 16 are read.",
        {
            0.375: "That leaves out the sign: a problem of k digits has 2k + 1 tokens.",
            0.6786: "That is the share of the others.",
        },
        "5 + 7 + 9 + 11 + 13 + 15 + 16 of 7 · 16 tokens are none.",
        within=0.02,
    ),
    "grows_towards": Prediction(
        "where the gradient grows, with the normalizer behind",
        "scores",
        "On its way back from the scores a gradient meets every normalizer.",
        {"tokens": "So it is with the normalizer in front."},
        "With the normalizer in front it is the other way round.",
    ),
    "survives": Prediction(
        "the placement whose training survives it",
        "pre",
        "In which of the two is there a way from the scores to the first block without a norm?",
        {"post": "Look at the first picture: the flat curve."},
    ),
}
