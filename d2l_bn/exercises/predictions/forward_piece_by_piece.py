r"""What lesson 5 asks: a network that does not learn, and what the layer changes."""

import math

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "first_loss": Prediction(
        "the first loss",
        math.log(10),
        "The cross-entropy is minus the logarithm of the probability of the right class.",
        {
            0.1: "That is the probability; the loss is minus its logarithm.",
            1.0: "That is the logarithm to base 10; here it is the natural one.",
            0.9: "That is the share of wrong answers.",
        },
        why="It is the logarithm of 10.",
    ),
    "apart_when_magnified": Prediction(
        "that they lie apart when magnified",
        True,
        "Does a layer mix the two kinds, or shrink the picture?",
        {False: "The layers shrink the picture and do not mix it."},
    ),
    "largest_slope": Prediction(
        "the largest slope of the sigmoid",
        0.25,
        "It is φ(1 − φ), and φ is a half in the middle.",
        {1.0: "The curve rises by 1, but over a width of about 4.", 0.5: "That is φ(0)."},
    ),
    "left_of_a_difference": Prediction(
        "what is left of a difference",
        0.25**7,
        "Multiply seven quarters.",
        {
            7 / 4: "They multiply, they do not add up.",
            0.25**8: "That is after eight of them.",
            0.25: "That is after one of them.",
        },
        why="Six hundredths of a thousandth.",
    ),
    "rates_that_work": Prediction(
        "the number of rates that work",
        0,
        "Are the gradients of all its layers too small by the same factor?",
        {
            1: "One would think so, if the gradients of all layers were too small alike.",
            2: "Look at the gradient of the last layer: is it too small at all?",
            3: "10,000 times the gradient of the last layer is a long step.",
        },
    ),
    "many_saturated": Prediction(
        "that more than a tenth is saturated",
        False,
        "Look at the spread of the inputs, layer by layer: does anything reach 3?",
        {True: "The spread falls from 0.4 on: nothing is near 3."},
    ),
    "gradient_vanishes": Prediction(
        "that the first gradient is below a thousandth",
        True,
        "A quarter for each of eight sigmoids.",
        {False: "Nothing is saturated, but each sigmoid takes three quarters."},
    ),
    "saturated_where": Prediction(
        "where the last sigmoid saturates",
        64,
        "In which setting is there more noise in a step?",
        {
            256: "More images make a step less noisy, and the drift slower.",
            "both": "The settings differ by little but the noise; it decides.",
            "neither": "Not within the first 150 steps; but then?",
        },
    ),
    "shifted_learns": Prediction(
        "that the shifted network learns",
        False,
        "What is the slope of a sigmoid at -3.4?",
        {True: "There the slope is an eighth of the best one: the differences hardly grow."},
    ),
    "slow_learns": Prediction(
        "that the slow network learns",
        True,
        "Without the push, what keeps the differences from growing?",
        {False: "A tenth of the rate is slow, but nothing saturates meanwhile."},
    ),
    "skewness": Prediction(
        "the skewness after BN",
        2.0,
        "Does a shift and a stretch change the shape?",
        {0: "That would be a symmetric distribution, such as the normal one."},
    ),
    "changed_in_training": Prediction(
        "the number of outputs that change in training",
        8,
        "What is every output made with?",
        {1: "The mean and the deviation change, too, and all outputs are made with them."},
    ),
    "changed_in_prediction": Prediction(
        "the number of outputs that change in prediction",
        1,
        "Mean and deviation are constants there.",
        {8: "That is so in training.", 0: "Its own output moves with its input."},
    ),
    "share_of_parameters": Prediction(
        "the share in percent",
        1.0,
        "Two numbers for each of 6, 16, 120 and 84 channels, of some 44,000 in all.",
        {
            10: "There are only 452 of them.",
            50: "Two in four of a BN layer's own numbers are trained; but of all in the network?",
        },
        within=0.5,
    ),
    "without_sharing": Prediction(
        "the number of γ without sharing",
        60_000,
        "One for each value of an image's maps.",
        {10_000: "That is one map; there are 6.", 6: "That is with sharing."},
    ),
    "with_sharing": Prediction(
        "the number of γ with sharing",
        6,
        "One for each channel.",
        {60_000: "That is without sharing.", 1: "That would be one for the whole layer."},
    ),
    "within_one": Prediction(
        "the share within ±1, in percent",
        70,
        "The best-known number of the normal distribution, rounded to the nearest ten.",
        {95: "That is within ±2.", 50: "Within ±0.67."},
        within=2,
    ),
    "undone_for_boots": Prediction(
        "that the layer is undone for the boots, too",
        False,
        "Which mean and deviation does the layer take in training mode?",
        {True: "Boots have a mean and a deviation of their own; γ and β fit another batch."},
    ),
}
