#!/usr/bin/env python3
"""Classify test images with trained weights: the command `d2l-bn predict`, as a script."""

import sys

from d2l_bn._support.command_line import run
from d2l_bn.commands import predict

if __name__ == "__main__":
    sys.exit(run(predict.main, predict.add_arguments, predict.__doc__))
