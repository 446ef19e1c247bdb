r"""What lesson 18 asks its reader to predict."""

import math

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "covariance": Prediction(
        "the covariance",
        "the correlation",
        "Scaling divides each pixel by a number of its own. Does that make a tilted cloud upright?",
        {"0": "Scaling stretches the axes; the cloud keeps its tilt."},
        "The covariance of two things with variance 1 is their correlation.",
    ),
    "first_loss": Prediction(
        "the first loss",
        math.log(10),
        "Each class has the probability 1/10. Take the logarithm.",
        {
            1.0: "That is its logarithm to base 10; the loss takes the natural one.",
            0.1: "That is the probability of the label; the loss is minus its logarithm.",
            0.0: "A loss of 0 belongs to a network that is certain and right.",
            -math.log(10): "The sign: the loss is minus the logarithm.",
        },
        "ln 10, for ten classes.",
    ),
    "mean_square": Prediction(
        "the mean square of the outputs",
        4.0,
        "n σ² E[x²].",
        {
            40.0: "σ has to be squared: 400 · 0.1².",
            2.0: "That is its root; the mean square was asked for.",
            1.0: "It would be 1 with σ = 1/√400 = 0.05.",
            0.01: "That is one term of the sum; there are 400.",
        },
        "400 · 0.1² · 1.",
    ),
    "xavier": Prediction(
        "the deviation",
        math.sqrt(2 / 500),
        "The variance is 2/(n + m); the deviation is its root.",
        {
            2 / 500: "That is the variance.",
            0.05: "That is LeCun's rule, which looks forwards alone.",
            0.1: "That is what the way back alone would want.",
            math.sqrt(1 / 500): "The sum of n and m is twice their mean.",
            math.sqrt(2 / 400): "That is He's rule.",
        },
        "√(2/500).",
    ),
    "leaky_gain": Prediction(
        "the gain",
        math.sqrt(2 / 1.01),
        "Half of the mean square passes whole. What is left of the other half?",
        {
            1.0: "That is the gain of a linear layer.",
            2.0: "That is (nearly) its square.",
            math.sqrt(2 / 1.1): "The slope has to be squared: 0.1² of the other half is left.",
            math.sqrt(0.505): "That is how much it takes; the gain makes it good.",
        },
        "E[φ²] = (1 + 0.1²)/2, nearly that of ReLU.",
    ),
    "factor_per_layer": Prediction(
        "the factor",
        0.08,
        "n σ²/2 is the factor of the mean square, with n = 128.",
        {
            0.01: "That is one weight; a sum of 128 random terms grows with √128.",
            0.0064: "That is the factor of the mean square; take the root.",
            math.sqrt(0.0128): "That is a layer without ReLU, which takes half.",
            0.0128: "That is the mean square of a layer without ReLU.",
            0.64: "σ has to be squared.",
        },
        "√(128 · 0.01² / 2).",
    ),
    "growth_with_bn": Prediction(
        "the factor",
        1.2,
        "Look at the lower right panel: from layer 10 to layer 1 the lines rise nearly tenfold.",
        {
            0.8: "That would be falling towards the first layer; the lines rise.",
            1.0: "That would be level lines.",
            2.0: "2 to the ninth would be 512 from layer 10 to layer 1.",
        },
        "1.2 to the ninth is about 5.",
    ),
    "rate_for_scale": Prediction(
        "the factor of the rate",
        64,
        "A step of η from kW moves W by η/k².",
        {
            8: "One factor of 8 is lost in the slope; another because the weights themselves are "
            "8 times as large.",
            1: "The outputs are the same, but the steps are not.",
            1 / 64: "The other way round: from large weights a step is felt less.",
            1 / 8: "The other way round, and squared.",
        },
        "k².",
    ),
    "ten_slopes": Prediction(
        "the factor",
        0.25**10,
        "The slope of a sigmoid is largest at 0. What is it there?",
        {
            0.25: "That is one layer; ten slopes multiply.",
            2.5: "Slopes multiply; they do not add.",
            0.0: "It is small, not 0.",
            0.5**10: "½ is the sigmoid's value at 0; its slope is ½ · (1 − ½).",
            1.0: "That would be tanh or ReLU.",
        },
        "A millionth, before any unit is saturated.",
    ),
    "dead_units": Prediction(
        "the number of dead units",
        None,
        "Three deviations: rare for one image. But there are thousands of images.",
        {
            128: "Then not one image of thousands would reach three deviations.",
            64: "A unit with bias 0 is silent for half of the images; dead is silent for all.",
        },
        within=15,
    ),
}
