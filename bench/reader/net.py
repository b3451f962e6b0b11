"""The reader as a network: the base's layers, of which the upper ones learn, and a head."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from bench.reader.base import Base, Floats

FROZEN = 6  # layers that stay as the base brings them
_DROPPED = 0.1


class Layer(nn.Module):  # type: ignore[misc]
    """One layer of a BERT encoder."""

    def __init__(self, base: Base, number: int) -> None:
        super().__init__()
        self._heads = base.heads
        self.drop = nn.Dropout(_DROPPED)
        width, inner = base.width, base.inner
        weights = {
            name.removeprefix(f"l{number}."): value
            for name, value in base.weights.items()
            if name.startswith(f"l{number}.")
        }
        self.query = _linear(weights, "q", width, width)
        self.key = _linear(weights, "k", width, width)
        self.value = _linear(weights, "v", width, width)
        self.out = _linear(weights, "ao", width, width)
        self.widen = _linear(weights, "fi", width, inner)
        self.narrow = _linear(weights, "fo", inner, width)
        self.norm_attended = _norm(weights, "aln", base)
        self.norm_out = _norm(weights, "oln", base)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        size = (x.shape[0], -1, self._heads, x.shape[2] // self._heads)
        query, key, value = (
            part(x).view(size).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        dropped = _DROPPED if self.training else 0.0
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropped)
        attended = self.out(seen.transpose(1, 2).flatten(2))
        x = self.norm_attended(x + self.drop(attended))
        said: Tensor = self.norm_out(x + self.drop(self.narrow(F.gelu(self.widen(x)))))
        return said


class Net(nn.Module):  # type: ignore[misc]
    """From the meanings of pieces to what the text says."""

    def __init__(self, base: Base, outputs: int, longest: int) -> None:
        super().__init__()
        place = _tensor(base.weights["emb.pos"]).view(-1, base.width)[:longest]
        kind = _tensor(base.weights["emb.type"]).view(-1, base.width)[0]
        self.place = nn.Parameter(place + kind, requires_grad=False)
        self.norm = _norm(base.weights, "emb.ln", base)
        self.layers = nn.ModuleList(Layer(base, number) for number in range(base.layers))
        self.drop = nn.Dropout(_DROPPED)
        self.head = nn.Linear(2 * base.width, outputs)
        self.norm.requires_grad_(requires_grad=False)
        for layer in self.layers[:FROZEN]:
            layer.requires_grad_(requires_grad=False)

    def below(self, meanings: Tensor, mask: Tensor | None) -> Tensor:
        """Run the layers that do not learn."""
        x: Tensor = self.norm(meanings + self.place[: meanings.shape[1]])
        for layer in self.layers[:FROZEN]:
            x = layer(x, mask)
        return x

    def above(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Run the others, and judge by the mean and the greatest of all places."""
        if self.training:
            x = self.drop(x)
        for layer in self.layers[FROZEN:]:
            x = layer(x, mask)
        x = x.float()
        if mask is None:
            pooled = torch.cat([x.mean(1), x.amax(1)], 1)
        else:
            there = mask[:, 0, 0, :, None].float()
            mean = (x * there).sum(1) / there.sum(1)
            pooled = torch.cat([mean, (x - 1e4 * (1 - there)).amax(1)], 1)
        said: Tensor = self.head(self.drop(pooled))
        return said

    def forward(self, meanings: Tensor) -> Tensor:
        return self.above(self.below(meanings, None), None)


def _tensor(values: Floats) -> Tensor:
    return torch.tensor(values)


def _linear(weights: dict[str, Floats], name: str, inputs: int, outputs: int) -> nn.Linear:
    made = nn.Linear(inputs, outputs)
    made.weight.data = _tensor(weights[f"{name}.w"]).view(outputs, inputs)
    made.bias.data = _tensor(weights[f"{name}.b"])
    return made


def _norm(weights: dict[str, Floats], name: str, base: Base) -> nn.LayerNorm:
    made = nn.LayerNorm(base.width, eps=base.epsilon)
    made.weight.data = _tensor(weights[f"{name}.w"])
    made.bias.data = _tensor(weights[f"{name}.b"])
    return made
