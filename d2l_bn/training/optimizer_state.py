r"""The state of an optimizer as named arrays: numbers to go on from, and nothing that could run.

What an optimizer keeps for a parameter (a velocity, a mean of squares, a copy in float32) is a nest
of tuples, lists and arrays. The shape of the nest is asked from the optimizer itself, which makes
an empty one for each parameter; only the values come from the file. Besides, an optimizer counts
its steps. Names are places in the network: ``state/0.weight/1`` is the second array that belongs to
the parameter ``0.weight``.

``Trainer.save_states`` pickles all this, and ``load_states`` runs what it finds in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
from mxnet import gluon
from mxnet.ndarray import NDArray

from d2l_bn.training.weights import CheckpointError

__all__ = ["optimizer_state", "restore_optimizer_state"]


def optimizer_state(net: gluon.Block, trainer: gluon.Trainer) -> dict[str, numpy.ndarray]:
    r"""A copy of the state of ``trainer``, which trains ``net`` on one device."""
    optimizer, updater = trainer.optimizer, _updater(trainer)
    names = _names(net, trainer)
    values = {"steps": numpy.array([optimizer.num_update, optimizer.begin_num_update], "int64")}
    if optimizer.lr_scheduler is None:
        values["learning_rate"] = numpy.array(optimizer.lr, "float64")
    if hasattr(optimizer, "m_schedule"):  # Nadam
        values["m_schedule"] = numpy.array(optimizer.m_schedule, "float64")
    for index, count in optimizer._index_update_count.items():
        values[f"steps/{names[index]}"] = numpy.array(count, "int64")
    for index, state in updater.states.items():
        arrays: list[tuple[str, NDArray]] = []
        _mapped(lambda *place_and_array: arrays.append(place_and_array), state)  # noqa: B023
        values |= {f"state/{names[index]}{place}": array.asnumpy() for place, array in arrays}
    for index, sums in getattr(optimizer, "cumgrads", {}).items():  # LBSGD
        values[f"batches/{names[index]}"] = numpy.array(sums["num_cums"], "int64")
        if isinstance(sums["cum_grad"], NDArray):  # otherwise it is 0
            values[f"sum/{names[index]}"] = sums["cum_grad"].asnumpy()
    return values


def restore_optimizer_state(
    net: gluon.Block, trainer: gluon.Trainer, values: dict[str, numpy.ndarray]
) -> None:
    r"""Put back what :func:`optimizer_state` gave, into a trainer with an optimizer of that kind.

    Raises:
        CheckpointError: the values are of another optimizer or network; nothing has been changed.
    """
    optimizer, updater = trainer.optimizer, _updater(trainer)
    left = dict(values)

    def number(name: str, like: numpy.ndarray) -> Any:
        return _checked(name, left.pop(name, None), like.shape, like.dtype).tolist()

    names = _names(net, trainer)
    states, sums = {}, {}
    step, real = numpy.array(0, "int64"), numpy.array(0.0)
    total, begin = number("steps", numpy.zeros(2, "int64"))
    rate = number("learning_rate", real) if optimizer.lr_scheduler is None else None
    schedule = number("m_schedule", real) if hasattr(optimizer, "m_schedule") else None
    counts = {i: number(f"steps/{n}", step) for i, n in names.items() if f"steps/{n}" in left}
    for index, name in names.items():
        weight = trainer._params[index].data(trainer._contexts[0]).as_nd_ndarray()

        def filled(place: str, array: NDArray, name: str = name) -> NDArray:
            key = f"state/{name}{place}"
            array[:] = _checked(key, left.pop(key, None), array.shape, array.dtype)
            return array

        if any(key.startswith(f"state/{name}/") or key == f"state/{name}" for key in left):
            states[index] = _mapped(filled, optimizer.create_state_multi_precision(index, weight))
        if hasattr(optimizer, "cumgrads") and f"batches/{name}" in left:
            sums[index] = {"num_cums": number(f"batches/{name}", step), "cum_grad": 0}
            if f"sum/{name}" in left:
                gradient = weight.zeros_like()
                gradient[:] = _checked(
                    f"sum/{name}", left.pop(f"sum/{name}"), weight.shape, weight.dtype
                )
                sums[index]["cum_grad"] = gradient
    if left:
        raise CheckpointError(f"the state is of another optimizer: it has {', '.join(left)}, too")

    optimizer.num_update, optimizer.begin_num_update = total, begin
    if rate is not None:
        optimizer.lr = rate
    optimizer._index_update_count = counts
    optimizer._all_index_update_counts = {trainer._contexts[0].device_id: counts}
    if schedule is not None:
        optimizer.m_schedule = schedule
    if hasattr(optimizer, "cumgrads"):
        optimizer.cumgrads = sums
    updater.states, updater.states_synced = states, dict.fromkeys(states, True)


def _updater(trainer: gluon.Trainer) -> Any:
    if len(trainer._updaters) != 1 or trainer._update_on_kvstore:
        raise ValueError(
            f"the trainer is on {len(trainer._updaters)} devices, or updates in a store; expected "
            "one device and kvstore=None"
        )
    return trainer._updaters[0]


def _names(net: gluon.Block, trainer: gluon.Trainer) -> dict[int, str]:
    """The place in ``net`` of each parameter, by the trainer's number for it."""
    places = {id(p): name for name, p in reversed(net._collect_params_with_prefix().items())}
    return {index: places[id(p)] for index, p in enumerate(trainer._params)}


def _mapped(function: Callable[[str, NDArray], Any], state: Any, place: str = "") -> Any:
    """The nest with ``function(place, array)`` in the place of each array."""
    if isinstance(state, NDArray):
        return function(place, state)
    if isinstance(state, (tuple, list)):
        return type(state)(
            _mapped(function, part, f"{place}/{number}") for number, part in enumerate(state)
        )
    if state is None:
        return None
    raise TypeError(f"the optimizer keeps a {type(state).__name__}; expected arrays")


def _checked(name: str, value: Any, shape: tuple[int, ...], dtype: Any) -> numpy.ndarray:
    if value is None or value.shape != shape or value.dtype != numpy.dtype(dtype):
        came = "missing" if value is None else f"{value.dtype} {value.shape}"
        raise CheckpointError(
            f"the state is of another optimizer: {name} is {came}, expected "
            f"{numpy.dtype(dtype)} {shape}"
        )
    return value
