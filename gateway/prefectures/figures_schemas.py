"""How figures look on the wire."""

from datetime import datetime
from typing import Self

from pydantic import Field

from foundation.web import Wire
from gateway.figures.domain import Shown

from .aggregates import Area, Town


class CountRead(Wire):
    """How many, to the nearest ten, and how much, coarsely; null where there are fewer than ten.

    Totals are the sums of what is shown below them, not of what is hidden or was rounded away.
    """

    count: int | None = Field(
        description="件数。10件単位に丸める。10件未満は null。合計は、示した値の合計。",
        examples=[120],
    )
    yen: int | None = Field(
        description="金額(円)。100万円単位か、それより粗い単位に丸める。件数を示さない場合と、"
        "丸めると0になる場合は null。合計は、示した値の合計。",
        examples=[4000000],
    )

    @classmethod
    def of(cls, shown: Shown) -> Self:
        return cls(count=shown.amount, yen=shown.yen)


class ProgrammeFiguresRead(Wire):
    """What is open in one programme."""

    programme_id: str
    name: str
    open_applications: CountRead


class AreaFiguresRead(Wire):
    """The totals of a prefecture, or of all that is shown."""

    code: str = Field(examples=["010006"])
    municipalities: int = Field(description="市区町村の数")
    disclosing: int = Field(description="件数を示している市区町村の数。合計はこれらの分。")
    residents: int = Field(description="住民数の合計(10人単位に丸めた値の合計)")
    open_applications: CountRead

    @classmethod
    def of(cls, area: Area) -> Self:
        return cls(
            code=area.code,
            municipalities=area.municipalities,
            disclosing=area.disclosing,
            residents=area.residents,
            open_applications=CountRead.of(area.applications),
        )


class TownFiguresRead(Wire):
    """One municipality: where it stands, what it takes part in, and what it lets out."""

    code: str = Field(examples=["012084"])
    name: str
    state: str = Field(description="利用の段階", examples=["live"])
    services: list[str] = Field(description="参加しているサービス")
    counted_at: datetime | None = Field(
        description="数えた日時。null は、まだ数えていないか、この範囲には示していないこと。"
    )
    residents: int | None = Field(description="住民数。10人単位に丸める。10人未満は null。")
    open_applications: CountRead
    programmes: list[ProgrammeFiguresRead] = Field(description="給付事業ごとの、完了前の申請")

    @classmethod
    def of(cls, town: Town) -> Self:
        return cls(
            code=town.code,
            name=town.name,
            state=town.status,
            services=sorted(town.services),
            counted_at=town.counted_at,
            residents=town.residents,
            open_applications=CountRead.of(town.applications),
            programmes=[
                ProgrammeFiguresRead(
                    programme_id=part.name,
                    name=town.labels[part.name],
                    open_applications=CountRead.of(part),
                )
                for part in town.applications.parts
            ],
        )


class AggregatesRead(Wire):
    """The figures of one's own circle; the totals are of all of it, whatever the page."""

    total: AreaFiguresRead
    prefectures: list[AreaFiguresRead]
    items: list[TownFiguresRead]
    next_cursor: str | None
    has_more: bool
