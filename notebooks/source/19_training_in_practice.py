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
# # 19 · Training in practice
#
# A formula that is right does not make a training that works. Below are the losses of six trainings of
# one small network, each broken by one setting, and in grey the loss of a healthy one. Four of the six
# end near 2.3, for four different reasons. Which?
#
# **After this notebook you can**
#
# - read a loss (损失) curve, name what broke it, and mend it;
# - check a gradient by hand, and a whole network, before it is trained;
# - search hyperparameters (超参数) with a budget, and choose on validation data (验证集);
# - say when early stopping (早停), an ensemble (集成) or a curriculum (课程学习) is worth its price, and from
#   how many seeds one knows.
#
# **Time:** under a minute to run on two CPU cores, 12 minutes to read, the code apart.
#
# **Needs:** notebooks 3 and 18, and Fashion-MNIST (30 MB, found or fetched by itself). The longer runs are
# recorded. Cells with `None` wait for your answer.

# %%
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os
from statistics import mean

import numpy
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

import d2l_bn
from d2l_bn import figures
from d2l_bn.data.curriculum import difficulties, easy_first
from d2l_bn.data.fashion_mnist import find_local
from d2l_bn.diagnostics.network_gradient_check import check_network
from d2l_bn.exercises.broken_runs import PATIENTS, broken
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.ensemble import Ensemble

npx.set_np()
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer examples: to see that it runs

check = predictions("training_in_practice")
data = "synthetic" if FAST and find_local() is None else "auto"  # drawn garments, if need be
train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data=data, limit=600 if FAST else 3000)
images, labels = train_iter.images, train_iter.labels
pixels = np.array(images.reshape(len(images), -1) / 255.0, dtype="float32")
NORMS = {None: "plain", "gluon": "BN"}

# %% [markdown]
# # Part one: rescue the run
#
# ## Six broken runs
#
# The whole training. Every setting that can break it is an argument; as it stands, nothing is broken.

# %%
STEPS = 20 if FAST else 90


def run(lr=0.1, deviation=0.05, shuffle=True, own_labels=True, clear=True, steps=STEPS):
    """The loss of each step of a network 784 → 64 ReLUs → 10."""
    npx.random.seed(0)
    random = numpy.random.default_rng(0)
    net = nn.Sequential()
    net.add(nn.Dense(64, activation="relu", in_units=784), nn.Dense(10, in_units=64))
    net.initialize(init.Normal(deviation))
    if not clear:  # each gradient is added to those of the steps before
        net.collect_params().setattr("grad_req", "add")
    order = random.permutation(len(labels)) if shuffle else numpy.argsort(labels, kind="stable")
    targets = labels if own_labels else random.permutation(labels)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr}, kvstore=None)
    loss_function, losses = gluon.loss.SoftmaxCrossEntropyLoss(), []
    for step in range(steps):
        batch = numpy.take(order, range(64 * step, 64 * step + 64), mode="wrap")
        with autograd.record():
            loss = loss_function(net(pixels[batch]), np.array(targets[batch])).mean()
        loss.backward()
        trainer.step(1)
        losses.append(float(loss))
    return losses


healthy = run()
ill = {patient: run(**broken(patient)) for patient in PATIENTS}


# %% tags=["cover"]
def draw_patients(curves, name, mended=None):
    panels = figures.new_axes(3, rows=2, height=5, sharex=True, sharey=True)
    for ax, (patient, losses) in zip(panels.ravel(), curves.items()):
        lines = {
            "healthy": healthy,
            name: losses,
            **({"mended": mended[patient]} if mended else {}),
        }
        for (label, line), look in zip(lines.items(), ("#999999 -", "#D55E00 -", "#009E73 --")):
            colour, dash = look.split()
            ax.plot(line, color=colour, linestyle=dash, label=label)
        ax.set(title=f"patient {patient}", ylim=(0, 6))
    panels[0, 0].legend()
    for ax in panels[:, 0]:
        ax.set_ylabel("loss")
    for ax in panels[1]:
        ax.set_xlabel("step")
    return panels.ravel()


