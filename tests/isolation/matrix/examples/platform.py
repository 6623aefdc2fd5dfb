"""How each operation of the platform's office is asked, and which the desk answers to anybody."""

from collections.abc import Mapping

from tests.isolation.matrix.towns import Town

from .asked import Asked, Example, Thing, page_after, plain

PUBLIC = {
    "platform_authorize": "the first step of a sign-in, before anybody is known",
    "platform_continue": "a step of a sign-in, before anybody is known",
    "platform_callback": "a step of a sign-in, before anybody is known",
    "platform_token": "a client proves itself with the grant it brings",
    "platform_revoke": "a client proves itself with the token it gives back",
    "platform_jwks": "public keys",
    "platform_client_jwks": "public keys",
    "platform_oauth_metadata": "a public description",
    "platform_openid_metadata": "a public description",
    "platform_municipalities": "the public directory",
    "platform_municipality": "the public directory",
    "platform_openapi": "the published interface",
    "platform_list_problems": "the published interface",
    "platform_read_problem": "the published interface",
}
"""Operations that no municipality's papers are asked for."""


def _take_back(name: str, thing: str) -> Example:
    def example(of: Thing, own: Town) -> Asked:
        return Asked(json={name: of(thing), "reason": own.canaries.text("理由")})

    return example


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "platform_me": (plain,),
    "platform_list_events": (plain,),
    "platform_access_log": (plain, page_after("access_log_cursor")),
    "platform_revoke_access": (
        _take_back("session_id", "session"),
        _take_back("client_id", "client"),
    ),
}
