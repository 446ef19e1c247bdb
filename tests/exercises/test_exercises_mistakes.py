"""A wrong but plausible answer gets the points that it deserves, and hears the likely reason.

Each mistake is an edit of the solution, as a student might have written it.
"""

import pytest
from exercise_helpers import ROOT, answered, outcomes, source

from d2l_bn.exercises.command import code_cells

EPS = "np.sqrt(var + eps)"
VAR_2D = "((X - mean) ** 2).mean(axis=0, keepdims=True)"
UNBIASED = "((X - mean) ** 2).sum(axis=0, keepdims=True) / (len(X) - 1)"
LINE = "return gamma * (X - mean) / np.sqrt(var + eps) + beta"
MEAN = 'get("moving_mean", shape=shape, init=init.Zero(), grad_req="null")'
VAR = 'get("moving_var", shape=shape, init=init.One(), grad_req="null")'
NOT_SAVED = [
    (MEAN, "np.zeros(shape)"),
    (VAR, "np.ones(shape)"),
    ("self.moving_mean.data(), self.moving_var.data()", "self.moving_mean, self.moving_var"),
]
RECORDED = [
    *NOT_SAVED,
    ("mean[:] = new_mean.detach()", "self.moving_mean = new_mean"),
    ("var[:] = new_var.detach()", "self.moving_var = new_var"),
]
NEW_MEAN = "momentum * moving_mean + (1 - momentum) * mean"
GROUPS = "X.reshape(N, num_groups, C // num_groups, H, W)"

MISTAKES = [
    # assignment, task, edits, points, words
    ("shapes", "mean_shape", [("if keepdims:", "if not keepdims:")], 0, "keepdims is False"),
    ("shapes", "broadcast_shape", [("(rank - len(a)) + a", "(rank - len(a)) + a[::-1]")], 0, ""),
    ("shapes", "centre", [("(axis=axis, keepdims=True)", "(axis=axis)")], 1.4, "Without keepdims"),
    ("shapes", "channel_mean", [(", keepdims=True", "")], 2.4, "keep the axes"),
    ("shapes", "check_images", [("raise ValueError", "raise TypeError")], 0, "TypeError"),
    ("batchnorm", "normalize_2d", [(EPS, "(np.sqrt(var) + eps)")], 2.8, "ε stands outside"),
    ("batchnorm", "normalize_2d", [(VAR_2D, UNBIASED)], 1.8, "divides by m - 1"),
    ("batchnorm", "normalize_2d", [("axis=0", "axis=1")], 0.8, "those of each example"),
    ("batchnorm", "normalize_2d", [(LINE, f"return (X - mean) / {EPS}")], 1.5, "γ and β are"),
    ("batchnorm", "normalize_4d", [("(0, 2, 3)", "(2, 3)")], 1.9, "each image alone"),
    ("batchnorm", "normalize_4d", [("(0, 2, 3)", "(0, 1, 2, 3)")], 0.8, "channels included"),
    (
        "batchnorm",
        "batch_norm",
        [(NEW_MEAN, "(1 - momentum) * moving_mean + momentum * mean")],
        6,
        "weights the new value",
    ),
    ("batchnorm", "batch_norm", [("if autograd.is_training():", "if True:")], 4, "still uses the"),
    (
        "batchnorm",
        "batch_norm",
        [("moving_mean = " + NEW_MEAN, "moving_mean[:] = " + NEW_MEAN)],
        6,
        "changes its argument",
    ),
    ("batchnorm", "layer", [(VAR, VAR.replace("One", "Zero"))], 3.9, "start it at 1"),
    ("batchnorm", "layer", NOT_SAVED, 4, "plain attributes"),
    ("batchnorm", "layer", RECORDED, 3, "carries the graph"),
    ("backward", "backward_stages", [("-0.5 * v", "0.5 * v")], 8 * 8.5 / 9, "a larger variance"),
    ("backward", "backward", [(" - X_hat * dgamma)", ")")], 4, "term of the variance"),
    ("backward", "backward", [("m = X.size // X.shape[1]", "m = len(X)")], 6, "N·H·W"),
    ("backward", "backward_in_prediction", [("gamma / deviation", "1 / deviation")], 1.6, "gamma"),
    (
        "family",
        "group_norm",
        [(GROUPS, "X.reshape(N, C // num_groups, num_groups, H, W)")],
        2.3,
        "num_groups is the number of groups",
    ),
    ("family", "standardize_weight", [("(1, 2, 3)", "(2, 3)")], 2, "I is missing"),
    ("family", "adain", [("return np.sqrt(var + eps) *", "return var *")], 2.5, "not its variance"),
    ("experiments", "bias_gradients", [("(net(X), y).mean()", "(net(X), y)")], 1.5, "not their"),
    ("experiments", "summary", [("ddof=1", "ddof=0")], 1.4, "divides by n - 1"),
    (
        "experiments",
        "largest_rate",
        [("not all(run(rate, seed) <", "any(run(rate, seed) >=")],
        2.3,
        "NaN means",
    ),
    ("experiments", "freeze", [(".*gamma|.*beta", ".*gamma")], 1, "was trained"),
    ("experiments", "dropout_net", [('"act3": rate, ', "")], 0, "There are 1 dropouts"),
]  # fmt: skip


@pytest.mark.parametrize("assignment, task, edits, points, words", MISTAKES)
def test_mistake(monkeypatch, assignment, task, edits, points, words):
    marked = f'"grade_id": "{task}", "solution": true'
    text = source(assignment).read_text(encoding="utf-8")
    before, cell = text.split(marked)
    cell = cell.split("# %%")[0].split("\n", 1)[1]
    for old, new in edits:
        assert old in cell
        cell = cell.replace(old, new)
    namespace = answered(assignment)
    exec(compile(cell, "a student's cell", "exec"), namespace)
    results = outcomes(assignment, task, namespace, seed=3, monkeypatch=monkeypatch)
    assert sum(o.earned for o in results) == pytest.approx(points, abs=0.01)
    assert any(words in o.message for o in results if not o.right)


def test_every_source_is_read():
    for path in sorted(ROOT.glob("source/*/*.py")):
        assert code_cells(path), path
