"""What a client's software reads first: where everything is and what is offered (RFC 8414)."""

from typing import Any

from foundation.authorization import SATISFIED_BY
from foundation.identity.dpop import ALGORITHMS as PROOFS
from foundation.identity.jose import ASYMMETRIC
from gateway.clients.domain import SCOPES

from .grants import GRANTS


def authorization_server(issuer: str) -> dict[str, Any]:
    """Return the metadata; what is not named here is not offered."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "registration_endpoint": f"{issuer}/oauth/register",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": sorted(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": sorted(SATISFIED_BY),
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ASYMMETRIC),
        "revocation_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": list(ASYMMETRIC),
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(ASYMMETRIC),
        "require_pushed_authorization_requests": False,
        "dpop_signing_alg_values_supported": list(PROOFS),
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["ja", "en"],
    }


def openid(issuer: str) -> dict[str, Any]:
    """Return the same for OpenID clients (OpenID Connect Discovery §3)."""
    return {
        **authorization_server(issuer),
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "acr",
            "nonce",
            "sid",
            "tenant",
        ],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
