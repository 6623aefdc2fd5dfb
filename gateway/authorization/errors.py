"""What an OAuth client is told when it is refused, in the words of RFC 6749 §5.2."""

from http import HTTPStatus


class OAuthError(Exception):
    """A refusal to a client; `reason` is for our log and never leaves the house.

    The description is for the developer at the other end. It quotes nothing that was sent.
    """

    code = "invalid_request"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, description: str = "", *, reason: str = "") -> None:
        super().__init__(reason or description or self.code)
        self.description = description


class InvalidRequest(OAuthError):
    """A parameter is missing, repeated or malformed."""


class InvalidClient(OAuthError):
    """Who asks is unknown or does not prove who they are; one answer for all such cases."""

    code = "invalid_client"
    status = HTTPStatus.UNAUTHORIZED


class InvalidDpopProof(OAuthError):
    """A proof of possession is missing where it is due, or does not hold (RFC 9449 §5)."""

    code = "invalid_dpop_proof"


class InvalidGrant(OAuthError):
    """The code or refresh token is wrong, used, expired, or another client's."""

    code = "invalid_grant"


class UnauthorizedClient(OAuthError):
    """The client may not use this grant, or not in this municipality."""

    code = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """A way of asking that OAuth 2.1 no longer has, or that we never had."""

    code = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """Anything but `code`."""

    code = "unsupported_response_type"


class InvalidScope(OAuthError):
    """Nothing of what was asked for can be given."""

    code = "invalid_scope"


class RequestNotSupported(OAuthError):
    """A request object (OpenID Connect Core §6), which is not read here."""

    code = "request_not_supported"


class TemporarilyUnavailable(OAuthError):
    """An identity provider or the database does not answer."""

    code = "temporarily_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class AccessDenied(OAuthError):
    """The person, or their provider, said no."""

    code = "access_denied"


class LoginRequired(OAuthError):
    """A sign-in without asking anybody (OpenID Connect Core §3.1.2.6), which there is not here."""

    code = "login_required"


class UnmetAuthenticationRequirements(OAuthError):
    """The person signed in, but less surely or less lately than was demanded (RFC 9470 §5)."""

    code = "unmet_authentication_requirements"


class ServerError(OAuthError):
    """A provider's answer could not be believed."""

    code = "server_error"
