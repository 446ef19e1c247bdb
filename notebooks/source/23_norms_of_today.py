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
# # 23 · The norms of today
#
# Language models (语言模型) do not use batch normalization (批量归一化, BN). They have a normalizer in every block all the same,
# and where it stands can decide whether they train at all. Below, four transformers of six blocks learn to sort
# digits, at the same peak learning rate (学习率). They differ in one line of code and in the first fifth of their
# schedule.
#
# **After this notebook you can**
#
# - write layer normalization (层归一化) over the last axis, RMS normalization and its gradient;
# - write an attention head and a transformer block, with the normalizer in front of its parts or behind them;
# - show by experiment what batch normalization does in a language model, and when that is harmless;
# - say what a warm-up (预热) is for, and which placement can do without.
#
# **Time:** a minute to run on two CPU cores, 10 minutes to read (code apart).
#
# **Needs:** notebooks 4, 6 and 11. No images. Cells with `None` wait for your answer. The long runs were made
# beforehand, by `d2l-bn run transformer`.

# %% tags=["cover"]
from d2l_bn.threads import choose_threads

choose_threads()  # before MXNet is loaded

import os

import numpy
from mxnet import autograd, gluon, init, np, npx

from d2l_bn import figures
from d2l_bn.data.sorting import PAD, SIGN, VOCABULARY, sorting_batch
from d2l_bn.exercises.predictions import predictions
from d2l_bn.experiments import load
from d2l_bn.experiments.claims import court
from d2l_bn.experiments.claims.runs import chosen, chosen_setting
from d2l_bn.experiments.statistics import estimate
from d2l_bn.figures.markdown_table import table
from d2l_bn.networks.transformer import Attention, Transformer, TransformerBlock
from d2l_bn.norms.elementwise_layer import elementwise_layer_norm
from d2l_bn.norms.rms import rms_norm, rms_norm_backward

npx.set_np()
npx.random.seed(0)
check = predictions("norms_of_today")
FAST = os.environ.get("D2L_BN_FAST") == "1"  # fewer steps: to see that it runs
STUDY, PEAK = "transformer", 0.01


WAYS = {"behind": "post", "in front": "pre"}  # where the normalizer stands


def arm(norm, place="in front", depth=2, steps=400, warmup=True, batches="mixed"):
    """The fields of what was run with several learning rates."""
    fields = {"norm": norm, "place": WAYS[place], "depth": depth, "steps": steps}
    return {**fields, "warmup": warmup, "batches": batches}


def solved_at_best(fields):
    """The rate that is best on validation problems, and the share of test problems solved."""
    tested = chosen(STUDY, measure="test_accuracy_moving", **fields)
    return chosen_setting(STUDY, **fields)["lr"], estimate(tested)


def solved_at_peak(fields, measure="test_accuracy_moving"):
    return estimate(load.by_seed(STUDY, measure, lr=PEAK, **fields))


with figures.style():
    axes = figures.new_axes(2, height=3.2, sharey=True)
    for ax, place in zip(axes, WAYS):
        for warmup, colour, line in ((False, "#D55E00", "-"), (True, "#0072B2", "--")):
            for run in load.select(STUDY, lr=PEAK, **arm("layer", place, 6, 300, warmup)):
                label = ("with" if warmup else "without") + " warm-up" if not run["seed"] else None
                steps, losses = zip(*run["measures"]["curve"])
                ax.plot(steps, losses, color=colour, ls=line, lw=1.2, alpha=0.8, label=label)
        ax.set(title=f"normalizer {place}", xlabel="step")
    axes[0].set_ylabel("loss (each line a seed)")
    axes[1].legend()
    figures.show(
        axes,
        alt="Loss against steps for transformers of six blocks at one peak rate, each seed a line. With the "
        "normalizer behind the parts and no warm-up the loss hardly falls; with a warm-up it falls to near zero. "
        "With the normalizer in front of the parts it falls with and without a warm-up.",
    )

