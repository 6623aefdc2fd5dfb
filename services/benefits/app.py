"""The benefits service, put together."""

from fastapi import FastAPI

from foundation.web import create_application

from . import permissions
from .applications.endpoints import router as applications
from .assessments.endpoints import router as assessments
from .disbursements.endpoints import router as disbursements
from .disbursements.jobs import run_jobs
from .programmes.endpoints import router as programmes
from .settings import BenefitsSettings


def create() -> FastAPI:
    """Return the service, told by its environment whom to trust and where its rows are."""
    return create_application(
        service="benefits",
        title="Tamaire Benefits",
        routers=[programmes, applications, assessments, disbursements],
        policy=permissions.PERMISSIONS,
        settings=BenefitsSettings.from_environment(),
        background=[run_jobs],
    )
