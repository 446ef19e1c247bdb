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
# # 2 · Two momentums
#
# The chapter trains its network for five epochs (迭代周期). The training accuracy (训练精度) climbs, as it
# should. The test accuracy (测试精度) of the same network does this:

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import mxnet as mx
from mxnet import np, npx

from d2l_bn import figures
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.norms import running_average as package

npx.set_np()
check = predictions("two_momentums")

(run,) = load.select("population", lr=1.0, weigh_alike="examples", seed=0)
lines = {
    "training accuracy": run["measures"]["train_accuracy_by_epoch"],
    "test accuracy": run["measures"]["test_accuracy_moving_by_epoch"],
}
ax = figures.draw_lines(lines, x=range(1, 6), xlabel="epoch", ylabel="accuracy")
ax.set_xticks(range(1, 6))
figures.show(
    ax,
    alt="Accuracy over five epochs: the training accuracy climbs evenly, the test accuracy jumps up "
    "and down below it.",
)

# %% [markdown]
# Nothing is wrong with the weights of this network, nor with its code. The culprit is one line, with an
# argument `momentum=0.9`. The optimizer (优化器) that trains the network may have a `momentum=0.9`, too.
# **The two have nothing to do with each other.** This lesson takes the first apart until it makes a
# perfectly good classifier (分类器) fail, and then the second, so that you never mix them up.
#
# **After this notebook you can**
#
# - say how long the moving average (移动平均) of batch normalization (批量归一化) remembers a batch, and
#   why the test accuracy of a network may jump from epoch to epoch;
# - convert a `momentum` between MXNet, PyTorch and the editions of the book;
# - compute gradient descent (梯度下降) with momentum (动量) by hand, and say what it is good for.
#
# **Time:** 10 seconds to run on two CPU cores, 10 minutes to read, and as long again for the predictions.
#
# **Needs:** notebook 1, and what a gradient (梯度) is. No data, no network connection. Cells with `None`
# wait for your prediction: write it before you run them.
#
# # Part one: the moving average
#
# ## One line of code
#
# In training, batch normalization subtracts the mean (均值) of the batch at hand and divides by its
# standard deviation (标准差). In prediction (预测) a single image has neither. So the layer keeps, while
# it is trained, a running record of the means and variances (方差) that it has seen. Each batch moves
# the record a little:
#
# $$\text{average} \leftarrow m \cdot \text{average} + (1 - m) \cdot \text{batch statistic}, \qquad m = 0.9 .$$
#
# No gradient occurs in it, no learning rate (学习率), no weight of the network. Training would go on in
# just the same way without it. Only prediction reads it.
#
# Write it: replace the `...`. (The next cell has it, too.)


# %%
def running_average(old, new, momentum): ...


# %%
def running_average(old, new, momentum):  # noqa: F811
    return momentum * old + (1 - momentum) * new


same = running_average(np.array([0.0, 1.0]), np.array([10.0, 3.0]), 0.75)
print(same, package.running_average(np.array([0.0, 1.0]), np.array([10.0, 3.0]), 0.75))

# %% [markdown]
# The package has the same line, with checks. Now by hand. The average stands at 1. Three batches have the
# variances 4, 4 and 8, and $m = 0.5$. What is the average then?

# %%
prediction = None  # a number

check("average", prediction)

# %%
average = 1.0
for statistic in (4.0, 4.0, 8.0):
    average = running_average(average, statistic, momentum=0.5)
    print(average)

# %% [markdown]
# ## What each past batch weighs
#
# Put the line into itself again and again. The batch of $k$ steps ago has the weight $(1-m)\,m^k$. What
# is left over belongs to the value from which the average *started*: $m^t$ after $t$ batches.
#
# With $m = 0.9$, how much weight do the ten newest batches have together?

# %%
prediction = None  # a number between 0 and 1

check("ten_newest", prediction)

# %% tags=["cover"]
panels = figures.draw_past_weights(
    {f"m = {m}": package.past_weights(m, 20) for m in (0.5, 0.9, 0.99)}
)
figures.show(
    panels,
    alt="Bars: the weights of the last 20 batches for m = 0.5, 0.9 and 0.99. They fall off within 5 "
    "batches, within 20, and hardly at all; the hatched bar is what the start value keeps.",
)