# %% [markdown]
# # Part one: two normalizers
#
# ## A language of digits
#
# A problem is some digits, a sign, and the digits in ascending order. The network reads from left to right and
# predicts the next token (词元). Behind the sign it must look back at what stood in front of it. A batch (小批量) has
# problems of two to eight digits; the short ones are filled up with padding (填充), token 10:

# %%
rng = numpy.random.default_rng(0)
batch = sorting_batch(rng, [8, 3, 2])
for name, array in zip(batch._fields, batch):
    print(f"{name:8}", *("".join(f"{int(v):3}" for v in row) for row in array), sep="\n   ")

# %% [markdown]
# Inside the network each token is a vector of features (特征): an array X of shape (N, T, C), here (64, 16, 32). Batch
# normalization would take one mean for each feature, over all sequences and places. **Layer normalization takes one
# for each token, over its features.** (For a network of convolutions it was one for each image, over C, H and W, in notebook
# 11.) Scale γ and shift β have a value for each feature. How many means does it take for this X?

# %%
means_of_layer_norm = None

# %%
check("means_of_layer_norm", means_of_layer_norm)

# %% [markdown]
# Write it; the variance (方差) is the biased one, and ε stands inside the root.


# %%
def layer_norm(X, gamma, beta, eps=1e-5):
    return None  # three lines


X = np.random.normal(2, 3, (64, 16, 32))
gamma, beta = np.random.normal(size=32), np.random.normal(size=32)


def compare(mine, theirs):
    if mine is None:
        return print("not written yet")
    print(f"largest difference {np.abs(mine - theirs).max().item():.0e}")


compare(layer_norm(X, gamma, beta), elementwise_layer_norm(X, gamma, beta))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def layer_norm(X, gamma, beta, eps=1e-5):
#     mean = X.mean(axis=-1, keepdims=True)
#     var = np.square(X - mean).mean(axis=-1, keepdims=True)
#     return gamma * (X - mean) / np.sqrt(var + eps) + beta
# ```
#
# </details>
#
# The package's `elementwise_layer_norm` has the same with checks, and with `axis=-2` normalizes over the last two axes, as
# ONNX's `LayerNormalization` and PyTorch's `nn.LayerNorm` do.
#
# ## Without the mean
#
# Is the mean worth its cost? Zhang & Sennrich (2019) leave it out:
#
# $$y = \gamma \odot \frac{x}{\sqrt{\frac1C \sum_i x_i^2 + \varepsilon}}$$
#
# What is left is a division by the *root mean square*, hence RMS normalization (均方根归一化). There is no β either. Llama has it and most
# large language models since. A token with the two features 1 and 7: what becomes of the 7, with γ = 1?

# %%
rms = None

# %% [markdown]
# And if 10 is added to *all* features of a token: whose output stays, that of `"layer"`, `"rms"`, `"both"` or `"neither"`?

# %%
same_for_all = None

# %%
check("rms", rms)
check("same_for_all", same_for_all)
one = np.ones(2)
for token in ([1.0, 7.0], [11.0, 17.0]):
    token = np.array([token])
    print(token[0], "layer", elementwise_layer_norm(token, one)[0], "rms", rms_norm(token, one)[0])

# %% [markdown]
# Its gradient (梯度) is shorter than that of batch normalization (notebook 4). With $r$ for one over the root mean square,
# $\hat x = r x$ and $g = \gamma \odot \mathrm{d}y$:
#
# $$\mathrm{d}x = r\,\bigl(g - \hat x \; \overline{g \hat x}\bigr)$$
#
# The bar is the mean over the features. Only what points along $\hat x$ is taken out: a longer x gives the same y. Write
# it:


# %%
def my_rms_norm_backward(dY, X, gamma, eps=1e-5):
    return None  # three lines


dY = np.random.normal(size=X.shape)
dX, _ = rms_norm_backward(dY, X, gamma)
compare(my_rms_norm_backward(dY, X, gamma), dX)
X.attach_grad()
with autograd.record():
    Y = rms_norm(X, gamma)
