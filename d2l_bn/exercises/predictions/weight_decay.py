r"""What lesson 14, on weight decay, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "gradient_factor": Prediction(
        "the factor of the gradient's length",
        0.1,
        "The loss stays. The weights are ten times as long, so a step turns them less.",
        {
            1: "The loss stays, but the same step turns a longer vector by a smaller angle.",
            10: "It is the other way round: ∇f(αw) = ∇f(w)/α.",
            0.01: "That is the factor of the effective rate, η/‖w‖².",
        },
        "Differentiate f(αw) = f(w) with respect to w.",
    ),
    "minus": Prediction(
        "whether the loss stays for −w",
        False,
        "What does −w do to the outputs, and what to their mean and deviation?",
        {
            True: "The deviation stays, but the outputs, less their mean, turn their sign, and so "
            "does what batch normalization gives."
        },
        "Batch normalization removes a scale up to its sign.",
    ),
    "length": Prediction(
        "what becomes of w",
        "longer",
        "The step stands at a right angle to w. What does Pythagoras say?",
        {
            "shorter": "The step is the leg of a triangle; the new w is its longest side.",
            "same": "Along a circle it would be; a step is straight, and leaves the circle.",
        },
        "‖w − η∇f‖² = ‖w‖² + η²‖∇f‖².",
    ),
    "step": Prediction(
        "the new w",
        [0.95, 0.5],
        "Two things are taken off w: lr times the gradient, and the share lr · decay of w itself.",
        {0: "Return the new w, an array of two numbers."},
        "(1 − ηλ) w − η∇f.",
    ),
    "four_times": Prediction(
        "the factor of the effective rate for four times λ",
        2,
        "λ stands under a root.",
        {
            4: "The rate in equilibrium goes with the root of λ.",
            1: "The larger λ, the shorter w, and the larger η/‖w‖².",
            16: "The fourth power is that of the length.",
        },
    ),
    "four_times_rate": Prediction(
        "the factor of the effective rate for four times η",
        2,
        "η appears in η/‖w‖², and in ‖w‖ too.",
        {
            4: "The length grows as well: ‖w‖² by a factor of 2.",
            1: "Half of it is undone by the length, not all.",
            8: "The length grows with η, and takes a part away.",
        },
        "η and λ come in as a product alone.",
    ),
    "growth": Prediction(
        "the factor by which the rate grows",
        None,
        "Each step multiplies it by (1 − ηλ)⁻².",
        {1: "A rate that does not grow would leave the lengths to grow as they like."},
        within=6.0,
    ),
}
