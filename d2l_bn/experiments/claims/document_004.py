r"""Source 004, notes on Hung-yi Lee's lesson 8: its claims."""

from __future__ import annotations

from statistics import mean

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim
from d2l_bn.experiments.claims.evidence import advantage
from d2l_bn.experiments.claims.measures import ACTIVATIONS, by_seed, less, steps_saved
from d2l_bn.experiments.statistics import Estimate, difference

__all__ = ["CLAIMS"]

BN = {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True}
SAME = 0.02  # test accuracy: what counts as the same


def _steep(standardized: bool) -> bool:
    """Whether one direction is a hundred times as steep as another."""
    return exact.condition_number(standardized) > 100


def _same_place():
    """What counts as the same, minus the distance of the two."""
    gap = advantage(
        "variants", "accuracy", {**BN, "placement": "before"}, {**BN, "placement": "after"}
    )
    return {"sigmoid": Estimate(SAME - abs(gap.mean), gap.deviation, gap.n)}


def _landscape(pick, network: str, activation: str) -> dict[int, float]:
    return by_seed("landscape.json", pick, network=network, activation=activation, lr_factor=1)


def _tested(network: str, activation: str) -> dict[int, float]:
    return _landscape(
        lambda run: 0.1 if run["test_accuracy"] is None else run["test_accuracy"],
        network,
        activation,
    )


def _shift(network: str, activation: str) -> dict[int, float]:
    def shift(run):
        return mean(mean(run["measurements"][f"moment_shift/act{i}"]) for i in (1, 2, 3, 4))

    return _landscape(shift, network, activation)


def _shift_without_harm():
    """Noise behind BN does shift the layers' inputs, and yet costs no more than SAME."""
    effects = {}
    for activation in ACTIVATIONS:
        loss = less(_tested("noisy", activation), _tested("batch", activation))
        effects[f"{activation}: the noise shifts the inputs"] = difference(
            _shift("noisy", activation), _shift("batch", activation)
        )
        effects[f"{activation}: it does no harm"] = loss._replace(mean=SAME - loss.mean)
    return effects


def _same_distribution_is_better():
    return {
        activation: less(_tested("noisy", activation), _tested("batch", activation))
        for activation in ACTIVATIONS
    }


def _answers_one_example():
    return {"in general": exact.one_example_can_be_normalized_at_test_time()}


CLAIMS = [
    Claim(
        67,
        "004",
        "考虑两种输入X1=[1,2,3]和X2=[100,200,300] … 这就造成了error surface的陡峭",
        "features of such different ranges make the error surface steep",
        lambda: {"condition number above 100": _steep(standardized=False)},
        "exact",
        "computed here",
        remark="correction 18: the two vectors are two features, not two examples",
    ),
    Claim(
        68,
        "004",
        "如果我们将输入的X都变成一样的range,那么error surface也会变得各维度相似的平坦",
        "of one range, they make it alike flat in every direction",
        lambda: {"condition number below 100": not _steep(standardized=True)},
        "exact",
        "computed here",
    ),
    Claim(
        69,
        "004",
        "在active function之前做normalization 还是之后呢?其实在实际操作中影响不大",
        "before or after the activation hardly matters",
        _same_place,
        f"{SAME} minus the distance in test accuracy",
        "results/sweeps/variants.jsonl",
    ),
    Claim(
        70,
        "004",
        "如果z1改变,那么下图右侧所有的变量都要改",
        "if one z changes, all on the right change",
        lambda: {"of its feature": exact.one_change_changes_every_output_of_its_feature()},
        "exact",
        "computed here",
    ),
    Claim(
        71,
        "004",
        "实际上初始时,γ是one-vector,就全是1,而β是zero-vector,全是0",
        "at the start γ is all ones and β all zeros",
        lambda: {"in general": exact.gamma_starts_at_1_and_beta_at_0()},
        "exact",
        "computed here",
    ),
    Claim(
        71,
        "004",
        "等找到比较好的error surface后,才把β和γ慢慢加进去",
        "β and γ are added only when a good error surface has been found",
        lambda: {"still 1 and 0 after a step": exact.gamma_and_beta_wait_before_they_move()},
        "exact",
        "computed here",
        remark="correction 19",
    ),
    Claim(
        72,
        "004",
        "不可能等到攒够64笔资料才做normalization,所以在testing的时候用的是moving average",
        "the moving average answers for one example, without waiting for 64",
        _answers_one_example,
        "exact",
        "computed here",
    ),
    Claim(
        73,
        "004",
        "使用了normalization训练会更快达到较高的准确度",
        "with normalization, training comes to a high accuracy sooner",
        lambda: steps_saved(0.75),
        "steps to a training accuracy of 0.75 saved, each at its best rate",
        "results/sweeps/learning_rate.jsonl",
        at_least=50,
        remark="a run that never got there counts with its length",
    ),
    Claim(
        74,
        "004",
        "他认为a和a’的分布相不相同都不影响训练",
        "whether the distributions are alike does not matter for training (Santurkar et al.)",
        _shift_without_harm,
        f"shift, noise minus BN, in deviations; {SAME} minus the test accuracy lost by the noise",
        "results/landscape.json",
    ),
    Claim(
        74,
        "004",
        "gradient是根据a算出来的,适合用在a上不适合用在a’上。就说让a和a’有相同的分布比较好",
        "a gradient fits the distribution that it was computed on; so the same one is better",
        _same_distribution_is_better,
        "test accuracy lost by noise behind BN",
        "results/landscape.json",
        at_least=SAME,
    ),
]