Y.backward(dY)
compare(dX, X.grad)  # the package's formula against autograd

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_rms_norm_backward(dY, X, gamma, eps=1e-5):
#     r = 1 / np.sqrt(np.square(X).mean(axis=-1, keepdims=True) + eps)
#     X_hat, g = r * X, gamma * dY
#     return r * (g - X_hat * (g * X_hat).mean(axis=-1, keepdims=True))
# ```
#
# </details>
#
# # Part two: a transformer
#
# ## One head of attention
#
# Attention (注意力) is how a token looks back. Each token asks with a query (查询) $q_t$, and answers with a key (键) $k_s$ and a
# value $v_s$, all three linear functions of it. It takes a mean of the values, weighted by how well query and key match:
#
# $$y_t = \sum_{s \le t} a_{ts} v_s, \qquad
# a_{ts} = \mathop{\mathrm{softmax}}_{s \le t} \frac{q_t \cdot k_s}{\sqrt d}$$
#
# Only $s \le t$: a token that saw the next one would have nothing to predict. In code, add a number like $-10^9$ to the
# scores (T, T) of later tokens before the softmax. `np.tril(np.ones((T, T)))` is 1 where $s \le t$, and
# `npx.batch_dot(Q, K, transpose_b=True)` has all products.


# %%
def attend(Q, K, V):
    """All (N, T, d)."""
    return None  # four lines


attention = Attention(32, heads=1)
attention.initialize(init.Xavier())
projected = [layer(X) for layer in (attention.query, attention.key, attention.value)]
taken = attend(*projected)
compare(None if taken is None else attention.output(taken), attention(X))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def attend(Q, K, V):
#     scores = npx.batch_dot(Q, K, transpose_b=True) / Q.shape[-1] ** 0.5
#     later = 1 - np.tril(np.ones(scores.shape[1:]))
#     return npx.batch_dot(npx.softmax(scores - 1e9 * later, axis=-1), V)
# ```
#
# </details>
#
# Several heads do this side by side, each with its share of the features.
#
# ## A block, with its normalizer in one of two places
#
# A block has two parts, attention and two dense layers, each beside a residual connection (残差连接, notebook 22). The
# first transformers had the normalizer *behind* each sum, today's have it *in front* of each part:


# %%
def behind(x, part, norm):  # post-norm, 2017
    return norm(x + part(x))


def in_front(x, part, norm):  # pre-norm, since GPT-2
    return x + part(norm(x))


for place, way in (("post", behind), ("pre", in_front)):
    block = TransformerBlock(32, heads=2, norm="layer", place=place)
    block.initialize(init.Xavier())
    Y = way(way(X, block.attention, block.norm1), block.dense, block.norm2)
    compare(Y, block(X))

# %% [markdown]
# A `Transformer` is an embedding (嵌入) of tokens and places, such blocks, and a linear layer to the scores of the next token
# (with one more normalizer before it if the blocks have theirs in front). We train on the tokens of the answers:


# %%
def train(net, lengths_of, steps, rate=PEAK):
    rng = numpy.random.default_rng(0)
    trainer = gluon.Trainer(net.collect_params(), "adam", kvstore=None)
    for step in range(steps):
        batch = sorting_batch(rng, lengths_of(rng))
        with autograd.record():
            log_p = npx.pick(npx.log_softmax(net(batch.tokens), axis=-1), batch.targets)
            loss = -(log_p * batch.answers).sum() / batch.answers.sum()
        loss.backward()
        share = (step + 0.5) / steps
        trainer.set_learning_rate(rate * min(share / 0.2, (1 - share) / 0.8))  # up, then down
        trainer.step(1)
    return net


def sorter(norm, place="pre", depth=2, seed=0):
    npx.random.seed(seed)
    net = Transformer(VOCABULARY, length=16, depth=depth, norm=norm, place=place)
    net.initialize(init.Xavier())
    return net


