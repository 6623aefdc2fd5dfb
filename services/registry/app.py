"""The registry, put together."""

from fastapi import FastAPI

from foundation.web import create_application
from services.registry.imports.endpoints import router as imports
from services.registry.permissions import PERMISSIONS
from services.registry.residents.endpoints import router as residents
from services.registry.settings import RegistrySettings


def create() -> FastAPI:
    """Build the application from the environment."""
    return create_application(
        service="registry",
        title="Base registry (住民情報)",
        routers=[imports, residents],
        policy=PERMISSIONS,
        settings=RegistrySettings.from_environment(),
    )
