"""How receptions look on the wire."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from foundation.web import Line, Version, Wire

from .domain import Board, Channel, Reception, ReceptionState, WaitingTimes

Count = Annotated[int, Field(ge=0)]
_ID = "01930b7e-0000-7000-8000-000000000001"


class ReceptionTake(Wire):
    """A request for a number."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"window_id": _ID, "matter": "転入届"}]}
    )

    window_id: UUID
    """窓口。"""
    matter: Line
    """用件。"""
    resident_id: UUID | None = None
    """本人確認ずみの住民(職員が受け付けるとき)。本人のサインインでは指定しても使われない。"""


class ReceptionTransfer(Wire):
    """Where the person goes next."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"window_id": _ID}]})

    window_id: UUID
    """引継ぎ先の窓口。"""


class ReceptionRead(Wire):
    """A reception at one version."""

    id: UUID
    window_id: UUID
    """いま並んでいる、または対応中の窓口。"""
    taken_at_window_id: UUID
    """番号を発券した窓口。"""
    received_on: date
    number: Annotated[int, Field(ge=1)]
    """受付番号(窓口と日ごと)。"""
    matter: str
    channel: Channel
    resident_id: UUID | None
    state: ReceptionState
    queued_at: datetime
    called_at: datetime | None
    version: Version

    @classmethod
    def of(cls, reception: Reception) -> Self:
        return cls(
            id=reception.id,
            window_id=reception.window_id,
            taken_at_window_id=reception.taken_at_window_id,
            received_on=reception.received_on,
            number=reception.number,
            matter=reception.matter,
            channel=reception.channel,
            resident_id=reception.resident_id,
            state=reception.state,
            queued_at=reception.queued_at,
            called_at=reception.called_at,
            version=reception.version,
        )


class ReceptionStanding(Wire):
    """A reception and the queue before it."""

    reception: ReceptionRead
    ahead: Count
    """前に待っている人数。"""


class NextReception(Wire):
    """Who was called; nobody, if nobody waits."""

    reception: ReceptionRead | None


class BoardRead(Wire):
    """What stands on the screen above the window."""

    waiting: Count
    """待っている人数。"""
    serving: list[int]
    """対応中の受付番号。"""

    @classmethod
    def of(cls, board: Board) -> Self:
        return cls(waiting=board.waiting, serving=list(board.serving))


class WaitingTimesRead(Wire):
    """What was measured, in whole seconds."""

    called: Count
    wait_median_seconds: Count | None
    """発券(または引継ぎ)から呼出しまでの中央値。"""
    wait_p90_seconds: Count | None
    served: Count
    service_median_seconds: Count | None
    """呼出しから終了までの中央値。"""
    service_p90_seconds: Count | None

    @classmethod
    def of(cls, times: WaitingTimes) -> Self:
        return cls(
            called=times.called,
            wait_median_seconds=times.wait_median_seconds,
            wait_p90_seconds=times.wait_p90_seconds,
            served=times.served,
            service_median_seconds=times.service_median_seconds,
            service_p90_seconds=times.service_p90_seconds,
        )
