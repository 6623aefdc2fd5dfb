"""The office of the platform, put together like every other service, and asked through the door.

It runs beside the gateway, not in it: a long question about last month's access delays nobody's
sign-in.
"""

from fastapi import FastAPI

from foundation.web import create_application
from gateway.access_logs.endpoints import router as access_logs
from gateway.access_logs.jobs import forgetting
from gateway.consent.endpoints import router as consents
from gateway.counter.endpoints import router as counter
from gateway.grants.endpoints import grants, requests as access_requests
from gateway.logout.endpoints import router as sessions
from gateway.mandates.endpoints import router as representations
from gateway.mandates.jobs import keep_watch
from gateway.mandates.waiting import router as waiting_representations
from gateway.officials.grants.endpoints import router as role_grants
from gateway.officials.jobs import keep_time
from gateway.officials.people.endpoints import duties, people
from gateway.officials.providers.endpoints import router as identity_providers
from gateway.officials.reassignments.endpoints import router as reassignments
from gateway.onboarding.endpoints import router as membership
from gateway.parameters.endpoints import router as parameters
from gateway.permissions import PERMISSIONS
from gateway.prefectures.counting import keep_counting
from gateway.prefectures.endpoints import consents as assistance_consents, offers
from gateway.prefectures.figures_endpoints import router as aggregates
from gateway.revocations.endpoints import router as revocations
from gateway.signatures.endpoints import router as signatures
from gateway.standing.endpoints import router as standing
from gateway.switches.endpoints import router as switches
from gateway.transparency.endpoints import router as transparency
from gateway.vendors.jobs import forgetting_the_silent

from .settings import OfficeSettings

_ROUTERS = (
    standing,
    transparency,
    revocations,
    consents,
    sessions,
    switches,
    membership,
    parameters,
    access_logs,
    access_requests,
    grants,
    counter,
    representations,
    waiting_representations,
    signatures,
    identity_providers,
    role_grants,
    reassignments,
    people,
    duties,
    assistance_consents,
    offers,
    aggregates,
)


def create() -> FastAPI:
    """Build the application from the environment."""
    settings = OfficeSettings.from_environment()
    return create_application(
        service="platform",
        title="Tamaire Platform",
        routers=_ROUTERS,
        policy=PERMISSIONS,
        settings=settings,
        background=(
            forgetting(settings.access_log_days),
            forgetting_the_silent,
            keep_counting,
            keep_time,
            keep_watch,
        ),
    )
