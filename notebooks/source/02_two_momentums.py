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
# The code of batch normalization (批量归一化) has an argument `momentum=0.9`. So has the
# optimizer that trains the network. **They have nothing to do with each other**, although one of
# the course's sources explains the second in order to explain the first. This notebook builds
# both, and then puts them side by side.
#
# **After this notebook you can**
#
# - compute gradient descent with momentum (动量) by hand, and say when it helps, and how much;
# - say how long the moving average (移动平均) of batch normalization remembers a batch, and why
#   the test accuracy of a network may jump from epoch to epoch;
# - convert a `momentum` between MXNet and PyTorch, and recognize what happens if one forgets to.
#
# **Time:** half a minute to run on two CPU cores, 45 minutes to read.
#
# **Needs:** notebook 1, and what a gradient (梯度) is. No data, no network connection.
#
# It covers rows 12, 13, 56 and 72 of the course. Cells with `prediction = None` wait for your
# answer.

# %%
import os
from math import sqrt

import mxnet as mx
from mxnet import autograd, np, npx

from d2l_bn import figures
from d2l_bn.descent import GradientDescent, Momentum, descend, ramp
from d2l_bn.descent.surfaces import Quadratic
from d2l_bn.exercises.self_check import self_check
from d2l_bn.norms.batch import batch_norm
from d2l_bn.norms.running_average import from_pytorch, past_weights, running_average, to_pytorch

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer points in the slowest figure

# %% [markdown]
# # Part one: the momentum of the optimizer
#
# ## A long narrow valley
#
# Let the loss be $f(\theta) = \frac12(\theta_1^2 + 100\,\theta_2^2)$, with the gradient
# $\nabla f = (\theta_1, 100\,\theta_2)$. Its second derivatives, the Hessian (海森矩阵), are 1
# along the valley and 100 across. Their ratio is the condition number (条件数). If it is large,
# the Hessian is *ill-conditioned* (病态的): no single step length suits both directions.

# %%
valley = Quadratic(eigenvalues=(1.0, 100.0))
start = (-4.0, 1.0)

print("Hessian:\n", valley.hessian)
print("condition number:", valley.condition_number)
print("gradient at the start:", valley.gradient(start))

# %% [markdown]
# ## Plain gradient descent
#
# Gradient descent (梯度下降) steps against the gradient:
# $\theta \leftarrow \theta - \alpha \nabla f(\theta)$, with the learning rate (学习率) $\alpha$.
# Here that means, in each step,
#
# $$\theta_1 \leftarrow (1 - \alpha)\,\theta_1, \qquad \theta_2 \leftarrow (1 - 100\,\alpha)\,\theta_2 .$$
#
# Predict: what is the largest learning rate with which $\theta_2$ does not grow? (It grows when
# the factor is larger than 1 in size, with either sign.)

# %%
prediction = None  # a number

self_check(
    "the largest stable learning rate",
    prediction,
    valley.largest_stable_learning_rate,
    reasons=[
        (0.01, "With 1/100 the factor is 0: one step to the floor. It may go on to -1."),
        (2.0, "That is the limit for the flat direction; the steep one has 100 in place of 1."),
    ],
)

# %% [markdown]
# In general, plain gradient descent is stable for $\alpha < 2/\lambda_{\max}$, where
# $\lambda_{\max}$ is the largest eigenvalue (特征值) of the Hessian. We try a little less than
# that limit, and a little more.

# %%
limit = valley.largest_stable_learning_rate

paths = {
    f"α = {0.9 * limit:.3f}": descend(valley, GradientDescent(0.9 * limit), start, steps=60),
    f"α = {1.1 * limit:.3f}": descend(valley, GradientDescent(1.1 * limit), start, steps=60),
}
for path in paths.values():
    print(path.stopped or f"{path.steps} steps, f = {path.values[-1]:.3f}")

