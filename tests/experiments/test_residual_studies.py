"""Studies of residual networks: what was chosen, and what few images of new classes are."""

from __future__ import annotations

import numpy
import pytest

from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen_setting
from d2l_bn.experiments.studies import fine_tuning, residual
from d2l_bn.experiments.studies.fine_tuning import parts_by_class
from d2l_bn.networks.batch_norm_layers import batch_norms
from d2l_bn.networks.watching import blocks


@pytest.mark.parametrize("arm, depth", residual.CHOSEN)
def test_the_chosen_rate_is_the_best_on_validation_images(arm, depth):
    seeds = residual.SEEDS if arm == residual.ALL_SEEDS else residual.TUNING_SEEDS
    tuned = [r for r in load.records("residual") if r["seed"] < seeds]
    best = chosen_setting(tuned, arm=arm, depth=depth)
    assert best == {"lr": residual.CHOSEN[arm, depth]}
    runs = load.select("residual", arm=arm, depth=depth, **best)
    assert sorted(run["seed"] for run in runs) == list(range(residual.SEEDS))


def test_every_arm_has_a_chosen_rate():
    arms = {(case["arm"], case["depth"]) for case in residual.cases(0)}
    assert arms == set(residual.CHOSEN)


@pytest.mark.parametrize("arm", residual.ARMS)
def test_the_network_of_an_arm_is_what_its_name_says(arm):
    case = next(c for c in residual.cases(0) if c["arm"] == arm and c["depth"] == 32)
    net = residual.residual_network(case)
    names = {type(block).__name__ for block in blocks(net).values()}
    assert ("BatchNorm" in names) == ("BN" in arm) and ("Scale" in names) == ("× 0" in arm)
    assert ("HybridResidualBlock" in names) == arm.startswith("residual")
    first = list(net.block2._children["branch" if "residual" in arm else "conv1"]._children)[:1]
    assert (first == ["norm1"]) == (arm == "residual, BN first")
    if "γ" in arm:
        assert "Zero" in str(net.block2.branch.norm2.gamma.init.dumps()).title()
    assert len(batch_norms(net)) == 31 if "BN" in arm else True


def test_few_images_are_of_the_new_classes_alone_and_of_no_other_part():
    case = {**fine_tuning.FINE_TUNING, "examples": 800, "images": 4, "test_examples": 200}
    old, few, validation, test = parts_by_class(case, 3, "synthetic")
    assert sorted(few.labels) == sorted([*range(5)] * 4)
    assert set(old.labels) == set(validation.labels) == set(test.labels) == set(range(5))
    assert few.shuffle and not validation.shuffle
    seen = [{image.tobytes() for image in part.images} for part in (old, few, validation)]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    more = parts_by_class({**case, "images": 8}, 3, "synthetic")[1]
    assert seen[1] < {image.tobytes() for image in more.images}
    other = parts_by_class(case, 4, "synthetic")[1]
    assert not numpy.array_equal(few.images, other.images)


def test_the_claims_stand_on_these_studies():
    topics = {name: court[name].studies for name in court if "residual" in court[name].studies}
    assert len(topics) >= 8
    assert court["frozen_better_with_two_in_a_batch"].studies == ("fine_tuning",)
    names = [c.name for c in court["depth_hurts_plain_networks"].judge().comparisons]
    assert names == ["plain", "plain, BN"]
