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
# Five source documents stand behind this course, and they are full of sentences such as "you can
# choose a larger learning rate" or "Adam is the best choice". In this notebook each sentence is put
# on trial (审判): it is quoted, an experiment (实验) is named that could refute it, and a verdict
# (判决) comes out of the results. **No verdict was typed by anybody**; change a results file, and the
# verdicts change.
#
# **After this notebook you can**
#
# - say which claims about batch normalization (批量归一化, BN) stand on this LeNet, and which fall;
# - read an effect (效应) with its confidence interval (置信区间), and tell "there is none" from "too
#   few seeds to see it";
# - put a claim of your own on trial.
#
# **Time:** half a minute to run on two CPU cores, 40 minutes to read.
#
# **Needs:** notebooks 7 to 15, 16 and 18, where the experiments are explained. No data, no training.
#
# It covers the claims of rows 1 to 74 of the course. Cells with `prediction = None` wait for your
# answer.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections import Counter

from mxnet import npx

from d2l_bn import figures
from d2l_bn.exercises.self_check import self_check
from d2l_bn.experiments.claims import CLAIMS, CONDITION, FAILS, HOLDS, SOURCES, Claim, judge
from d2l_bn.experiments.claims.measures import accuracy, best_rate
from d2l_bn.experiments.statistics import Estimate, difference
from d2l_bn.figures.markdown_table import table

npx.set_np()
RULINGS = (HOLDS, CONDITION, FAILS)

# %% [markdown]
# # Part one: the rules of the court
#
# Each claim says that something is larger: an accuracy, a number of steps saved. The **effect** is by
# how much, positive in the direction of the claim, measured seed by seed (随机种子) as a difference of
# two runs that share the seed. Over $n$ seeds with mean $\bar d$ and standard deviation $s$, the 95 %
# confidence interval is
#
# $$\bar d \pm t_{0.975,\,n-1}\, \frac{s}{\sqrt n}, \qquad t_{0.975,\,2} = 4.3 .$$
#
# A claim is measured under one or several **conditions** (条件): an activation, a batch size. A
# condition confirms it if the whole interval lies above zero **and** the mean is at least as large as
# an effect that matters, which was fixed for each claim. All conditions confirm: the claim *holds*
# (成立). Some: it *holds with a condition*. None: it *does not hold* (不成立).
#
# Some statements need no seeds: "the bias makes no difference" is true or false by computing once.
# They are marked *exact*.
#
# Predict the verdict on three effects, of three seeds each, where 0.01 matters:

# %%
print(judge({"one": Estimate(0.030, 0.004, 3)}, at_least=0.01).details())
print(judge({"two": Estimate(0.030, 0.020, 3)}, at_least=0.01).details())
print(judge({"three": Estimate(0.005, 0.001, 3)}, at_least=0.01).details())

# %%
prediction = None  # of the second: HOLDS, CONDITION or FAILS

second = judge({"two": Estimate(0.030, 0.020, 3)}, at_least=0.01).ruling
self_check("the verdict on the second", prediction, second)

# %% [markdown]
# The second has the same mean as the first. Its seeds disagree, and three of them cannot tell it from
# nothing. "Does not hold" is therefore said of two kinds of claims: those with an interval *below*
# what matters are refuted; those with an interval that reaches from nothing to a large effect are
# undecided, and more seeds would be the way on. The tables below show the intervals, so that you can
# tell the two.

# %% [markdown]
# ## Bet before you look
#
# Before the tables: what do you believe, and how firmly? A bet (下注) of probability $p$ on a claim costs
# $(p - o)^2$, where the outcome $o$ is 1 if the runs support it and 0 if they refute it; the mean of
# the costs is the **Brier score** (布里尔分数), and less is better. Who says 50 % to everything gets 0.25.
# The figure is stricter than the court: to be supported, a claim needs the *whole* interval beyond what
# matters, under *every* condition; one interval wholly against it, or too small to matter, refutes it;
# the rest is undecided (未定) and counts for nobody.
#
# **Predict first:** somebody says 90 % to each of eight decided claims, and four of them hold. What is
# the score?

# %%
score = None  # a number

# %% [markdown]
# Bet on all twelve claims, then compare your score with that of 50 %. Which of the claims that you were
# surest of came out otherwise, or undecided?

# %%
figures.interactive("court_bets")

# %%
self_check("the Brier score of 90 % on claims of which half hold", score, 0.41)

# %% [markdown]
# **To be sure and right in half of the cases costs more than to know nothing (0.41 against 0.25), and
# the only bet that cannot be improved is the one that is as sure as one is often right; a claim that
# the runs leave open is neither won nor lost.**

# %% [markdown]
# # Part two: the hearing
#
# How many of the claims will hold, without a condition?

# %%
prediction = None  # a number

verdicts = [claim.verdict() for claim in CLAIMS]
count = Counter(verdict.ruling for verdict in verdicts)
self_check(f"the number that hold, of {len(CLAIMS)}", prediction, count[HOLDS])

# %% tags=["cover"]
verdict_on = dict(zip((claim.quote for claim in CLAIMS), verdicts))
by_source = {
    ruling: {
        source: sum(verdict_on[claim.quote].ruling == ruling for claim in claims)
        for source, claims in SOURCES.items()
    }
    for ruling in RULINGS
}
ax = figures.draw_bars(by_source, ylabel="claims", title="Verdicts by source")