ax = figures.draw_paths(valley, paths, title="Gradient descent, 60 steps")

# %% [markdown]
# Above the limit, the path swings higher and higher across the valley. Below it, it still swings,
# and *creeps* along: each step takes away 1.8 % of $\theta_1$. The steep direction sets the
# learning rate, the flat direction pays for it.

# %% [markdown]
# ## Momentum
#
# A ball that rolls into the valley has inertia. Momentum (动量) gives the descent a velocity $v$,
# which keeps a share $\gamma$ of what it was and gains the new gradient:
#
# $$v \leftarrow \gamma v + \alpha \nabla f(\theta), \qquad \theta \leftarrow \theta - v .$$
#
# $\gamma = 0$ is plain gradient descent; 0.9 is a common choice. Do it by hand with
# $\alpha = 0.01$, $\gamma = 0.9$. The first step starts with $v = 0$:
#
# | step | gradient | $v$ | $\theta$ |
# |---|---|---|---|
# | start | | (0, 0) | (−4, 1) |
# | 1 | (−4, 100) | 0.01 · (−4, 100) = (−0.04, 1) | (−3.96, 0) |
#
# After one step, $\theta_2$ is 0: the floor of the valley. Its gradient there is 0. What is
# $\theta_2$ after the *second* step?

# %%
prediction = None

self_check(
    "the second component of theta after step 2",
    prediction,
    -0.9,
    reasons=[
        (0.0, "So it would be without momentum. The velocity is still 1, and 0.9 of it is left."),
        (0.9, "The velocity is subtracted."),
        (-1.0, "The velocity fades: 0.9 of it is left."),
    ],
)

# %% [markdown]
# The next cell is the formula, in three steps. Compare its first rows with your sheet.

# %%
alpha, gamma = 0.01, 0.9
curvature = np.array([1.0, 100.0])

theta, v = np.array(start), np.zeros(2)
by_hand = []

print("step   gradient               v                      theta")
for step in (1, 2, 3):
    gradient = curvature * theta
    v = gamma * v + alpha * gradient
    theta = theta - v
    by_hand.append(theta)
    columns = [f"({a:9.4f}, {b:8.4f})" for a, b in (gradient.tolist(), v.tolist(), theta.tolist())]
    print(f"{step:4d}  ", "  ".join(columns))

# %% [markdown]
# The package's `Momentum` does the same, and so does `mxnet.optimizer.SGD(momentum=0.9)`. MXNet
# keeps the velocity with the opposite sign, $v \leftarrow \gamma v - \alpha \nabla f$ and
# $\theta \leftarrow \theta + v$. The path is the same.

# %%
package = descend(valley, Momentum(alpha, gamma), start, steps=3).points[1:]

update = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=alpha, momentum=gamma))
theta, by_mxnet = np.array(start), []
for _ in range(3):
    update(0, curvature * theta, theta)  # parameter number 0; writes into theta
    by_mxnet.append(theta.copy())

by_hand, by_mxnet = np.stack(by_hand), np.stack(by_mxnet)
print("theta after three steps, MXNet:  ", by_mxnet[-1])
print("largest difference by hand, MXNet:  ", np.abs(by_hand - by_mxnet).max())
print("largest difference by hand, package:", abs(by_hand.asnumpy() - package).max())

# %% [markdown]
# (PyTorch has a third form, $v \leftarrow \gamma v + \nabla f$ and
# $\theta \leftarrow \theta - \alpha v$. With a constant $\alpha$ the path is again the same; when
# $\alpha$ changes on the way, it is not.)
#
# ## The same valley, with momentum

# %% tags=["cover"]
paths = {
    "plain, α = 0.018": descend(valley, GradientDescent(0.018), start, steps=60),
    "momentum 0.9, α = 0.018": descend(valley, Momentum(0.018, 0.9), start, steps=60),
}
ax = figures.draw_paths(valley, paths, title="60 steps, without and with momentum")

