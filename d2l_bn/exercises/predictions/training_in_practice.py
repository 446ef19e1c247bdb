r"""What lesson 19 asks its reader to predict."""

from d2l_bn.exercises.predictions.prediction import Prediction

_MOVES = {
    "rate too small": "Then it would fall, evenly and slowly.",
    "rate too large": "Then it would leap at its first steps.",
    "weights too large": "Then it would start far above 2.3, with scores of a hundred.",
    "sorted images": "Then it would be near 0 while a class lasts, and leap at the next one.",
    "wrong labels": "Then it would hover at 2.3: there is nothing that could be learned.",
    "gradients add up": "Then its steps would grow: fast at first, and up again later.",
}


def _patient(name: str, cause: str, hint: str, why: str) -> Prediction:
    others = {other: reason for other, reason in _MOVES.items() if other != cause}
    return Prediction(f"the diagnosis of patient {name}", cause, hint, others, why)


PREDICTIONS = {
    "patient_A": _patient(
        "A",
        "wrong labels",
        "It starts at a guess, moves no more than the batches differ, and stays.",
        "Its rate is fine and its weights too; nothing in the images tells their labels.",
    ),
    "patient_B": _patient(
        "B",
        "rate too small",
        "It does fall, a little, and evenly.",
        "Compare its last ten losses with its first: down, by a few hundredths.",
    ),
    "patient_C": _patient(
        "C",
        "weights too large",
        "Look at its first loss.",
        "A first loss of more than a hundred: the untrained network is certain, and wrong.",
    ),
    "patient_D": _patient(
        "D",
        "sorted images",
        "How often does it leap, in one pass of 47 batches?",
        "Near 0 within a class; each leap is the next class.",
    ),
    "patient_E": _patient(
        "E",
        "rate too large",
        "What happens in its first five steps, and what after?",
        "The first steps overshoot and kill the ReLUs; after that it can only guess.",
    ),
    "patient_F": _patient(
        "F",
        "gradients add up",
        "It is ahead of the healthy run at step 20.",
        "With grad_req 'add' and no zeroing, each step takes all gradients since the start.",
    ),
    "overfit_wrong_labels": Prediction(
        "the answer",
        "yes",
        "Thirty-two images, and fifty thousand weights.",
        {"no": "It need not find a rule; thirty-two images can be learned by heart."},
        "It learns them by heart, right or wrong.",
    ),
    "forgetful_learns": Prediction(
        "the answer",
        "yes",
        "One parameter stands still. Do the others?",
        {"no": "All other weights still follow their gradients."},
        "The other parameters learn around it, so that nothing but the check tells.",
    ),
    "best_rate": Prediction(
        "the rate",
        0.1,
        "The chapter, with sigmoids, trains at 1; what does ReLU prefer?",
        {
            1e-6: "In 63 steps of a millionth nothing moves.",
            1e-5: "In 63 steps of a hundred-thousandth nothing moves.",
            1e-3: "That is a good rate for Adam; plain descent needs longer steps.",
            1.0: "It trains there, and less well.",
            1e6: "Nothing survives that.",
        },
        "A hundred times the upper end of the recommended range.",
    ),
    "chance_of_random_search": Prediction(
        "the probability",
        1 - 0.8**9,
        "How probable is it that all nine miss?",
        {
            0.8**9: "That is the probability that all miss.",
            0.2: "That is one point; there are nine.",
            0.6: "That is the grid, with three rates.",
            1.0: "Nine points may miss it, all of them; and nine fifths are no probability.",
        },
        "1 − 0.8⁹.",
    ),
    "ensemble_gain": Prediction(
        "the gain in points",
        None,
        "More than nothing; the best of five alone is a point or so above their mean.",
        {0: "Their errors differ, and differences average out.", 10: "That is half of all errors."},
        within=1.0,
    ),
    "panels_that_turn_down": Prediction(
        "the number of panels",
        1,
        "Which network can learn a thousand labels by heart in 25 epochs, wrong ones as well?",
        {
            0: "A network that learns wrong labels by heart forgets the right ones.",
            2: "Both with wrong labels, or both with BN? Only one of them gets that far.",
            3: "Only where wrong labels are learned by heart.",
            4: "With right labels, learning by heart costs no test accuracy here.",
        },
        "Batch normalization with wrong labels: it is fast enough to learn them by heart.",
    ),
    "exact_zeros": Prediction(
        "the penalty",
        "L1",
        "How hard does each pull at a weight that is nearly 0?",
        {"L2": "Its pull is λw and dies away with the weight: it never quite gets there."},
        "Its pull is λ, however small the weight is.",
    ),
    "sorted_accuracy": Prediction(
        "the test accuracy",
        None,
        "What did the network see last?",
        {
            0.8: "As if the order did not matter.",
            0.5: "It remembers less than half: the last class.",
        },
        within=0.1,
    ),
    "healthy_looking": Prediction(
        "the number of losses that look healthy",
        1,
        "One of the faults shows only in prediction mode.",
        {
            0: "One fault leaves the training alone and spoils the predictions.",
            2: "Open the probes: all but one differ from the healthy loss.",
            4: "That is how many end near that of guessing.",
        },
        "Moving averages that never move: training does not use them.",
    ),
}
