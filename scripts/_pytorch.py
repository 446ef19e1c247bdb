"""The same network and loop in PyTorch's built-in layers, to compare with where it is installed."""

from __future__ import annotations

import time

import torch
from torch import nn

import d2l_bn


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Sigmoid(), nn.MaxPool2d(2, 2),
        nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Sigmoid(), nn.MaxPool2d(2, 2), nn.Flatten(),
        nn.Linear(256, 120), nn.BatchNorm1d(120), nn.Sigmoid(),
        nn.Linear(120, 84), nn.BatchNorm1d(84), nn.Sigmoid(),
        nn.Linear(84, 10),
    )  # fmt: skip


def train_epoch(net: nn.Module, batches: d2l_bn.data.batches.Batches, lr: float) -> float:
    """Seconds of one pass, loss and accuracy added up without a wait, as in d2l_bn.train."""
    images, labels = torch.from_numpy(batches.images), torch.from_numpy(batches.labels)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss_sum, correct = torch.zeros(()), torch.zeros(())
    net.train()
    start = time.perf_counter()
    for indices in torch.from_numpy(batches.order(batches.epoch)).split(batches.batch_size):
        X = images[indices, None].float() / 255
        y = labels[indices].long()
        scores = net(X)
        loss = nn.functional.cross_entropy(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            loss_sum += loss * len(y)
            correct += (scores.argmax(dim=1) == y).sum()
    return time.perf_counter() - start