# %% [markdown]
# With momentum the path runs *along* the valley, past the minimum, and comes back. Its swing
# across the valley lasts longer; its way along it is much shorter. The values over more steps
# show who wins:

# %%
paths = {
    "plain, α = 0.018": descend(valley, GradientDescent(0.018), start, steps=350),
    "momentum 0.9, α = 0.018": descend(valley, Momentum(0.018, 0.9), start, steps=350),
}
target = 1e-6 * paths["plain, α = 0.018"].values[0]

for label, path in paths.items():
    print(f"{label:24s} {path.steps_to(target)} steps to a millionth of the first value")

ax = figures.draw_values(paths, target=target)

# %% [markdown]
# ## Why it helps
#
# Feed the velocity two kinds of gradients. Along the valley, the gradient has the same sign step
# after step: always 1. Across the valley, it changes its sign in each step: 1, −1, 1, −1, ...
#
# With $\gamma = 0.9$ and $\alpha = 1$: towards which value does $v$ grow in the first case?

# %%
prediction = None

self_check(
    "the limit of v under a constant gradient of 1",
    prediction,
    10.0,
    reasons=[
        (1.0, "v = 0.9 v + 1 has another solution."),
        (0.9, "0.9 of v is kept in each step; the shares add up: 1 + 0.9 + 0.81 + ..."),
    ],
)

# %%
same_sign, changing_sign = [0.0], [0.0]
for step in range(40):
    same_sign.append(0.9 * same_sign[-1] + 1)
    changing_sign.append(0.9 * changing_sign[-1] + (-1) ** step)

print(f"same sign:     {same_sign[-1]:.2f} (limit 1 / (1 - 0.9) = 10)")
print(f"changing sign: {abs(changing_sign[-1]):.2f} (limit 1 / (1 + 0.9) = 0.53)")

ax = figures.draw_lines(
    {"gradient always 1": same_sign, "gradient 1, −1, 1, −1, ...": changing_sign},
    ylabel="velocity $v$",
)

# %% [markdown]
# Steps that agree add up, to $\alpha/(1-\gamma)$, ten times a plain step. Steps that contradict
# each other cancel out, to $\alpha/(1+\gamma)$. So momentum speeds up the flat direction and
# damps the steep one, which is what an ill-conditioned Hessian needs.

# %% [markdown]
# ## How much it helps
#
# Damping also raises the limit of stability: with momentum it is
# $\alpha < 2(1+\gamma)/\lambda_{\max}$. We measure the number of steps to a millionth of the
# first value, for many learning rates and three values of $\gamma$.

# %%
rates = [0.002 * 10 ** (k / (8 if FAST else 20)) for k in range(11 if FAST else 27)]
needed, limits = {}, {}

for gamma in (0.0, 0.5, 0.9):
    label = f"γ = {gamma}"
    limits[label] = 2 * (1 + gamma) / 100
    needed[label] = [
        descend(valley, Momentum(r, gamma), start, steps=1200).steps_to(target) for r in rates
    ]
    best = min(filter(None, needed[label]))
    print(f"{label}: stable up to {limits[label]:.3f}, at best {best} steps")

ax = figures.draw_steps_needed(rates, needed, limits=limits)

# %% [markdown]
# Three things to see. Each curve ends at its dotted limit. With $\gamma = 0.9$ the curve is
# nearly flat: the choice of the learning rate matters less. And the *best* curve depends on where
# one stands: large $\gamma$ wins with small learning rates, while at its best learning rate,
# $\gamma = 0.5$ is faster here than 0.9.
#
# The best possible $\gamma$ depends on the condition number $\kappa$:
# $\gamma^* = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2$ with
# $\alpha^* = \left(\frac{2}{\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\right)^2$ (Polyak,
# 1964). The worse the conditioning, the more momentum pays: plain descent needs a number of steps
# in proportion to $\kappa$, momentum to $\sqrt\kappa$.

