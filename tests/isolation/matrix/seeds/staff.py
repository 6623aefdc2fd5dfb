"""What each town has of its own officials: directories in every state, duties, and a list."""

from datetime import timedelta

import httpx

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey
from gateway.officials.providers.enquiry import Enquiries
from tests.isolation.matrix.towns import Town

_PATH = "/platform/v1"
_CLAIMS = '{"groups": "groups", "employee_id": "no", "name": "name"}'
_GROUP = "adm"
APRIL = "2099-04-01"


def honest_directories() -> Enquiries:
    """Return an office's way to ask providers, each of which is as well kept as it should be."""
    keys = {"keys": [SigningKey.generate("ES256").public()]}

    def answer(request: httpx.Request) -> httpx.Response:
        # An address is asked for in small letters, whatever letters it is written in.
        issuer = str(request.url).partition("/.well-known/")[0].replace("//k", "//K")
        if request.url.path.endswith("/keys"):
            return httpx.Response(200, json=keys)
        return httpx.Response(
            200,
            json={
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            },
        )

    return Enquiries(transport=httpx.MockTransport(answer))


async def seed(town: Town) -> None:
    """Have directories in every state, two administrators, and duties given and proposed."""
    for name, state in (
        ("main", "active"),
        ("to-retire", "active"),
        ("to-keep", "retiring"),
        ("draft", "draft"),
        ("to-change", "draft"),
        ("to-examine", "draft"),
        ("to-map", "draft"),
        ("to-activate", "tested"),
    ):
        await _provider(town, name, state)
    await _administrators(town)
    await _tried(town)
    for name in ("clerk", "to-shorten", "to-revoke", "to-decide"):
        await _grant(town, name)
    for name in ("read", "to-confirm", "to-discard"):
        await _list(town, name)
    await town.remember_cursor("officials_cursor", "administrator", f"{_PATH}/officials")
    await town.remember_cursor("duties_cursor", "administrator", f"{_PATH}/duties")
    await town.remember_cursor("role_grants_cursor", "administrator", f"{_PATH}/role-grants")


async def _provider(town: Town, name: str, state: str) -> None:
    provider = new_id()
    await town.run(
        "INSERT INTO platform.identity_providers (tenant_id, id, name, issuer, client_id, claims,"
        " state, discovered_at, changed_by) VALUES ($1, $2, $3, $4, 'tamaire', $5::text::jsonb,"
        " $6, now(), 'operations')",
        town.tenancy.tenant_id,
        provider,
        town.canaries.text(name),
        f"https://{town.canaries.code(name)}.example",
        _CLAIMS,
        state,
    )
    await town.run(
        "INSERT INTO platform.provider_roles (tenant_id, provider_id, claim_value, role)"
        " VALUES ($1, $2, $3, 'administrator')",
        town.tenancy.tenant_id,
        provider,
        _GROUP,
    )
    town.things[f"provider_{name}"] = str(provider)


async def _administrators(town: Town) -> None:
    for number in range(2):
        subject = f"administrator-{number}-of-{town.tenancy.code}"
        await town.run(
            "INSERT INTO platform.officials (tenant_id, subject, first_seen_at, last_seen_at)"
            " VALUES ($1, $2, now(), now())",
            town.tenancy.tenant_id,
            subject,
        )
        await town.run(
            "INSERT INTO platform.official_accounts (tenant_id, person, subject, provider_id,"
            " groups, last_seen_at) VALUES ($1, $2, $2, $3::text::uuid, ARRAY[$4::text], now())",
            town.tenancy.tenant_id,
            subject,
            town.things["provider_main"],
            _GROUP,
        )
        town.things.setdefault("official", subject)


async def _tried(town: Town) -> None:
    for name in ("one", "two"):
        await town.run(
            "INSERT INTO platform.trial_sign_ins (tenant_id, id, provider_id, provider_version,"
            " requested_by, link_hash, created_at, expires_at, finished_at, succeeded, person,"
            " groups) VALUES ($1, $2, $3::text::uuid, 1, 'x', sha256(convert_to($4, 'UTF8')),"
            " now(), now(), now(), true, $4, ARRAY[$5::text])",
            town.tenancy.tenant_id,
            new_id(),
            town.things["provider_to-activate"],
            name,
            _GROUP,
        )


async def _grant(town: Town, name: str) -> None:
    proposed = name == "to-decide"
    grant = await town.made(
        "administrator",
        "POST",
        f"{_PATH}/role-grants",
        json={
            "employee_id": town.canaries.code(name),
            "role": "treasurer" if proposed else "clerk",
            "starts_on": clock.today().isoformat(),
            "ends_on": (clock.today() + timedelta(days=99)).isoformat(),
            "reason": town.canaries.text("理由"),
        },
    )
    if proposed:  # by a colleague, so that the caller may approve it
        await town.run(
            "UPDATE platform.role_grants SET proposed_by = 'colleague' WHERE id = $1::text::uuid",
            grant["id"],
        )
    town.things[f"grant_{name}"] = grant["id"]


async def _list(town: Town, name: str) -> None:
    made = await town.made(
        "administrator",
        "POST",
        f"{_PATH}/reassignments",
        json={
            "effective_on": APRIL,
            "reason": town.canaries.text("異動"),
            "entries": [{"employee_id": town.canaries.code(f"{name}-1"), "roles": ["clerk"]}],
        },
    )
    town.things[f"reassignment_{name}"] = made["id"]
