"""Drafting: references of a request, prompts, grammar, rendering, and the two drafters (a model's and the script's)."""

from copilot.drafting.model import ModelDrafter
from copilot.drafting.references import Gathered, gather
from copilot.drafting.render import Rendered, render
from copilot.drafting.scripted import ScriptedDrafter

__all__ = ["Gathered", "ModelDrafter", "Rendered", "ScriptedDrafter", "gather", "render"]