# %%
print("condition   plain descent,    momentum,        best γ")
print("number      best rate         best γ and rate")
for kappa in (10, 100, 1000):
    surface = Quadratic(eigenvalues=(1.0, kappa))
    from_here = (-4.0, 4.0 / sqrt(kappa))  # both directions give f the same share
    goal = 1e-6 * float(descend(surface, GradientDescent(0.1), from_here, steps=0).values[0])
    best_gamma = ((sqrt(kappa) - 1) / (sqrt(kappa) + 1)) ** 2
    best_rate = (2 / (sqrt(kappa) + 1)) ** 2
    plain = descend(surface, GradientDescent(2 / (1 + kappa)), from_here, steps=4000)
    heavy = descend(surface, Momentum(best_rate, best_gamma), from_here, steps=4000)
    steps = f"{plain.steps_to(goal):12d} steps {heavy.steps_to(goal):12d} steps"
    print(f"{kappa:6d} {steps} {best_gamma:12.2f}")

# %% [markdown]
# ## A schedule: from 0.5 to 0.9
#
# At the start the gradients are large and change fast, and a long memory only makes the path
# overshoot. Near the minimum they are small and agree. Hence an old piece of advice: begin with
# $\gamma = 0.5$ and go to 0.9 later. `ramp` does so in a straight line.

# %%
schedule = ramp(0.5, 0.9, steps=20)
print("γ at steps 1, 6, 11, 16, 21, 26:", [round(schedule(t), 2) for t in (1, 6, 11, 16, 21, 26)])

paths = {
    "γ = 0.5": descend(valley, Momentum(0.018, 0.5), start, steps=150),
    "γ = 0.9": descend(valley, Momentum(0.018, 0.9), start, steps=150),
    "γ = 0.5 → 0.9 in 20 steps": descend(valley, Momentum(0.018, schedule), start, steps=150),
}
for label, path in paths.items():
    quick, late = path.steps_to(1.0), path.steps_to(0.01)
    print(f"{label:26s} f ≤ 1 after {quick} steps, f ≤ 0.01 after {late} steps")

ax = figures.draw_values(paths)

# %% [markdown]
# Here the schedule beats both of its ends. The path tells why: less swing across the valley at
# the start, and the speed of 0.9 afterwards.

# %%
first_steps = {
    "γ = 0.5": descend(valley, Momentum(0.018, 0.5), start, steps=40),
    "γ = 0.9": descend(valley, Momentum(0.018, 0.9), start, steps=40),
    "γ = 0.5 → 0.9": descend(valley, Momentum(0.018, schedule), start, steps=40),
}
ax = figures.draw_paths(valley, first_steps, title="The first 40 steps")

# %% [markdown]
# # Part two: the momentum of the moving average
#
# ## Another formula altogether
#
# In training, batch normalization uses the mean and variance of the batch at hand. For prediction
# (预测) it keeps a moving average (移动平均) of them:
#
# $$\text{average} \leftarrow m \cdot \text{average} + (1 - m) \cdot \text{batch statistic}, \qquad m = 0.9 .$$
#
# No gradient, no learning rate, no weight of the network occurs in it. Training would go on in
# just the same way without it. Only prediction reads it.
#
# The average stands at 1. Three batches have the variances 4, 4 and 8, and $m = 0.5$. What is the
# average then?

# %%
prediction = None

average = 1.0
for statistic in (4.0, 4.0, 8.0):
    average = running_average(average, statistic, momentum=0.5)

self_check(
    "the average after three batches",
    prediction,
    average,
    reasons=[
        (16 / 3, "That is the plain mean of the three; here the newest counts most."),
        (4.25, "That is the plain mean of all four; here the newest counts most."),
    ],
)

