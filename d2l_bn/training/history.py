r"""What a training run did: its configuration, and a record for each epoch."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from typing import Any

from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.files import read_whole

__all__ = ["Epoch", "History"]


@dataclass(frozen=True)
class Epoch:
    r"""One pass over the training set; times do not count when two are compared.

    ``loss`` and ``train_accuracy`` are means over the examples as they were met in training, with
    the weights of that moment. The others are measured after the epoch in prediction mode, or
    ``None`` without the data. Names say by which statistics: ``test_accuracy_moving`` by the moving
    averages (or by none, where there is no batch normalization), ``test_accuracy_population`` with
    statistics of the training set in their place, unless ``train(..., recalibrate=False)``.
    ``validation_accuracy`` is that on the validation data of ``train(..., early_stopping=…)``, by
    population statistics where they are taken. ``seconds`` is the time of the training pass alone.

    >>> print(Epoch(1, loss=0.6847, train_accuracy=0.752, test_accuracy_moving=0.792, seconds=3.6,
    ...             examples_per_second=16667.0, test_accuracy_population=0.841))
    epoch 1, loss 0.6847, train acc 0.752, test acc 0.841 (moving average 0.792), time 3.6 sec
    """

    number: int
    loss: float
    train_accuracy: float
    test_accuracy_moving: float | None
    seconds: float = field(compare=False)
    examples_per_second: float = field(compare=False)
    test_accuracy_population: float | None = None
    validation_accuracy: float | None = None

    @property
    def test_accuracy(self) -> float | None:
        """By the statistics that training leaves in the network: the population's, if taken."""
        if self.test_accuracy_population is not None:
            return self.test_accuracy_population
        return self.test_accuracy_moving

    def __str__(self) -> str:
        test = "" if self.test_accuracy is None else f", test acc {self.test_accuracy:.3f}"
        if self.test_accuracy_population is not None:
            test += f" (moving average {self.test_accuracy_moving:.3f})"
        if self.validation_accuracy is not None:
            test += f", validation acc {self.validation_accuracy:.3f}"
        return (
            f"epoch {self.number}, loss {self.loss:.4f}, train acc {self.train_accuracy:.3f}"
            f"{test}, time {self.seconds:.1f} sec"
        )


@dataclass
class History:
    r"""The record of a training run. Two are equal if they did the same and came to the same.

    Arguments:
        config: what was asked for: learning rate, batch size, seed, … (numbers and strings).
        environment: where it ran: versions, device, threads. Not compared.
        epochs: one :class:`Epoch` for each finished epoch.
        best_epoch: with early stopping, the number of the epoch whose weights the network holds.
        stopped_early: whether early stopping ended the run.

    >>> history = History({"lr": 1.0})
    >>> history.epochs.append(Epoch(1, 0.68, 0.75, 0.79, seconds=3.6, examples_per_second=16667.0))
    >>> history["loss"], history.last.test_accuracy
    ([0.68], 0.79)
    """

    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict, compare=False)
    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int | None = None
    stopped_early: bool = False

    def __getitem__(self, name: str) -> list[Any]:
        """The values of one column, an epoch each: ``history["loss"]``."""
        names = [*(column.name for column in dataclasses.fields(Epoch)), "test_accuracy"]
        if name not in names:
            raise KeyError(f"no column {name!r} in a history; expected one of {', '.join(names)}")
        return [getattr(epoch, name) for epoch in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def last(self) -> Epoch:
        """The record of the last finished epoch."""
        if not self.epochs:
            raise IndexError("this history holds no finished epoch; train for at least one")
        return self.epochs[-1]

    def resume(self, saved: History) -> None:
        """Take over what ``saved`` has done; configuration and environment stay."""
        self.epochs = list(saved.epochs)
        self.best_epoch, self.stopped_early = saved.best_epoch, saved.stopped_early

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, numbers and strings, as they go into JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> History:
        """The history that :meth:`to_dict` gave; further keys are ignored."""
        try:
            history = cls(
                config=dict(values["config"]),
                environment=dict(values.get("environment", {})),
                epochs=[Epoch(**epoch) for epoch in values["epochs"]],
                best_epoch=values.get("best_epoch"),
                stopped_early=bool(values.get("stopped_early", False)),
            )
        except KeyError as error:
            raise ValueError(f"not a saved history: it has no {error}") from None
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"not a saved history: {error}") from None
        history._check()
        return history

    def _check(self) -> None:
        """Refuse what came from a file and cannot have been a run: nobody would notice later."""
        for number, epoch in enumerate(self.epochs, start=1):
            if epoch.number != number:
                raise ValueError(f"not a saved history: epoch {epoch.number} in place {number}")
            for name, value in dataclasses.asdict(epoch).items():
                optional = name.startswith("test_accuracy") or name == "validation_accuracy"
                if isinstance(value, bool) or not isinstance(
                    value, (int, float, type(None)) if optional else (int, float)
                ):
                    raise ValueError(f"not a saved history: {name} of epoch {number} is {value!r}")
        if self.best_epoch is not None and self.best_epoch not in range(1, len(self) + 1):
            raise ValueError(f"not a saved history: best epoch {self.best_epoch!r} of {len(self)}")

    def save(self, path: str | os.PathLike) -> None:
        """Write the history as JSON, whole or not at all."""
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike) -> History:
        """Read a history that :meth:`save` wrote."""
        try:
            return cls.from_dict(json.loads(read_whole(path, largest=2**28)))
        except (ValueError, RecursionError) as error:  # not JSON, not UTF-8, or not a history
            raise ValueError(f"{path}: {error}; expected what History.save writes") from None
