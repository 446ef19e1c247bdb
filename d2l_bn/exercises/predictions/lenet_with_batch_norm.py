"""Predictions of the lesson in which the layer is written and the chapter's network trained."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "first_epoch": Prediction(
        "the nearest of the three",
        10,
        "What does a deep stack of sigmoids do to the first gradients?",
        {
            50: "It gets there, but only in a later epoch.",
            80: "The chapter's network with batch normalization is near that in its first epoch.",
        },
        "It guesses all through the first epoch.",
    ),
    "variance": Prediction(
        "the variance of the first feature",
        25,
        "The differences from the mean 10 are −7, −1, 1, 7.",
        {
            100
            / 3: "Divide by m = 4, not by m − 1: batch normalization takes the biased variance.",
            33: "Divide by m = 4, not by m − 1: batch normalization takes the biased variance.",
            5: "That is its root, the standard deviation.",
            100: "That is the sum; divide it by 4.",
            10: "That is the mean.",
        },
        "(49 + 1 + 1 + 49) / 4.",
    ),
    "standardized": Prediction(
        "the standardized value",
        -1.4,
        "The mean is 10, the variance 25.",
        {
            -7: "Divide by the standard deviation, 5.",
            -0.28: "Divide by the standard deviation 5, not by the variance 25.",
            1.4: "3 lies below the mean.",
        },
        "(3 − 10) / 5.",
    ),
    "mean_of_y": Prediction(
        "the mean of y",
        1.0,
        "x̂ has the mean 0.",
        {10: "That was the mean of x.", 0: "That is x̂'s; then comes β.", 2: "γ scales, β shifts."},
        "γ · 0 + β.",
    ),
    "deviation_of_y": Prediction(
        "the deviation of y",
        2.0,
        "x̂ has the deviation 1.",
        {
            10: "5 was the deviation of x, which is gone.",
            1: "That is x̂'s; γ scales it.",
            3: "A shift does not change a deviation.",
            5: "That was the deviation of x, which is gone.",
        },
        "γ · 1; the shift changes nothing.",
    ),
    "other_batch_comes_back": Prediction(
        "the answer",
        False,
        "What is 3x, standardized?",
        {True: "3x, standardized, is x standardized: the layer cannot tell the two apart."},
        "The old batch comes back, x: standardized, the two are the same.",
    ),
    "values_in_a_mean": Prediction(
        "the number of values in a mean",
        256 * 24 * 24,
        "All examples and all places of a channel.",
        {
            24 * 24: "That is one image; all 256 go in.",
            256: "Every place of an image goes in.",
            6 * 24 * 24: "Each channel has a mean of its own, over all images.",
        },
        "256 · 24 · 24.",
    ),
    "numbers_in_gamma": Prediction(
        "the number of values in γ",
        6,
        "One feature is one channel.",
        {
            6 * 24 * 24: "The places of a channel share one γ.",
            1: "Each channel has one of its own.",
            256: "The examples share one γ.",
        },
        "One for each channel.",
    ),
    "moving_mean": Prediction(
        "the moving mean of the first feature",
        1.0,
        "0.9 · old + 0.1 · batch, and old is 0.",
        {
            10: "That is the mean of the batch; it counts one tenth.",
            9: "The new value has the weight 0.1, the old one 0.9.",
            0: "That was the start; the batch has moved it.",
        },
        "0.9 · 0 + 0.1 · 10: prediction is still far from training.",
    ),
    "same_with_parameters": Prediction(
        "the answer for parameters",
        True,
        "What does save_parameters write?",
        {False: "save_parameters writes all parameters, also those without a gradient."},
    ),
    "same_with_attributes": Prediction(
        "the answer for attributes",
        False,
        "What does save_parameters write?",
        {True: "save_parameters writes parameters, and nothing else."},
    ),
    "bias_matters": Prediction(
        "the answer",
        False,
        "What is the mean of x + 100?",
        {True: "x + 100 has a mean that is larger by 100; the difference is the same."},
        "The mean takes it away again.",
    ),
    "numbers_kept": Prediction(
        "the number of values in the BN layers",
        4 * 226,
        "How many arrays does a layer have?",
        {
            226: "Each feature has more than one: γ, β and two averages.",
            452: "Those are γ and β; the averages come on top.",
            4: "Those are the arrays of a layer; count what is in them.",
        },
        "4 · (6 + 16 + 120 + 84).",
    ),
    "test_accuracy": Prediction(
        "what the test accuracy does",
        "jumps",
        "Think of the figure at the top of notebook 2.",
        {
            "climbs": "So does the training accuracy; but the averages lag behind the weights.",
            "falls": "In some epochs; in others it rises again.",
        },
        "The averages lag behind the weights, sometimes more and sometimes less.",
    ),
}
