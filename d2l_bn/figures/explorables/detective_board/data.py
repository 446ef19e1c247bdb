r"""What share of batch normalization's gain five experiments keep, and who foresaw it."""

from __future__ import annotations

STILL = {"opened": [1, 1, 1, 1, 1], "exhibit": 3}  # of what there is a picture where no scripts run
#: (key, network, factor of its learning rate, what each suspect has to expect)
EXHIBITS = (
    ("noisy", "noisy", 1, {"A": 0, "B": 1, "C": 1}),
    ("very_noisy", "very_noisy", 1, {"A": 0, "B": 1, "C": 1}),
    ("detached", "detached", 1, {"A": 1, "B": 1, "C": 0}),
    ("longer", "none", 3, {"A": 0, "B": 1, "C": 0}),
    ("shorter", "batch", 0.1, {"A": 1, "B": 0, "C": 1}),
)


def build() -> dict:
    r"""``exhibits``: ``key``, ``mean`` and ``margin`` of the share, ``n`` seeds, and ``says``."""
    import numpy

    from d2l_bn.experiments.judgement.comparison import interval

    exhibits = []
    for key, network, factor, says in EXHIBITS:
        share = numpy.array(list(shares(network, factor).values()))
        low, high = interval(share)
        exhibits.append(
            {
                "key": key,
                "mean": round(float(share.mean()), 3),
                "margin": round((high - low) / 2, 3),
                "n": len(share),
                "says": says,
            }
        )
    return {"exhibits": exhibits}


def shares(network: str, factor: float, activation: str = "relu") -> dict[int, float]:
    r"""By seed, (none - network) / (none - BN) in test accuracy."""
    from d2l_bn.experiments import load

    def accuracy(network: str, factor: float) -> dict[int, float]:
        fields = {"activation": activation, "network": network, "lr_factor": factor}
        return load.by_seed("landscape", "test_accuracy", **fields)

    none, batch, other = accuracy("none", 1), accuracy("batch", 1), accuracy(network, factor)
    return {seed: (none[seed] - other[seed]) / (none[seed] - batch[seed]) for seed in none}
