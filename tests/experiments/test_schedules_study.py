"""The study of schedules: its peak rates are those that the held-out images choose."""

from statistics import mean

from d2l_bn.experiments import load
from d2l_bn.experiments.studies.schedules import CHOSEN, RATES, STUDY, TUNING_SEEDS


def test_the_chosen_rates_are_the_best_on_held_out_images():
    for (norm, schedule, decay), chosen in CHOSEN.items():
        runs = load.select("schedules", norm=norm, schedule=schedule)
        accuracies = {
            lr: [
                load.measured(run, "validation_accuracy")
                for run in runs
                if run["case"]["lr"] == lr
                and run["case"]["optimizer_params"]["wd"] == decay
                and run["seed"] < TUNING_SEEDS
            ]
            for lr in RATES[norm]
        }
        assert all(len(found) == TUNING_SEEDS for found in accuracies.values())
        assert max(accuracies, key=lambda lr: mean(accuracies[lr])) == chosen


def test_all_rates_are_run_with_the_first_seeds_and_the_chosen_ones_with_all():
    first, last = STUDY.cases(0), STUDY.cases(STUDY.seeds[-1])
    assert len(last) >= len(CHOSEN)
    assert all(case in first for case in last)
    for (norm, schedule, decay), rate in CHOSEN.items():
        arm = {"norm": norm, "schedule": schedule, "lr": rate}
        assert any(arm.items() <= c.items() and c["optimizer_params"]["wd"] == decay for c in last)
