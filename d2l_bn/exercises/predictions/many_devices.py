r"""What lesson 24, on many devices, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "without_normalization": Prediction(
        "whether the gradients agree without normalization",
        True,
        "Is there anything in the loss of an example that depends on another one?",
        {False: "The loss is a sum over examples, and the derivative of a sum is the sum."},
    ),
    "with_batch_norm": Prediction(
        "whether they agree with batch normalization",
        False,
        "From which images does a device take its mean and variance?",
        {True: "Each device normalizes by its own half, so its outputs are other ones already."},
    ),
    "variance": Prediction(
        "the variance",
        396.5,
        "The mean of all is 16. What is left of each value, squared?",
        {
            200.5: "That is the mean of the two variances; the means, 2 and 30, differ as well.",
            196: "That is the variance of the two means; the values vary around these, too.",
            528.666: "That divides by 3; here we divide by the number of values.",
        },
        "The mean of the variances, 200.5, and the variance of the means, 196, add up.",
    ),
    "shared_moments": Prediction(
        "your variance of the four values",
        396.5,
        "Take the squares of the differences from the mean of all, and divide by all values.",
        {
            200.5: "The squares are of differences from each device's own mean.",
            793: "Divide by the number of all values, not by that of a device.",
        },
    ),
    "sums": Prediction(
        "the number of sums",
        17,
        "Two sums for each layer forwards. And backwards?",
        {
            8: "That is the forward pass. The gradient of each of those sums is a sum again.",
            9: "The gradient of each of the sums in the forward pass is a sum again.",
            16: "That is the layers. The gradients of the weights are added up once as well.",
        },
        "Four layers, two sums each, twice; and one for the gradients.",
    ),
    "images_enough": Prediction(
        "the number of images",
        None,
        "Look at the picture at the top: where does the one line come near the other?",
        {
            2: "Two images come out as −1 and +1 in every channel, whatever they show.",
            16: "See whether fewer do as well.",
        },
    ),
}
