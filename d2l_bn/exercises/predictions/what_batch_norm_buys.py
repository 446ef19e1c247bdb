r"""What batch normalization buys: the predictions of the lesson."""

from __future__ import annotations

import math

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "loss_of_a_guess": Prediction(
        "the loss of a guess",
        math.log(10),
        "The loss of an image is minus the logarithm of the probability of its class.",
        {
            0.1: "That is the probability of the class; the loss is minus its logarithm.",
            0.9: "That is the share of wrong guesses. The loss takes a logarithm.",
            1.0: "That is the logarithm to base 10; the loss takes the natural one.",
        },
        "−ln(1/10) = ln 10. A first loss far from it means that something is wrong already.",
    ),
    "first_rate_that_fails": Prediction(
        "the first rate at which the plain network learns nothing",
        1.0,
        "You have seen one rate at which it fails. Is it the first?",
        {
            0.03: "That is a small rate; it learns there, slowly.",
            0.1: "That is a good rate for it.",
            0.3: "That is its best rate, and the last one that works.",
            3.0: "It fails there too; but look at your own run at rate 1.",
            10.0: "There even the network with BN fails.",
        },
        "Three times its best rate is too much.",
    ),
    "my_run": Prediction(
        "the test accuracy of your run",
        None,
        "At rate 3 the runs with BN are near 0.8, at 10 they are at a guess, 0.1.",
        {
            0.1: "That is a guess, as at rate 10. Compare with what your run has reached.",
            0.8: "That is what rate 3 gives. Compare with what your run has reached.",
        },
        "Between two rates of the map one run tells, not a line.",
        within=0.05,
    ),
    "the_half_that_trains": Prediction(
        "the half that trains",
        "centre",
        "What is common to all images is in the mean. Which half takes it away?",
        {
            "scale": "Divided by a small deviation, the common part becomes huge, and the sigmoids "
            "sit at their flat ends.",
            "both": "One of them leaves the part that is common to all images where it is.",
            "neither": "One of them takes away what is common to all images, and leaves what "
            "tells them apart.",
        },
        "What tells the images apart is small beside what they share; the mean is what they share.",
    ),
    "gradient_of_the_bias": Prediction(
        "the gradient of the bias",
        0,
        "Add a constant to every value of a channel. What does BN's output do?",
        {
            1: "If the bias grows by a little, the mean grows by as much, and is subtracted.",
        },
        "A constant that is added is in the mean, and goes with it.",
    ),
    "places_that_rescue": Prediction(
        "the number of single places that lift the network off the plateau",
        4,
        "The signal has to be spread out once between the image and the loss.",
        {
            0: "In some single place it does.",
            1: "More than one. There is no one spot that BN mends.",
            2: "It is not a matter of convolutions or dense layers alone.",
            3: "Look at the earliest place again: it helps least, and it helps.",
        },
        "Any single place does; the later, the better.",
    ),
}
