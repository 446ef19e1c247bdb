r"""A plain deep network shrinks what tells images apart, layer by layer; BN stretches it again."""
