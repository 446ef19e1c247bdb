r"""The laboratory: studies, their records, the statistics of them, and the claims they bear on."""
