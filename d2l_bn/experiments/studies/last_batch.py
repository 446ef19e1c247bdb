r"""What the last, smaller batch of an epoch does to the test accuracy.

An epoch has 234 batches of 256 images and one of 96. Before that last one, the network is tested.
Then the step is made twice from the same weights: with the gradient divided by 256, as the chapter
divides it, and by 96, the mean that :func:`d2l_bn.train` takes; the network is tested after each.
Training goes on from the second.
"""

from __future__ import annotations

import mxnet as mx
from mxnet import autograd, gluon, init, np, npx

from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study
from d2l_bn.training.checkpoint import Checkpoint
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.history import History


def run(case: Case, seed: int, data: str) -> Measured:
    """One training run: three test accuracies for each epoch, by the moving averages."""
    train_iter, test_iter = chosen_images(case, seed, data)
    net = network(case)
    mx.random.seed(seed)
    net.initialize(init.Xavier())
    options = {"learning_rate": case["lr"]}
    trainer = gluon.Trainer(net.collect_params(), "sgd", options, kvstore=None)
    tested: dict[str, list[float]] = {"before": [], "divided_by_256": [], "divided_by_its_size": []}
    images = []
    for _ in range(case["epochs"]):
        for batch, (X, y) in enumerate(train_iter, start=1):
            if batch < len(train_iter):
                step(net, trainer, X, y, divisor=len(y))
            if batch % 50 == 0:
                npx.waitall()  # bounds the engine's queue
        images.append(len(y))
        tested["before"].append(evaluate(net, test_iter))
        moment = Checkpoint.of(net, trainer, History())
        divisors = {"divided_by_256": case["batch_size"], "divided_by_its_size": len(y)}
        for name, divisor in divisors.items():
            moment.restore(net, trainer)
            step(net, trainer, X, y, divisor)
            tested[name].append(evaluate(net, test_iter))
    measures = {f"test_accuracy_moving_by_epoch/{name}": seen for name, seen in tested.items()}
    return FINISHED, {"images_by_epoch": images, **measures}


def step(net: gluon.Block, trainer: gluon.Trainer, X: np.ndarray, y: np.ndarray, divisor: int):
    """One step of training, along the gradient of the summed loss divided by ``divisor``."""
    with autograd.record():
        losses = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
    losses.backward()
    trainer.step(divisor)


STUDY = Study(
    "last_batch",
    "What does the last, smaller batch of an epoch do to the test accuracy?",
    [lenet_case(norm="gluon", batch_size=256, examples=None, epochs=5)],
    run,
)
