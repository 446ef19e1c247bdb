r"""Which axes go decides the normalizer; ``keepdims`` leaves each mean where its values were."""