def write(net, digits, batch_statistics=False):
    """What the network writes behind the sign, one token after the other."""
    tokens = [*digits, SIGN]
    for _ in digits:
        with autograd.pause(train_mode=batch_statistics):
            tokens.append(int(net(np.array([tokens]))[0, -1].argmax()))
    return tokens[len(digits) + 1 :]


STEPS = 20 if FAST else 400


def mixed(rng):
    return rng.integers(2, 9, 64)  # each problem has its own length


layer_mixed = train(sorter("layer"), mixed, STEPS)
for digits in ([3, 1, 2], [9, 0, 5, 5, 7], [8, 6, 4, 2, 0, 1, 3, 5]):
    print(digits, "→", write(layer_mixed, digits))

# %% [markdown]
# # Part three: batch normalization in a language model
#
# It can stand in the same place, over all tokens of a batch: `norm="batch"`. Three questions.
#
# ## Does it look ahead?
#
# Eight problems, 16 tokens each. In the first one we change the *last* token, and look at all 8 · 16 places: whose scores
# change, in training mode? With layer normalization only that last one's. With batch normalization how many of the 128?

# %%
looks_ahead = None

# %%
before = sorting_batch(numpy.random.default_rng(1), [8] * 8).tokens
after = before.copy()
after[0, -1] = (after[0, -1] + 1) % 10

with figures.style():
    axes = figures.new_axes(2, height=2.6)
    for ax, norm in zip(axes, ("layer", "batch")):
        net = sorter(norm)
        with autograd.train_mode():
            change = np.abs(net(after) - net(before)).max(axis=2)
        moved = int((change > 1e-6).sum())
        ax.imshow(np.log10(change + 1e-7).asnumpy(), vmin=-7, vmax=0, cmap="viridis")
        ax.set(title=f"{norm} norm: {moved} of 128 change", xlabel="place", ylabel="sequence")
        ax.grid(False)
    figures.show(
        axes,
        alt="Which scores change, by sequence and place, if the last token of the first sequence does. Layer "
        "normalization: that one place. Batch normalization: all of them, in all sequences, also before it.",
    )
check("looks_ahead", looks_ahead)

# %% [markdown]
# So in training every token knows a little about the tokens that it is to predict, and about its neighbours' problems. By the
# moving averages (移动平均) nothing looks ahead.
#
# ## What does it average over?
#
# First, padding. All lengths from 2 to 8 come equally often, and each sequence is filled up to 16 tokens. What share of
# the tokens that batch normalization averages over is padding?

# %%
padding = None

# %%
tokens = sorting_batch(
    numpy.random.default_rng(2), [k for k in range(2, 9) for _ in range(64)]
).tokens
print(f"padding: {(tokens == PAD).mean().item():.3f}")
check("padding", padding)


# %% [markdown]
# Here are the features in front of the last normalizer of our trained network, at each place: the mean over
# problems of eight digits, for four features. A line would be flat if all places had one distribution. Thin: the
# one mean that batch normalization would take, of all places.


# %%
def features(net, tokens):
    """What goes into the last normalizer."""
    places = net.position(np.arange(tokens.shape[1]))
    return net.blocks(net.token(tokens) + places)


H = features(layer_mixed, sorting_batch(numpy.random.default_rng(3), [8] * 256).tokens)
lines = {f"feature {c}": H[:, :, c].mean(axis=0).asnumpy() for c in range(4)}
ax = figures.draw_lines(lines, xlabel="place", ylabel="mean over 256 problems")
for line, colour in zip(lines.values(), figures.COLOURS):
    ax.axhline(line.mean(), color=colour, lw=0.8, alpha=0.7)
figures.show(
    ax,
    alt="The mean of four features by place. Most jump at place 8, where the sign stands, and have another level in the "
    "answer than before the sign: one mean for all places fits neither.",
)

# %% [markdown]
# A mean over such a mixture depends on what is in the mixture: on how many problems are short, where their signs stand, how
# much is padding. We can leave the padding out, with a mask:

