r"""What lesson 21, from formulas to a kernel, asks the reader to predict."""

from __future__ import annotations

from d2l_bn.exercises.predictions.prediction import Prediction

__all__ = ["PREDICTIONS"]

PREDICTIONS = {
    "crossings": Prediction(
        "the number of crossings",
        14,
        "Count each word read and each word write in the comments.",
        {
            7: "A pass that writes also reads: count both.",
            8: "That is the number of passes; most of them cross the line twice.",
            16: "The two means only read: what they write is tiny.",
            12: "The two means read the array as well.",
        },
        "Six passes read and write, and two means read.",
    ),
    "page_faults": Prediction(
        "the number of page faults of one array",
        864,
        "How many bytes has the array, and how many has a page?",
        {
            216: "A value has 4 bytes.",
            884736: "That is the number of values; a page holds 1,024 of them.",
            3538944: "That is the number of bytes; a page has 4,096 of them.",
        },
        "884,736 · 4 / 4,096.",
    ),
    "plain_update": Prediction(
        "the number of crossings of w[:] = w - lr * g",
        7,
        "There are three operations: lr * g, w - …, and w[:] = ….",
        {
            3: "That is the fused one; here each operation goes to memory and back.",
            5: "w[:] = … copies as well.",
            4: "lr * g is an array of its own; it is written, and read again.",
        },
        "2 for lr * g, 3 for w - …, 2 for the copy.",
    ),
    "fused_update": Prediction(
        "the number of crossings of the fused update",
        3,
        "What must be read, and what must be written?",
        {2: "Two arrays are read, w and g.", 7: "That is the plain one."},
        "Read w, read g, write w.",
    ),
}