# %%
for m in (0.5, 0.9, 0.99):
    shares = [1 - m**batches for batches in (10, 20, 100)]
    print(f"m = {m}: the last 10, 20, 100 batches have", " ".join(f"{s:.0%}" for s in shares))

# %% [markdown]
# With $m = 0.9$ the last 10 batches hold 65 % of the weight, the last 20 hold 88 %. As a rule of thumb an
# average reaches back $1/(1-m)$ batches: 2, 10 and 100 of them.
#
# ## The start
#
# `moving_mean` starts at 0 and `moving_var` at 1, which has nothing to do with the data. Let the true
# variance be 0.01. After how many batches is the average with $m = 0.9$ right within 10 percent?

# %%
prediction = None  # nearest to 7, 70 or 700

check("batches_to_forget", prediction)


# %%
def follow(statistics, momentum, start):
    averages, average = [], start
    for statistic in statistics:
        average = running_average(average, statistic, momentum)
        averages.append(average)
    return averages


npx.random.seed(1)
batches = np.random.normal(scale=0.1, size=(1200, 64))  # 1200 batches of 64 examples, one feature
variances = batches.var(axis=1).tolist()
by_momentum = {m: follow(variances, m, start=1.0) for m in (0.5, 0.9, 0.99)}

for m, averages in by_momentum.items():
    first = next(t for t, average in enumerate(averages, start=1) if average < 1.1 * 0.01)
    print(f"m = {m}: right within 10 percent after {first} batches")

# %% [markdown]
# An epoch of the chapter has 235 batches: plenty for $m = 0.9$, too few for $m = 0.99$. Before the first
# batch the layer is wrong in any case. The book's first edition starts the variance at 0; prediction
# then divides by $\sqrt{0 + 10^{-5}}$, so it *multiplies* by 316.
#
# ## Quiet or quick
#
# Why not take a small $m$, which forgets its start at once? Because it also forgets what it has learned.
# The statistic of a batch is noisy, and averaging smooths it: for independent batches the noise of the
# average is $\sqrt{(1-m)/(1+m)}$ times that of one batch. That is 0.58, 0.23 and 0.07 for the three.
#
# And why not a large one? Because the statistics *move*: each training step changes the weights of the
# layers before. An average lives in the past. If the statistic moves by $d$ a batch, the average trails
# behind by $\frac{m}{1-m}\,d$: by 9 batches' worth for $m = 0.9$, by 99 for $m = 0.99$.

# %%
truth = [0.05 * t for t in range(100)] + [5.0] * 200  # the mean moves for 100 batches, then stays
npx.random.seed(2)
noise = (0.2 * np.random.normal(size=(300,))).tolist()
statistics = [true + x for true, x in zip(truth, noise)]
followers = {f"m = {m}": follow(statistics, m, start=0.0) for m in (0.5, 0.9, 0.99)}

ax = figures.draw_averages(
    statistics,
    followers,
    truth=truth,
    ylabel="mean of a feature",
    title="The statistic moves, then stays",
)
figures.show(
    ax,
    alt="A mean that rises for 100 batches and then stays, with three averages of it: m = 0.5 follows "
    "closely and noisily, 0.9 trails a little, 0.99 trails far behind and arrives 300 batches later.",
)

# %% [markdown]
# ## Why the test accuracy jumps
#
# Now let such an average decide. A feature has two classes, one around $c - 1$ and one around $c + 1$.
# The layer before moves the centre $c$ with each training step. Prediction subtracts the average and says
# "second class" where the result is above 0. Nothing else. For the first 150 batches the learning rate
# is large, so $c$ moves a lot; then it is lowered.
#
# With the mean of the batch itself the classifier is right in 98 % of the cases, always. How low does the
# moving average bring it, at the worst moment?

# %%
prediction = None  # a number between 0.5 and 0.98, to within 0.1

# %%
npx.random.seed(5)
push = np.random.normal(size=(300,)).tolist()
centre, speed, centres = 0.0, 0.0, []
for t, p in enumerate(push):
    speed = 0.8 * speed + (0.08 if t < 150 else 0.004) * p
    centre += speed
    centres.append(centre)

