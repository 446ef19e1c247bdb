# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 20 · Claim court
#
# Somebody trains a network with eight seeds (随机种子) without batch normalization (批量归一化, BN), the
# same eight with it, and writes: "BN is better". Below are five such experiments. A difference of
# less than a point, the grey band, would interest nobody. **Which of the five tell you something?**
#
# **After this notebook you can**
#
# - read an effect (效应) and its confidence interval (置信区间) against what would matter, and give one
#   of five verdicts (判决);
# - say when runs are no test of a claim at all, and how many seeds would be one;
# - tell how well you know what you know, by a score;
# - put a claim of your own on trial (审判) in ten lines.
#
# **Time:** a minute to run on two CPU cores, 15 minutes to read, and as many for the bets.
#
# **Needs:** lessons 7, 9 and 10; of lessons 13 to 18, what you have read. No data, no training: the
# runs are in `results/`.

# %% tags=["cover"]
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import numpy
from mxnet import npx

from d2l_bn import figures
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.errata import ERRATA
from d2l_bn.experiments.claims.runs import chosen, tested
from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    KINDS,
    Claim,
    Contrast,
    compare,
    discoveries,
)
from d2l_bn.experiments.load import by_seed, case_values, select, stacked
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table

npx.set_np()
check = predictions("claim_court")

EIGHT = numpy.linspace(-1, 1, 8)  # how eight seeds differ
drawn = {
    "A": (0.03, 0.01),
    "B": (0.03, 0.08),
    "C": (0.0, 0.006),
    "D": (-0.03, 0.01),
    "E": (0.014, 0.008),
}
five = Claim(
    name="five",
    quote="BN is better",
    kind="always",
    effect="test accuracy, BN minus none",
    measure=lambda: {
        name: Contrast(dict(enumerate(mean + spread * EIGHT)))
        for name, (mean, spread) in drawn.items()
    },
    delta=0.01,
    because="less than a point would interest nobody",
).judge()
figures.show(
    figures.draw_judgement(five, verdicts=False),
    alt="Five effects with their 95 % intervals against a grey band from -0.01 to 0.01: A lies wholly "
    "to its right, B reaches from below zero to far right, C lies inside it, D to its left, and E "
    "reaches from inside the band to its right.",
)

# %% [markdown]
# How many of the five leave it open whether BN gains as much as a point?

# %%
prediction = None  # a number

check("undecided", prediction)

# %% [markdown]
# # Part one: the judge is on trial first
#
# Let δ be the smallest effect that would matter. The whole 95 % interval has to lie on one side:
#
# | verdict | 判决 | the interval |
# |---|---|---|
# | supported | 得到支持 | wholly above δ |
# | no effect that matters | 无实际影响 | wholly inside ±δ |
# | refuted | 被否定 | wholly below δ, and not inside ±δ |
# | undecided | 未决 | on both sides of δ |
#
# "Undecided" is no polite word for "no". B and E are undecided for different reasons: B may be
# anything, E is more than nothing and perhaps too little. A fifth verdict, *true by algebra*
# (可由代数证明), is for what needs no seeds: one computation decides it.

# %%
figures.show(
    figures.draw_judgement(five),
    alt="The same five effects with their verdicts: A supported, B undecided, C no effect that "
    "matters, D refuted, E undecided.",
)

# %% [markdown]
# Why the interval, and not simply the mean? Try both rules where the truth is known. Here are a thousand
# experiments of three seeds **without any effect**, with the spread (standard deviation, 标准差) of
# many studies of this course, 0.02. In which share of them does the mean say "more than a point"?

# %%
prediction = None  # a share, from 0 to 1

random = numpy.random.default_rng(0)
experiments = random.normal(0.0, 0.02, size=(1000, 3))
by_mean = (experiments.mean(axis=1) > 0.01).mean()
check("lucky", prediction, by_mean)


# %%
def verdicts(truth, seeds, delta=0.01, spread=0.02, times=300):
    """The share of each verdict over many experiments with a known effect."""
    values = random.normal(truth, spread, size=(times, seeds))
    found = [compare("", Contrast(dict(enumerate(v))), delta).verdict for v in values]
    return {str(verdict): found.count(verdict) / times for verdict in sorted(set(found))}


