#!/usr/bin/env python3
"""Rewrite the records of results/ in the one shape of d2l_bn.experiments: once, no number changed.

    python scripts/migrate_results.py OLD NEW

OLD is the folder of the old results, NEW that of the new ones. Every record of a study's plan must
be there and none beside, or nothing is written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from d2l_bn.experiments.lenet_training import lenet_case
from d2l_bn.experiments.record_file import RecordFile, read_records
from d2l_bn.experiments.runner import REAL_DATA
from d2l_bn.experiments.studies import find_study, study_names
from d2l_bn.experiments.studies.regularization import _case as regularization_case
from d2l_bn.experiments.studies.variance_shift import _case as variance_shift_case
from d2l_bn.experiments.studies.weight_decay import _case as weight_decay_case
from d2l_bn.experiments.technique_case import technique_case

EPOCH_COLUMNS = {
    "loss": "loss_by_epoch",
    "train_accuracy": "train_accuracy_by_epoch",
    "test_accuracy": "test_accuracy_moving_by_epoch",
    "population_test_accuracy": "test_accuracy_population_by_epoch",
    "validation_accuracy": "validation_accuracy_by_epoch",
    "seconds": "seconds_by_epoch",
}
SWEEPS = ("family", "initialization", "learning_rate", "optimizers", "small_batches", "variants")
PARTS = {
    "initialization": "deep_initialization",
    "learning_rates": "learning_rate_range",
    "search": "hyperparameter_search",
}


def columns(record: dict, names: dict[str, str] = EPOCH_COLUMNS) -> dict:
    """The lists of a record under their new names, without those of nothing."""
    found = {new: record[old] for old, new in names.items() if isinstance(record.get(old), list)}
    return {name: values for name, values in found.items() if values[:1] != [None]}


def sweeps(old: Path) -> Iterator[dict]:
    for name in SWEEPS:
        for record in read_records(old / "sweeps" / f"{name}.jsonl"):
            trial = dict(record["trial"])
            seed, batches = trial.pop("seed"), trial.pop("recalibrate")
            case = lenet_case(**trial, population_batches=batches)
            yield new(name, case, seed, record, {**columns(record), "curve": record["curve"]})


def techniques(old: Path) -> Iterator[dict]:
    for record in read_records(old / "techniques.jsonl"):
        part, was = record["part"], dict(record["case"])
        seed, norm = was.pop("seed"), was.get("norm")
        names = dict(EPOCH_COLUMNS)
        if norm:
            names["test_accuracy"] = "test_accuracy_population_by_epoch"
            names["moving_average_test_accuracy"] = "test_accuracy_moving_by_epoch"
        measures = columns(record, names)
        extra = {key: was.pop(key) for key in ("order", "members", "strategy") if key in was}
        if "trial" in was:
            extra["point"] = was.pop("trial")
            was["optimizer_params"] = {"wd": was.pop("wd"), "momentum": 0.9}
        if part == "initialization":
            case = {**find_study("deep_initialization").cases[0], **was}
            case["population_batches"] = 20 if norm else 0
        else:
            case = {**technique_case(**was), **extra}
        for name, share in record.get("dead", {}).items():
            measures[f"dead/{name}"] = share
        for name in ("alone", "together"):
            if name in record:
                measures[f"test_accuracy_population/{name}"] = record[name]
        yield new(PARTS.get(part, part), case, seed, record, measures)


def chapter(old: Path) -> Iterator[dict]:
    for run in json.loads((old / "chapter.json").read_text(encoding="utf-8"))["runs"]:
        config, environment = run["config"], run["environment"]
        assert not config["synthetic"] and config["limit"] is None
        case = lenet_case(
            norm=None if config["norm"] == "none" else config["norm"],
            **{name: config[name] for name in ("lr", "batch_size", "epochs")},
            examples=None,
        )
        as_columns = {name: [epoch.get(name) for epoch in run["epochs"]] for name in EPOCH_COLUMNS}
        source = environment.pop("data")
        record = {
            "environment": environment,
            "data": source,
            "outcome": "finished",
            "seconds": round(sum(as_columns["seconds"]), 2),
        }
        yield new("chapter", case, config["seed"], record, columns(as_columns))


def population(old: Path) -> Iterator[dict]:
    content = json.loads((old / "population.json").read_text(encoding="utf-8"))
    config = content["config"]
    assert not config["synthetic"]
    case = lenet_case(
        **{name: config[name] for name in ("norm", "lr", "batch_size", "epochs")},
        population_batches=config["population_batches"],
        examples=config["limit"],
    )
    names = {
        "loss": "loss_by_epoch",
        "train_accuracy": "train_accuracy_by_epoch",
        "moving_average": "test_accuracy_moving_by_epoch",
        "batch": "test_accuracy_batch_by_epoch",
        "population": "test_accuracy_population_by_epoch",
    }
    for seed in content["summary"]["seeds"]:
        rows = [row for row in content["rows"] if row["seed"] == seed]
        assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
        as_columns = {name: [row[name] for row in rows] for name in names}
        record = {**content, "outcome": "finished", "seconds": None}
        yield new("population", case, seed, record, columns(as_columns, names))


def last_batch(old: Path) -> Iterator[dict]:
    content = json.loads((old / "last_batch.json").read_text(encoding="utf-8"))
    for run in content["runs"]:
        settings = run["settings"]
        assert not settings["synthetic"] and settings["limit"] is None
        case = lenet_case(
            **{name: settings[name] for name in ("norm", "lr", "batch_size", "epochs")},
            examples=None,
        )
        measures = {"images_by_epoch": [epoch["images"] for epoch in run["epochs"]]}
        for name in ("before", "divided_by_256", "divided_by_its_size"):
            values = [epoch[name] for epoch in run["epochs"]]
            measures[f"test_accuracy_moving_by_epoch/{name}"] = values
        # --data was not 'synthetic', and there is nothing else that is not Fashion-MNIST
        record = {"environment": content["environment"], "data": "auto"}
        record.update(outcome="finished", seconds=None)
        yield new("last_batch", case, run["seed"], record, measures)


def landscape(old: Path) -> Iterator[dict]:
    content = json.loads((old / "landscape.json").read_text(encoding="utf-8"))
    config = content["config"]
    assert not config["synthetic"] and config["limit"] is None
    for run in content["runs"]:
        case = {
            **{name: run[name] for name in ("activation", "network", "lr_factor")},
            "lr": config["learning_rates"][run["activation"]] * run["lr_factor"],  # not rounded
            **{name: config[name] for name in ("optimizer", "batch_size", "steps", "every")},
            "noise": config["noise"].get(run["network"]),
            "shuffle": True,
            "examples": None,
            "test_examples": None,
            "step_factors": config["step_factors"],
            "power_iterations": config["power_iterations"],
            "population_batches": config["recalibration_batches"],
        }
        measures = {
            "batch_loss" if name == "loss" else name: values
            for name, values in run["measurements"].items()
        }
        for name, values in (("loss", run["losses"]), ("train_accuracy", run["accuracies"])):
            measures[f"{name}_between_looks"] = values
            measures[f"final_{name}"] = values[-1]
        statistics = "moving" if run["network"] == "none" else "population"
        measures[f"test_accuracy_{statistics}"] = run["test_accuracy"]
        record = {"environment": content["environment"], "data": content["data"], **run}
        yield new("landscape", case, run["seed"], record, measures)


def inspection(old: Path) -> Iterator[dict]:
    for record in read_records(old / "inspection.jsonl"):
        network = record["network"]
        normalized = network["norm"] is not None
        case = lenet_case(**network, **record["size"], population_batches=50 if normalized else 0)
        measures = {"start": record["start"], "end": record["end"]}
        tested = {"population" if normalized else "moving": record["test_accuracy"]}
        if normalized:
            measures["restored"] = record["restored"]
            tested["own_statistics"] = record["test_accuracy_with_their_statistics"]
        for kind, by_image in tested.items():
            for name, accuracy in by_image.items():
                measures[f"test_accuracy_{kind}/{name}"] = accuracy
        yield new("inspection", case, record["seed"], finished(record), measures)


def variance_shift(old: Path) -> Iterator[dict]:
    for record in read_records(old / "variance_shift.jsonl"):
        assert not record["config"]["synthetic"]
        case = variance_shift_case(record["places"], record["rate"])
        settings = {k: v for k, v in record["config"].items() if k != "synthetic"}
        assert {**case, **settings} == case
        tested = record["test_accuracy"]
        measures = {
            "train_accuracy": record["train_accuracy"],
            "test_accuracy_moving": tested["moving average"],
            "test_accuracy_population_with_dropout": tested["training"],
            "test_accuracy_population": tested["prediction"],
        }
        for name, shift in record["layers"].items():
            measures[f"variance_ratio/{name}"] = shift["measured"]
            measures[f"expected_variance_ratio/{name}"] = shift["expected"]
            measures[f"variance_ratio_moving/{name}"] = shift["with_moving_average"]
        yield new("variance_shift", case, record["seed"], finished(record), measures)


def weight_decay(old: Path) -> Iterator[dict]:
    for record in read_records(old / "weight_decay.jsonl"):
        assert not record["config"]["synthetic"]
        case = weight_decay_case(record["norm"], record["weight_decay"], record["way"])
        settings = {k: v for k, v in record["config"].items() if k != "synthetic"}
        assert {**case, **settings} == case
        measures = {**columns(record), "steps": record["steps"]}
        for new_name, old_name in (("weight_norm", "norms"), ("gradient_norm", "gradients")):
            for layer, values in record[old_name].items():
                measures[f"{new_name}/{layer}"] = values
        measures["test_accuracy_moving"] = record["test_accuracy"]
        if record["norm"] is not None:
            measures["test_accuracy_population"] = record["population_test_accuracy"]
        yield new("weight_decay", case, record["seed"], finished(record), measures)


def regularization(old: Path) -> Iterator[dict]:
    for record in read_records(old / "regularization.jsonl"):
        assert not record["config"]["synthetic"]
        case = regularization_case(record["variant"])
        settings = {k: v for k, v in record["config"].items() if k not in ("synthetic", "momentum")}
        assert {**case, **settings} == case
        measures = columns(record)
        measures["train_accuracy_moving"] = record["final_train_accuracy"]
        measures["test_accuracy_moving"] = record["test_accuracy"]
        for size, spread in record.get("score_spread", {}).items():
            measures[f"score_spread/{size}"] = spread
        if "population_test_accuracy" in record:
            measures["test_accuracy_population"] = record["population_test_accuracy"]
        yield new("regularization", case, record["seed"], finished(record), measures)


def recurrent(old: Path) -> Iterator[dict]:
    for record in read_records(old / "recurrent.jsonl"):
        config = dict(record["config"])
        assert not config.pop("synthetic")
        averages = record["norm"] in ("batch", "batch_per_step")
        case = {**config, "optimizer": "sgd", "optimizer_params": {}, "scale": record["scale"]}
        case.update(norm=record["norm"], population_batches=10 if averages else 0)
        measures = columns(record)
        if record["population_test_accuracy"] is not None:
            measures["test_accuracy_population"] = record["population_test_accuracy"]
        yield new("recurrent", case, record["seed"], record, measures)


def finished(record: dict) -> dict:
    return {**record, "outcome": "finished"}


def new(study: str, case: dict, seed: int, old: dict, measures: dict) -> dict:
    # 'auto' takes nothing but files of the right SHA-256, see d2l_bn.data.sources
    assert old["data"] == "auto" or old["data"].startswith("Fashion-MNIST ("), old["data"]
    return {
        "study": study,
        "case": case,
        "seed": seed,
        "size": "full",
        "data": REAL_DATA,
        "outcome": old["outcome"],
        "measures": measures,
        "seconds": old.get("seconds"),
        "environment": old["environment"],
    }


READERS = (
    sweeps,
    techniques,
    chapter,
    population,
    last_batch,
    landscape,
    inspection,
    variance_shift,
    weight_decay,
    regularization,
    recurrent,
)


def main() -> int:
    old, folder = map(Path, sys.argv[1:3])
    by_study: dict[str, list[dict]] = {name: [] for name in study_names()}
    for reader in READERS:
        for record in reader(old):
            by_study[record["study"]].append(record)
    for name, records in by_study.items():
        made = [(record["case"], record["seed"]) for record in records]
        plan = find_study(name).plan()
        missing = [run for run in plan if run not in made]
        beside = [run for run in made if run not in plan]
        print(f"{name}: {len(made)} records, {len(missing)} missing, {len(beside)} beside the plan")
        if missing or beside or len(made) != len(plan):
            print("missing", missing[:1], "\nbeside", beside[:1])
            return 1
        for record in records:  # the keys in one order
            record["case"] = plan[plan.index((record["case"], record["seed"]))][0]
    for name, records in by_study.items():
        (folder / f"{name}.jsonl").unlink(missing_ok=True)
        for record in records:
            environment = record.pop("environment")
            with RecordFile(folder / f"{name}.jsonl", environment) as file:
                file.append(record)
    return 0


if __name__ == "__main__":
    sys.exit(main())
