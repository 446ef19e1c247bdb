r"""Claims of notes on Hung-yi Lee's lecture on batch normalization."""

from __future__ import annotations

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim, exact_claim
from d2l_bn.experiments.claims.measures import (
    ACTIVATIONS,
    BATCH_NORM,
    SAME,
    advantage,
    less,
    same,
    steps_saved,
)
from d2l_bn.experiments.load import by_seed
from d2l_bn.experiments.statistics import difference

__all__ = ["CLAIMS"]


def _steep(standardized: bool) -> bool:
    """Whether one direction is a hundred times as steep as another."""
    return exact.condition_number(standardized) > 100


def _same_place():
    before, after = ({**BATCH_NORM, "placement": place} for place in ("before", "after"))
    return {"sigmoid": same(advantage("variants", before, after))}


def _landscape(measure: str, network: str, activation: str) -> dict[int, float]:
    fields = {"network": network, "activation": activation, "lr_factor": 1}
    return by_seed("landscape", measure, **fields)


def _lost_by_noise(activation: str):
    return less(*(_landscape("test_accuracy", n, activation) for n in ("noisy", "batch")))


def _shift_without_harm():
    """Noise behind BN does shift the layers' inputs, and yet costs no more than SAME."""
    effects = {}
    for activation in ACTIVATIONS:
        effects[f"{activation}: the noise shifts the inputs"] = difference(
            *(_landscape("moment_shift/*", n, activation) for n in ("noisy", "batch"))
        )
        loss = _lost_by_noise(activation)
        effects[f"{activation}: it does no harm"] = loss._replace(mean=SAME - loss.mean)
    return effects


CLAIMS = [
    exact_claim(
        "ranges of features",
        "考虑两种输入X1=[1,2,3]和X2=[100,200,300] … 这就造成了error surface的陡峭",
        "features of such different ranges make the error surface steep",
        lambda: _steep(standardized=False),
        condition="condition number above 100",
        remark="the two vectors are two features, not two examples",
    ),
    exact_claim(
        "ranges of features",
        "如果我们将输入的X都变成一样的range,那么error surface也会变得各维度相似的平坦",
        "of one range, they make it alike flat in every direction",
        lambda: not _steep(standardized=True),
        condition="condition number below 100",
    ),
    Claim(
        "before or after the activation",
        "在active function之前做normalization 还是之后呢?其实在实际操作中影响不大",
        "before or after the activation hardly matters",
        measure=_same_place,
        effect=f"{SAME} minus the distance in test accuracy",
        studies=("variants",),
    ),
    exact_claim(
        "dependence on the batch",
        "如果z1改变,那么下图右侧所有的变量都要改",
        "if one z changes, all on the right change",
        exact.one_change_changes_every_output_of_its_feature,
        condition="of its feature",
    ),
    exact_claim(
        "γ and β",
        "实际上初始时,γ是one-vector,就全是1,而β是zero-vector,全是0",
        "at the start γ is all ones and β all zeros",
        exact.gamma_starts_at_1_and_beta_at_0,
    ),
    exact_claim(
        "γ and β",
        "等找到比较好的error surface后,才把β和γ慢慢加进去",
        "β and γ are added only when a good error surface has been found",
        exact.gamma_and_beta_wait_before_they_move,
        condition="still 1 and 0 after a step",
        remark="they are trained from the first step",
    ),
    exact_claim(
        "moving average",
        "不可能等到攒够64笔资料才做normalization,所以在testing的时候用的是moving average",
        "the moving average answers for one example, without waiting for 64",
        exact.one_example_can_be_normalized_at_test_time,
    ),
    Claim(
        "what BN buys",
        "使用了normalization训练会更快达到较高的准确度",
        "with normalization, training comes to a high accuracy sooner",
        measure=lambda: steps_saved(0.75),
        effect="steps to a training accuracy of 0.75 saved, each at its best rate",
        studies=("learning_rate",),
        at_least=50,
        remark="a run that never got there counts with its length",
    ),
    Claim(
        "why BN works",
        "他认为a和a’的分布相不相同都不影响训练",
        "whether the distributions are alike does not matter for training (Santurkar et al.)",
        measure=_shift_without_harm,
        effect=f"shift, noise minus BN, in deviations; {SAME} minus accuracy lost by the noise",
        studies=("landscape",),
    ),
    Claim(
        "why BN works",
        "gradient是根据a算出来的,适合用在a上不适合用在a’上。就说让a和a’有相同的分布比较好",
        "a gradient fits the distribution that it was computed on; so the same one is better",
        measure=lambda: {name: _lost_by_noise(name) for name in ACTIVATIONS},
        effect="test accuracy lost by noise behind BN",
        studies=("landscape",),
        at_least=SAME,
    ),
]
