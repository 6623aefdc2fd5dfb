"""The counter service, put together."""

from fastapi import FastAPI

from foundation.web import create_application
from services.window_dx.permissions import PERMISSIONS
from services.window_dx.receptions.endpoints import router as receptions
from services.window_dx.settings import WindowSettings
from services.window_dx.windows.endpoints import router as windows


def create() -> FastAPI:
    """Build the application from the environment."""
    return create_application(
        service="window_dx",
        title="Counter DX (窓口DX)",
        routers=[windows, receptions],
        policy=PERMISSIONS,
        settings=WindowSettings.from_environment(),
    )