axes = draw_patients(ill, "ill")
figures.show(
    axes,
    alt="Six panels, each with the falling loss of a healthy run in grey and that of a patient. A stays at"
    " 2.3, B hardly falls, C starts far above the figure, D jumps up and down, E jumps and then stays"
    " at 2.3, F falls faster than the healthy one and rises again.",
)

# %%
for name, losses in {"healthy": healthy, **ill}.items():
    first, tenth = ", ".join(f"{loss:.2f}" for loss in losses[:4]), losses[9]
    print(f"{name:8} first losses {first};  last ten, mean {mean(losses[-10:]):.2f}")

# %% [markdown]
# A diagnosis for each, before you try anything. Where do they start ($\ln 10$ = 2.30 is a guess)? Do they
# move? Do they come back? The choices: `"rate too small"`, `"rate too large"`, `"weights too large"`,
# `"sorted images"`, `"wrong labels"`, `"gradients add up"`.

# %%
diagnosis = {"A": None, "B": None, "C": None, "D": None, "E": None, "F": None}

# %%
check("patient_A", diagnosis["A"])
check("patient_B", diagnosis["B"])
check("patient_C", diagnosis["C"])
check("patient_D", diagnosis["D"])
check("patient_E", diagnosis["E"])
check("patient_F", diagnosis["F"])

# %% [markdown]
# ## Turn a knob
#
# Now mend them: give each patient the setting of `run` that you hold for the cause, with another value,
# such as `"A": {"deviation": 0.01}`. A run that ends below 1.3 is rescued.

# %%
cure = {"A": {}, "B": {}, "C": {}, "D": {}, "E": {}, "F": {}}

mended = {patient: run(**broken(patient, **cure[patient])) for patient in PATIENTS}
for patient, losses in mended.items():
    last = mean(losses[-10:])
    print(f"patient {patient}: loss {last:.2f}, {'rescued' if last < 1.3 else 'still ill'}")

figures.show(
    draw_patients(ill, "ill", mended),
    alt="The six patients again, and in green how they fare with the cures of the cell above.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `cure = {"A": {"own_labels": True}, "B": {"lr": 0.1}, "C": {"deviation": 0.05}, "D": {"shuffle": True},
# "E": {"lr": 0.1}, "F": {"clear": True}}`. Patient C can also be waited for: it falls, slowly, from a
# hundred. Patient E is the treacherous one: the first steps were so long that they killed its ReLUs
# (notebook 18), so that lowering the rate *later* would not help.
# </details>
#
# **A loss curve says that something is wrong. What it is one reads at the start: where it begins, and how
# it moves in the first ten steps.**
#
# ## Before a long training: two tests
#
# One of the six is *ahead* of the healthy run for a while. Stopped at step 30, it would have passed for
# the best of the seven. Faults of this kind live for months. Two tests find many of them in a minute.
#
# *Overfit one batch.* A network that cannot bring the loss of 32 images to 0 is broken. Suppose that
# their labels have been shuffled: does the loss still go to 0?

# %%
prediction = None  # "yes" or "no"

check("overfit_wrong_labels", prediction)

# %%
one_batch = {}
for name, targets in {"own labels": labels[:32], "shuffled labels": labels[:32][::-1]}.items():
    npx.random.seed(0)
    net = nn.Sequential()
    net.add(nn.Dense(64, activation="relu"), nn.Dense(10))
    net.initialize(init.Xavier())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.3}, kvstore=None)
    loss_function, one_batch[name] = gluon.loss.SoftmaxCrossEntropyLoss(), []
    for _ in range(60 if FAST else 200):
        with autograd.record():
            loss = loss_function(net(pixels[:32]), np.array(targets)).mean()
        loss.backward()
        trainer.step(1)
        one_batch[name].append(float(loss))

ax = figures.draw_lines(one_batch, ylabel="loss of the same 32 images")
figures.show(
    ax, alt="The loss of 32 images falls to nearly 0, with their own labels and with others."
)

# %% [markdown]
# So this test looks at the *machine*: loss, gradients, step. It cannot say that the labels are right. For
# those, look at images beside their labels.
#
# ## The gradient check
#
# The other test is the gradient check (梯度检验). Each entry of a gradient is compared with a central difference (中心差分) of the loss,
# in float64:
#
# $$\frac{\partial L}{\partial w} \approx \frac{L(w + h) - L(w - h)}{2h}, \qquad h = 10^{-5}.$$
#
# Here is a layer in which someone wrote `.detach()` where it does not belong, and the check of one of its
# biases.


