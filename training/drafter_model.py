"""The drafter's network: the Llama shape (RMS norm, rotary positions in pairs, SwiGLU, tied embedding), small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

EPS = 1e-5
ROPE_BASE = 10000.0


@dataclass(frozen=True)
class Shape:
    """Sizes of the network."""

    vocab: int
    dim: int = 256
    layers: int = 6
    heads: int = 4
    hidden: int = 704
    context: int = 1024

    @property
    def head(self) -> int:
        """Size of one head."""
        return self.dim // self.heads


class Norm(nn.Module):
    """Root-mean-square norm."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise the last dimension."""
        return F.rms_norm(x, (x.shape[-1],), self.weight, EPS)


class Block(nn.Module):
    """One layer: attention, then the gated feed-forward part."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape, self.dropout = shape, dropout
        self.attn_norm, self.ffn_norm = Norm(shape.dim), Norm(shape.dim)
        self.q, self.k, self.v, self.o = (nn.Linear(shape.dim, shape.dim, bias=False) for _ in range(4))
        self.gate, self.up = (nn.Linear(shape.dim, shape.hidden, bias=False) for _ in range(2))
        self.down = nn.Linear(shape.hidden, shape.dim, bias=False)

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """Add what attention and the feed-forward part say."""
        batch, length, _ = x.shape
        y = self.attn_norm(x)
        q, k, v = (
            layer(y).view(batch, length, self.shape.heads, self.shape.head).transpose(1, 2)
            for layer in (self.q, self.k, self.v)
        )
        mixed = _attend(_turn(q, cos, sin), _turn(k, cos, sin), v)
        x = x + _drop(self.o(mixed.transpose(1, 2).reshape(batch, length, -1)), self.dropout, self.training)
        y = self.ffn_norm(x)
        return x + _drop(self.down(F.silu(self.gate(y)) * self.up(y)), self.dropout, self.training)


def _attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Causal attention written out: on a CPU, for short rows, faster both ways than the fused kernel."""
    scores = (q * (q.shape[-1] ** -0.5)) @ k.transpose(-1, -2)
    later = torch.ones(q.shape[-2], q.shape[-2], dtype=torch.bool).triu(1)
    mixed: torch.Tensor = scores.masked_fill(later, float("-inf")).softmax(-1) @ v
    return mixed


def _drop(x: torch.Tensor, rate: float, training: bool) -> torch.Tensor:
    """Dropout of whole channels of a row: one draw a row instead of one an element."""
    if not training or rate <= 0:
        return x
    keep = (torch.rand(x.shape[0], 1, x.shape[2]) >= rate).to(x.dtype) / (1 - rate)
    return x * keep


def _turn(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotate neighbouring pairs by their position, as llama.cpp does for this shape."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Drafter(nn.Module):
    """The whole network; `forward` gives hidden states, `logits` the scores of chosen ones."""

    cos: torch.Tensor
    sin: torch.Tensor

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape, self.dropout = shape, dropout
        self.embed = nn.Embedding(shape.vocab, shape.dim)
        self.blocks = nn.ModuleList([Block(shape, dropout) for _ in range(shape.layers)])
        self.norm = Norm(shape.dim)
        angle = torch.arange(shape.context)[:, None] * ROPE_BASE ** (-torch.arange(0, shape.head, 2) / shape.head)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                std = 0.02 / math.sqrt(2 * shape.layers) if name.endswith(("o.weight", "down.weight")) else 0.02
                nn.init.normal_(weight, std=std)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Hidden states of a batch of token ids."""
        length = ids.shape[1]
        x = _drop(self.embed(ids), self.dropout, self.training)
        for block in self.blocks:
            x = block(x, self.cos[:length], self.sin[:length])
        normed: torch.Tensor = self.norm(x)
        return normed

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores of every token."""
        return hidden @ self.embed.weight.T
