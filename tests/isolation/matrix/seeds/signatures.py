"""A signature in each town: somebody who is signed in once signed a document with their card."""

import hashlib
import json
from datetime import timedelta
from typing import cast

from foundation.identifiers import new_id
from foundation.identity.jpki import verify
from foundation.web.state import AppState
from gateway.signatures import repository
from tests.foundation.identity.jpki.making import NOW, Scene, trust
from tests.isolation.matrix.towns import RESIDENT, STRANGER, Town

RETURN_TO = "http://127.0.0.1:8200/demo/callback"


async def seed(town: Town) -> None:
    """Sign residents in, and keep a signature of one of them with its evidence."""
    # The same in every town: nothing but the walls between towns may keep them apart.
    person = "person-of-"
    for who in (RESIDENT, STRANGER):
        await _sign_in(town, who, person=f"{person}{who}")
    await town.run(
        "INSERT INTO platform.clients (client_id, name, kinds, scopes, sector, redirect_uris)"
        " VALUES ('demo-portal', 'demo-portal', '{resident}', '{}', 'demo', ARRAY[$1])"
        " ON CONFLICT DO NOTHING",
        RETURN_TO,
    )
    town.things["signature"] = await _signature(town, person=f"{person}{RESIDENT}")


async def _sign_in(town: Town, who: str, *, person: str) -> None:
    principal = town.principal(who)
    await town.run(
        "INSERT INTO platform.sessions (tenant_id, id, kind, person, subject, client_id, acr,"
        " auth_time, binding, created_at, expires_at)"
        " VALUES ($1, $2::text::uuid, 'resident', $3, $4, 'demo-portal', 'aal3', now(), 'bound',"
        " now(), now() + interval '1 hour')",
        town.tenancy.tenant_id,
        getattr(principal, "session_id", ""),
        person,
        principal.subject,
    )


async def _signature(town: Town, *, person: str) -> str:
    # Each town's was made at a second of its own: no two towns have the same evidence.
    made_at = NOW - timedelta(seconds=int(town.tenancy.tenant_id) % 86_400)
    evidence, signature = Scene(signed_at=made_at).evidence(), new_id()
    report = verify(evidence, trust()).report.as_json()
    office = cast("AppState", town.clients["platform"].application.state.office)
    cipher = office.keyring.cipher(town.tenancy.tenant_id)
    statement = town.canaries.text("署名の内容")
    await town.run(
        "INSERT INTO platform.revocation_lists (sha256, content, kept_at)"
        " VALUES ($1, $2, now()) ON CONFLICT DO NOTHING",
        evidence.crl_fingerprint,
        evidence.revocations.crl,
    )
    await town.run(
        "INSERT INTO platform.signatures (tenant_id, id, state, purpose, statement_sealed,"
        " document_digest, person, subject, client_id, resident_id, for_another, return_to,"
        " handle_hash, requested_at, expires_at, signed_at, decided_at, holder_match,"
        " evidence_sealed, evidence_sha256, crl_sha256, report)"
        " VALUES ($1, $2, 'verified', 'benefits.application.confirm', $3, $4, $5, 'resident-1',"
        " 'demo-portal', $6::text::uuid, false, $7, $8, now(), now(), now(), now(), 'exact',"
        " $9, $10, $11, $12::text::jsonb)",
        town.tenancy.tenant_id,
        signature,
        cipher.encrypt(statement, field=repository.STATEMENT, row_id=signature),
        hashlib.sha256(signature.bytes).digest(),
        person,
        town.things.get("resident"),
        RETURN_TO,
        signature.bytes,
        cipher.encrypt(evidence.as_text(), field=repository.EVIDENCE, row_id=signature),
        bytes.fromhex(evidence.fingerprint),
        evidence.crl_fingerprint,
        json.dumps(report),
    )
    return str(signature)
