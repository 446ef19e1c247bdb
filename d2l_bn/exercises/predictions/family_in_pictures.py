r"""What lesson 11, on the family of normalizers, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "group_means": Prediction(
        "the number of means of group norm",
        8,
        "One mean for each pair (example, group).",
        {
            2: "That is the number of groups; each of the 4 examples has its own.",
            4: "That is layer norm, one mean for each example.",
            24: "That is instance norm, one mean for each example and channel.",
            12: "With 2 groups there are 2 means for each example, not 3: a group has 3 channels.",
        },
        "4 examples with 2 groups each.",
    ),
    "to_batch": Prediction(
        "the axis from instance to batch normalization",
        "N",
        "Which axis does batch normalization average over that instance normalization leaves?",
        {
            "C": "That gives layer normalization.",
            "H": "Instance normalization averages over H already.",
            "W": "Instance normalization averages over W already.",
        },
    ),
    "to_layer": Prediction(
        "the axis from instance to layer normalization",
        "C",
        "Layer normalization has one mean for a whole example.",
        {
            "N": "That gives batch normalization.",
            "H": "Instance normalization averages over H already.",
            "W": "Instance normalization averages over W already.",
        },
    ),
    "group_norm": Prediction(
        "the result of my_group_norm(X, 2)",
        None,
        "Reshape to (N, G, C/G, H, W), normalize over the last three axes, reshape back.",
        {
            0: "Return the whole normalized array, of the shape of X.",
            1: "Return the whole normalized array, of the shape of X.",
        },
        "A group is an axis like any other, once it has been cut out.",
    ),
    "forgets_most": Prediction(
        "who does not mind the last change",
        "instance",
        "Whose index set lies inside one channel of one image?",
        {
            "batch": "The channel changes in this image alone; its mean is taken over all images.",
            "layer": "It gets louder beside the other channels of its image, which share its mean.",
            "group": "Two other channels share the mean of this one.",
        },
        "A factor and a shift of a whole index set are taken away.",
    ),
    "for_layer": Prediction(
        "G of layer normalization",
        1,
        "All channels of an example share.",
        {6: "With 6 groups each channel is by itself.", 2: "Two groups are still two means."},
    ),
    "for_instance": Prediction(
        "G of instance normalization",
        6,
        "No two channels share.",
        {1: "With one group all channels share.", 3: "There are two channels in a group then."},
    ),
    "gluon_changed": Prediction(
        "the number of outputs that change",
        None,
        "Look at the axes: Gluon's layer takes the last one alone.",
        {
            24: "That is the whole image, C × H × W, as for layer_norm.",
            4: "That is one channel, H × W: instance normalization.",
            1: "The other value of its row shares mean and variance with it.",
            96: "No: the images do not share.",
        },
        "W = 2: the value itself and its neighbour in the row.",
    ),
    "contrast": Prediction(
        "the photograph of stronger contrast after the exchange",
        "raccoon",
        "AdaIN gives each picture the other one's deviations.",
        {"hopper": "That is so before; its deviations move to the raccoon."},
        "The raccoon got the deviations of Hopper's picture.",
    ),
}