# %%
class Forgetful(nn.Dense):
    """A dense layer whose bias gets no gradient."""

    def forward(self, X):
        return np.dot(X, self.weight.data().T) + self.bias.data().detach()


def small_network(last):
    npx.random.seed(1)
    net = nn.Sequential()
    net.add(nn.Dense(4, in_units=5), d2l_bn.BatchNorm(4, num_dims=2), nn.Activation("sigmoid"))
    net.add(last(3, in_units=4))
    net.initialize()
    net.cast("float64")
    return net


def mean_loss(net):
    return gluon.loss.SoftmaxCrossEntropyLoss()(net(few), classes).mean()


few, classes = np.random.normal(size=(8, 5)).astype("float64"), np.array([0, 1, 2, 0, 1, 2, 0, 1])
h = 1e-5
for last in (nn.Dense, Forgetful):
    net = small_network(last)
    bias = net[3].bias
    with autograd.record():
        loss = mean_loss(net)
    loss.backward()
    start, move = bias.data().copy(), np.array([h, 0, 0], dtype="float64")
    with autograd.train_mode():
        bias.set_data(start + move)
        above = mean_loss(net)
        bias.set_data(start - move)
        below = mean_loss(net)
    numeric = float((above - below) / (2 * h))
    print(f"{last.__name__:9} gradient {float(bias.grad()[0]):8.5f}, by differences {numeric:8.5f}")

# %% [markdown]
# `check_network` does this for every parameter:

# %%
print(check_network(small_network(nn.Dense), few, classes))
print("\nnow with the forgetful layer:\n")
print(check_network(small_network(Forgetful), few, classes))

# %% [markdown]
# Would the loss have told? Predict: does the forgetful network's loss still fall when it is trained?

# %%
prediction = None  # "yes" or "no"

check("forgetful_learns", prediction)

# %%
for last in (nn.Dense, Forgetful):
    net = small_network(last)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore=None)
    losses = []
    for _ in range(20 if FAST else 200):
        with autograd.record():
            loss = mean_loss(net)
        loss.backward()
        trainer.step(1, ignore_stale_grad=True)
        losses.append(float(loss))
    print(f"{last.__name__:9} loss {losses[0]:.3f} → {losses[-1]:.3f}")

# %% [markdown]
# # Part two: settings
#
# ## How large a rate?
#
# One of the course's sources gives a range: 1e-6 is too small, *"too large (such as 1e-6)"*, and from 1e-5
# to 1e-3 is right. The second number is a slip for 1e6. The range is right for some optimizers and
# networks and wrong for others: the chapter itself trains at 1. LeNets with ReLU, plain gradient descent
# (梯度下降), one epoch (迭代周期) of 4,000 images. Which of the rates in the figure is best *with* batch
# normalization (批量归一化)?

# %%
prediction = None  # 1e-6, 1e-5, 1e-3, 0.1, 1.0 or 1e6

check("best_rate", prediction)

# %%
lrs = sorted(load.case_values("learning_rate_range", "lr"))
ax = figures.draw_error_curves(
    {
        title: [
            estimate(load.by_seed("learning_rate_range", "test_accuracy", norm=norm, lr=lr))
            for lr in lrs
        ]
        for norm, title in NORMS.items()
    },
    x=lrs,
    log_x=True,
    xlabel="learning rate",
    ylabel="test accuracy after an epoch",
)
_ = ax.axvspan(1e-5, 1e-3, color="#E69F00", alpha=0.15)
figures.show(
    ax,
    alt="Test accuracy against the learning rate, from 1e-6 to 1e6. In the shaded range from 1e-5 to 1e-3"
    " hardly anything is learned; 0.1 is good for both, 1 for batch normalization alone, 1e6 for none.",
)

# %%
table(
    ["the source says", "measured", "effect, 95 % interval", "verdict"],
    [court[name].judge().row() for name in ("large_rate_explodes", "small_range_is_suitable")],
)

