"""Direction of foreign keys: string references are invisible to the import contracts."""

from collections.abc import Iterable

from django.db.models import Model

BOTTOM = {"User", "Organisation"}  # the bottom for everybody, whatever the app that holds them


def upward_keys(models: Iterable[type[Model]], stack: list[str]) -> list[str]:
    """Keys of our models that point to an app above their own."""
    rank = {app: place for place, app in enumerate(stack)}  # 0 is the top
    faults = []
    for model in models:
        app = model._meta.app_label
        for field in model._meta.get_fields(include_hidden=True):
            target = field.related_model if field.concrete else None
            if app not in rank or not isinstance(target, type) or target.__name__ in BOTTOM:
                continue
            if rank.get(target._meta.app_label, len(stack)) < rank[app]:
                faults.append(f"{model.__name__}.{field.name} points up, from {app} to {target._meta.app_label}")
    return faults