offsets = np.random.normal(scale=0.5, size=(300, 256))  # how far each example is from its class
classes = np.where(np.arange(256) % 2 == 0, -1.0, 1.0)  # (256,)
features = np.array(centres).reshape(-1, 1) + classes + offsets  # (300, 256), one row is a batch
batch_means = features.mean(axis=1, keepdims=True)
moving_means = np.array(follow(batch_means.reshape(-1).tolist(), 0.9, start=0.0)).reshape(-1, 1)


def accuracies(subtracted):
    return ((features - subtracted > 0) == (classes > 0)).mean(axis=1).tolist()


accuracy = {
    "with the moving average": accuracies(moving_means),
    "with the mean of the batch": accuracies(batch_means),
}
check("worst_accuracy", prediction, min(accuracy["with the moving average"]))

# %%
upper, lower = figures.new_axes(rows=2, height=5.4, sharex=True)
figures.draw_averages(
    batch_means.reshape(-1).tolist(),
    {"moving average, m = 0.9": moving_means.reshape(-1).tolist()},
    ylabel="mean of the feature",
    title="Large steps for 150 batches, then small ones",
    ax=upper,
)
figures.draw_lines(accuracy, xlabel="batch", ylabel="accuracy", ax=lower)
upper.set_xlabel("")
figures.show(
    [upper, lower],
    alt="Above, the batch mean wanders for 150 batches and the average trails behind it; then both lie "
    "together. Below, accuracy by the moving average drops again and again in the first half, while "
    "accuracy by the batch's own mean stays at 98 percent.",
)

# %% [markdown]
# The classifier never changed. Its accuracy drops whenever the centre moves fast, and recovers when it
# stays. A test at the end of an epoch catches it at a random moment of this curve. That is the figure at
# the top of this page: the chapter trains with a learning rate of 1. Lesson 6 measures it on the real
# network, and cures it without touching a weight.
#
# ### Move it yourself
#
# **Predict first.** With batches of only 2 images, each batch mean is noisy as well. Of the momenta
# 0.5, 0.9 and 0.99, which keeps the lowest accuracy highest while the steps are large? And which at
# the end, when they are small?

# %%
while_large = None  # 0.5, 0.9 or 0.99
at_the_end = None

# %% [markdown]
# Set "images in a batch" to 2, and try the three.

# %%
figures.interactive("lagging_average")

# %%
check("best_while_large", while_large)
check("best_at_the_end", at_the_end)

# %% [markdown]
# **A long memory is quiet but late, a short one is quick but noisy: no momentum is the best for both
# halves of a training.**
#
# ## Sixty-four at a time, one at a time
#
# So why not drop the average, and normalize by the batch in prediction as well? Suppose that the network
# was trained with batches of 64 and now serves requests online (在线服务), one by one. What does
# normalization make of a *single* request, by its own mean and variance?

# %%
prediction = None  # three numbers: [a, b, c]

check("alone", prediction)

# %%
npx.random.seed(3)
scales, places = np.array([1.0, 5.0, 0.2]), np.array([10.0, -3.0, 0.5])
training = places + scales * np.random.normal(size=(200, 64, 3))  # 200 batches of 64, 3 features
request = np.array([[11.0, -8.0, 0.9]])


def normalize(X, mean, var, eps=1e-5):
    return (X - mean) / np.sqrt(var + eps)


def show(way, normalized):
    print(way, "  ".join(f"{value:6.2f}" for value in normalized.reshape(-1).tolist()))


show("on its own:           ", normalize(request, request.mean(axis=0), request.var(axis=0)))
for others in training[:2]:
    batch = np.concatenate([request, others[1:]])  # 64 of them
    show("among 63 others:      ", normalize(batch, batch.mean(axis=0), batch.var(axis=0))[0])

moving_mean, moving_var = np.zeros(3), np.ones(3)
for batch in training:
    moving_mean = running_average(moving_mean, batch.mean(axis=0), momentum=0.9)
    moving_var = running_average(moving_var, batch.var(axis=0), momentum=0.9)

