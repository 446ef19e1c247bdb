r"""Claims about descent that computing once decides."""

from __future__ import annotations

from d2l_bn.experiments.claims import exact_descent as exact
from d2l_bn.experiments.claims.runs import exact_claims
from d2l_bn.experiments.claims.sources import CHAPTER, LECTURE, TECHNIQUES

__all__ = ["CLAIMS"]


def _steep(standardized: bool) -> bool:
    """Whether one direction is a hundred times as steep as another."""
    return exact.condition_number(standardized) > 100


CLAIMS = [
    *exact_claims(
        CHAPTER,
        (
            "momentum_for_ill_conditioning",
            "momentum",
            "动量方法主要是为了解决Hessian矩阵病态条件问题的",
            "momentum is there for ill-conditioned Hessians",
            exact.momentum_needs_fewer_steps_where_curvatures_differ,
            "on a bowl of condition 100",
        ),
        (
            "momentum_needs_decay",
            "momentum",
            "如果没有衰减值,模型往往会震荡难以收敛,甚至发散",
            "without decay the model tends to oscillate and not to converge",
            exact.momentum_without_decay_never_comes_to_rest,
            "",
        ),
    ),
    *exact_claims(
        TECHNIQUES,
        (
            "momentum_leaves_local_minima",
            "momentum",
            "并且还有一定摆脱局部最优的能力",
            "momentum can leave local minima",
            exact.momentum_can_leave_a_local_minimum,
            "one example is enough for 'can'",
        ),
        (
            "adagrad_rate_falls",
            "AdaGrad",
            "此累积值单调递增,从而导致Learning Rate单调递减,直至无限小",
            "what AdaGrad accumulates only grows, so that its rate falls without end",
            exact.rates_of_adagrad_only_fall,
            "",
        ),
        (
            "adam_corrects_the_start",
            "Adam",
            "Adam与RMSprop相比,增加了偏差校正和动量",
            "Adam adds the correction of the bias, and momentum",
            exact.adam_s_first_step_is_corrected,
            "",
        ),
    ),
    *exact_claims(
        LECTURE,
        (
            "ranges_make_it_steep",
            "ranges of features",
            "考虑两种输入X1=[1,2,3]和X2=[100,200,300] … 这就造成了error surface的陡峭",
            "features of such different ranges make the error surface steep",
            lambda: _steep(standardized=False),
            "the two vectors are two features, not two examples",
        ),
        (
            "one_range_makes_it_even",
            "ranges of features",
            "如果我们将输入的X都变成一样的range,那么error surface也会变得各维度相似的平坦",
            "of one range, they make it alike flat in every direction",
            lambda: not _steep(standardized=True),
            "where the features are not correlated",
        ),
    ),
]
