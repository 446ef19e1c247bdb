r"""What the workers of a run agree on: weights, gradients, averages, how far they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mxnet import gluon, np

from d2l_bn.training.weights import CheckpointError
from d2l_bn.workers.group import Group

__all__ = ["Together"]


class Together:
    r"""A network that every worker has a copy of.

    Each worker takes a part of each batch. The sum of their gradients is that of the whole batch,
    since the loss is a sum over examples, and equal steps from equal weights keep the copies equal.
    A worker alone does none of this.

    Arguments:
        net: of this worker, initialized.
        group: the workers.
    """

    def __init__(self, net: gluon.Block, group: Group) -> None:
        self._net, self._group = net, group
        self.writes = group.rank == 0  # one worker writes the files

    def begin(self, epochs: int) -> None:
        """Take the parameters of worker 0, which all must be as many epochs on as this one.

        Raises:
            CheckpointError: they are not: some see another checkpoint than others.
        """
        if self._group.size == 1:
            return
        total = self._group.sum("epochs", np.array([float(epochs)])).item()
        if total != self._group.size * epochs:
            raise CheckpointError(
                f"this worker is {epochs} epochs on, and the {self._group.size} workers are "
                f"{total:g} together; expected the same checkpoint in the same place for all"
            )
        for name, parameter in self._parameters():
            value = parameter.data()
            first = value if self._group.rank == 0 else np.zeros_like(value)
            parameter.set_data(self._group.sum(f"parameters/{name}", first))

    def part(self, batch: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Every ``size``-th example, from number ``rank`` on: all parts are the batch, once.

        Raises:
            ValueError: a batch with fewer examples than workers.
        """
        X, y = batch
        rank, size = self._group.rank, self._group.size
        if size == 1:
            return X, y
        if len(y) < size:
            raise ValueError(
                f"a batch has {len(y)} examples for {size} workers; expected one for each at "
                "least: take another batch size, fewer workers, or another number of examples"
            )
        return X[rank::size], y[rank::size]

    def sum_gradients(self) -> None:
        """Give every worker the gradients of the whole batch, by one sum for all parameters."""
        if self._group.size == 1:
            return
        self._together(
            "gradients", [p.grad() for _, p in self._parameters() if p.grad_req != "null"]
        )

    def mean_averages(self) -> None:
        """Give every worker the mean of the workers' moving averages."""
        fixed = [p.data() for _, p in self._parameters() if p.grad_req == "null"]
        if self._group.size == 1 or not fixed:
            return
        self._together("averages", fixed, scale=1 / self._group.size)

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """The sum of a table of every worker."""
        return self._group.sum(f"rows/{len(rows)}", rows)

    def _together(self, name: str, arrays: Iterable[np.ndarray], scale: float = 1.0) -> None:
        """Replace each array by its sum over the workers."""
        arrays = list(arrays)
        total = self._group.sum(name, np.concatenate([array.reshape(-1) for array in arrays]))
        start = 0
        for array in arrays:
            array[:] = (scale * total[start : start + array.size]).reshape(array.shape)
            start += array.size

    def _parameters(self) -> Iterator[tuple[str, gluon.Parameter]]:
        yield from sorted(self._net._collect_params_with_prefix().items())
