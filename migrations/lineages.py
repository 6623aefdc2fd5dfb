"""The lineages, in the order they are laid: the ground first, then the rooms."""

import importlib
import pkgutil
from pathlib import Path

SCHEMAS = ("platform", "audit", "registry", "benefits", "window_dx", "consultation")

_HERE = Path(__file__).parent
_HOMES = {
    "platform": ("gateway",),
    "audit": ("foundation.audit",),
    **{schema: (f"services.{schema}",) for schema in SCHEMAS[2:]},
}


def folders() -> list[Path]:
    """Return the folder of each lineage that has begun."""
    return [_HERE / schema for schema in SCHEMAS if any((_HERE / schema).glob("*.py"))]


def import_models(schema: str) -> None:
    """Import every module that declares a table of this schema, so that the metadata is whole."""
    for home in _HOMES[schema]:
        package = importlib.import_module(home)
        for module in pkgutil.walk_packages(package.__path__, f"{home}."):
            if module.name.rpartition(".")[2] in {"models", "app", "trail", "sealing"}:
                importlib.import_module(module.name)
