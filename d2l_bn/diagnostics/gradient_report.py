r"""How well two gradients agree, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from mxnet import np

__all__ = ["GradientError", "GradientReport", "worst_entry"]

FLOOR = 1e-3  # below it, the relative error is an absolute one: the noise of 1e-10 is not a mistake


@dataclass(frozen=True)
class GradientError:
    r"""How well the gradient with respect to one input agrees, at the entry that agrees worst."""

    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    relative_error: float
    wrong: int  # entries beyond the tolerance, or NaN
    entries: int

    def __str__(self) -> str:
        verdict = f"WRONG in {self.wrong} of {self.entries} entries" if self.wrong else "right"
        ratio = (
            f" ({self.analytic / self.numeric:.4g} times)" if self.wrong and self.numeric else ""
        )
        return (
            f"gradient of {self.name}: {verdict}; worst relative error {self.relative_error:.2g} "
            f"at {list(self.index)}: analytic {self.analytic:.10g}, numeric {self.numeric:.10g}"
            f"{ratio}"
        )


@dataclass(frozen=True)
class GradientReport:
    r"""The errors of all inputs by name; ``print(report)`` tells them in words."""

    errors: dict[str, GradientError]
    tolerance: float

    @property
    def ok(self) -> bool:
        """Is every entry of every gradient within the tolerance?"""
        return not any(error.wrong for error in self.errors.values())

    def __str__(self) -> str:
        lines = [str(error) for error in self.errors.values()]
        return "\n".join([*lines, f"(tolerance {self.tolerance:.2g})"])


def worst_entry(
    name: str, analytic: np.ndarray, numeric: np.ndarray, tolerance: float
) -> GradientError:
    a, n = analytic.asnumpy().astype("float64"), numeric.asnumpy()
    with numpy.errstate(invalid="ignore"):  # inf - inf is NaN, which counts as wrong
        error = numpy.abs(a - n) / numpy.maximum(numpy.maximum(abs(a), abs(n)), FLOOR)
    index = numpy.unravel_index(error.argmax(), error.shape)  # argmax finds a NaN first
    wrong = int((~(error <= tolerance)).sum())
    values = float(a[index]), float(n[index]), float(error[index])
    return GradientError(name, tuple(map(int, index)), *values, wrong, error.size)