# %% [markdown]
# ## What each past batch weighs
#
# Put the formula into itself again and again. The batch of $k$ steps ago has the weight
# $(1-m)\,m^k$. Something is left over: after $t$ batches, the value from which the average
# *started* has the weight $m^t$.
#
# With $m = 0.9$, how much weight do the ten newest batches have together?

# %%
prediction = None

self_check(
    "the weight of the ten newest batches",
    prediction,
    past_weights(0.9, 10).sum().item(),
    reasons=[
        (1.0, "Only the newest has 0.1; each older one has 0.9 times the next one's weight."),
        (0.9, "0.9 is m; the ten weights are 0.1, 0.09, 0.081, ..."),
        (0.9**10, "That is the weight of everything older."),
    ],
)

# %% [markdown]
# The picture shows the weights after 20 batches. The hatched bar is the start value.

# %%
ax = figures.draw_past_weights({f"m = {m}": past_weights(m, 20) for m in (0.5, 0.9, 0.99)})

# %% [markdown]
# A small $m$ remembers few batches; a large one remembers many, and its start value for long. As
# a rule of thumb, the average reaches back about $1/(1-m)$ batches: 2, 10 and 100 of them.
#
# ## The start
#
# `moving_mean` starts at 0 and `moving_var` at 1. Neither has anything to do with the data. Let
# the true variance be 0.01, and watch the averages forget their start, as $m^t$. How many batches
# does it take until the average is right within 10 percent?

# %%
npx.random.seed(1)
batches = np.random.normal(scale=0.1, size=(1200, 64))  # 1200 batches of 64 examples, one feature
variances = batches.var(axis=1).tolist()


def follow(statistics, momentum, start):
    averages, average = [], start
    for statistic in statistics:
        average = running_average(average, statistic, momentum)
        averages.append(average)
    return averages


by_momentum = {m: follow(variances, m, start=1.0) for m in (0.5, 0.9, 0.99)}

for m, averages in by_momentum.items():
    first = next(t for t, average in enumerate(averages, start=1) if average < 1.1 * 0.01)
    print(f"m = {m}: right within 10 percent after {first} batches")

ax = figures.draw_averages(
    variances[:500],
    {f"m = {m}": averages[:500] for m, averages in by_momentum.items()},
    truth=[0.01] * 500,
    ylabel="variance",
    title="From the start value 1 to the true variance 0.01",
)
ax.set_yscale("log")

# %% [markdown]
# In the first batches the layer is wrong in prediction mode, even where it is right in training.
# An epoch of 235 batches is plenty for $m = 0.9$ and too little for $m = 0.99$.
#
# The chapter's own code starts the variance at 0. Before the first batch, prediction then divides
# by $\sqrt{0 + \varepsilon}$ with $\varepsilon = 10^{-5}$, so it *multiplies*, by

# %%
print(f"variance 0: {1 / sqrt(0 + 1e-5):.1f}")
print(f"variance 1: {1 / sqrt(1 + 1e-5):.5f}")

# %% [markdown]
# ## Quiet or quick
#
# Why not take a small $m$, which forgets its start at once? Because it also forgets what it has
# learned. The statistic of a batch is noisy, and the average is there to smooth it. For
# independent batches, its noise is $\sqrt{(1-m)/(1+m)}$ times that of a single batch.

# %%
noise = np.random.normal(size=(20000,)).tolist()  # of 20,000 batches, standard deviation 1

print("m      noise of the average   formula")
for m in (0.5, 0.9, 0.99):
    measured = np.array(follow(noise, m, start=0.0)[500:]).std().item()
    print(f"{m:<5}  {measured:.3f}                  {sqrt((1 - m) / (1 + m)):.3f}")

# %% [markdown]
# And why not take a large one? Because the statistics *move*: each training step changes the
# weights of the layers before. An average lives in the past. If the statistic moves by $d$ in
# each batch, the average trails behind it by $\frac{m}{1-m}\,d$: by 9 batches' worth for
# $m = 0.9$, by 99 for $m = 0.99$.

