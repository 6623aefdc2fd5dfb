"""The registry, put together."""

from fastapi import FastAPI

from foundation.web import create_application
from services.registry.changes.endpoints import router as changes
from services.registry.imports.endpoints import layouts, previews, router as imports
from services.registry.imports.jobs import run_jobs as judge_files
from services.registry.permissions import PERMISSIONS
from services.registry.protection.endpoints import router as protection
from services.registry.protection.jobs import run_jobs
from services.registry.protection.service import tell_of_refusal
from services.registry.residents.endpoints import router as residents
from services.registry.searches.endpoints import router as searches
from services.registry.settings import RegistrySettings


def create() -> FastAPI:
    """Build the application from the environment."""
    application = create_application(
        service="registry",
        title="Base registry (住民情報)",
        routers=[imports, layouts, previews, searches, residents, changes, protection],
        policy=PERMISSIONS,
        settings=RegistrySettings.from_environment(),
        background=[run_jobs, judge_files],
    )
    application.on_refusal = tell_of_refusal
    return application