# %%
H, real = features(layer_mixed, tokens), np.expand_dims(tokens != PAD, -1)
masked_mean = (H * real).sum(axis=(0, 1)) / real.sum()
masked_deviation = np.sqrt((np.square(H - masked_mean) * real).sum(axis=(0, 1)) / real.sum())
shift = np.abs(H.mean(axis=(0, 1)) - masked_mean) / masked_deviation
print(
    f"padding moves a mean by {shift.mean().item():.2f} deviations, by {shift.max().item():.2f} at most"
)

# %% [markdown]
# ## Does it matter?
#
# Not if every batch is the same mixture: then its statistics hardly vary, and the moving averages know them. But who
# trains on sentences often *sorts them by length*, so that a batch needs little padding. Over many batches the lengths are
# the same as before; in each batch there is one. Three trainings tell:


# %%
def by_length(rng):
    return numpy.full(64, rng.integers(2, 9))  # all problems of this batch have one length


def solved(net, lengths, batch_statistics=False):
    """The share of problems whose answers are right in every token."""
    batch = sorting_batch(numpy.random.default_rng(4), lengths)
    with autograd.pause(train_mode=batch_statistics):
        written = net(batch.tokens).argmax(axis=-1).astype("float32")
    wrong = (written != batch.targets) * batch.answers
    return wrong.sum(axis=1).asnumpy() == 0


each_length = [k for k in range(2, 9) for _ in range(50)]
trained = {
    ("layer", "by length"): train(sorter("layer"), by_length, STEPS),
    ("batch", "mixed"): train(sorter("batch"), mixed, STEPS),
    ("batch", "by length"): train(sorter("batch"), by_length, STEPS),
}
for name, net in trained.items():
    print(*name, f": solves {solved(net, each_length).mean():.2f}")
company = trained["batch", "by length"]
alone = numpy.mean([solved(company, [k] * 50, batch_statistics=True) for k in range(2, 9)])
print(f"the last one by the statistics of test batches of one length: {alone:.2f}")

# %% [markdown]
# The network with batch normalization and sorted batches has learned to sort, *in company*: among problems of its own
# length it solves most. Its moving averages are of a mixture that it never met. That is the gap of notebook 6, grown until it
# swallows the network. And a user's problem comes alone:

# %%
for title, net, of_batch in (
    ("layer norm, sorted batches", trained["layer", "by length"], False),
    ("batch norm, sorted batches, moving averages", company, False),
    ("batch norm, sorted batches, a batch of one", company, True),
):
    print(f"{title:45} [3, 1, 2] → {write(net, [3, 1, 2], of_batch)}")

# %% [markdown]
# Several seeds (随机种子); ± is half of the 95 % interval. The best rate is that on validation problems (验证集):

# %%
rows = []
for norm, batches in (
    ("layer", "mixed"),
    ("batch", "mixed"),
    ("layer", "by length"),
    ("batch", "by length"),
):
    fields, in_company = arm(norm, batches=batches), ""
    if norm == "batch":
        kind = "test_accuracy_batch" + ("/one length" if batches == "by length" else "")
        in_company = solved_at_peak(fields, kind)
    found = [*solved_at_best(fields), solved_at_peak(fields), in_company]
    rows.append([norm, batches, *found])
at_peak = f"solved, rate {PEAK:g}"
table(["norm", "batches", "best rate", "solved", at_peak, f"{at_peak}, in company"], rows)

# %% [markdown]
# (*In company*: by the statistics of test batches that are made as the training batches were.)

# %%
for claim in ("layer_beats_batch_in_transformer", "gap_of_batches_by_length"):
    print(court[claim].judge())

# %% [markdown]
# **With mixed batches batch normalization learns to sort, and what it learned holds when it is tested. With batches by
# length most of that is lost; layer normalization keeps what it learned.** (It learns less from sorted batches, too: each
# step sees one length only.)
#
# Real text is harder than ours: words are rare, and batches differ in more than length. Shen et al. (2020, table 2) report a
# perplexity (困惑度) of 27.2 with BN and of 20.9 with layer normalization on WikiText-103; its statistics vary from batch to batch
# by orders of magnitude more than on images. Those numbers a CPU cannot show.
#
# ## RMS normalization, and none