# %%
truth = [0.05 * t for t in range(100)] + [5.0] * 200  # the mean moves for 100 batches, then stays
npx.random.seed(2)
statistics = [true + x for true, x in zip(truth, (0.2 * np.random.normal(size=(300,))).tolist())]
followers = {f"m = {m}": follow(statistics, m, start=0.0) for m in (0.5, 0.9, 0.99)}

for m in (0.5, 0.9):
    trailing = [true - a for true, a in zip(truth, followers[f"m = {m}"])][50:100]
    print(f"m = {m}: trails by {sum(trailing) / 50:.2f}, formula {m / (1 - m) * 0.05:.2f}")

ax = figures.draw_averages(
    statistics,
    followers,
    truth=truth,
    ylabel="mean of a feature",
    title="The statistic moves, then stays",
)

# %% [markdown]
# ## Why the test accuracy jumps
#
# Now see what the trailing does to predictions. Take a feature with two classes, one around
# $c - 1$ and one around $c + 1$. The layer before moves the centre $c$ with each step. Batch
# normalization subtracts the mean, and the classifier (分类器) says "second class" where the
# result is above 0. Nothing else. For the first 150 batches the learning rate is large, so $c$
# moves a lot; then it is lowered.

# %%
npx.random.seed(5)
push = np.random.normal(size=(300,)).tolist()
centre, speed, centres = 0.0, 0.0, []
for t, p in enumerate(push):
    size = 0.08 if t < 150 else 0.004
    speed = 0.8 * speed + size * p
    centre += speed
    centres.append(centre)

centres = np.array(centres).reshape(-1, 1)  # (300, 1)
offsets = np.random.normal(scale=0.5, size=(300, 256))  # how far each example is from its class
classes = np.where(np.arange(256) % 2 == 0, -1.0, 1.0)  # (256,)
features = centres + classes + offsets  # (300, 256), one row is a batch
batch_means = features.mean(axis=1, keepdims=True)
moving_means = np.array(follow(batch_means.reshape(-1).tolist(), 0.9, start=0.0)).reshape(-1, 1)


def accuracies(subtracted):
    return ((features - subtracted > 0) == (classes > 0)).mean(axis=1).tolist()


accuracy = {
    "with the moving average": accuracies(moving_means),
    "with the mean of the batch": accuracies(batch_means),
}

upper, lower = figures.new_axes(rows=2, height=5.4, sharex=True)
ax = figures.draw_averages(
    batch_means.reshape(-1).tolist(),
    {"moving average, m = 0.9": moving_means.reshape(-1).tolist()},
    ylabel="mean of the feature",
    title="Large steps for 150 batches, then small ones",
    ax=upper,
)
ax = figures.draw_lines(accuracy, xlabel="batch", ylabel="accuracy", ax=lower)

# %%
for label, values in accuracy.items():
    large, small = values[:150], values[150:]
    print(label)
    print(f"    large steps: lowest {min(large):.2f}, mean {sum(large) / 150:.3f}")
    print(f"    small steps: lowest {min(small):.2f}, mean {sum(small) / 150:.3f}")

# %% [markdown]
# The classifier never changed, and with each batch's own mean it is right in 98 % of the cases,
# all the time. With the moving average its accuracy drops whenever the centre moves fast, and
# recovers when it stays. A test at the end of an epoch catches it at a random moment of this
# curve.
#
# The same happens in the chapter's network, which trains with a learning rate of 1. Its test
# accuracy jumps from epoch to epoch while the training accuracy climbs steadily. A later notebook
# measures it, and cures it.

# %% [markdown]
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
self_check("the best of the three while the steps are large", while_large, 0.5)
self_check("the best of the three at the end", at_the_end, 0.9)

# %% [markdown]
# **A long memory is quiet but late, a short one is quick but noisy: no momentum is the best for both
# halves of a training.**

