r"""A bet costs its squared distance from what the runs decide; what they leave open costs none."""
