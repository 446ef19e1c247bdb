r"""The commands of ``d2l-bn``: one file each, of the command's name.

A command has a docstring, its help; ``add_arguments(parser)``; and ``main(options)``. What all of
them do alike is in :mod:`d2l_bn._support.command_line`. None imports MXNet before its arguments are
known to be good.
"""