# %% [markdown]
# ## Sixty-four at a time, one at a time
#
# Suppose that the network was trained with batches of 64 and now serves requests online
# (在线服务). Requests arrive one by one. Three ways to get a mean for normalizing a request:
#
# 1. from the request alone;
# 2. wait for 63 others, and take the mean of all 64;
# 3. take the moving average from training.
#
# What does the first one give? Predict the normalized values of a *single* request,
# `x - x.mean(axis=0)`, divided by its deviation.

# %%
npx.random.seed(3)
scales, places = np.array([1.0, 5.0, 0.2]), np.array([10.0, -3.0, 0.5])
training = places + scales * np.random.normal(size=(200, 64, 3))  # 200 batches of 64, 3 features
request = np.array([[11.0, -8.0, 0.9]])


def normalize(X, mean, var, eps=1e-5):
    return (X - mean) / np.sqrt(var + eps)


prediction = None  # three numbers: [a, b, c]

alone = normalize(request, request.mean(axis=0), request.var(axis=0))
self_check("the request, normalized on its own", prediction, alone.reshape(-1))


# %%
def show(way, normalized):
    print(way, "  ".join(f"{value:6.2f}" for value in normalized.reshape(-1).tolist()))


show("1. on its own:           ", alone)

for others in (training[0], training[1]):
    batch = np.concatenate([request, others[1:]])  # 64 of them
    together = normalize(batch, batch.mean(axis=0), batch.var(axis=0))
    show("2. among 63 others:      ", together[0])

moving_mean, moving_var = np.zeros(3), np.ones(3)
for batch in training:
    moving_mean = running_average(moving_mean, batch.mean(axis=0), momentum=0.9)
    moving_var = running_average(moving_var, batch.var(axis=0), momentum=0.9)

online = normalize(request, moving_mean, moving_var)
show("3. by the moving average:", online)
show("   with the true values:  ", normalize(request, places, scales**2))

# %% [markdown]
# On its own, each request becomes 0 in every feature: a single number is its own mean. Among 63
# others, the answer depends on who else happened to ask. The moving average gives one definite
# answer at once, and that is what it is for.
#
# The package's `batch_norm` does all of this in one call. In training mode it normalizes with the
# batch and returns the averages, moved by `running_average`. In prediction mode it normalizes
# with the averages and returns them as they came.

# %%
gamma, beta = np.ones((1, 3)), np.zeros((1, 3))  # scale and shift: none
mean, var = np.zeros((1, 3)), np.ones((1, 3))

for batch in training:
    with autograd.train_mode():
        Y, mean, var = batch_norm(batch, gamma, beta, mean, var, eps=1e-5, momentum=0.9)

same = np.allclose(mean, moving_mean) and np.allclose(var, moving_var)
print("the averages are those from above:", bool(same))

answer, same_mean, same_var = batch_norm(request, gamma, beta, mean, var)  # prediction mode
show("3. by batch_norm:        ", answer)
unmoved = (same_mean == mean).all() and (same_var == var).all()
print("prediction leaves the averages:   ", bool(unmoved))

# %% [markdown]
# > **A correction.** One of the sources says that prediction takes a large batch, and training
# > the moving average. It is the other way round: *training* uses the statistics of its batch,
# > *prediction* uses the moving average.

# %% [markdown]
# ## MXNet and PyTorch write it the other way round
#
# | | the average becomes | default | the weight of the *new* batch |
# |---|---|---|---|
# | this package, MXNet, the chapter | `momentum * old + (1 - momentum) * new` | 0.9 | 0.1 |
# | PyTorch | `(1 - momentum) * old + momentum * new` | 0.1 | 0.1 |
#
# It is the same average under two names. `to_pytorch` and `from_pytorch` convert. (The optimizers
# need no conversion: their momentum of 0.9 is 0.9 everywhere.)
#
# A layer in PyTorch has `momentum=0.01`. Which momentum does the MXNet layer need?

