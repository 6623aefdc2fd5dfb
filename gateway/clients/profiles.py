"""What each kind of client must do before it is believed: the security profiles, as one table.

`third_party` and `machine` follow the FAPI 2.0 Security Profile: software of somebody else's, in
front of people or on its own, proves itself by a key, and what it is given is bound to one. A
front end of the house may be a program in a browser, which can keep no secret; PKCE holds it, and
nothing of it can be had without a registered address. Decided in docs/decisions/0009.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Profile = Literal["first_party", "third_party", "machine"]

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant
CLIENT_CREDENTIALS = "client_credentials"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - the name of a grant

FOR_PEOPLE = frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE})
"""Grants that speak for somebody who signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One row: what a client of this profile may do and must prove.

    `issuer_is_the_only_audience`: a client's proof of itself names the issuer and nothing else
    (FAPI 2.0 §5.3.2.1). A note to an endpoint could be a note to somebody who named ours as theirs.

    `par_required` and `dpop_required` bind every client of the profile; where they are false a
    client may still be held to them by its own registration. `code_lifetime` is at most a minute
    (FAPI 2.0 §5.3.2.1). `refresh_idle` is how long a refresh token may lie unused; each use
    replaces it, and a second use ends the whole family.
    """

    grants: frozenset[str]
    key_required: bool
    par_required: bool
    dpop_required: bool
    consent_required: bool
    issuer_is_the_only_audience: bool
    code_lifetime: timedelta = timedelta(seconds=60)
    refresh_idle: timedelta = timedelta(minutes=30)


PROFILES: Mapping[Profile, Rules] = {
    "first_party": Rules(
        grants=FOR_PEOPLE | {CLIENT_CREDENTIALS},
        key_required=False,
        par_required=False,
        dpop_required=False,
        consent_required=False,
        issuer_is_the_only_audience=False,
    ),
    "third_party": Rules(
        grants=FOR_PEOPLE,
        key_required=True,
        par_required=True,
        dpop_required=True,
        consent_required=True,
        issuer_is_the_only_audience=True,
    ),
    "machine": Rules(
        grants=frozenset({CLIENT_CREDENTIALS}),
        key_required=True,
        par_required=False,
        dpop_required=True,
        consent_required=False,
        issuer_is_the_only_audience=True,
    ),
}