# %%
rows = [[norm, *solved_at_best(arm(norm, steps=800))] for norm in ("layer", "rms")]
table(["norm, two blocks", "best rate", "solved after 800 steps"], rows)

# %%
print(court["rms_is_as_good_as_layer"].judge())

# %% [markdown]
# And none at all? Six blocks of ours, in the last table below, can train without: short cuts, Adam, a warm-up and a rate that
# is not too large are enough. Deeper, it gets harder. Each block adds to the sum what it makes of the sum, so that
# the scores of an *untrained* network grow with its depth:


# %%
def first_loss(norm, depth):
    log_p = npx.log_softmax(sorter(norm, depth=depth)(tokens), axis=-1)
    return -npx.pick(log_p, tokens).mean().item()


depths = (2, 6, 12) if FAST else (2, 6, 12, 24)
rows = [
    [norm or "none", *(f"{first_loss(norm, d):.3g}" for d in depths)] for norm in ("layer", None)
]
table(["first loss", *(f"{depth} blocks" for depth in depths)], rows)

# %% [markdown]
# (A guess among twelve tokens costs 2.5.)
#
# That RMS normalization is *faster* we cannot show: its 7 to 64 % (Zhang & Sennrich 2019, abstract) are of whole
# models on GPUs.
#
# # Part four: in front or behind?
#
# Twelve blocks, untrained, one batch: how long is the gradient of each block's last weights? With the normalizer *behind*,
# does it grow towards the `"tokens"` (block 1) or the `"scores"` (block 12)?

# %%
grows_towards = None

# %%
batch = sorting_batch(numpy.random.default_rng(5), mixed(numpy.random.default_rng(5)))


def gradient_lengths(place, seed, depth=12):
    net = sorter("layer", place, depth, seed)
    with autograd.record():
        log_p = npx.pick(npx.log_softmax(net(batch.tokens), axis=-1), batch.targets)
        loss = -(log_p * batch.answers).sum() / batch.answers.sum()
    loss.backward()
    last = [block.dense[1].weight.grad() for block in net.blocks]
    return [float(np.sqrt(np.square(gradient).sum())) for gradient in last]


SEEDS = 2 if FAST else 10
lengths = {
    name: numpy.array([gradient_lengths(place, seed) for seed in range(SEEDS)])
    for name, place in WAYS.items()
}
bars = {name: [estimate(column).bar for column in rows.T] for name, rows in lengths.items()}
ax = figures.draw_error_curves(
    bars, x=range(1, 13), xlabel="block", ylabel="length of the gradient"
)
ax.set_ylim(0, None)
figures.show(
    ax,
    alt="The length of the gradient by block, at the start. With the normalizer behind it grows towards the output; "
    "with the normalizer in front it falls.",
)

# %%
check("grows_towards", grows_towards)

# %% [markdown]
# Behind, each step back passes through a normalizer, and what arrives at the last block is as long however many blocks
# there are. In front, the sum runs past all normalizers from the tokens to the scores; it grows, the last normalizer divides by
# its length, and with L blocks the gradient of the last one falls like $1/\sqrt L$ (Xiong et al. 2020, theorem 1). In which of the
# two does a training survive a first step that is too long, `"pre"` or `"post"`?

# %%
survives = None

# %%
check("survives", survives)
rows = []
for norm, place, warmup in (
    ("layer", "behind", False),
    ("layer", "behind", True),
    ("layer", "in front", False),
    ("layer", "in front", True),
    (None, "in front", True),
):
    fields = arm(norm, place, 6, 300, warmup)
    name = place if norm else "no normalizer"
    rows.append([name, "yes" if warmup else "no", solved_at_peak(fields), *solved_at_best(fields)])
table(["six blocks", "warm-up", f"solved, peak {PEAK:g}", "best peak", "solved, best peak"], rows)

