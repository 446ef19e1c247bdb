r"""All claims together: asked by name, and corrected for how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy

from d2l_bn.experiments.judgement.claim import Claim
from d2l_bn.experiments.judgement.judgement import Judgement

__all__ = ["Court", "discoveries"]


class Court(Mapping[str, Claim]):
    r"""Claims by their names, each one object, whoever asks for it.

    Raises:
        ValueError: two claims of one name.
    """

    def __init__(self, *benches: Iterable[Claim]) -> None:
        self._claims: dict[str, Claim] = {}
        for claim in (claim for bench in benches for claim in bench):
            if claim.name in self._claims:
                raise ValueError(f"two claims are named {claim.name!r}; give one another name")
            self._claims[claim.name] = claim

    def __getitem__(self, name: str) -> Claim:
        if name not in self._claims:
            near = [other for other in self._claims if set(name.split("_")) & set(other.split("_"))]
            raise KeyError(f"no claim {name!r}; expected one such as {', '.join(near or self)}")
        return self._claims[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def judge(self) -> dict[str, Judgement]:
        """Every claim judged."""
        return {name: claim.judge() for name, claim in self.items()}


def discoveries(p_values: Mapping[str, float], rate: float = 0.05) -> set[str]:
    r"""What may be called decided if no more than one in twenty such calls is to be wrong.

    Benjamini & Hochberg 1995: of m hypotheses the k with the smallest p are kept, with the largest
    k for which :math:`p_{(k)} \le k \cdot rate / m`.

    >>> sorted(discoveries({"a": 0.001, "b": 0.02, "c": 0.045, "d": 0.6}))
    ['a', 'b']
    """
    names = sorted(p_values, key=lambda name: p_values[name])
    ordered = numpy.array([p_values[name] for name in names])
    within = ordered <= rate * numpy.arange(1, len(names) + 1) / max(len(names), 1)
    return set(names[: int(within.nonzero()[0].max()) + 1 if within.any() else 0])
