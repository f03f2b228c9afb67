"""The bundled intent classifier at run time: an ONNX encoder and character n-grams, averaged and calibrated. No torch."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import numpy as np

from copilot.errors import SettingsError
from copilot.intent.encode import Alphabet, encode, grams
from copilot.types import INTENTS, IntentGuess, State, Turn

STATES: tuple[State, ...] = get_args(State)
NOTE, ENCODER, GRAMS = "intent.json", "model.onnx", "grams.npz"
_FIX = "restore the folder from the release, or run `make train-intent`"


@dataclass(frozen=True)
class Opinion:
    """Probabilities of one turn, in the order of `INTENTS`, `INTENTS` and `STATES`."""

    intent: np.ndarray
    secondary: np.ndarray
    state: np.ndarray


class Grams:
    """TF-IDF of character n-grams with logistic regressions, from its saved arrays."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        names = bytes(arrays["grams"]).decode("utf-8").split("\n\n")
        self._place = {name: i for i, name in enumerate(names)}
        self._idf = arrays["idf"].astype(np.float32)
        self._weights = arrays["weights"]
        self._bias = arrays["bias"].astype(np.float32)

    def __call__(self, text: str, history: Sequence[Turn]) -> Opinion:
        """Probabilities of the three tasks."""
        counted = Counter(g for g in grams(text, history) if g in self._place)
        scores = self._bias
        if counted:
            rows = np.fromiter((self._place[g] for g in counted), dtype=np.int64)
            values = np.fromiter((1 + math.log(n) for n in counted.values()), dtype=np.float32) * self._idf[rows]
            values /= np.linalg.norm(values)
            scores = values @ self._weights[rows].astype(np.float32) + self._bias
        one, two = len(INTENTS), 2 * len(INTENTS)
        return Opinion(softmax(scores[:one]), sigmoid(scores[one:two]), softmax(scores[two:]))


class IntentModel:
    """Names intent, secondary intents and state of a customer's turn; files load at the first question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def version(self) -> str:
        """`intent@` and the start of the encoder's hash."""
        return f"intent@{self._note['sha256'][ENCODER][:12]}"

    def classify(self, text: str, history: Sequence[Turn] = ()) -> IntentGuess:
        """The intent of a message in its context, with calibrated confidence."""
        return self.guess(self.scores(text, history))

    def state(self, text: str, history: Sequence[Turn] = ()) -> tuple[State, float]:
        """The customer's state and its probability."""
        found = self.scores(text, history).state
        best = int(np.argmax(found))
        return STATES[best], float(found[best])

    def guess(self, scores: Opinion) -> IntentGuess:
        """Scores as the line wants them: a secondary label only above the tuned threshold."""
        order = np.argsort(-scores.intent)
        ranked = tuple((INTENTS[i], float(scores.intent[i])) for i in order)
        bar = float(self._note["mixture"]["threshold"])
        likely = [i for i in np.argsort(-scores.secondary) if scores.secondary[i] >= bar and i != order[0]]
        secondary = tuple(INTENTS[i] for i in likely[:2])
        return IntentGuess(ranked[0][0], ranked[0][1], secondary, ranked)

    def scores(self, text: str, history: Sequence[Turn] = ()) -> Opinion:
        """All probabilities of one turn, from one pass."""
        row = encode(self._alphabet, text, history)
        feeds = {
            name: np.asarray([values], dtype=np.int64)
            for name, values in (("chars", row.chars), ("sounds", row.sounds), ("segments", row.segments))
        }
        intent, secondary, state = (out[0] for out in self._session.run(None, feeds))
        encoder = Opinion(softmax(intent), sigmoid(secondary), softmax(state))
        return blend(encoder, self._grams(text, history), self._note["mixture"])

    @cached_property
    def _note(self) -> dict[str, Any]:
        path = self.folder / NOTE
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
            if tuple(note["intents"]) != INTENTS or tuple(note["states"]) != STATES:
                raise SettingsError(f"{path}: made for other labels; {_FIX}")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"{path}: intent classifier missing or broken ({type(error).__name__}); {_FIX}"
            ) from error
        return dict(note)

    @cached_property
    def _alphabet(self) -> Alphabet:
        return alphabet_from(self._note["alphabet"])

    @cached_property
    def _session(self) -> Any:
        data = self._read(ENCODER)
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own, without a common base
            raise SettingsError(f"{self.folder / ENCODER}: not a readable model; {_FIX}") from error

    @cached_property
    def _grams(self) -> Grams:
        import io

        with np.load(io.BytesIO(self._read(GRAMS)), allow_pickle=False) as arrays:
            return Grams({name: arrays[name] for name in arrays.files})

    def _read(self, name: str) -> bytes:
        """A file of the folder, its hash checked."""
        path = self.folder / name
        wanted = self._note["sha256"].get(name, "")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({type(error).__name__}); {_FIX}") from error
        if sha256(data).hexdigest() != wanted:
            raise SettingsError(f"{path}: does not match its recorded hash; {_FIX}")
        return data


def alphabet_from(saved: Mapping[str, Any]) -> Alphabet:
    """The alphabet as saved: characters in order, sounds in order, and which character sounds how."""
    from copilot.intent.encode import SPECIALS

    chars = {c: i + SPECIALS for i, c in enumerate(saved["chars"])}
    sounds = {s: i + SPECIALS for i, s in enumerate(saved["sounds"])}
    sound_of = {c: s for s, members in saved["heard"].items() for c in members}
    return Alphabet(chars, sounds, sound_of)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Probabilities of labels that stand each for themselves."""
    return np.asarray(1 / (1 + np.exp(-scores)))


def mix(encoder: np.ndarray, counted: np.ndarray, share: float, temperature: float) -> np.ndarray:
    """Both opinions averaged, then sharpened or softened to what they are worth."""
    both = (1 - share) * encoder + share * counted
    return softmax(np.log(both + 1e-9) / temperature)


def blend(encoder: Opinion, counted: Opinion, mixture: Mapping[str, float]) -> Opinion:
    """The encoder's and the n-grams' opinions with the tuned shares; rows or whole tables alike."""
    share = mixture["secondary"]
    return Opinion(
        mix(encoder.intent, counted.intent, mixture["intent"], mixture["temperature"]),
        (1 - share) * encoder.secondary + share * counted.secondary,
        mix(encoder.state, counted.state, mixture["state"], mixture["state_temperature"]),
    )