show("by the moving average:", normalize(request, moving_mean, moving_var))
show("with the true values: ", normalize(request, places, scales**2))

# %% [markdown]
# On its own, every request becomes 0 in every feature: a single number is its own mean. Among 63 others,
# the answer depends on who else happened to ask. The moving average gives one definite answer at once,
# and that is what it is for.
#
# > **A correction.** The chapter's text says in one place that *prediction* takes a large batch, and
# > *training* the moving average. It is the other way round; the chapter's code has it right.
#
# ## MXNet and PyTorch write it the other way round
#
# | | the average becomes | default | weight of the *new* batch |
# |---|---|---|---|
# | this package, MXNet, the Chinese editions | `momentum * old + (1 - momentum) * new` | 0.9 | 0.1 |
# | PyTorch, the English edition 1.0 | `(1 - momentum) * old + momentum * new` | 0.1 | 0.1 |
#
# It is one average under two names; $m$ here is $1 - m$ there. A layer in PyTorch has `momentum=0.01`.
# Which momentum does the MXNet layer need?

# %%
prediction = None  # a number

check("from_pytorch", prediction)

# %% [markdown]
# What if one forgets? No error, and training looks fine, since it does not read the average. But an
# average with $m = 0.1$ is hardly one: nine tenths of it is the newest batch.

# %%
npx.random.seed(4)
statistics = np.random.normal(loc=5.0, size=(100,)).tolist()
ax = figures.draw_averages(
    statistics,
    {
        "0.1 from PyTorch, converted to 0.9": follow(statistics, package.from_pytorch(0.1), 0.0),
        "0.1 from PyTorch, copied as it is": follow(statistics, 0.1, 0.0),
    },
    truth=[5.0] * 100,
    ylabel="mean of a feature",
)
figures.show(
    ax,
    alt="Noisy batch means around 5. The converted momentum gives a quiet average near 5, the copied "
    "one an average as noisy as the batches.",
)

# %% [markdown]
# # Part two: the other momentum
#
# ## A long narrow valley
#
# The optimizer's momentum exists for another reason. Let the loss be
# $f(\theta) = \frac12(\theta_1^2 + 100\,\theta_2^2)$: a valley, 100 times as steep across as along. (Its
# Hessian (黑塞矩阵), the matrix of second derivatives, is *ill-conditioned* (病态).) Gradient descent
# steps by $-\alpha\nabla f = -\alpha\,(\theta_1,\ 100\,\theta_2)$. Any $\alpha$ above $2/100$ overshoots across
# the valley more and more; and at 0.018 each step takes away only 1.8 % of $\theta_1$. The steep
# direction sets the learning rate, the flat one pays for it.
#
# ## Momentum
#
# A ball that rolls into the valley has inertia. Momentum gives the descent a velocity $v$, which keeps a
# share $\gamma$ of what it was and gains the new gradient:
#
# $$v \leftarrow \gamma v + \alpha \nabla f(\theta), \qquad \theta \leftarrow \theta - v .$$
#
# By hand, with $\alpha = 0.01$, $\gamma = 0.9$, from $\theta = (-4, 1)$ and $v = 0$:
#
# | step | gradient | $v$ | $\theta$ |
# |---|---|---|---|
# | start | | (0, 0) | (−4, 1) |
# | 1 | (−4, 100) | 0.01 · (−4, 100) = (−0.04, 1) | (−3.96, 0) |
#
# Now $\theta_2$ is 0, the floor of the valley, where its gradient is 0. What is $\theta_2$ after the
# *second* step?

# %%
prediction = None  # a number

check("second_step", prediction)

# %%
curvature, alpha, gamma = np.array([1.0, 100.0]), 0.01, 0.9


def descend(alpha, gamma, steps):
    theta, v, path = np.array([-4.0, 1.0]), np.zeros(2), []
    for _ in range(steps):
        path.append(theta)
        v = gamma * v + alpha * curvature * theta
        theta = theta - v
    return np.stack([*path, theta])


by_hand = descend(alpha, gamma, steps=3)
update = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=alpha, momentum=gamma))
theta = np.array([-4.0, 1.0])
for step in (1, 2, 3):
    update(0, curvature * theta, theta)  # MXNet's own; parameter number 0; writes into theta
    print(f"step {step}: by hand {by_hand[step]}, MXNet {theta}")

