"""A random chat model of about a million parameters, made with the gguf package: loads in milliseconds, writes nonsense."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
LAYERS, WIDTH, HEADS, FORWARD = 4, 128, 4, 384
WORDS = ("您好", "产品", "我们", "需要", "可以", "期限", "客户", "。", "，", "？", "好的", "请问", "资金")


def byte_letters() -> list[str]:
    """The 256 letters byte-level BPE writes bytes with."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in plain}
    letters.update({b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in letters)})
    return [letters[b] for b in range(256)]


def vocabulary() -> tuple[list[str], list[int], list[str]]:
    """Tokens, their types, and merges: bytes, whole words of WORDS, and three control tokens."""
    letters = byte_letters()
    tokens: list[str] = list(letters)
    merges: list[str] = []
    for word in WORDS:
        pieces = [letters[b] for b in word.encode()]
        built = pieces[0]
        for piece in pieces[1:]:
            merge = f"{built} {piece}"
            built += piece
            if merge not in merges:
                merges.append(merge)
                tokens.append(built)
    types = [gguf.TokenType.NORMAL] * len(tokens)
    tokens += ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    types += [gguf.TokenType.CONTROL] * 3
    return tokens, [int(t) for t in types], merges


def make_tiny(path: Path, *, seed: int = 0, context: int = 4096, template: str = TEMPLATE) -> Path:
    """Write the model to `path`."""
    tokens, types, merges = vocabulary()
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(len(tokens) - 3)
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_add_bos_token(False)
    if template:
        writer.add_chat_template(template)
    for name, shape in _shapes(len(tokens)).items():
        ones = name.endswith("norm.weight")
        data = np.ones(shape) if ones else rng.normal(0, 1.0 if name == "output.weight" else 0.08, shape)
        if name == "output.weight":
            data[128:256] = data[len(tokens) - 3 :] = (
                0  # half characters and ends are unlikely: replies run to their limit
            )
        writer.add_tensor(name, data.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _shapes(vocab: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (vocab, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (vocab, WIDTH),
    }
    for i in range(LAYERS):
        block = f"blk.{i}."
        shapes[block + "attn_norm.weight"] = (WIDTH,)
        shapes[block + "ffn_norm.weight"] = (WIDTH,)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"{block}{part}.weight"] = (WIDTH, WIDTH)
        shapes[block + "ffn_gate.weight"] = (FORWARD, WIDTH)
        shapes[block + "ffn_up.weight"] = (FORWARD, WIDTH)
        shapes[block + "ffn_down.weight"] = (WIDTH, FORWARD)
    return shapes