# %%
prediction = None

self_check(
    "the momentum for MXNet",
    prediction,
    from_pytorch(0.01),
    reasons=[
        (0.01, "Then the newest batch would have a weight of 0.99."),
        (0.9, "That is 0.1 in PyTorch."),
    ],
)

# %%
for momentum in (0.9, 0.99):
    print(f"MXNet {momentum}  =  PyTorch {to_pytorch(momentum):.2f}")

# %% [markdown]
# What if one forgets? No error, and training looks fine, since it does not read the average. But
# the average with $m = 0.1$ is hardly one: it is 90 % the last batch.

# %%
npx.random.seed(4)
statistics = np.random.normal(loc=5.0, size=(100,)).tolist()

right = follow(statistics, from_pytorch(0.1), start=0.0)
mixed_up = follow(statistics, 0.1, start=0.0)

ax = figures.draw_averages(
    statistics,
    {"0.1 from PyTorch, converted to 0.9": right, "0.1 from PyTorch, copied as it is": mixed_up},
    truth=[5.0] * 100,
    ylabel="mean of a feature",
)
for label, averages in (("converted", right), ("copied", mixed_up)):
    error = [abs(a - 5.0) for a in averages[50:]]
    print(f"{label:9s}: {sum(error) / 50:.2f} off on average, after the first 50 batches")

# %% [markdown]
# ## Summary: the two side by side
#
# | | momentum of the **optimizer** | momentum of the **moving average** |
# |---|---|---|
# | formula | $v \leftarrow \gamma v + \alpha\nabla f,\;\; \theta \leftarrow \theta - v$ | $\bar\mu \leftarrow m\bar\mu + (1-m)\mu$ |
# | what it adds up | gradients | means and variances of batches |
# | weights add up to | $1/(1-\gamma)$: ten times a plain step at 0.9 | 1: a true average |
# | what it changes | the weights of the network | `moving_mean`, `moving_var` |
# | who reads the result | the next training step | prediction only |
# | at 0 | plain gradient descent | the statistics of the last batch |
# | towards 1 | swings on and on, does not settle | never leaves its start value |
# | too large shows as | overshooting, a training loss that swings | test accuracy behind training accuracy |
# | where to set it | `Trainer(..., {'momentum': 0.9})` | `BatchNorm(..., momentum=0.9)` |
# | in PyTorch | the same 0.9 | 0.1 |
# | why one wants it | ill-conditioned Hessian | one request has no statistics |
#
# ## Exercises
#
# 1. Continue the table of three steps by hand to the fourth, with $\gamma = 0.5$ from the start.
#    Check it with `descend`.
# 2. Find the learning rate at which `Momentum(rate, 0.9)` leaves the plane on a valley with
#    eigenvalues 1 and 25. Predict it first.
# 3. An epoch has 235 batches. Which $m$ gives the first batch of the epoch one percent of the
#    weight of the last one? What would that average be good and bad for?
# 4. The start-up error can be removed: divide the average (started at 0) by $1 - m^t$. Add that
#    to `follow` and draw the variance figure again. Which well-known optimizer does this?
# 5. Change the classifier's $m$ to 0.5 and to 0.99. Which of them does better during the large
#    steps, and which during the small ones?
#
# The cell below checks exercise 3.

# %%
m = None

self_check("m", m, 0.01 ** (1 / 234))  # 234 steps from the first batch to the last

# %% [markdown]
# ## Where to read on
#
# - **Notebook 3, LeNet with batch normalization:** both momentums in one training run.
# - Gabriel Goh, *Why Momentum Really Works*, Distill, 2017: the valley, interactively.
# - Sutskever et al., *On the importance of initialization and momentum in deep learning*, ICML
#   2013: schedules.
# - Ioffe & Szegedy, *Batch Normalization*, 2015, arXiv 1502.03167, section 3.1 and Algorithm 2:
#   statistics for prediction.
