#!/usr/bin/env python3
"""Train the chapter's LeNet with batch normalization: the command `d2l-bn train`, as a script."""

import sys

from d2l_bn._support.command_line import run
from d2l_bn.commands import train

if __name__ == "__main__":
    sys.exit(run(train.main, train.add_arguments, train.__doc__))
