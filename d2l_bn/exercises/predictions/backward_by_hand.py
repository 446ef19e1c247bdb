r"""What lesson 4 asks: gradients, line by line, and what they must add up to."""

from d2l_bn.exercises.predictions.prediction import Prediction

KEEP = "The numbers are right. Keep the axis: keepdims=True."
SIGN = "The sign is the wrong way round."


def flat(right):
    return right.reshape(-1)


def one_sixth(right):
    return right / 6


def six_fold(right):
    return right * 6


def negative(right):
    return -right


PREDICTIONS = {
    "who_is_reached": Prediction(
        "who is reached",
        "others",
        "Does the line of least squares stay flat if one dot of eight is raised?",
        {"one": "The line turns when one dot moves, and with it the distances of all the others."},
    ),
    "largest_dx": Prediction(
        "the largest dx if all have the same dy",
        0.0,
        "How far from its line is a dot if all dots have one height?",
        {1.0: "All dots lie on a line at the height 1: nothing is left over."},
    ),
    "dbeta": Prediction(
        "the gradient dbeta",
        None,
        "Each number of beta was copied to the six examples. Copies go back as a sum over axis 0.",
        {flat: KEEP, one_sixth: "A copy goes back as a sum, not as a mean.", negative: SIGN},
    ),
    "dgamma": Prediction(
        "the gradient dgamma",
        None,
        "As for beta, with each gradient times its X_hat (not X) before the sum.",
        {flat: KEEP, one_sixth: "A copy goes back as a sum, not as a mean.", negative: SIGN},
    ),
    "dvar": Prediction(
        "the gradient dvar",
        None,
        "The derivative of u to the power -1/2 is -1/2 u to the power -3/2, and r is u to the "
        "power -1/2: so -1/2 r cubed, times dinverse.",
        {
            negative: "The sign: a larger variance makes r smaller.",
            lambda right: -2 * right: "The factor 1/2, and the sign.",
            lambda right: 2 * right: "The factor 1/2 of the root is missing.",
        },
    ),
    "dcentred": Prediction(
        "the gradient dcentred",
        None,
        "Two arrows bring a gradient: r times dX_hat, and 2 c times dsquares. They add up.",
        {negative: SIGN, lambda right: right / 2: "Gradients of two arrows add; no mean is taken."},
    ),
    "closed_form": Prediction(
        "the closed form",
        None,
        "Copy the boxed formula: gamma * inverse / m times a bracket of three terms.",
        {
            six_fold: "The factor 1/m is missing.",
            one_sixth: "One factor 1/m too many.",
            negative: SIGN,
        },
    ),
    "dX_layer": Prediction(
        "dX of layer normalization",
        None,
        "Multiply dY by gamma first; then take both means over axis 1.",
        {
            negative: SIGN,
            lambda right: 3 * right: "The factor 1/C of the means is missing.",
            lambda right: right.T: "The axes are exchanged.",
        },
    ),
    "dgamma_layer": Prediction(
        "dgamma of layer normalization",
        None,
        "gamma belongs to a channel and is copied to all examples, as in batch normalization.",
        {flat: KEEP, one_sixth: "A copy goes back as a sum, not as a mean.", negative: SIGN},
    ),
    "dX_group": Prediction(
        "dX of group normalization",
        None,
        "Reshape X and gamma * dY to (N, groups, the rest), take the means over the last axis, and "
        "reshape back.",
        {negative: SIGN, lambda right: right.reshape(3, 2, -1): "Reshape back to (N, C, H, W)."},
    ),
    "sum_dx": Prediction(
        "the sum of dx",
        0.0,
        "The line of least squares leaves as much above it as below.",
        {1.0: "dx is orthogonal to (1, …, 1): what does that say of its sum?"},
    ),
    "sum_dx_x_hat": Prediction(
        "the sum of dx times x_hat, up to ε",
        0.0,
        "What is the slope of what a line of least squares leaves over?",
        {1.0: "dx is orthogonal to x_hat, too."},
    ),
    "dX_of_two": Prediction(
        "the largest entry of dX, up to ε",
        0.0,
        "How far are two points from the line through them?",
        {1.0: "A line goes through any two points."},
    ),
    "dX_predict": Prediction(
        "the gradient in prediction mode",
        None,
        "Nothing is subtracted: gamma times dY, divided by the root of moving_var + 1e-5.",
        {negative: SIGN, lambda right: right.sum(axis=0): "No sum: each example by itself."},
    ),
    "best_step": Prediction(
        "the best of the three",
        1e-5,
        "The two errors are about h² and 1e-16/h: where are they equal?",
        {
            1e-8: "There the rounding, 1e-16/h, is 1e-8 already: right for one-sided differences.",
            1e-2: "There the truncation, h², is 1e-4.",
        },
    ),
    "dX_for_the_sum": Prediction(
        "every entry of dX for the sum of the outputs",
        0.0,
        "Draw the dots over x_hat: all have the height 1.",
        {1.0: "That is dY. The dots lie on a line: what is left over?"},
    ),
    "dX_unbiased": Prediction(
        "dX with the unbiased variance",
        None,
        "Only the stage of the squares changes: dsquares is dvar / (m - 1).",
        {
            negative: SIGN,
            lambda right: right * 5 / 6: "1/(m - 1) stands below the slope only.",
        },
    ),
}
