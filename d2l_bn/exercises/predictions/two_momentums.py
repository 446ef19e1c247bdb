"""Predictions of the lesson on the moving average's momentum and the optimizer's."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "average": Prediction(
        "the average after three batches",
        5.625,
        "With m = 0.5 each batch takes the average half of the way to it: first to 2.5.",
        {
            16 / 3: "That is the plain mean of the three; here the newest counts most.",
            4.25: "That is the plain mean of all four; here the newest counts most.",
            4.5: "That is the middle of 1 and 8; the two batches between have moved it, too.",
        },
        "1 → 2.5 → 3.25 → 5.625.",
    ),
    "ten_newest": Prediction(
        "the weight of the ten newest batches",
        1 - 0.9**10,
        "What all older ones and the start have together is 0.9¹⁰.",
        {
            1: "Only the newest has 0.1; each older one has 0.9 times the weight of the next.",
            0.9: "0.9 is m; the ten weights are 0.1, 0.09, 0.081, …",
            0.9**10: "That is the weight of everything older.",
            0.1: "That is the newest one alone.",
        },
        "1 − 0.9¹⁰: a third of the average is older than ten batches.",
    ),
    "batches_to_forget": Prediction(
        "the number of batches, of the three,",
        70,
        "The start is off by 0.99, and 0.001 is allowed: 0.9 to which power is 0.001?",
        {
            7: "Seven batches leave 0.9⁷ = 0.48 of the start, which is fifty times the variance.",
            700: "That is about what m = 0.99 takes.",
        },
        "0.9⁶⁶ = 0.001. The start is a hundred times the true value, so little of it may be left.",
    ),
    "worst_accuracy": Prediction(
        "the lowest accuracy with the moving average",
        None,
        "When the average is a whole unit off, it lies in the middle of one of the two classes.",
        {
            0.98: "That is what the batch's own mean gives; the moving average is somewhere else.",
            0.5: "Only if the average were so far off that all fell on one side.",
        },
        "An average that is one unit off cuts one of the two classes in half.",
        within=0.1,
    ),
    "best_while_large": Prediction(
        "the best of the three while the steps are large",
        0.5,
        "What hurts then: noise, or being late?",
        {
            0.9: "It trails by nine batches' worth, and the centre moves fast.",
            0.99: "It trails by 99 batches' worth, and the centre moves fast.",
        },
        "Being late is worse than noise there.",
    ),
    "best_at_the_end": Prediction(
        "the best of the three at the end",
        0.9,
        "What hurts then: noise, or what is left of the past?",
        {
            0.5: "It is noisy: half of it is one batch of two images.",
            0.99: "It has not yet forgotten the first half.",
        },
        "It is quiet enough, and has forgotten the first half.",
    ),
    "alone": Prediction(
        "the request, normalized on its own",
        (0, 0, 0),
        "What is the mean of one number?",
        {(1, 1, 1): "Nothing is left to divide: x − mean is 0.", 0: "Give one number a feature."},
        "A single number is its own mean, so x − mean is 0 in each feature.",
    ),
    "from_pytorch": Prediction(
        "the momentum for MXNet",
        0.99,
        "The newest batch has the weight 0.01 in both.",
        {
            0.01: "Then the newest batch would have a weight of 0.99.",
            0.9: "That is 0.1 in PyTorch.",
            0.1: "That would be 0.9 in PyTorch.",
        },
        "1 − 0.01.",
    ),
    "second_step": Prediction(
        "the second component of θ after step 2",
        -0.9,
        "The gradient is 0 there, but the velocity is still 1.",
        {
            0: "So it would be without momentum. The velocity is still 1, and 0.9 of it is left.",
            0.9: "The velocity is subtracted.",
            -1: "The velocity fades: 0.9 of it is left.",
        },
        "v = 0.9 · 1 + 0, and θ₂ = 0 − 0.9: it swings to the other side.",
    ),
    "limit_of_velocity": Prediction(
        "the limit of the velocity",
        10.0,
        "At the limit v = 0.9 v + 1.",
        {
            1: "v = 0.9 v + 1 has another solution.",
            0.9: "0.9 of v is kept in each step; the shares add up: 1 + 0.9 + 0.81 + …",
            1.9: "That is v after two steps; it goes on.",
        },
        "1 + 0.9 + 0.81 + … = 1/(1 − 0.9).",
    ),
}