# %% [markdown]
# The shaded range is the recommended one. **No range is right for every network, optimizer and batch size:
# search in steps of a factor, not of a difference.** Notebook 17 has a finder that does it in one run.
#
# ## Search: a grid or at random?
#
# Nine runs are to be spent on two hyperparameters, the learning rate from 0.001 to 10 and the weight decay
# (权重衰减) from 1e-6 to 0.1, both on a logarithmic scale. Each strategy is two lines:

# %%
random = numpy.random.default_rng(0)
at = (numpy.arange(3) + 0.5) / 3  # the middles of three equal parts
places = {
    "grid search": numpy.array([(a, b) for a in at for b in at]),
    "random search": random.random((9, 2)),
}
for name, shares in places.items():
    rates = 10 ** (-3 + 4 * shares[:, 0])
    print(
        f"{name:13} tries {len(set(rates))} rates:",
        ", ".join(f"{r:.2g}" for r in sorted(set(rates))),
    )

# %% [markdown]
# The grid spends three runs on each of *three* rates; random points try nine. Suppose that the weight
# decay hardly matters and a fifth of the range of rates is good. How probable is it that at least one of
# nine random points falls into it?

# %%
prediction = None  # a probability

check("chance_of_random_search", prediction)

# %% [markdown]
# A grid of three rates has a point in such a fifth with a probability of about $3 \cdot \frac15 = 0.6$, if
# one does not know where it lies. Nine rates and *one* weight decay would hit it for certain. That is Bergstra
# and Bengio's argument (2012) for random search: one need not guess which of the two matters.
#
# And in fact? The colour is the accuracy on images held out from training, for the grid and for two random
# searches, the luckiest and the least lucky of the recorded ones:

# %%
SEEDS = sorted({record["seed"] for record in load.records("hyperparameter_search")})
searches = {
    (strategy, seed): load.select("hyperparameter_search", strategy=strategy, seed=seed)
    for strategy in ("grid", "random")
    for seed in SEEDS
}


def winner(runs):
    return max(runs, key=lambda record: load.measured(record, "validation_accuracy"))


by_luck = sorted(
    SEEDS, key=lambda s: load.measured(winner(searches["random", s]), "validation_accuracy")
)
panels = {
    "grid": searches["grid", SEEDS[0]],
    "random, lucky": searches["random", by_luck[-1]],
    "random, unlucky": searches["random", by_luck[0]],
}
axes = figures.draw_search(
    {
        title: (
            [record["case"]["lr"] for record in runs],
            [record["case"]["optimizer_params"]["wd"] for record in runs],
            [load.measured(record, "validation_accuracy") for record in runs],
        )
        for title, runs in panels.items()
    },
    xlabel="learning rate",
    ylabel="weight decay",
    colour="validation accuracy",
)
figures.show(
    axes,
    alt="Three panels of nine points, learning rate against weight decay, coloured by validation accuracy."
    " The colour changes from left to right far more than from bottom to top.",
)

# %% [markdown]
# In each panel the colour changes along the rate much more than along the weight decay: here, too, one of
# the two matters most. The *test* accuracy of the setting that validation chose, for each search,
# and what they say to "random search finds better settings":

# %%
found = {
    strategy: [load.measured(winner(searches[strategy, seed]), "test_accuracy") for seed in SEEDS]
    for strategy in ("grid", "random")
}
ax = figures.draw_dots({"searches": found}, ylabel="test accuracy")
ax.get_legend().remove()
figures.show(
    ax, alt="Test accuracy found by each grid search and by each random search of nine runs."
)

# %%
court["random_beats_grid"].judge()

# %% [markdown]
# A grid that happens to have a good rate among its three is hard to beat, and it tries the same three
# each time; random search is sometimes lucky and sometimes not. The argument above is about *not knowing*
# where the good rates lie. And note how these numbers were made: the winner is chosen on validation
# images and reported on test images. Who chooses and reports on the same ones reports luck as well.
#
# # Part three: more from the same network
#
# ## Ensembles
#
# Networks trained from different seeds are wrong in different places. An ensemble is the mean of their
# probabilities, a line of code. **Predict first:** five LeNets, a test accuracy of about 0.78 each. How
# many *points* (hundredths) does their mean gain?