rows = []
for truth, words in ((0.0, "none"), (0.005, "half of δ"), (0.02, "twice δ")):
    for seeds in (3, 8, 40):
        found = verdicts(truth, seeds)
        shares = [
            f"{found.get(v, 0):.0%}"
            for v in ("supported", "no effect that matters", "refuted", "undecided")
        ]
        rows.append([words, seeds, *shares])
table(["true effect", "seeds", "supported", "no effect", "refuted", "undecided"], rows)

# %% [markdown]
# Read the first column of verdicts: where there is nothing, hardly ever is it called something. The
# price stands in the last one. **Three seeds decide little, and the judge says so.** How many seeds
# decide is known beforehand from the spread and δ alone (power, 检验功效); the court names the number
# with a power of 0.8 next to each verdict that is open.
#
# Four more rules, each because without it a judge goes wrong:
#
# - **Declared first.** What is compared, δ and its reason stand in the claim before a run is looked at.
# - **No test, no verdict.** Two networks that never learned differ by nothing; a check that a
#   manipulation worked is a precondition, and no evidence.
# - **Pairs.** Runs that share a seed share their images and their order; the difference is taken seed by
#   seed. Settings are chosen on validation data.
# - **"Only there" needs a difference of differences.** Supported for the sigmoid and not for ReLU does not
#   yet mean that the two differ.
#
# # Part two: twelve trials
#
# For each claim: how sure are you, in per cent, that the runs support it? A bet (下注) of probability $p$
# costs $(p - o)^2$; the outcome $o$ is 1 if the claim is supported or true, 0 if it is refuted or has
# no effect that matters. What stays undecided costs nothing. The mean cost is the **Brier score**
# (布里尔分数): who always says 50 % gets 0.25, and less is better.
#
# Somebody says 90 % to each of eight claims, and four of them hold. What is the score?

# %%
prediction = None  # a number

check("brier", prediction)

# %%
bets = {}


def charge(name):
    """What the claim says, and what was laid down before the runs."""
    claim = court[name]
    said = claim.quote + (f"<br>*{claim.meaning}*" if claim.meaning else "")
    matters = f"δ = {claim.delta:.3g}: {claim.because}" if claim.delta else "true or false"
    lines = [
        ["the sentence", f"{said} ({claim.source})"],
        ["compared", claim.effect],
        ["to be supported", KINDS[claim.kind]],
        ["would matter", matters],
        ["no test unless", "; ".join(need.sentence for need in claim.requires) or "–"],
    ]
    return table(["", ""], lines)


def both(name, first, second):
    """What the claim compares, by condition: for a picture with a dot for each seed."""
    contrasts = court[name].measure().items()
    return {
        first: {condition: list(c.first.values()) for condition, c in contrasts},
        second: {condition: list(c.arms[1].values()) for condition, c in contrasts},
    }


def judge(name):
    """The effects against δ, and the verdict."""
    judgement = court[name].judge()
    words = "; ".join(f"{c.name}: {c.shown()}, {c.verdict}" for c in judgement.comparisons)
    figures.show(figures.draw_judgement(judgement), alt=f"Effects against what matters. {words}.")
    return judgement


# %% [markdown]
# ## 1 · Larger rates
#
# > 可以选择比较大的初始学习率 (one can choose a rather large initial learning rate)

# %%
bets["larger_learning_rate"] = None  # in per cent
charge("larger_learning_rate")

# %%
axes = figures.new_axes(2, height=3.6)
rates = sorted(case_values("learning_rate", "lr"))
for ax, activation in zip(axes, ("sigmoid", "relu")):
    lines = {
        words: [
            estimate(tested("learning_rate", activation=activation, norm=norm, lr=lr))
            for lr in rates
        ]
        for words, norm in (("BN", "gluon"), ("none", None))
    }
    options = {"x": rates, "xlabel": "learning rate", "title": activation, "log_x": True}
    figures.draw_error_curves(lines, ylabel="test accuracy", ax=ax, **options)
figures.show(
    axes,
    alt="Test accuracy against the learning rate, with BN and without, for sigmoid and ReLU: with BN it "
    "stays high over more than two powers of ten.",
)

# %%
judge("larger_learning_rate")

# %% [markdown]
# **What would change it:** a finer grid of rates (the largest good one is known to a factor of three
# only), a schedule, and a network that is deep enough to need the large rate.
#
# ## 2 · First weights
#
# > 减少对初始化的强烈依赖 (BN lessens the strong dependence on the initialization)

