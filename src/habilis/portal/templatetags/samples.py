"""Frames of the catalogue: the name of a component, its contract read from its file, its states."""

from django import template
from django.template.engine import Engine
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


def contract(name: str) -> str:
    """First line of a component, without its comment marks."""
    source = Engine.get_default().get_template(f"components/{name}.html").source
    return source.split("\n", 1)[0].removeprefix("{# ").removesuffix(" #}")


@register.simple_block_tag
def sample(content: SafeString, name: str) -> SafeString:
    return render_to_string(
        "portal/catalogue/sample.html", {"name": name, "contract": contract(name), "content": content}
    )
