"""The counter's list of work: whose right to act for another waits to be confirmed."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.database import Page, decode_cursor, page_of
from foundation.identity import RepresentationKind
from foundation.web import CurrentWork, CursorText, Limit, Listing, OfficeRouter, Wire
from foundation.work import Work
from gateway.representations import acts
from gateway.representations.domain import Act, Ground, State
from gateway.representations.waiting import LAST_ID, Waiting, newest

router = OfficeRouter(prefix="/representations", tags=["representations"])


class RepresentationWaiting(Wire):
    """A right that waits for an official, with no more than it takes to find it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01890a5d-ac96-774b-bcce-b302099a8059",
                    "represented_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "holder_id": None,
                    "kind": "voluntary",
                    "ground": "mandate",
                    "relationship": "子",
                    "acts": ["benefits.see"],
                    "state": "requested",
                    "starts_on": "2026-11-23",
                    "ends_on": "2027-03-31",
                    "requested_at": "2026-11-23T01:30:00Z",
                    "recorded_by": "5f0c3c1e9a7b4d28",
                }
            ]
        }
    )

    id: UUID
    represented_id: UUID
    holder_id: UUID | None = Field(
        description="代理人の住民の番号。サインインだけが分かっている人(ほかの自治体の方など)は"
        " null。"
    )
    kind: RepresentationKind
    ground: Ground
    relationship: str
    acts: list[Act]
    state: State = Field(
        description="`requested` は本人の申し出、`awaiting_second` は職員が登録し、"
        "別の職員の確認を待つもの。"
    )
    starts_on: date
    ends_on: date | None
    requested_at: datetime
    recorded_by: str = Field(
        description="登録した職員、または申し出た本人の識別子。登録した本人は確認できない。"
    )

    @classmethod
    def of(cls, waiting: Waiting) -> Self:
        return cls(
            id=waiting.id,
            represented_id=waiting.represented_id,
            holder_id=waiting.holder_id,
            kind=waiting.kind,
            ground=waiting.ground,
            relationship=waiting.relationship,
            acts=sorted(waiting.acts),
            state=waiting.state,
            starts_on=waiting.starts_on,
            ends_on=waiting.ends_on,
            requested_at=waiting.recorded_at,
            recorded_by=waiting.recorded_by,
        )


@router.get(
    "/requests",
    permission=acts.READ_REQUESTS,
    summary="確認を待つ代理人の登録や申し出の一覧を見る",
)
async def list_representation_requests(
    work: CurrentWork, limit: Limit = 50, cursor: CursorText = None
) -> Listing[RepresentationWaiting]:
    """List what waits for a second official or for confirmation, newest first.

    Confirm or decline each by its `id`; an official cannot confirm what they recorded themselves.
    """
    page = await waiting_for_officials(work, cursor=cursor, limit=limit)
    return Listing[RepresentationWaiting](
        items=[RepresentationWaiting.of(one) for one in page.items],
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


async def waiting_for_officials(work: Work, *, cursor: str | None, limit: int) -> Page[Waiting]:
    """Return what waits, newest first; everybody it is about sees that it was looked at.

    Raises:
        InvalidCursor: the cursor is not one of this list's (400).
    """
    before: UUID = decode_cursor(cursor, UUID)[0] if cursor else LAST_ID
    found = await newest(work.tx, before=before, limit=limit + 1)
    page = page_of(found, limit=limit, key=lambda one: (one.id,))
    persons = {person for one in page.items for person in one.persons}
    await work.record(acts.READ_REQUESTS.action, subjects=sorted(persons))
    return page