# %%
bets["less_sensitive_to_initialization"] = None  # in per cent
charge("less_sensitive_to_initialization")

# %%
axes = figures.new_axes(2, height=3.6)
for ax, activation in zip(axes, ("sigmoid", "relu")):
    dots = {
        words: {
            str(start): list(
                tested("initialization", activation=activation, norm=norm, init=start).values()
            )
            for start in case_values("initialization", "init")
        }
        for words, norm in (("BN", "gluon"), ("none", None))
    }
    figures.draw_dots(dots, ylabel="test accuracy", title=activation, number_format="", ax=ax)
figures.show(
    axes,
    alt="A dot for each seed: test accuracy from four kinds of first weights, for sigmoid and ReLU, "
    "with BN and without. With BN the dots of all first weights lie high.",
)

# %%
judge("less_sensitive_to_initialization")

# %% [markdown]
# **What would change it:** a network without BN whose sigmoids learn at all. Best minus worst is also a
# number that favours who is bad everywhere: a network that never learns depends on nothing.
#
# ## 3 · A normal distribution
#
# > 把每层神经网络任意神经元输入值的分布强行拉回到均值为0方差为1的标准正态分布 (each input's
# > distribution is drawn back to a standard normal one)

# %%
bets["output_is_normal"] = None  # in per cent
charge("output_is_normal")

# %%
waiting = random.exponential(size=4096)
standardized = (waiting - waiting.mean()) / waiting.std()
figures.show(
    figures.draw_shapes({"an exponential input": waiting}, {"an exponential input": standardized}),
    alt="The histogram of an exponential input, and below it that of the same input standardized: mean "
    "and spread are those of the dashed bell curve, the lopsided shape is not.",
)

# %%
court["output_is_normal"].judge()

# %% [markdown]
# **What would change it:** nothing. One counterexample is enough, whatever the seed; subtracting and
# dividing moves and scales a shape.
#
# ## 4 · Larger gradient, faster
#
# > 梯度变大意味着学习收敛速度快 (a larger gradient means faster convergence)

# %%
bets["larger_gradient_is_faster"] = None  # in per cent
charge("larger_gradient_is_faster")

# %%
ways = {
    "none": ("none", 1),
    "none, steps × 3": ("none", 3),
    "none, steps × 10": ("none", 10),
    "BN": ("batch", 1),
}
figures.show(
    figures.draw_dots(
        {
            words: {
                activation: list(
                    by_seed(
                        "landscape",
                        "final_train_accuracy",
                        activation=activation,
                        network=network,
                        lr_factor=factor,
                    ).values()
                )
                for activation in ("sigmoid", "relu")
            }
            for words, (network, factor) in ways.items()
        },
        ylabel="training accuracy at the end",
        number_format="",
    ),
    alt="A dot for each seed: training accuracy without BN with steps of one, three and ten times the "
    "length, and with BN. Longer steps do not bring the plain network to BN's accuracy.",
)

# %%
judge("larger_gradient_is_faster")

# %% [markdown]
# **What would change it:** a plain network that had been given too small a rate. Then longer steps help,
# and it was the rate.
#
# ## 5 · Does it matter whether the distributions are alike?
#
# > 他认为a和a’的分布相不相同都不影响训练 (whether the distributions are alike does not matter; Santurkar
# > et al. 2018, as Lee tells it)

# %%
bets["shift_does_not_matter"] = None  # in per cent
charge("shift_does_not_matter")

# %%
axes = figures.new_axes(2, height=3.6)
networks = {"none": "none", "BN": "batch", "BN, shift put back": "noisy"}
measures = {
    "shift of the inputs in a step, deviations": "moment_shift/*",
    "test accuracy": "test_accuracy",
}
for ax, (words, measure) in zip(axes, measures.items()):
    dots = {
        name: {
            activation: list(
                by_seed(
                    "landscape", measure, activation=activation, network=network, lr_factor=1
                ).values()
            )
            for activation in ("sigmoid", "relu")
        }
        for name, network in networks.items()
    }
    figures.draw_dots(dots, ylabel=words, log="shift" in words, number_format="", ax=ax)
figures.show(
    axes,
    alt="Left, how far a step moves the inputs of the layers: far without BN, hardly with BN, and again "
    "far where a shift is put back behind BN. Right, test accuracy: that of the two networks with BN is "
    "close, shift or not.",
)

