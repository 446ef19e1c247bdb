r"""What lesson 22, on residual networks, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "add_up": Prediction(
        "what your block gives",
        2.0,
        "The shortcut gives 4, the branch −2. Where does the ReLU stand?",
        {
            0.0: "That is the ReLU of the branch alone.",
            4.0: "The ReLU stands behind the sum, not in the branch.",
            -2.0: "That is the branch. Add what the shortcut gives.",
        },
    ),
    "numbers_in_block": Prediction(
        "the number of trained numbers",
        1184,
        "Two convolutions of 3×3 from 8 channels to 8. What does a normalizer train for each?",
        {
            1152: "Those are the convolutions. γ and β are trained as well.",
            1216: "The averages, μ and σ², are kept, not trained.",
            1200: "There is no bias: it is γ and β of each channel, twice.",
            592: "That is one convolution and its normalizer; there are two.",
        },
        "Two times 9 · 8 · 8 weights, and two times 8 γ and 8 β.",
    ),
    "layers_with_weights": Prediction(
        "the number of layers with weights",
        32,
        "Each block has two convolutions.",
        {
            30: "Those are in the blocks. One stands in front, and one behind.",
            15: "That is the number of blocks.",
            17: "A block has two convolutions.",
        },
        "Three stages of five blocks with two convolutions, and the first and the last layer.",
    ),
    "growth": Prediction(
        "the factor",
        2**7.5,
        "What becomes of the mean square in one block? And of its root in fifteen?",
        {
            2**15: "That is the mean square, which doubles in each block; take the root.",
            2: "That is the mean square in one block.",
            2**0.5: "That is one block; there are fifteen.",
            15: "The factors multiply.",
            16: "It would be so if each block added the same, as with batch normalization.",
            4: "It would be so if each block added the same, as with batch normalization.",
        },
        "The mean square doubles fifteen times.",
    ),
    "first_to_learn": Prediction(
        "what learns first",
        "norm2.gamma",
        "On its way to the convolutions the gradient is multiplied by γ.",
        {
            "conv1.weight": "The gradient that comes to it went through γ, which is 0.",
            "conv2.weight": "The gradient that comes to it is multiplied by γ, which is 0.",
        },
        "The gradient of γ is the sum of dy · x̂, and x̂ is not zero.",
    ),
    "same_alone": Prediction(
        "whether it is the same with BN at work",
        False,
        "From which images are the mean and the variance in training mode?",
        {True: "In training mode the mean and the variance are those of all images of the batch."},
    ),
    "same_alone_frozen": Prediction(
        "whether it is the same with BN frozen",
        True,
        "What does a frozen layer know of the batch?",
        {False: "The mean and the variance are constants now; each image stands for itself."},
    ),
    "norms_left": Prediction(
        "the number of normalizers left",
        10,
        "Which of the two in a block stands right behind a convolution?",
        {
            9: "Those are the first ones of the blocks. What stands in front of the mean?",
            19: "The second normalizer of each block stands right behind a convolution.",
            0: "The first normalizer of a block stands behind a sum, which has no weights.",
            18: "One of the two in each block stands right behind a convolution.",
        },
        "The first of each block, and the one in front of the mean, stand behind a sum.",
    ),
}
