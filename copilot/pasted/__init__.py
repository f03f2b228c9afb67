"""A chat pasted from WeChat or WeCom, read as messages. Nothing pasted is lost: every line is a message's or stands aside, with its reason."""

from copilot.pasted.read import read_chat
from copilot.pasted.values import Aside, AsideKind, Pasted, Quote, Said, Shape

__all__ = ["Aside", "AsideKind", "Pasted", "Quote", "Said", "Shape", "read_chat"]