# %%
judge("shift_does_not_matter")

# %% [markdown]
# "Does not matter" has to be *shown*: the whole interval inside ±δ. That the left picture shows the shift
# is the precondition, and counts for nobody. **What would change it:** a longer run, or a network with more
# layers for the shift to add up over.
#
# ## 6 · Overfitting
#
# > BN能一定程度上缓解过拟合 (BN relieves overfitting to some degree)

# %%
bets["relieves_overfitting"] = None  # in per cent
charge("relieves_overfitting")

# %%
sets = {"training": "train_accuracy_moving", "test": "test_accuracy"}
figures.show(
    figures.draw_dots(
        {
            images: {
                variant: list(by_seed("regularization", measure, variant=variant).values())
                for variant in ("none", "BN", "dropout", "BN, dropout")
            }
            for images, measure in sets.items()
        },
        ylabel="accuracy",
        number_format="{:.2f}",
    ),
    alt="Accuracy on training and test images of networks trained on few examples: with BN both are higher, "
    "and the gap between them is wider.",
)

# %%
judge("relieves_overfitting")

# %% [markdown]
# **What would change it:** another meaning of the word. BN gains test accuracy here, with a *wider* gap. Who
# means "better on new images" by "less overfitting" is tried in another case,
# `court["gains_test_accuracy"]`.
#
# ## 7 · Dropout
#
# > 所以只有在Dropout在所有BN后面时能同时使用 (so the two go together only with dropout behind all of BN)

# %%
bets["dropout_only_behind_all"] = None  # in per cent
charge("dropout_only_behind_all")

# %%
places = ("behind the last BN", "behind each BN", "before each BN")
shares = [rate for rate in case_values("variance_shift", "rate") if rate]
lines = {
    where: [
        estimate(by_seed("variance_shift", "test_accuracy_moving", dropout_where=where, rate=rate))
        for rate in shares
    ]
    for where in places
}
figures.show(
    figures.draw_error_curves(
        lines, x=shares, xlabel="dropout probability", ylabel="test accuracy"
    ),
    alt="Test accuracy against the dropout probability, for dropout behind the last BN, behind each and "
    "before each: behind the last it costs nothing, before each most.",
)

# %%
judge("dropout_only_behind_all")

# %% [markdown]
# **What would change it:** one dropout in each arm. Four lose more than one, shift or no shift; wide residual
# networks keep a small dropout between their normalizations.
#
# ## 8 · Decay as a rate
#
# > With BN, weight decay does what a growing learning rate does. (this course, lesson 14)

# %%
bets["decay_is_a_rate"] = None  # in per cent
charge("decay_is_a_rate")

# %%
largest = max(case_values("weight_decay", "weight_decay"))
arms = {
    "decay": (largest, "decay"),
    "no decay, growing rate": (largest, "growing rate"),
    "no decay": (0.0, "decay"),
}
cases = {
    words: {"norm": "gluon", "weight_decay": wd, "way": way} for words, (wd, way) in arms.items()
}
steps = select("weight_decay", **cases["decay"])[0]["measures"]["steps"]
figures.show(
    figures.draw_over_seeds(
        {
            words: stacked("weight_decay", "weight_norm/conv2", **case)
            for words, case in cases.items()
        },
        steps,
        ylabel="length of conv2’s weights",
    ),
    alt="The length of a layer's weights over the steps: it falls with decay, stays without, and grows where "
    "a growing rate stands for the decay.",
)

# %%
judge("decay_is_a_rate")

# %% [markdown]
# The lengths could not differ more, and the function does not depend on them. In exact arithmetic the two
# runs are one; rounding parts them, step by step, and the question is by how much accuracies differ in
# the end. **What would change it:** a larger rate, which amplifies rounding more.
#
# ## 9 · Group normalization for small batches
#
# > GN … 同样用来解决在小batch时BN效果较差的问题 (group normalization solves BN's trouble with small batches)

# %%
bets["group_norm_for_small_batches"] = None  # in per cent
charge("group_norm_for_small_batches")

# %%
dots = both("group_norm_for_small_batches", "GN", "BN")
figures.show(
    figures.draw_dots(dots, ylabel="test accuracy", number_format=""),
    alt="A dot for each seed: test accuracy with BN and with GN at small batch sizes. At two images BN "
    "is far below; the larger the batch, the closer the two.",
)