# %%
def court(source):
    """The claims of one source, their effects, and the verdicts."""
    rows = []
    for claim in SOURCES[source]:
        verdict = verdict_on[claim.quote]
        measured = f"{claim.effect} ({claim.evidence})"
        if claim.at_least:
            measured += f"; at least {claim.at_least:g}"
        remark = f"<br>{claim.remark}" if claim.remark else ""
        said = f"{claim.quote}<br>*{claim.meaning}*"
        effects = verdict.details().replace("; ", "<br>")
        cells = (claim.topic, said, measured, effects, f"**{verdict.ruling}**{remark}")
        rows.append([cell.replace("|", r"\|") for cell in cells])
    return table(["topic", "claim", "measured", "effect, ± 95 %", "verdict"], rows)


# %% [markdown]
# ## The chapter

# %%
court("chapter")

# %% [markdown]
# ## Interview questions on batch normalization

# %%
court("interview questions")

# %% [markdown]
# ## Normalization layers

# %%
court("normalization layers")

# %% [markdown]
# ## Tricks of deep learning

# %%
court("training tricks")

# %% [markdown]
# ## Lee's lecture

# %%
court("lecture")

# %% [markdown]
# # Part three: how large?
#
# A verdict is a word; an effect has a size. Here are the effects that are differences of test accuracy
# (测试精度), of each claim the one that is furthest from zero, with its confidence interval and its
# condition. The claims to the right of zero are those that one would want to build on.

# %%
largest = {}
for claim, verdict in zip(CLAIMS, verdicts):
    measured = {name: e for name, e in verdict.effects.items() if not isinstance(e, bool)}
    if claim.effect.startswith("test accuracy") and measured:
        condition = max(measured, key=lambda name: abs(measured[name].mean))
        label = f"{claim.topic} · {claim.meaning[:48].rsplit(' ', 1)[0]} … ({condition})"
        largest[label] = (measured[condition].mean, measured[condition].margin)
ax = figures.draw_estimates(
    dict(sorted(largest.items(), key=lambda item: -item[1][0])),
    xlabel="effect on test accuracy, positive in the direction of the claim (bars: 95 %)",
    reference=(0.0, "nothing"),
    number_format="",
)
_ = ax.set_xlim(-1, 1)

# %% [markdown]
# Which claims would a larger number of seeds most likely decide? Those whose mean counts, and whose
# interval reaches below zero:

# %%
undecided = [
    (claim, condition, effect)
    for claim, verdict in zip(CLAIMS, verdicts)
    for condition, effect in verdict.effects.items()
    if not isinstance(effect, bool)
    and effect.mean >= max(claim.at_least, 1e-9)
    and effect.mean <= effect.margin
]
rows = []
for claim, condition, effect in undecided:
    needed = next(
        (
            n
            for n in range(effect.n + 1, 200)
            if Estimate(effect.mean, effect.deviation, n).margin < effect.mean
        ),
        "> 200",
    )
    shown = f"{effect.mean:.3g} ± {effect.margin:.2g}"
    rows.append([claim.topic, claim.meaning, condition, shown, needed])
head = "topic", "claim", "condition", "effect", "seeds needed, if mean and deviation stay"
table(head, rows)

# %% [markdown]
# # Part four: appeal
#
# A verdict depends on the condition that was chosen, on the effect that was measured and on what
# counts as large enough. Here is how much the last one matters: the same claims, with every
# threshold doubled, halved, and set to zero.

# %%
rows = []
for name, factor in {"as they are": 1, "doubled": 2, "halved": 0.5, "zero": 0}.items():
    again = Counter(
        judge(verdict.effects, claim.at_least * factor).ruling
        for claim, verdict in zip(CLAIMS, verdicts)
    )
    rows.append([name, *(again[ruling] for ruling in RULINGS)])
table(["thresholds", *RULINGS], rows)

# %% [markdown]
# And here is a claim of somebody's own: *with BN, ReLU is no better than the sigmoid*. The measure is
# a function that gives an effect for each condition, from results that are there already.


# %%
def sigmoid_against_relu():
    best = {name: accuracy(name, "gluon", best_rate(name, "gluon")) for name in ("sigmoid", "relu")}
    gap = difference(best["sigmoid"], best["relu"])
    return {"each at its best rate": gap._replace(mean=gap.mean + 0.01)}


mine = Claim(
    topic="activations",
    quote="with BN, ReLU is no better than the sigmoid",
    meaning="with BN, ReLU is no better than the sigmoid",
    measure=sigmoid_against_relu,
    effect="test accuracy, sigmoid minus ReLU, plus 0.01",
    studies=("learning_rate",),
)
print(mine.verdict())

# %% [markdown]
# ## Summary
#
# - A claim is worth as much as the experiment that could have refuted it. Most of the claims about BN
#   are true *somewhere*; the condition is what the sentence leaves out.
# - What can be computed exactly should not be measured: it holds for every seed.
# - "Does not hold" is a statement about this network, these data, these seeds and this threshold. All
#   four stand in the tables.
#
# ## Exercises
#
# 1. Find a claim with the verdict *holds with a condition*. Which mechanism makes the condition
#    matter? Which further condition would you test?
# 2. Find a claim in the tables whose effect you find badly chosen. Write a better measure for it, as
#    in part four. Does the verdict change?
# 3. Put one of these on trial: "a bad initialization costs BN nothing"; "one BN layer is enough".
#    The studies `initialization` and `variants` have the data.
# 4. With so many claims at 95 %, how many conditions would be confirmed by luck if none had an effect?
#    (The interval is two-sided, and only one side confirms.)
#
# ## Where to read on
#
# - The notebooks that the evidence comes from: 7, 9, 10, 12, 15 and 16.
# - Santurkar et al. 2018, arXiv 1805.11604: a claim of the field refuted by an experiment.
# - Melis, Dyer & Blunsom, *On the State of the Art of Evaluation in Neural Language Models*, 2018,
#   arXiv 1707.05589: what happens to verdicts when every contestant is tuned with equal care.
