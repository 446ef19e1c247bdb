r"""What helps against the errors that students meet most, in MXNet's words and in Python's."""

from __future__ import annotations

import re

__all__ = ["explained"]

IN_PAUSE = (
    "an array is written to while autograd records (+=, -=, x[:] = …, set_data): put the line into "
    "`with autograd.pause():`, or make a new array, x = x + 1"
)
TOGETHER = (
    "{words}: lengths go together, from the last axis, if they are equal or one is 1: "
    "keepdims=True?"
)
INNER = (
    "{words}: in A @ B the last axis of A is as long as the first of B: is .T missing, or "
    "another order?"
)

#: From a piece of the words to what helps; ``{words}`` stands for the words themselves.
REMEDIES = {
    "Assigning to NDArrays that are already in a computational graph": IN_PAUSE,
    r"Inplace (operations|update to inputs)": IN_PAUSE,
    "Cannot differentiate node because it is not in a computational graph": (
        "autograd finds no way back from the result to the input: was it computed by NumPy "
        "(.asnumpy()), under autograd.pause(), or .detach()ed, or backward() called twice?"
    ),
    "has not been initialized": "call initialize() first, or give the layer its in_units",
    "could not be broadcast together|is not broadcastable to": TOGETHER,
    r"Shape inconsistent, Provided = \[": INNER,
    r"Shape inconsistent, Provided = \[[^\]]*\], inferred shape=\(": (
        "{words}: the layer was made for another number of inputs (in_units, in_channels)"
    ),
    "Cannot reshape array of size": "{words}: the product of the lengths stays as it is",
    r"Reduction axis -?\d+ Exceeds": "{words}: axes are counted from 0",
    r"Incompatible input shape: expected": (
        "{words}: all axes but the one of joining are equally long"
    ),
    "Input data should be 4D": "a convolution takes (N, C, H, W): is a reshape missing?",
    "can only accept legacy ndarrays": (
        "mx.nd and mx.np arrays are mixed: import np from mxnet, and make all arrays by np.array"
    ),
    r"type <class '(mxnet\.)?numpy\.ndarray'> not supported": (
        "NumPy's arrays and mx.np's are mixed: make all of them by mx.np, np.array(x)"
    ),
    "'NoneType' object has no attribute": (
        "{words}: is a `return` missing, or attach_grad() before the recording?"
    ),
    r"unexpected keyword argument '(dim|keepdim)'": (
        "{words}: here they are called axis and keepdims"
    ),
    r"^name '.*' is not defined": (
        "{words}: is it defined in a cell above that ran, and spelled so?"
    ),
    "truth value of an ndarray with multiple": (
        "{words}: compare numbers, not arrays: X.shape, float(X.sum()), or (X > 0).all()"
    ),
}


def explained(words: str) -> str:
    r"""The words of an error in one line, and what helps where that is known.

    MXNet's begin with a traceback of C++ and the condition that failed: nothing for a student.

    >>> explained("no such axis\nand more")
    'no such axis'
    >>> explained("Traceback (most recent call last):\n  File x\nMXNetError: 2 != 3")
    '2 != 3'
    >>> explained("MXNetError: Check failed: l == 1: shape [2,3] is not broadcastable to [4]")
    'shape [2,3] is not broadcastable to [4]: lengths go together, ... keepdims=True?'
    """
    lines = words.strip().splitlines() or ["no message"]
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    line = re.sub(r"^(MXNetError: )?(Check failed: .*?: (?!:))?", "", line)[:200]
    known = [help for pattern, help in REMEDIES.items() if re.search(pattern, words)]
    return known[-1].replace("{words}", line) if known else line  # the last one is the narrowest
