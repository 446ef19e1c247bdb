r"""What lesson 1 asks: shapes of means, and what broadcasting makes of them."""

from mxnet import np

from d2l_bn.exercises.predictions.prediction import Prediction

STRIKE = "Strike the named axis out of (2, 3, 4)."
Z = np.arange(4 * 6 * 5 * 5).reshape(4, 6, 5, 5)

PREDICTIONS = {
    "shape_over_examples": Prediction(
        "the shape of A.mean(axis=0)",
        (4,),
        "The axis that is named is the one that goes.",
        {
            (3,): "You kept axis 0 and removed axis 1; it is the named axis that goes.",
            (1, 4): "That is the result with keepdims=True, which comes below.",
        },
    ),
    "shape_over_channels_kept": Prediction(
        "the shape of A.mean(axis=1, keepdims=True)",
        (3, 1),
        "Axis 1 stays, with length 1.",
        {
            (3,): "That is the shape without keepdims; with it, axis 1 stays with length 1.",
            (1, 4): "That is axis=0: there the columns collapse.",
            (1, 3): "The kept axis stays in its own place: axis 1, the second one.",
        },
    ),
    "shape_along_0": Prediction(
        "the shape of X.mean(axis=0)",
        (3, 4),
        STRIKE,
        {(2, 3): "That is axis=2.", (2, 4): "That is axis=1.", (2,): "Only axis 0 goes."},
    ),
    "shape_along_1": Prediction(
        "the shape of X.mean(axis=1)",
        (2, 4),
        STRIKE,
        {(3, 4): "That is axis=0.", (2, 3): "That is axis=2.", (3,): "Axis 1 is the one to go."},
    ),
    "shape_along_2": Prediction(
        "the shape of X.mean(axis=2)",
        (2, 3),
        STRIKE,
        {(3, 4): "That is axis=0.", (2, 4): "That is axis=1.", (4,): "Axis 2 is the one to go."},
    ),
    "raises_an_error": Prediction(
        "whether it raises an error",
        False,
        "Write (3, 3) and (3,) one below the other, aligned at the right.",
        {True: "(3, 3) and (3,) align at the right: 3 and 3 fit."},
    ),
    "rows_have_mean_zero": Prediction(
        "whether every row has mean 0",
        False,
        "Do the three means form a row or a column?",
        {True: "(3, 3) and (3,) align at the right: the means are stretched downwards."},
    ),
    "column_minus_row": Prediction(
        "the shape of column - row",
        (3, 3),
        "Fill up the shape of the row with 1 at the left.",
        {
            (3, 1): "row counts as (1, 3): its last axis is 3 long, and column is stretched to it.",
            (3,): "row counts as (1, 3); both are stretched.",
            (1, 3): "Lengths of 1 are stretched, in both.",
        },
    ),
    "shape_over_two_axes": Prediction(
        "the shape of X.mean(axis=(0, 2))",
        (3,),
        "Strike both axes out.",
        {
            (2, 4): "Those are the two axes that go; axis 1 stays.",
            (1, 3, 1): "That is the shape with keepdims=True.",
        },
    ),
    "axes_of_a_channel": Prediction(
        "the tuple of axes",
        (0, 2, 3),
        "Axis 1 is to stay.",
        {
            (1,): "Axis 1 is the channel: the one that stays.",
            (2, 3): "That leaves a mean for each example and channel: (2, 3) of them.",
        },
    ),
    "shape_of_channel_means": Prediction(
        "the shape of U.mean(axis=(0, 2, 3), keepdims=True)",
        (1, 3, 1, 1),
        "Every axis that goes stays with length 1.",
        {
            (3,): "That is without keepdims.",
            (2, 1, 2, 2): "You removed the channels and kept the rest; it is the other way round.",
            (1, 3): "All four axes are still there.",
        },
    ),
    "over_n_h_w": Prediction(
        "the outcome over N, H and W",
        "wrong",
        "Which axis of (2, 4, 2, 4) do four means lie along?",
        {
            "error": "The 4 means of the channels fit the last axis, W, which is 4 long.",
            "right": "The means have the shape (4,), and are laid along the last axis, W.",
        },
    ),
    "over_c_h_w": Prediction(
        "the outcome over C, H and W",
        "error",
        "How many means are there, and how long is the last axis?",
        {
            "wrong": "2 means do not fit the last axis, which is 4 long.",
            "right": "Without keepdims, the 2 means would have to lie along W, which is 4 long.",
        },
    ),
    "group_mean": Prediction(
        "the mean of each group",
        np.stack([Z[:, :3].mean(axis=(1, 2, 3)), Z[:, 3:].mean(axis=(1, 2, 3))], axis=1),
        "Split axis 1 in two: (4, 2, 3, 5, 5). Which axes go then?",
        {0: "An array of shape (4, 2), not a number."},
    ),
}
