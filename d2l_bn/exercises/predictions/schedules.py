"""Predictions of the lesson Schedules."""

from d2l_bn.exercises.predictions.prediction import Prediction

PREDICTIONS = {
    "half": Prediction(
        "the share at which a cosine has halved the rate",
        0.5,
        hint="Where is the cosine of πs zero?",
        reasons={
            0.25: "There the factor is 0.85: the wave begins slowly.",
            0.75: "There the factor is 0.15.",
            1.0: "There it is 0.",
        },
        why="The cosine of π/2 is 0, and half of 1 + 0 is left.",
    ),
    "floor_factor": Prediction(
        "the factor of the floor",
        0.5,
        hint="Each step adds noise of variance α² and takes away a share α of the height.",
        reasons={
            0.25: "The noise of one step falls by 4; but it is taken away half as fast, too.",
            0.71: "The distance falls with the root; the height is its square.",
            1.0: "The weights wander less far with shorter steps.",
        },
        why="Noise α² in each step against a share α of what is there: α is left.",
    ),
    "larger": Prediction(
        "the network that takes the larger rates",
        "BN",
        hint="Which of the two surfaces was flatter in the notebook on the error surface?",
        reasons={"plain": "Its loss explodes at rates at which the other one still learns."},
    ),
    "gradient_factor": Prediction(
        "the new gradient over the old one",
        0.1,
        hint="The loss is the same. How much does a change of w by a fixed amount turn it now?",
        reasons={
            1.0: "The same change turns a longer vector less.",
            10.0: "The other way round: a longer vector is turned less.",
            0.01: "That is the effective rate; the gradient has one of its two factors.",
        },
        why="f(10w) = f(w): differentiate both sides by w.",
    ),
    "decayed_less": Prediction(
        "the weight that is decayed less",
        "large gradients",
        hint="By what does Adam divide the penalty?",
        reasons={
            "small gradients": "Adam divides by the size of the gradients: 100 for the other.",
            "alike": "So it is in AdamW. In Adam the penalty goes through the quotient.",
        },
        why="The penalty is divided by the size of the gradients, too.",
    ),
}
