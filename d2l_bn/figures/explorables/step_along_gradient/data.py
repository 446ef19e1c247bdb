r"""The walks of the landscape study: every 20 steps of a training, along one batch's gradient."""

from __future__ import annotations

from typing import Any

STILL = {"stop": 4}  # of what there is a picture where no scripts run
SEEDS = 3  # of those that were run
NETWORKS = {"plain": "none", "batch": "batch"}


def build() -> dict:
    r"""``walks[activation][network][seed][look]``, ``rates``, ``factors`` of a rate, ``steps``.

    A walk has the ``loss`` and the ``gradient``'s length where it begins; at each factor of the
    learning rate the loss, ``losses``, and how far the gradient is from the first, ``distances``.
    """
    from d2l_bn.experiments import load

    walks: dict[str, dict[str, Any]] = {}
    for activation in ("relu", "sigmoid"):
        walks[activation] = {}
        for name, network in NETWORKS.items():
            records = load.select("landscape", activation=activation, network=network, lr_factor=1)
            records = sorted(records, key=lambda record: record["seed"])[:SEEDS]
            walks[activation][name] = [_walks(record["measures"]) for record in records]
    case, measures = records[0]["case"], records[0]["measures"]
    rates = {
        activation: load.select("landscape", activation=activation, lr_factor=1)[0]["case"]["lr"]
        for activation in walks
    }
    return {
        "rates": rates, "factors": case["step_factors"], "steps": measures["step"], "walks": walks
    }  # fmt: skip


def _walks(measures: dict[str, list]) -> list[dict]:
    columns = "batch_loss", "gradient_norm", "losses_along_gradient", "gradient_distances"
    names = "loss", "gradient", "losses", "distances"
    return [dict(zip(names, look)) for look in zip(*(measures[column] for column in columns))]