# %%
judge("group_norm_for_small_batches")

# %% [markdown]
# **What would change it:** what "small" means. The words below the picture say for which sizes alone the
# claim is supported, if the *difference* between sizes is itself shown.
#
# ## 10 · Which statistics at test time?
#
# > For the final weights, statistics of the training set test better than the moving average. (this course,
# > lesson 6)

# %%
bets["population_beats_moving"] = None  # in per cent
charge("population_beats_moving")

# %%
dots = both("population_beats_moving", "of the training set", "moving average")
figures.show(
    figures.draw_dots(dots, ylabel="test accuracy"),
    alt="A dot for each seed: test accuracy of the same weights by two sorts of statistics. By those of "
    "the training set the dots lie close together, by the moving average they scatter below.",
)

# %%
judge("population_beats_moving")

# %% [markdown]
# **What would change it:** a falling learning rate: the average then catches up with the weights, and the two
# agree.
#
# ## 11 · Before or after the activation
#
# > 在active function之前做normalization 还是之后呢?其实在实际操作中影响不大 (before or after the activation
# > hardly matters)

# %%
bets["before_or_after_alike"] = None  # in per cent
charge("before_or_after_alike")

# %%
dots = both("before_or_after_alike", "before", "after")
figures.show(
    figures.draw_dots(dots, ylabel="test accuracy"),
    alt="A dot for each seed: test accuracy with the normalization before the activation and after it.",
)

# %%
judge("before_or_after_alike")

# %% [markdown]
# That two means look alike is no evidence that they are: the interval has to fit into the band. **What would
# change it:** a deeper network, in which a small difference of each layer adds up.
#
# ## 12 · Adam
#
# > 从整体上看,Adam目前是最好的选择 (on the whole, Adam is the best choice)

# %%
bets["adam_is_best"] = None  # in per cent
charge("adam_is_best")

# %%
contrasts = court["adam_is_best"].measure()
arms = {}
for name, contrast in contrasts.items():
    rules, network = name.split(", ")
    arms.setdefault("adam", {})[network] = list(contrast.first.values())
    arms.setdefault(rules.split()[-1], {})[network] = list(contrast.arms[1].values())
figures.show(
    figures.draw_dots(arms, ylabel="test accuracy after 150 steps", number_format=""),
    alt="A dot for each seed: test accuracy of each rule at the setting chosen for it, without a normalizer "
    "and with BN. With BN the rules lie close together.",
)

# %%
judge("adam_is_best")

# %% [markdown]
# **What would change it:** the budget. "On the whole" is a claim about many networks, long runs and little
# tuning; this court has one network, 150 steps and a choice of settings for each rule.
#
# ## Your score

# %%
outcomes = {"supported": 1, "true by algebra": 1, "refuted": 0, "no effect that matters": 0}
results = {name: str(court[name].judge().verdict) for name in bets}
costs = {
    name: (bets[name] / 100 - outcomes[verdict]) ** 2
    for name, verdict in results.items()
    if bets[name] is not None and verdict in outcomes
}
if costs:
    print(
        f"Brier score {numpy.mean(list(costs.values())):.3f} on {len(costs)} decided claims; 50 %: 0.25"
    )
    print("your dearest bet:", max(costs, key=costs.get))
else:
    print("no bet on a decided claim yet: write yours in place of None, and run the cells again")
rows = [
    [name, f"{bets[name]} %" if bets[name] is not None else "–", results[name]] for name in bets
]
table(["claim", "your bet", "verdict"], rows)

# %% [markdown]
# Were you too sure, or not sure enough? Bet a second time, on twelve *other* claims, and see whether your score
# is better.

# %%
figures.interactive("court_bets")

# %% [markdown]
# # Part three: all the others
#
# Every other claim of the five documents and of this course, to be filtered by source, topic and verdict.

# %%
judgements = court.judge()
rows = [
    [
        judgement.claim.source,
        judgement.claim.topic,
        f"{judgement.claim.quote}\n{judgement.claim.meaning}".strip(),
        "\n".join([judgement.claim.effect, *(f"{c.name}: {c.shown()}" for c in judgement.tests)]),
        str(judgement.verdict),
    ]
    for name, judgement in judgements.items()
    if name not in bets
]
head = ["source", "topic", "claim", "compared, with 95 % intervals", "verdict"]
figures.filtered_table(head, rows, by=["source", "topic", "verdict"])

