"""Representation over HTTP, at the platform's office."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from fastapi import Response

from foundation import clock
from foundation.web import CurrentWork, Listing, OfficeRouter
from gateway.counter.problems import SlipNotFound, SlipStateConflict
from gateway.representations import acts
from gateway.representations.domain import Evidence, Proposal, Recorded
from gateway.signatures.problems import SignatureNotFound
from gateway.tenants import MunicipalityNotFound

from . import service
from .problems import (
    MandateSignatureRefused,
    NotByOneself,
    NotRevocable,
    RepresentationNotFound,
    RepresentationStateConflict,
    RepresentedNotFound,
    RightRefused,
)
from .recording import Recording, mandate
from .schemas import (
    Barred,
    Barring,
    MandateDocument,
    MandateDraft,
    RepresentationEnd,
    RepresentationRead,
    RepresentationRecord,
    RepresentationRequest,
)

router = OfficeRouter(prefix="/representations", tags=["representations"])

_CONFIRMING = [RepresentationNotFound, RepresentationStateConflict]


@router.post(
    "",
    permission=acts.RECORD,
    problems=[NotByOneself, SlipNotFound, SlipStateConflict, RepresentedNotFound, RightRefused],
    status_code=201,
    summary="書類を確認し、代理人を登録する",
)
async def record_representation(
    work: CurrentWork, body: RepresentationRecord, response: Response
) -> RepresentationRead:
    """Record a right on a document seen; it holds once a second official has confirmed it."""
    right = await service.record(
        work,
        Recording(
            represented_id=body.represented_id,
            relationship=body.relationship,
            proposal=Proposal(
                ground=body.ground,
                acts=body.acts,
                evidence=body.evidence.kind,
                may_receive=body.may_receive,
                starts_on=body.starts_on,
                ends_on=body.ends_on,
            ),
            number=body.evidence.number,
            seen_on=body.evidence.seen_on,
        ),
        code=body.holder.code,
        resident_id=body.holder.resident_id,
        is_holder=body.recorder_is_holder,
    )
    response.headers["Location"] = f"/platform/v1/representations/{right.id}"
    return _read(right)


@router.get("", permission=acts.READ_HELD, summary="自分が代理できる人の一覧を見る")
async def list_held_representations(work: CurrentWork) -> Listing[RepresentationRead]:
    """List the rights the caller may take up today, each at /oauth/token (RFC 8693)."""
    return _list(await service.held(work))


@router.get(
    "/over-me",
    permission=acts.READ_OVER_ONESELF,
    problems=[RepresentedNotFound],
    summary="自分を代理できる人の一覧を見る",
)
async def list_representations_over_me(work: CurrentWork) -> Listing[RepresentationRead]:
    """List who may act for the caller, and who could."""
    return _list(await service.over_oneself(work))


@router.get(
    "/recorded/{resident_id}",
    permission=acts.READ_RECORDED,
    problems=[RepresentedNotFound],
    summary="住民の代理人の登録を見る",
)
async def list_recorded_representations(
    work: CurrentWork, resident_id: UUID
) -> Listing[RepresentationRead]:
    """List the rights to act for a resident."""
    return _list(await service.recorded(work, resident_id))


@router.post(
    "/requests/document",
    permission=acts.DRAFT,
    problems=[SlipNotFound, RepresentedNotFound, RightRefused, MunicipalityNotFound],
    status_code=200,
    summary="代理を頼む内容を、署名する文書にする",
)
async def draft_representation(work: CurrentWork, body: MandateDraft) -> MandateDocument:
    """Write down what is signed with the card to ask for this; the code goes on being good."""
    recording = await _mandate(work, body)
    document = await service.draft(work, recording, code=body.holder_code)
    return MandateDocument.of(document)


@router.post(
    "/requests",
    permission=acts.REQUEST,
    problems=[
        SignatureNotFound,
        MandateSignatureRefused,
        SlipNotFound,
        SlipStateConflict,
        RepresentedNotFound,
        RightRefused,
    ],
    status_code=201,
    summary="代理を頼む人を申し出る",
)
async def request_representation(
    work: CurrentWork, body: RepresentationRequest, response: Response
) -> RepresentationRead:
    """Ask that somebody may act for oneself; an official confirms it."""
    recording = replace(await _mandate(work, body), signature_id=body.signature_id)
    if body.signature_id is None:
        seen = replace(recording.proposal, evidence=Evidence.MANDATE_LETTER)
        recording = replace(recording, proposal=seen)
    right = await service.request(work, recording, code=body.holder_code)
    response.headers["Location"] = f"/platform/v1/representations/{right.id}"
    return _read(right)


@router.post(
    "/{representation_id}/confirmation",
    permission=acts.CONFIRM,
    problems=[*_CONFIRMING, NotByOneself],
    status_code=200,
    summary="代理人の登録や申し出を、別の職員として確認する",
)
async def confirm_representation(work: CurrentWork, representation_id: UUID) -> RepresentationRead:
    """Confirm what a colleague recorded or a resident asked for."""
    return _read(await service.confirm(work, representation_id))


@router.post(
    "/{representation_id}/declination",
    permission=acts.CONFIRM,
    problems=_CONFIRMING,
    status_code=200,
    summary="代理人の登録や申し出を断る",
)
async def decline_representation(work: CurrentWork, representation_id: UUID) -> RepresentationRead:
    """Refuse what waits to be confirmed."""
    return _read(await service.decline(work, representation_id))


@router.post(
    "/{representation_id}/withdrawal",
    permission=acts.END,
    problems=_CONFIRMING,
    status_code=200,
    summary="代理人の登録を終了する",
)
async def withdraw_representation(
    work: CurrentWork, representation_id: UUID, body: RepresentationEnd
) -> RepresentationRead:
    """End a right; whoever acts on it is refused everywhere within a second."""
    return _read(await service.end(work, representation_id, reason=body.reason))


@router.post(
    "/{representation_id}/revocation",
    permission=acts.REVOKE_OWN,
    problems=[*_CONFIRMING, NotRevocable],
    status_code=200,
    summary="自分が頼んだ代理、自分が引き受けた代理をやめる",
)
async def revoke_representation(work: CurrentWork, representation_id: UUID) -> RepresentationRead:
    """End what one gave or took on."""
    return _read(await service.revoke_own(work, representation_id))


@router.post(
    "/bars",
    permission=acts.BAR,
    problems=[RepresentedNotFound],
    status_code=201,
    summary="支援措置の相手方を、代理人になれない人として登録する",
)
async def bar_from_representing(work: CurrentWork, body: Barring, response: Response) -> Barred:
    """Record from whom somebody is protected; whatever right that one holds ends at once."""
    ended, unknown = await service.bar(work, body.represented_id, body.barred_id)
    path = f"{body.represented_id}/{body.barred_id}"
    response.headers["Location"] = f"/platform/v1/representations/bars/{path}"
    return Barred(
        represented_id=body.represented_id,
        barred_id=body.barred_id,
        representations_ended=ended,
        of_unknown_holders=unknown,
    )


@router.delete(
    "/bars/{resident_id}/{barred_id}",
    permission=acts.BAR,
    problems=[RepresentedNotFound],
    status_code=204,
    summary="支援措置の相手方の登録を取り消す",
)
async def unbar_from_representing(work: CurrentWork, resident_id: UUID, barred_id: UUID) -> None:
    """Take back that somebody is barred; rights that ended with it stay ended."""
    await service.unbar(work, resident_id, barred_id)


async def _mandate(work: CurrentWork, body: MandateDraft) -> Recording:
    return Recording(
        represented_id=await service.own_record(work),
        relationship=body.relationship,
        proposal=mandate(
            body.acts,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            evidence=Evidence.CARD_SIGNATURE,
        ),
    )


def _list(rights: Sequence[Recorded]) -> Listing[RepresentationRead]:
    return Listing[RepresentationRead](items=[_read(right) for right in rights])


def _read(right: Recorded) -> RepresentationRead:
    return RepresentationRead.of(right, today=clock.today())