# %%
for claim in (
    "warm_up_rescues_post_norm",
    "pre_norm_stands_a_large_rate",
    "post_norm_needs_warm_up",
    "pre_norm_needs_no_warm_up",
    "transformer_needs_a_norm",
):
    print(court[claim].judge())

# %% [markdown]
# A warm-up keeps the first steps short, until the weights are in a gentler place and Adam's averages know how large the
# gradients are. Behind, it decides whether the large rate trains at all; with its *own* best rate either way trains. So "needs
# a warm-up" is a word about a rate. In front, the large rate without a warm-up costs some of the problems, not all of them.
# (Our trainings are short, and a warm-up also allows a larger rate. Xiong et al. trained to the end, and found that
# in front nothing is lost without one.)
#
# On larger networks there may be no such way out: they trained a translation model with the normalizer behind and no warm-up,
# to 8.45 BLEU, and to some 34 with one (section 3.2). Models of today have eighty blocks and more, and the normalizer in
# front.
#
# ## What you can now do
#
# | | statistics of | mean | learned | looks at other tokens |
# |---|---|---|---|---|
# | batch norm | one feature, all tokens | yes | γ, β | in training |
# | layer norm | one token, all features | yes | γ, β | no |
# | RMS norm | one token, all features | no | γ | no |
#
# - You can write both of today's normalizers, a head of attention and a block.
# - You can test any network for looking ahead: change a later token.
# - You can say when BN works on sequences (batches alike, enough tokens) and when not.
# - You know what to try first when a deep transformer does not start: a warm-up, or the normalizer in front.
#
# ## Exercises
#
# 1. In a pre-norm network, layer normalization everywhere could be replaced by RMS normalization without any loss, if all that is
#    added to the sum had mean 0 over the features. Why? Which weights would you have to change, and how?
# 2. Write batch normalization that leaves padding out of its statistics, in training mode, as a function of X and the mask `real`. Does the
#    scores' looking ahead go away?
#
# <details><summary>Solution of 1</summary>
#
# The mean square of a vector with mean 0 is its variance, so both normalizers are the same there. What is added
# comes from linear layers: subtract from each weight matrix of an output layer the mean over its outputs, and from its bias too,
# and likewise from each embedding. Layer normalization subtracted these means anyway, so that no score changes; its β goes
# into the bias of the layer behind it (Jiang et al., 2023).
#
# ```python
# x = np.random.normal(size=(5, 32))
# x = x - x.mean(axis=-1, keepdims=True)
# print(np.abs(rms_norm(x, np.ones(32)) - elementwise_layer_norm(x, np.ones(32))).max())
# ```
#
# </details>
#
# <details><summary>Solution of 2</summary>
#
# ```python
# def masked_batch_norm(X, real, eps=1e-5):
#     mean = (X * real).sum(axis=(0, 1)) / real.sum()
#     var = (np.square(X - mean) * real).sum(axis=(0, 1)) / real.sum()
#     return (X - mean) / np.sqrt(var + eps)
# ```
#
# No: the later tokens of a sequence and those of the others are real tokens, too. Only padding has lost its say.
#
# </details>
#
# ## Where to read on
#
# - Ba, Kiros & Hinton, 2016: *Layer Normalization*, arXiv 1607.06450; in recurrent networks and gates: notebook 12.
# - Zhang & Sennrich, 2019: *Root Mean Square Layer Normalization*, arXiv 1910.07467, section 4.
# - Xiong et al., 2020: *On Layer Normalization in the Transformer Architecture*, arXiv 2002.04745, sections 3 and 4.
# - Shen et al., 2020: *PowerNorm: Rethinking Batch Normalization in Transformers*, arXiv 2003.07845, sections 3 and 5.
# - Liu et al., 2020: *Understanding the Difficulty of Training Transformers*, arXiv 2004.08249: why a large gradient is not all of it.
# - `d2l_bn/norms/elementwise_layer.py`, `rms.py`; `d2l_bn/networks/transformer.py`.
