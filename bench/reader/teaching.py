"""Teaches the network with labelled replies. One thread and a fixed seed: it can be repeated."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from bench.reader.base import Base
from bench.reader.net import Net
from bench.reader.replies import OUT
from mailflow.understanding.confirmation.reader import MAX_PIECES

EPOCHS = 4
_AT_ONCE, _AT_ONCE_TO_READ = 32, 64
_RATE, _RATE_OF_HEAD = 1e-4, 5e-4
_DECAY = 0.01
_WARMING = 0.06  # of all steps
_INTENT = 0.3  # how much the intent counts beside the verdict
_SOFT = 0.01  # no label is quite certain
_OTHER_FORM = 0.4  # how often a reply is learned in another form
_LAST_EPOCHS, _LAST_RATE = 3, 1.0
_SEED = 20261124


@dataclass
class Lesson:
    """What the layers that do not learn make of a reply, in one or two forms, and what it is."""

    clear: bool
    intent: int
    forms: list[Tensor]


def taught(base: Base, lessons: Sequence[Lesson]) -> Net:
    """Teach a fresh network."""
    torch.manual_seed(_SEED)
    chance = random.Random(_SEED)
    net = Net(base, OUT, MAX_PIECES)
    steps = math.ceil(len(lessons) / _AT_ONCE) * EPOCHS
    warm = max(1, int(_WARMING * steps))
    learner = torch.optim.AdamW(_groups(net))
    slower = torch.optim.lr_scheduler.LambdaLR(
        learner, lambda n: min((n + 1) / warm, max(0.02, (steps - n) / max(1, steps - warm)))
    )
    done, net_loss = 0, 0.0
    for epoch in range(EPOCHS):
        net.train()
        for group in _groups_of_like_length(lessons, chance):
            loss = _loss(net, group, chance)
            _step(net, learner, loss)
            slower.step()
            done, net_loss = done + 1, net_loss + loss.item()
            if done % 50 == 0:
                print(f"  step {done} of {steps}, loss {net_loss / 50:.3f}", flush=True)
                net_loss = 0.0
        print(f"  epoch {epoch + 1} of {EPOCHS} is done", flush=True)
    net.eval()
    return net


def taught_further(net: Net, lessons: Sequence[Lesson]) -> None:
    """Teach a network some lessons more, at a lower rate."""
    torch.manual_seed(_SEED)
    chance = random.Random(_SEED)
    learner = torch.optim.AdamW(_groups(net, slower=_LAST_RATE))
    net.train()
    for epoch in range(_LAST_EPOCHS):
        for group in _groups_of_like_length(lessons, chance):
            _step(net, learner, _loss(net, group, chance))
        print(f"  last epoch {epoch + 1} of {_LAST_EPOCHS} is done", flush=True)
    net.eval()


def _step(net: Net, learner: torch.optim.Optimizer, loss: Tensor) -> None:
    learner.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    learner.step()


def read_by(net: Net, lessons: Sequence[Lesson]) -> NDArray[np.float32]:
    """Give what the network says of each reply: a row of `OUT` log odds."""
    said = np.zeros((len(lessons), OUT), np.float32)
    order = sorted(range(len(lessons)), key=lambda n: len(lessons[n].forms[0]))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for low in range(0, len(order), _AT_ONCE_TO_READ):
            some = order[low : low + _AT_ONCE_TO_READ]
            said[some] = net.above(*padded([lessons[n].forms[0] for n in some])).float().numpy()
    return said


def padded(forms: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Put forms of unlike length beside each other, with a mask of what is there."""
    longest = max(map(len, forms))
    together = torch.zeros((len(forms), longest, forms[0].shape[-1]))
    there = torch.zeros((len(forms), 1, 1, longest), dtype=torch.bool)
    for number, form in enumerate(forms):
        together[number, : len(form)] = form.float()
        there[number, 0, 0, : len(form)] = True
    return together, there


def _groups(net: Net, slower: float = 1.0) -> list[dict[str, object]]:
    return [
        {
            "params": [part],
            "lr": (_RATE_OF_HEAD if name.startswith("head") else _RATE) * slower,
            "weight_decay": _DECAY if part.dim() > 1 else 0.0,
        }
        for name, part in net.named_parameters()
        if part.requires_grad
    ]


def _groups_of_like_length(
    lessons: Sequence[Lesson], chance: random.Random
) -> Iterator[list[Lesson]]:
    """Shuffle, and sort by length within heaps, so that little is filled up."""
    order = list(range(len(lessons)))
    chance.shuffle(order)
    heap = _AT_ONCE * 20
    groups = []
    for low in range(0, len(order), heap):
        some = sorted(order[low : low + heap], key=lambda n: len(lessons[n].forms[0]))
        groups += [some[n : n + _AT_ONCE] for n in range(0, len(some), _AT_ONCE)]
    chance.shuffle(groups)
    for group in groups:
        yield [lessons[n] for n in group]


def _loss(net: Net, group: Sequence[Lesson], chance: random.Random) -> Tensor:
    forms = [
        one.forms[1] if len(one.forms) > 1 and chance.random() < _OTHER_FORM else one.forms[0]
        for one in group
    ]
    clear = torch.tensor([float(one.clear) for one in group])
    intent = torch.tensor([one.intent for one in group])
    with torch.autocast("cpu", torch.bfloat16):
        said = net.above(*padded(forms))
    said = said.float()
    verdict = F.binary_cross_entropy_with_logits(said[:, 0], clear * (1 - 2 * _SOFT) + _SOFT)
    if not bool((intent >= 0).any()):
        return verdict
    return verdict + _INTENT * F.cross_entropy(said[:, 1:], intent, ignore_index=-100)
