"""The intent encoder: a small transformer over characters and their sounds, with its heads, and its ONNX form."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from copilot.intent.encode import LENGTH, PAD, SPECIALS

WINDOWS = (2, 3, 4)
"""Neighbouring characters seen as one by the convolutions that stand beside the transformer."""


@dataclass(frozen=True)
class Sizes:
    """Sizes of the encoder."""

    chars: int
    sounds: int
    intents: int
    states: int
    dim: int = 160
    layers: int = 4
    heads: int = 4
    hidden: int = 448


class Layer(nn.Module):
    """Attention and feed-forward, normed before each."""

    def __init__(self, sizes: Sizes, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = sizes.heads, dropout
        self.norm1, self.norm2 = nn.LayerNorm(sizes.dim), nn.LayerNorm(sizes.dim)
        self.qkv = nn.Linear(sizes.dim, 3 * sizes.dim)
        self.out = nn.Linear(sizes.dim, sizes.dim)
        self.up = nn.Linear(sizes.dim, sizes.hidden)
        self.down = nn.Linear(sizes.hidden, sizes.dim)

    def forward(self, x: torch.Tensor, hide: torch.Tensor) -> torch.Tensor:
        """`hide` is added to the attention scores: very low where there is padding."""
        batch, length, dim = x.shape
        q, k, v = (
            self.qkv(self.norm1(x)).reshape(batch, length, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(dim // self.heads) + hide
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, dim)
        x = x + F.dropout(self.out(mixed), self.dropout, self.training)
        return x + F.dropout(self.down(F.gelu(self.up(self.norm2(x)))), self.dropout, self.training)


class Encoder(nn.Module):
    """Characters, sounds and segments in; scores of intents, secondary intents and states out."""

    def __init__(self, sizes: Sizes, dropout: float = 0.15) -> None:
        super().__init__()
        self.sizes, self.dropout = sizes, dropout
        self.char = nn.Embedding(sizes.chars + SPECIALS, sizes.dim, padding_idx=PAD)
        self.sound = nn.Embedding(sizes.sounds + SPECIALS, sizes.dim, padding_idx=PAD)
        self.segment = nn.Embedding(3, sizes.dim)
        self.place = nn.Embedding(LENGTH, sizes.dim)
        self.layers = nn.ModuleList([Layer(sizes, dropout) for _ in range(sizes.layers)])
        self.norm = nn.LayerNorm(sizes.dim)
        self.convs = nn.ModuleList([nn.Conv1d(sizes.dim, sizes.dim, size, padding=size - 1) for size in WINDOWS])
        self.pool = nn.Linear((3 + len(WINDOWS)) * sizes.dim, sizes.dim)
        self.intent = nn.Linear(sizes.dim, sizes.intents)
        self.secondary = nn.Linear(sizes.dim, sizes.intents)
        self.state = nn.Linear(sizes.dim, sizes.states)
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def embedded(self, chars: torch.Tensor, sounds: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Character and sound of each place."""
        summed: torch.Tensor = self.char(chars) + self.sound(sounds) + self.segment(segments)
        return summed

    def hidden(self, chars: torch.Tensor, sounds: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Hidden states of every character."""
        return self._read(chars, self.embedded(chars, sounds, segments))

    def _read(self, chars: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        real = (chars != PAD).to(x.dtype)
        hide = ((1 - real) * -1e4)[:, None, None, :]
        x = F.dropout(x + self.place.weight[: chars.shape[1]], self.dropout, self.training)
        for layer in self.layers:
            x = layer(x, hide)
        normed: torch.Tensor = self.norm(x)
        return normed

    def forward(
        self, chars: torch.Tensor, sounds: torch.Tensor, segments: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Scores of intents, secondary intents and states."""
        letters = self.embedded(chars, sounds, segments)
        x = self._read(chars, letters)
        own = ((chars != PAD) & (segments == 0)).to(x.dtype)[..., None]
        mean = (x * own).sum(1) / own.sum(1)
        peak = (x + (1 - own) * -1e4).max(1).values
        rows = F.dropout(letters * own, self.dropout, self.training).transpose(1, 2)
        grams = [F.relu(conv(rows)).max(2).values for conv in self.convs]
        pooled = F.gelu(self.pool(torch.cat((x[:, 0], mean, peak, *grams), -1)))
        pooled = F.dropout(pooled, 2 * self.dropout, self.training)
        return self.intent(pooled), self.secondary(pooled), self.state(pooled)

    def guess(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores of characters for hidden states: the language task."""
        return hidden @ self.char.weight.T


def export(model: Encoder, path: Path) -> None:
    """Write the ONNX file, its weights in half precision, and check that it says the same as the network."""
    import onnx
    import onnxruntime

    model.eval()
    example = tuple(
        torch.randint(SPECIALS, 9, (1, 17)) if i < 2 else torch.zeros(1, 17, dtype=torch.long) for i in range(3)
    )
    names = ["chars", "sounds", "segments"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            example,
            str(path),
            input_names=names,
            output_names=["intent", "secondary", "state"],
            dynamic_axes={n: {1: "length"} for n in names},
            opset_version=17,
            dynamo=False,
        )
    onnx.save(_halved(onnx.load(str(path))), str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    other = tuple(e.repeat(1, 2) for e in example)
    with torch.no_grad():
        wanted = model(*other)
    got = session.run(None, {n: e.numpy() for n, e in zip(names, other, strict=True)})
    worst = max(float((torch.from_numpy(g) - w).abs().max()) for g, w in zip(got, wanted, strict=True))
    if worst > 0.05:
        raise RuntimeError(f"the exported encoder differs from the trained one by {worst}")


def _halved(model: Any) -> Any:
    """Large weights stored as float16 with a cast behind each: half the file, the same arithmetic."""
    from onnx import TensorProto, helper, numpy_helper

    kept, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == "float32" and values.size > 1000:
            kept.append(numpy_helper.from_array(values.astype("float16"), tensor.name + ".half"))
            casts.append(helper.make_node("Cast", [tensor.name + ".half"], [tensor.name], to=TensorProto.FLOAT))
        else:
            kept.append(tensor)
    nodes = list(model.graph.node)
    for name, items in (("initializer", kept), ("node", [*casts, *nodes])):
        field = getattr(model.graph, name)
        del field[:]
        field.extend(items)
    return model
