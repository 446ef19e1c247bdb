r"""Why it works: the predictions of the lesson."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

NETWORKS = {
    "none": "That is the network without BN.",
    "BN": "That is the network with BN.",
}
PREDICTIONS = {
    "skewness_behind_bn": Prediction(
        "the skewness of the output",
        2.0,
        "BN shifts and stretches. What does that do to the shape of a distribution?",
        {
            0: "BN shifts and stretches. Both leave the shape of a distribution as it is.",
            1: "The deviation becomes 1; the skewness is in units of it already.",
        },
        "Skewness is measured in deviations from the mean: nothing of it changes.",
        within=0.2,
    ),
    "lowest_loss": Prediction(
        "the network with the lowest mean loss",
        None,
        "The loss is taken in training, with the noise on.",
        {
            "none": "Its distributions drift less than those of noisy BN jump, and it is slower.",
            "BN": "Its distributions stand still. Look at the printed losses.",
            "noisy BN": "The noise costs something. Look who is ahead of it, and who is behind.",
        },
        "And noisy BN, which jumps in every step, is second: its alibi is what this is about.",
    ),
    "gradient_shift_at_conv2": Prediction(
        "the network whose gradients shift more at conv2",
        None,
        "Look at the lines that were printed for the two networks.",
        NETWORKS,
        "In the early layers it is BN that has more of this shift.",
    ),
    "gradient_shift_at_output": Prediction(
        "the network whose gradients shift more at output",
        None,
        "It need not be the one of conv2.",
        NETWORKS,
        "By layer: what holds for conv2 need not hold for the last one.",
    ),
    "detached_network": Prediction(
        "the detached network",
        None,
        "Its outputs are BN's. What is its gradient the gradient of?",
        {
            "better": "It has BN's distributions; but the direction in which it goes is wrong.",
            "worse": "Compare the two curves at the end of the training.",
        },
    ),
    "orthogonal_gradients": Prediction(
        "the one with orthogonal gradients",
        "BN",
        "Whose gradient knows that the length of w does not matter?",
        {
            "detached BN": "It takes the deviation for a constant: a longer w seems to matter.",
            "both": "The detached one takes the deviation for a constant.",
            "neither": "L(αw) = L(w): differentiate by α.",
        },
        "L(αw) = L(w), so the slope along w is 0.",
    ),
    "walks_up_without_bn": Prediction(
        "the number of walks that lead up without BN",
        14,
        "Move η to twice the learning rate; the sentence below the figure counts.",
        {
            0: "At twice its rate the plain network often overshoots.",
            4: "That is at a smaller step.",
        },
    ),
    "walks_up_with_bn": Prediction(
        "the number of walks that lead up with BN",
        0,
        "Move η to twice the learning rate; the sentence below the figure counts.",
        {
            4: "Count at twice the rate, not at four times.",
            14: "That is the network without BN.",
        },
    ),
    "curvature_at_ten_times_the_length": Prediction(
        "the factor for the curvature",
        0.01,
        "L(10w) = L(w). Differentiate twice.",
        {
            100: "The other way round: the same change of the loss is spread over a longer way.",
            10: "The other way round, and a curvature has two derivatives.",
            1: "The loss is the same, but its derivatives are by w, which is longer.",
            0.1: "That is the gradient; a curvature has two derivatives.",
        },
        "Each derivative brings a factor of 1/10.",
    ),
    "a_tenth_of_the_gradient": Prediction(
        "the answer",
        None,
        "Look at the two activations apart; the question is about ReLU.",
        {
            "yes": "With sigmoids it is. Look at ReLU.",
            "no": "Compare the two final losses of ReLU.",
        },
    ),
    "suspect": Prediction(
        "the suspect with the best evidence against it",
        "C",
        "Read the table of verdicts once more.",
        {
            "A": "With the shift put back, nearly all of the gain stays.",
            "B": "Longer gradients did not help the plain network.",
        },
        "On this network by one measure of several; that is evidence, and no conviction.",
    ),
}