# %%
prediction = None  # to within 1 point

together, alone = (  # (seeds, networks)
    load.stacked("ensembles", f"test_accuracy_population/{name}") for name in ("together", "alone")
)
gain = 100 * float((together[:, -1] - alone.mean(axis=1)).mean())
check("ensemble_gain", prediction, gain)

# %%
members = []
for seed in (0, 1, 2):
    net = d2l_bn.lenet("gluon", activation="relu")
    net.hybridize()
    d2l_bn.train(net, train_iter, epochs=1, lr=0.1, seed=seed)
    members.append(net)

X = np.array(test_iter.images[:, None] / 255.0, dtype="float32")
probabilities = [npx.softmax(net(X)) for net in members]
for name, p in {**dict(enumerate(probabilities)), "together": sum(probabilities) / 3}.items():
    print(f"{name!s:8} {float((p.argmax(axis=1).asnumpy() == test_iter.labels).mean()):.3f}")

print("the package's Ensemble:", round(d2l_bn.evaluate(Ensemble(members), test_iter), 3))

# %%
number = alone.shape[1]
ax = figures.draw_over_seeds(
    {
        "together": together,
        "alone, mean": [[mean(group)] * number for group in alone],
        "alone, the best": [[max(group)] * number for group in alone],
    },
    range(1, number + 1),
    xlabel="networks",
    ylabel="test accuracy",
)
_ = ax.set_xticks(range(1, number + 1))
figures.show(
    ax,
    alt="Test accuracy of one to five networks together: it rises with each, above the mean of the"
    " networks alone, and soon above the best of them.",
)

# %%
court["ensembles_are_better"].judge()

# %% [markdown]
# The first two networks bring most of it. The price is five trainings, and in use five forward passes for each image.
#
# ## Early stopping
#
# *If the error on the validation set (验证集) no longer improves, stop.* With a patience (耐心) of so many epochs,
# as a function of the accuracies so far. Fill in the condition:


# %%
def stop(accuracies, patience):
    """The epoch in which training stops, and the one whose weights are kept."""
    best, kept = -1.0, 0
    for epoch, accuracy in enumerate(accuracies, start=1):
        if accuracy > best:
            best, kept = accuracy, epoch
        if False:  # your condition, with epoch, kept and patience
            break
    return epoch, kept


# %% [markdown]
# <details><summary>Solution</summary>
#
# `if epoch - kept >= patience:`
# </details>


# %%
def stop_solution(accuracies, patience):
    best, kept = -1.0, 0
    for epoch, accuracy in enumerate(accuracies, start=1):
        if accuracy > best:
            best, kept = accuracy, epoch
        if epoch - kept >= patience:
            break
    return epoch, kept


example = [0.60, 0.70, 0.69, 0.72, 0.71, 0.70, 0.69, 0.75]
print("yours:   ", stop(example, patience=3))
print("solution:", stop_solution(example, patience=3))
print("package: ", EarlyStopping([], patience=3).best_epoch(example[:7]))

# %% [markdown]
# 1,000 images to train on, 500 to validate on, 25 epochs: far longer than is good. In the lower row 30 % of
# the *training* labels are wrong, as in data that were labelled in a hurry. **Predict first:** in how
# many of the four panels does the test accuracy fall again, so that stopping has something to save?

# %%
prediction = None  # of 4: plain or BN, right or wrong labels

check("panels_that_turn_down", prediction)

# %%
grid = figures.new_axes(2, rows=2, height=6.4, sharex=True, sharey=True)
for row, wrong in zip(grid, load.case_values("early_stopping", "wrong_labels")):
    for ax, (norm, title) in zip(row, NORMS.items()):
        runs = load.select("early_stopping", norm=norm, wrong_labels=wrong)
        validation = load.stacked(runs, "validation_accuracy_by_epoch")
        figures.draw_over_seeds(
            {
                "train": load.stacked(runs, "train_accuracy_by_epoch"),
                "validation": validation,
                "test": [
                    load.accuracies_by_epoch(run) for run in sorted(runs, key=lambda r: r["seed"])
                ],
            },
            range(1, validation.shape[1] + 1),
            xlabel="epoch",
            ylabel="accuracy",
            title=f"{title}, {wrong:.0%} wrong labels",
            legend=ax is grid[0, 0],
            ax=ax,
        )
