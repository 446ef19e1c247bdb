r"""Small batches: the predictions of the lesson."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

KINDS = {
    "BN": "BN takes its statistics from the batch: think of what a batch of this size has.",
    "GN": "GN never sees the batch. What else differs between the two?",
    "GN+WS": "It has the statistics of a single image and of the weights; neither knows the batch.",
    "LN": "LN never sees the batch.",
}
PREDICTIONS = {
    "a_batch_of_one": Prediction(
        "the pair of outputs",
        (0.5, 0.5),
        "What is x minus the mean, if x is the mean?",
        {
            (2.0, -2.0): "That would be the sign of x. But x − μ is 0 here.",
            (0.0, 0.0): "x̂ is 0; then come γ and β.",
            (6.5, -199.5): "That is γx + β: x was not normalized.",
        },
        "x̂ = 0 whatever x is, and β is left.",
    ),
    "relative_at_one_image": Prediction(
        "the relative",
        "instance",
        "Which values share a mean: those of one channel, or of several?",
        {
            "layer": "Layer normalization takes one mean over all channels.",
            "group": "Group normalization takes one mean over several channels.",
        },
        "One image, one channel, all pixels.",
    ),
    "largest_value_of_five": Prediction(
        "the largest value",
        2,
        "Four zeros and one large number: what are mean and deviation, in units of it?",
        {
            5: "That is the number of values.",
            4: "That is m − 1; there is a root.",
            2.2: "√5 would be with the mean left where it is.",
        },
        "√(5 − 1), whatever the large number is.",
    ),
    "size_within_a_fifth": Prediction(
        "the size",
        256,
        "Look at all eight batches, not at the first alone.",
        {
            4: "With four values the curve is bent, and another one in each batch.",
            16: "Some of the eight batches are off by more than a half.",
            64: "Look at the eight batches: one gives 2.05.",
        },
    ),
    "scatter_from_4_to_256": Prediction(
        "the factor",
        8,
        "The size grows by a factor of 64.",
        {
            64: "That is the ratio of the sizes; the scatter goes with its root.",
            4096: "That is the square of the ratio; the scatter goes with its root.",
            0.125: "Turned round: by which factor does it fall?",
        },
        "√(256 / 4).",
    ),
    "renorm_without_corrections": Prediction(
        "what is left",
        "batch normalization",
        "Between 1/1 and 1 there is one number only; and between −0 and 0.",
        {
            "group normalization": "The statistics are still those of the batch.",
            "the input": "The input is still normalized by the batch; it is not corrected.",
        },
        "r = 1 and d = 0: nothing is corrected. Training begins as plain BN, and is relaxed.",
    ),
    "layers_that_learn_at_one": Prediction(
        "what learns",
        "the last one",
        "What gradient comes back through a constant, and what stands before the last constant?",
        {
            "all": "Through norm4 no gradient comes back: its output is β + γd, and d is constant.",
            "the dense ones": "dense1 and dense2 stand before norm4, through which nothing comes "
            "back. (Behind a convolution one image has values enough; but the way there is shut.)",
        },
        "norm4, behind dense2, lets nothing through.",
    ),
    "worst_at_2": Prediction(
        "the worst at batch size 2",
        None,
        "Which of them looks at the batch, in training?",
        KINDS,
        "Part one: one bit a channel.",
    ),
    "worst_at_256": Prediction(
        "the worst at batch size 256",
        None,
        "At 256 a batch has statistics enough.",
        KINDS,
        "Where batches are large, BN lacks nothing.",
    ),
    "best_places_at_2": Prediction(
        "the best choice of places",
        None,
        "Where does a channel have more than two values?",
        {
            "all four": "The places behind dense layers pass one bit a channel.",
            "convolutions": "Look at the intervals of the two.",
        },
    ),
}