# %% [markdown]
# ## Many claims at once
#
# Of so many claims some come out by luck. Suppose that 72 claims are measured, each with the truth just at δ. How
# many will intervals of 95 % call supported, on average?

# %%
prediction = None  # a number

check("by_luck", prediction)

# %% [markdown]
# Benjamini and Hochberg (1995) keep the *false discovery rate* (错误发现率) of the court below 5 %: with the
# p-values sorted, the $k$-th of $m$ must not exceed $0.05\,k/m$. A verdict that does not pass is the first that
# one should try again with more seeds:

# %%
p_values = {name: found.p for name, found in judgements.items() if not found.claim.exact}
decided = {name for name in p_values if judgements[name].verdict != "undecided"}
weak = decided - discoveries(p_values)
print(len(p_values), "claims measured,", len(decided), "decided;", len(decided - weak), "pass")
print("decided, and not beyond luck among so many:", *sorted(weak), sep="\n  ")

# %% [markdown]
# ## Slips of the pen
#
# A misprint is no claim, and nobody should win a bet by it. What the documents print, and what they mean:

# %%
table(
    ["source", "printed", "meant", "what gives it away"],
    [[s.source, f"`{s.printed}`", f"`{s.meant}`".replace("\n", " … "), s.why] for s in ERRATA],
)

# %% [markdown]
# # Part four: your own claim
#
# *With BN, ReLU is better than the sigmoid.* Ten lines: two arms from the seed to a number, each at the
# rate that validation data choose, what would matter, and what must be so.

# %%
mine = Claim(
    name="mine",
    quote="with BN, ReLU is better than the sigmoid",
    kind="always",
    effect="test accuracy, ReLU minus sigmoid",
    measure=lambda: {
        "BN": Contrast(
            chosen("learning_rate", activation="relu", norm="gluon"),
            chosen("learning_rate", activation="sigmoid", norm="gluon"),
        )
    },
    delta=0.01,
    because="a point is what I would change an activation for",
    requires=(BOTH_LEARNED,),
)
mine.judge()

# %% [markdown]
# ## Summary
#
# - An effect is read against what would matter, fixed beforehand: the whole interval on one side, or undecided.
# - "No difference" is a claim like any other, and needs an interval inside ±δ; three seeds hardly ever have one.
# - Networks that never learned, and manipulations that worked, are evidence of nothing.
# - What can be computed once should not be measured; one counterexample is enough.
# - A verdict speaks of this network, these data and this budget. "What would change it" belongs to it.
#
# You can now read a table of results in a paper and say which of its sentences the table supports.
#
# ## Exercises
#
# 1. Choose an undecided claim from the table. With which δ would it be decided today? Is there a reason for that δ
#    other than that it decides?
# 2. "BN is better with ReLU, but not with the sigmoid." Write it as a claim of kind `only`, with `interaction` of two
#    contrasts, and judge it.
#
# <details><summary>Solutions</summary>
#
# **1.** For an interval $[l, h]$ above zero every δ < l supports the claim, and every δ > h says "no effect that
# matters": a judge who may choose δ afterwards can have either. That is why it is declared before.
#
# **2.** `from d2l_bn.experiments.judgement import interaction`; the measure returns
# `{"ReLU minus sigmoid": interaction(Contrast(relu_bn, relu_none), Contrast(sigmoid_bn, sigmoid_none))}`, each arm
# from `chosen("learning_rate", activation=…, norm=…)`. Where the sigmoid network without BN
# never learns, the effect there is as large as it can be: a precondition such as `BOTH_LEARNED` on each contrast
# belongs to the claim.
#
# </details>
#
# ## Where to read on
#
# - Lakens, *Equivalence Tests*, Social Psychological and Personality Science 2017: how to show that nothing matters.
# - Bouthillier et al., *Accounting for Variance in Machine Learning Benchmarks*, 2021, arXiv 2103.03098.
# - Melis, Dyer & Blunsom 2018, arXiv 1707.05589: what happens to verdicts when everyone is tuned with equal care.
# - Santurkar et al. 2018, arXiv 1805.11604: a claim of the field, tried by an experiment.
