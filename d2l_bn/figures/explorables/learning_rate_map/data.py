r"""The runs of the study of learning rates: final test accuracy, and the curve on the way."""

from __future__ import annotations

SEEDS = 3  # of those that were run; more dots would hide each other
NORMS = {"plain": None, "batch": "gluon"}  # and what the study's cases call them


def build() -> dict:
    r"""``rates``, ``steps`` of the curves, and ``runs[activation][norm][rate][seed]``.

    A run has its test ``accuracy`` (that of a guess if it diverged), ``diverged``, and ``curve``,
    the training accuracy of the batches since the step before.
    """
    from d2l_bn.experiments import load

    rates = sorted(load.case_values("learning_rate", "lr"))
    runs: dict[str, dict[str, list]] = {}
    for activation in ("relu", "sigmoid"):
        runs[activation] = {
            name: [_runs(activation=activation, norm=norm, lr=rate) for rate in rates]
            for name, norm in NORMS.items()
        }
    steps = [step for step, _, _ in load.records("learning_rate")[0]["measures"]["curve"]]
    return {"rates": rates, "steps": steps, "runs": runs}


def _runs(**case) -> list[dict]:
    from d2l_bn.experiments import load

    records = load.select("learning_rate", **case)
    records = sorted(records, key=lambda record: record["seed"])[:SEEDS]
    return [
        {
            "accuracy": load.measured(record, "test_accuracy"),
            "diverged": record["outcome"] != "finished",
            "curve": [round(accuracy, 4) for _, _, accuracy in record["measures"].get("curve", [])],
        }
        for record in records
    ]
