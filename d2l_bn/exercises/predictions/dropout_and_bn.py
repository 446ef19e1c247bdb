r"""What lesson 13, on dropout with batch normalization, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "dropout": Prediction(
        "the mean of my_dropout(ones, 0.5)",
        1.0,
        "Half of the values are zero. What must the others be, for the mean to stay?",
        {
            0.5: "The mask alone halves the mean; divide by 1 − p.",
            0.25: "You multiplied by 1 − p; divide by it.",
            2.0: "Nothing is dropped; multiply by the mask, too.",
        },
        "What is left is multiplied by 1/(1 − p).",
    ),
    "variance": Prediction(
        "the variance in training",
        3,
        "Compute E[x²] first: the variance plus the square of the mean.",
        {
            2: "That is E[x²], which is added to the variance, times p/(1 − p).",
            1: "The mean stays, the variance does not.",
            4: "That is the new mean of the squares; the square of the mean goes off.",
        },
        "1 + 0.5/0.5 · 2.",
    ),
    "factor_centred": Prediction(
        "the factor with mean 0",
        2.0,
        "With mean 0, E[x²] is the variance.",
        {
            1.0: "Half of the values become 0, and the others twice as large.",
            4.0: "E[x²] = Var[x].",
        },
    ),
    "factor_with_mean": Prediction(
        "the factor with a mean of two deviations",
        6.0,
        "Take a variance of 1: then E[x²] = 1 + 4.",
        {
            5.0: "That is E[x²]: dropout adds it to the variance of x, 1.",
            2.0: "That is for a mean of 0.",
            4.0: "That is E[x]²; E[x²] is larger by the variance.",
        },
    ),
    "first_ratio": Prediction(
        "the share of the variance that is left at the first layer",
        None,
        "It is below 1/2, which a mean of 0 would give; the pixels are not negative.",
        {
            0.5: "That would be so if the mean were 0.",
            1.0: "Dropout stands right in front of it.",
            2.0: "Prediction over training: below 1.",
        },
        within=0.1,
    ),
    "recalibrated": Prediction(
        "the moving mean of norm1",
        None,
        "With momentum k/(k + 1) the average of k batches weighs k times the next one; and "
        "dropout must be off, in training mode.",
        {0: "Return layers[0].moving_mean.data(), after the loop."},
        "It is the plain mean over all batches.",
    ),
    "noise_factor": Prediction(
        "the factor of the spread",
        4,
        "The mean of m examples scatters by σ/√m.",
        {
            16: "The deviation goes with the root of the number of examples.",
            2: "128/8 = 16, and its root is 4.",
            1: "The smaller the batch, the more its mean depends on who is in it.",
        },
    ),
    "points": Prediction(
        "the gain in points",
        None,
        "Look at the claim; then think of how much one sees with so few examples.",
        {10: "Ten points would be a third of the way from a guess to perfection."},
        within=0.5,
    ),
}