figures.show(
    grid.ravel(),
    alt="Training, validation and test accuracy over 25 epochs, in four panels. Plain, and with"
    " right labels, test accuracy rises or levels off. With wrong labels and batch normalization it peaks"
    " after some five epochs and falls, while training accuracy, counted on the wrong labels, rises to 0.9.",
)

# %% [markdown]
# What would each patience have cost, or saved? The test accuracy of the weights that it would have kept:

# %%
rows = []
for wrong in load.case_values("early_stopping", "wrong_labels"):
    for norm, title in NORMS.items():
        runs = load.select("early_stopping", norm=norm, wrong_labels=wrong)
        for patience in (1, 3, 10):
            trained, kept = [], []
            for run_ in runs:
                end, best = stop_solution(
                    run_["measures"]["validation_accuracy_by_epoch"], patience
                )
                trained.append(end)
                kept.append(load.accuracies_by_epoch(run_)[best - 1])
            last = [load.accuracies_by_epoch(run_)[-1] for run_ in runs]
            rows.append(
                [
                    f"{title}, {wrong:.0%} wrong",
                    patience,
                    f"{mean(trained):.1f}",
                    f"{mean(kept):.3f}",
                    f"{mean(last):.3f}",
                ]
            )

table(
    ["network", "patience", "epochs trained", "test accuracy of what is kept", "of the last epoch"],
    rows,
)

# %%
court["early_stopping_helps"].judge()

# %% [markdown]
# Two things decide whether it helps. *Does the curve turn down?* In three of the panels it does not: there a
# short patience costs accuracy, and a long one saves an epoch or two. In the fourth the network learns the
# wrong labels by heart, and stopping in time saves more than anything else in this lesson. *And can you
# see the turn?* With 500 validation images the standard error (标准误) of an accuracy is nearly two points, so
# that a patience of 1 mostly stops at noise.
#
# In the package it is an argument of `train`, and the history says what happened:

