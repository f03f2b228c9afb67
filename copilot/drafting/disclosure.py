"""What must be said about a product: approved text, put in by code, sent in a bubble of its own."""

from __future__ import annotations

from copilot.types import DraftRequest

_DATED = ("基准", "净值", "七日年化")


def disclosure_for(template: str, request: DraftRequest) -> str | None:
    """The approved disclosure of the product a draft offers, or whose benchmark or performance it tells; else None."""
    for handle, product in request.products.items():
        if not product.disclosure:
            continue
        offered = request.roles.get(handle) == "offer" and f"{{{handle}.名称}}" in template
        told = any(f"{{{handle}.{name}}}" in template for name in _DATED)
        if offered or told:
            return product.disclosure
    return None
