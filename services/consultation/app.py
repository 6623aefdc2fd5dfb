"""The consultation service, put together."""

from fastapi import FastAPI

from foundation.web import create_application
from services.consultation.cases.endpoints import router as cases
from services.consultation.consultations.endpoints import router as consultations
from services.consultation.permissions import PERMISSIONS
from services.consultation.settings import ConsultationSettings


def create() -> FastAPI:
    """Build the application from the environment."""
    return create_application(
        service="consultation",
        title="Consultation records (相談記録)",
        routers=[cases, consultations],
        policy=PERMISSIONS,
        settings=ConsultationSettings.from_environment(),
    )