# %%
rest, validation = train_iter.hold_out(len(images) // 4)
net = d2l_bn.lenet("gluon", activation="relu")
net.hybridize()
history = d2l_bn.train(
    net,
    rest,
    test_iter,
    epochs=2 if FAST else 6,
    lr=0.1,
    early_stopping=EarlyStopping(validation, patience=2),
)
print(f"{len(history)} epochs; stopped early: {history.stopped_early}; kept: {history.best_epoch}")

# %% [markdown]
# ## L1 and L2
#
# A penalty on the weights is added to the loss: $\lambda \sum |w|$ (L1) or $\frac{\lambda}{2} \sum w^2$ (L2). Its
# gradient is $\lambda\,\mathrm{sign}(w)$ or $\lambda w$. Which of the two makes weights *exactly* 0?

# %%
prediction = None  # "L1" or "L2"

check("exact_zeros", prediction)


# %%
def classifier(l1=0.0, l2=0.0, steps=60 if FAST else 150, lr=0.2):
    """A linear classifier, whose weights are ten images, and its test accuracy."""
    npx.random.seed(0)
    W, b = np.random.normal(0, 0.01, size=(784, 10)), np.zeros((10,))
    loss_function, targets = gluon.loss.SoftmaxCrossEntropyLoss(), np.array(labels)
    for parameter in (W, b):
        parameter.attach_grad()
    for _ in range(steps):
        with autograd.record():
            loss = loss_function(pixels @ W + b, targets).mean()
        loss.backward()
        W[:] = W - lr * (W.grad + l2 * W)
        W[:] = np.sign(W) * np.maximum(np.abs(W) - lr * l1, 0)  # a step that does not pass 0
        b[:] = b - lr * b.grad
    scores = (X.reshape(len(X), -1) @ W + b).argmax(axis=1).asnumpy()
    return W.asnumpy(), (scores == test_iter.labels).mean()


weights = {}
for name, penalty in {
    "none": {},
    "L2, λ = 0.03": {"l2": 0.03},
    "L1, λ = 0.003": {"l1": 0.003},
}.items():
    weights[name], accuracy = classifier(**penalty)
    W = weights[name]
    print(
        f"{name:14} exactly 0: {(W == 0).mean():5.1%}, largest |w| {abs(W).max():.2f}, "
        f"test accuracy {accuracy:.3f}"
    )

# %%
axes = figures.draw_image_rows(
    {name: [W[:, k].reshape(28, 28) for k in range(10)] for name, W in weights.items()},
    titles={"none": [name.replace(" ", "\n") for name in d2l_bn.CLASS_NAMES]},
    limits=(-0.3, 0.3),
)
figures.show(
    axes.ravel(),
    alt="The weights of a linear classifier as ten images, without a penalty, with L2 and with L1. L2"
    " makes them paler and smoother, L1 leaves a few strong pixels on even grey.",
)

# %% [markdown]
# L2 shrinks the large weights most; L1 takes the same from each, and what is small ends at 0. So short a
# training of a linear classifier does not overfit (过拟合), and neither penalty can raise its accuracy here. Notebook 14
# has L2 together with batch normalization, where it means something else.
#
# # Part four: the order of the images
#
# ## Shuffled or sorted
#
# What if the training images come class after class? And what if every *batch* is of one class, but the
# batches come in random order? Predict the test accuracy of the sorted run, *with* batch normalization and
# the better of two rates:

# %%
prediction = None  # to within 0.1

sorted_accuracy = mean(chosen("orders", order="sorted", norm="gluon").values())
check("sorted_accuracy", prediction, sorted_accuracy)

# %%
ORDERS = load.case_values("orders", "order")
ax = figures.draw_dots(
    {
        title: {
            order.replace(" ", "\n"): list(chosen("orders", order=order, norm=norm).values())
            for order in ORDERS
        }
        for norm, title in NORMS.items()
    },
    ylabel="test accuracy",
    number_format="{:.2f}",
)
figures.show(
    ax,
    alt="Test accuracy of eight seeds for five orders of the training images. Sorted by class stays at a"
    " guess, batches of one class in random order lie between, the other three orders are alike.",
)

# %%
for order in ("shuffled", "one class", "sorted"):
    for norm, title in NORMS.items():
        trained = estimate(chosen("orders", measure="train_accuracy", order=order, norm=norm))
        tested = estimate(chosen("orders", order=order, norm=norm))
        print(f"{order:9} {title:5} training {trained}, test {tested}")

# %% [markdown]
# Sorted data deceive. Within a class the network soon answers with that class and is right, batch after
# batch: the training accuracy looks like learning. At the end it gives the *last* class for every image,
# and the test accuracy is that class's share, a tenth. Batches of one class in random order are less
# bad, since each class comes back every ten batches or so; notebook 13 has such runs. There the training
# accuracy misleads the other way with batch normalization: what all images of a class have in common goes
# with the mean of the batch, so that the network can hardly tell, while it trains, what it sees.
#
# The first shuffled epoch (打乱) costs one line, `order = random.permutation(n)`.

# %%
court["shuffling_beats_sorting"].judge()

# %% [markdown]
# ## A fair curriculum
#
# "Sort the examples in some meaningful way": easy ones first (Bengio et al. 2009). How hard an image is, the
# loss of a *teacher* can tell, a network trained for an epoch:

# %%
teacher = members[0]
scores = difficulties(teacher, train_iter)  # the cross-entropy of each image
ranked = numpy.argsort(scores)

chosen_images = {"easiest": ranked[:8], "hardest": ranked[-8:]}
axes = figures.draw_image_rows(
    {name: [images[i] / 255 for i in some] for name, some in chosen_images.items()},
    titles={
        name: [d2l_bn.CLASS_NAMES[labels[i]].replace(" ", "\n") for i in some]
        for name, some in chosen_images.items()
    },
)
figures.show(
    axes.ravel(),
    alt="The eight images with the lowest and the eight with the highest loss of a teacher. The hard ones"
    " are odd cuts, and some look as if their label were wrong.",
)

# %% [markdown]
# `easy_first` cuts the images into five buckets by that score and goes through them one after the other,
# shuffled within each. A curriculum has a trap: easy images are of a few classes.

# %%
order = easy_first(scores, buckets=5, epochs=1)(0)
fifth = len(order) // 5
for name, some in {"first": order[:fifth], "last": order[-fifth:]}.items():
    counts = numpy.bincount(labels[some], minlength=10)
    most = [f"{d2l_bn.CLASS_NAMES[c]} {counts[c]}" for c in numpy.argsort(-counts)[:4]]
    print(f"{name:5} bucket, {fifth} images, mostly: {', '.join(most)}")

# %% [markdown]
# So a curriculum is some sorting, too, and must not *end* with its last bucket: the weights would be those
# that the hard classes left. The fair one has one epoch in order and then two that are shuffled, against
# three that are shuffled; each at the rate of its own that is best on held-out images. That is what the
# figure above shows in its last columns.

# %%
for order in ("easy first", "hard first"):
    for norm, title in NORMS.items():
        pairs = (
            chosen("orders", order=order, norm=norm),
            chosen("orders", order="shuffled", norm=norm),
        )
        gains = estimate({seed: 100 * (pairs[0][seed] - pairs[1][seed]) for seed in pairs[0]})
        print(
            f"{order:11} {title:5} gain over shuffled: {gains.mean:5.2f} ± {gains.margin:.2f} points"
        )

court["easy_first_helps"].judge()

# %% [markdown]
# A fair curriculum gains nothing here, with either end first; what it adds is an epoch of some sorting.
# Fashion-MNIST is no problem that must be approached by steps, and its hardest images are often those with
# a doubtful label. That is a verdict on this task, not on curricula: before you order anything, run the
# shuffled control.
#
# # What ails it?
#
# Six more networks, this time with probes (探针) for gradients, steps and outputs beside the loss. Before you
# open any: of the six losses, how many look exactly as in a healthy network?

# %%
prediction = None  # of 6

# %%
figures.interactive("sick_network")

# %%
check("healthy_looking", prediction)

# %% [markdown]
# **A loss curve says at most that something is wrong; a few numbers inside the network say what.**
#
# # Summary
#
# You can now
#
# - diagnose a training from its first ten losses, and mend it with one knob;
# - overfit one batch and check gradients before a long run, and say what neither test can see;
# - search in factors, choose on held-out images and report on others;
# - say what five networks together gain, when stopping early helps, and why the last epoch of a curriculum
#   must be shuffled.
#
# ## Exercises
#
# 1. An ensemble of one run: keep the network after each of the last three epochs of one training
#    (*snapshots*), and average those. How much of the gain of three separate networks is left?
#
# <details><summary>Solution</summary>
#
# Train one network three times for one epoch with `train(..., seed=0)`, and copy it after each
# (`copy = d2l_bn.lenet("gluon", activation="relu")`, then `save_parameters` and `load_parameters`); give the
# copies to `Ensemble`. The snapshots are near one another and are wrong in the same places, so that their
# mean gains less, at a third of the price. (Huang et al. 2017 spread them apart with a cyclic rate.)
# </details>
#
# 2. Give patient F the momentum that it imitates: how does `run(clear=False)` compare with a plain descent with
#    momentum 0.9 and a rate of 0.1? Why does the one come back and not the other?
#
# <details><summary>Solution</summary>
#
# With `{"learning_rate": 0.1, "momentum": 0.9}` in the trainer. Momentum (动量) weighs a gradient that is $k$
# steps old by $0.9^k$, so that the past counts ten times as much as a single gradient. Adding up is a
# momentum of exactly 1: nothing is ever forgotten, and a ball without friction does not come to rest in
# the valley.
# </details>
#
# ## Where to read on
#
# - Andrej Karpathy, *A Recipe for Training Neural Networks*, 2019.
# - Bergstra & Bengio 2012, *Random Search for Hyper-Parameter Optimization*.
# - Prechelt 1998, *Early Stopping – But When?*
# - Lakshminarayanan et al. 2017, arXiv:1612.01474: ensembles. Bengio et al. 2009: curricula.
# - Bouthillier et al. 2021, *Accounting for Variance in Machine Learning Benchmarks*: how many seeds.
# - **Notebook 20:** the court, where all claims of the course are tried.
