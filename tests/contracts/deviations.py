"""Where the house may answer otherwise than a description of shapes can foretell, and why.

Each entry is one refusal, by its type: to excuse a whole status would excuse too much.
"""

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from schemathesis import Response

BEYOND_A_SCHEMA: Final[Mapping[str, str]] = {
    "platform/precondition-failed": "a version is stale or not; a schema does not know the present",
    "platform/municipality-required": "the municipality is in the host name or in a header",
    "platform/unknown-client": "which clients are registered is data",
    "platform/redirect-not-registered": "which addresses are registered is data",
    "platform/sign-in-not-found": "a sign-in is begun by `authorize` and known by a secret",
    "platform/consent-request-not-found": "a question is put to one browser and known by a secret",
    "platform/signing-not-found": "a signing is begun elsewhere and known by a secret",
    "platform/trial-not-found": "a trial sign-in is begun elsewhere and known by a secret",
    "platform/logout-redirect-not-registered": "which addresses are registered is data",
    "platform/identity-provider-unusable": "what a provider publishes is in its own hands",
    "platform/return-address-unknown": "which addresses are registered is data",
    "platform/not-a-reassignment-list": "the columns of a CSV are no matter of its media type",
    "platform/invalid-period": "an end before its beginning is no matter of a date's form",
    "benefits/bank-account-refused": "which branches exist, and how a name is spelt, is data",
    "benefits/not-a-banking-day": "the calendar of the banks is no matter of a date's form",
    "platform/grant-beyond-request": "what was asked, and what day it is, is data",
    "platform/parameter-value-refused": "the bounds are the named parameter's, and it is data",
    "platform/parameter-days-refused": "not in the past, and no end before its beginning",
    "platform/client-key-refused": "whether two numbers are a point of the curve is arithmetic",
    "registry/unreadable-file": "the columns of a CSV are no matter of its media type",
}
"""Refusals of a well-formed request that depend on what is recorded, each with its reason."""

BEYOND_A_SHAPE: Final[Mapping[tuple[str, str], str]] = {
    ("GET /registry/v1/residents", "/name"): "exactly one of three parameters",
    ("GET /registry/v1/residents", "/birth_on"): "a day that is in the calendar",
    ("GET /registry/v1/residents", "/address"): "two letters, once spelt as they are looked for",
    ("POST /benefits/v1/programmes", "/application_from"): "not before the reference date",
    ("POST /benefits/v1/programmes", "/application_until"): "not before the first day",
    ("PUT /benefits/v1/programmes/{programme_id}", "/application_from"): "the same",
    ("PUT /benefits/v1/programmes/{programme_id}", "/application_until"): "the same",
    ("PUT /benefits/v1/payer", "If-Match"): "only the first entry needs no version",
    ("POST /consultation/v1/cases", "/consultee"): "a resident's name is the register's",
    ("POST /consultation/v1/cases", "/resident_id"): "whom the register knows is data",
    ("POST /consultation/v1/cases/{case_id}/records", "/occurred_at"): "not in the future",
    ("POST /platform/v1/access-requests/{request_id}/decision", ""): "what goes with a grant",
    ("POST /platform/v1/assistance-consents", "/ends_on"): "not before the first day, nor today",
    ("POST /platform/v1/assistance-consents", "/office_code"): "who may assist whom is data",
    ("POST /platform/v1/assistance-consents", "/roles"): "some duties are never lent",
    ("POST /platform/v1/bindings", "/code"): "a code carries its own check",
    ("POST /platform/v1/bindings/succession", "/code"): "the same",
    ("POST /platform/v1/counter-slips/search", "/code"): "the same",
    ("POST /platform/v1/identity-providers", "/issuer"): "an address that may be asked",
    ("POST /platform/v1/identity-providers", "/claims"): "two that go together",
    ("POST /platform/v1/role-grants", ""): "exactly one of three names",
    ("POST /platform/v1/role-grants", "/subject"): "who has signed in is data",
    ("POST /platform/v1/reassignments", "/effective_on"): "not in the past",
    ("POST /platform/v1/reassignments/files", "/effective_on"): "the same",
    ("POST /platform/v1/representations", "/holder"): "a code or a record, one of them",
    ("POST /platform/v1/revocations", ""): "exactly one of three things",
    ("POST /platform/v1/role-grants", "/starts_on"): "not in the past",
    ("POST /platform/v1/signatures", "/return_to"): "one of the client's own addresses",
    ("POST /registry/v1/protection-measures", "/persons"): "exactly one of them applies",
    ("POST /registry/v1/protection-measures", "/perpetrators"): "whom the register knows is data",
    ("PUT /platform/v1/identity-providers/{provider_id}", "/claims"): "two that go together",
    ("GET /window-dx/v1/windows/{window_id}/waiting-times", "/until"): "not before the first day",
    ("POST /window-dx/v1/receptions", "/resident_id"): "whom the register knows is data",
}
"""Values that are wrong only beside others or on this day, by operation and pointer."""

_SIGN_OUT: Final = "POST /oauth/backchannel-logout/{municipality_code}/{identity_provider}"

BEYOND_A_FORM: Final[Mapping[tuple[str, str], str]] = {
    (_SIGN_OUT, "invalid_request"): "who signed a token, and what it says, is no matter of a form",
    ("POST /oauth/register", "invalid_client_metadata"): "what goes with what (RFC 7591 §3.2.2)",
    ("POST /oauth/register", "invalid_redirect_uri"): "which addresses lead to their vendor alone",
}
"""Refusals in the words of OAuth, by operation and error."""

_INVALID_INPUT: Final = "platform/invalid-input"
_MALFORMED: Final = "platform/malformed-request"
_UNNAMED_VERSION: Final = "platform/precondition-required"
_SEE_OTHER: Final = 303


def is_beyond_a_schema(operation: str, query: Mapping[str, Any], response: Response) -> bool:
    """Whether a well-formed request was refused for what is recorded, and not for its form."""
    slug = slug_of(response)
    if not slug and (operation, error_of(response)) in BEYOND_A_FORM:
        return True
    if slug == _MALFORMED:
        # A cursor is opaque: only the list that gave it out knows it from any other text.
        return bool(query.get("cursor"))
    if slug == _UNNAMED_VERSION:
        return (operation, "If-Match") in BEYOND_A_SHAPE
    if slug == _INVALID_INPUT:
        faults = response.json()["errors"]
        return all((operation, fault["pointer"]) in BEYOND_A_SHAPE for fault in faults)
    return slug in BEYOND_A_SCHEMA


def is_sent_back_refused(response: Response) -> bool:
    """Whether a client is told its mistake at its own address (RFC 6749 §4.1.2.1)."""
    location = response.headers.get("location", [""])[0]
    return response.status_code == _SEE_OTHER and "error" in parse_qs(urlsplit(location).query)


def error_of(response: Response) -> str:
    """Return the `error` of a refusal in the words of OAuth; empty for anything else."""
    if response.headers.get("content-type", [""])[0] != "application/json":
        return ""
    document: Any = response.json()
    return (
        str(cast("dict[str, Any]", document).get("error", "")) if isinstance(document, dict) else ""
    )


def slug_of(response: Response) -> str:
    """Return the type of a problem document, without its prefix; empty for anything else."""
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return ""
    return str(response.json()["type"]).removeprefix("/problems/")