# %% [markdown]
# ## Why it helps
#
# Across the valley the gradient changes its sign in each step, along the valley it keeps it. Feed the
# velocity a gradient that is always 1, with $\gamma = 0.9$ and $\alpha = 1$. Towards which value does $v$
# grow?

# %%
prediction = None  # a number

check("limit_of_velocity", prediction)

# %%
paths = {
    "plain, α = 0.018": descend(0.018, 0.0, steps=60),
    "momentum 0.9, α = 0.018": descend(0.018, 0.9, steps=60),
}
for label, path in paths.items():
    f = 0.5 * (curvature * path * path).sum(axis=1)
    print(f"{label:24} f = {f[0].item():.1f} at the start, {f[-1].item():.2f} after 60 steps")

ax = figures.draw_lines(
    {f"{label}: distance along": np.abs(path[:, 0]).tolist() for label, path in paths.items()},
    xlabel="step",
    ylabel="$|\\theta_1|$, the way along the valley",
)
figures.show(
    ax,
    alt="The distance along the valley over 60 steps: plain descent creeps, momentum arrives after 20 "
    "steps, overshoots and comes back.",
)

# %% [markdown]
# Steps that agree add up to $\alpha/(1-\gamma)$, ten times a plain step. Steps that contradict each other
# shrink to $\alpha/(1+\gamma)$. So momentum speeds up the flat direction and damps the steep one. How
# much, with which $\gamma$, and what other optimizers do about it: notebooks 15 and 16.
#
# ## Summary: the two side by side
#
# | | momentum of the **optimizer** | momentum of the **moving average** |
# |---|---|---|
# | formula | $v \leftarrow \gamma v + \alpha\nabla f,\;\; \theta \leftarrow \theta - v$ | $\bar\mu \leftarrow m\bar\mu + (1-m)\mu$ |
# | what it adds up | gradients | means and variances of batches |
# | weights add up to | $1/(1-\gamma)$: ten times a plain step at 0.9 | 1: a true average |
# | what it changes | the weights of the network | `moving_mean`, `moving_var` |
# | who reads the result | the next training step | prediction only |
# | too large shows as | overshooting, a training loss that swings | a test accuracy behind the training accuracy |
# | where to set it | `Trainer(..., {'momentum': 0.9})` | `BatchNorm(..., momentum=0.9)` |
# | in PyTorch | the same 0.9 | 0.1 |
#
# **You can now** look at a jumping test accuracy and ask the right question first: is it the weights, or
# the statistics?
#
# ## Exercises
#
# 1. An epoch has 235 batches. Which $m$ gives the first batch of the epoch one percent of the weight of
#    the last one? What would that average be good and bad for?
#
# <details><summary>Solution</summary>
#
# 234 steps lie between them, so $m^{234} = 0.01$ and $m = 0.01^{1/234} = 0.9805$. The average is quiet: its
# noise is a tenth of one batch's. It is late: it trails by $m/(1-m) = 50$ batches' worth of motion, which at a
# learning rate of 1 is far too much.
#
# </details>
#
# 2. The error of the start can be removed: let the average start at 0 and divide it by $1 - m^t$. Add that to
#    `follow`, for the variances above. After how many batches is it right within 10 percent with
#    $m = 0.99$? Which well-known optimizer does this?
#
# <details><summary>Solution</summary>
#
# ```python
# average = 0.0
# for t, variance in enumerate(variances, start=1):
#     average = running_average(average, variance, 0.99)
#     if abs(average / (1 - 0.99**t) - 0.01) < 0.001:
#         print(t)
#         break
# ```
#
# After a handful: with the division, the weights of the batches seen so far add up to 1, and the start
# has none. Adam does it for its averages of the gradient and of its square (notebook 16).
#
# </details>
#
# ## Where to read on
#
# - **Notebook 3** builds the layer; **notebook 6** measures the lag on the chapter's network.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, section 3.1 and Algorithm 2:
#   statistics for prediction.
# - Gabriel Goh, *Why Momentum Really Works*, Distill, 2017: the valley, interactively.
