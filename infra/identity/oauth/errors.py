"""The ways a provider refuses: to the person, to the client's callback, to the client itself."""

from http import HTTPStatus


class PersonRefused(Exception):
    """Shown as a page and never redirected: the callback itself is in doubt (RFC 6749 §4.1.2.1)."""

    def __init__(
        self, message: str, *, remedy: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.status = status


class AuthorizationRefused(Exception):
    """An error the client's callback is told about (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class TokenRefused(Exception):
    """An error of the token endpoint, answered as JSON (RFC 6749 §5.2)."""

    def __init__(
        self, error: str, description: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class ClientRefused(TokenRefused):
    """The client did not prove who it is: `invalid_client`, 401 (RFC 6749 §5.2)."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_client", description, status=HTTPStatus.UNAUTHORIZED)


class BearerRefused(Exception):
    """The userinfo request carries no usable access token (RFC 6750 §3.1).

    `error` is empty when nothing was presented at all: the client learns the scheme and no more.
    """

    def __init__(
        self,
        error: str = "",
        description: str = "",
        *,
        status: HTTPStatus = HTTPStatus.UNAUTHORIZED,
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
