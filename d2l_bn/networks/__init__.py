r"""Networks, what they are made of, and what is done to a whole one."""
