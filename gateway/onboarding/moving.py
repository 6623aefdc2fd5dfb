"""One step in the life of a municipality: the same whoever takes it, with the same traces."""

from datetime import datetime
from typing import Final
from uuid import UUID

from foundation import clock
from foundation.database import Transaction
from foundation.events import Outbox
from foundation.identifiers import CodeKind, MunicipalityCode, new_id
from foundation.parameters import RESTORE_DRILL
from gateway.figures import repository as figures
from gateway.memberships.checklist import Facts, Item, checklist
from gateway.memberships.domain import Act, Membership, NotPossible, Stage, TooSoon, Words
from gateway.memberships.problems import MembershipActRefused, MembershipNotReady
from gateway.memberships.repository import Memberships
from gateway.officials.providers.repository import administrators
from gateway.parameters.repository import PARAMETERS

from .events import MembershipChanged

_SERVICE: Final = "platform"
_USUAL: Final = {
    Act.ONBOARD: Words(
        message_ja="試用を開始しました。", message_en="The municipality came on board, on trial."
    ),
    Act.GO_LIVE: Words(message_ja="本稼働を開始しました。", message_en="It went live."),
    Act.RESUME: Words(message_ja="休止を終了しました。", message_en="It resumed."),
    Act.STAY: Words(
        message_ja="利用終了を取りやめ、試用に戻りました。",
        message_en="It stays after all, on trial as before.",
    ),
    Act.CLOSE: Words(message_ja="利用を終了しました。", message_en="It has left."),
}


def keeps_residents(code: str) -> bool:
    """Tell a municipality from a prefecture and the nation, which are shown figures only."""
    return MunicipalityCode.parse(code).kind is CodeKind.MUNICIPALITY


def moved(
    membership: Membership, act: Act, *, at: datetime, words: Words | None = None
) -> Membership:
    """Return where a municipality stands after an act.

    Raises:
        MembershipActRefused: no way leads there from here, or not yet (409).
    """
    try:
        return membership.after(act, at=at, words=words)
    except (NotPossible, TooSoon) as error:
        raise MembershipActRefused(
            state=membership.stage.value, possible=[one.value for one in membership.possible]
        ) from error


async def write(
    tx: Transaction, code: str, act: Act, *, before: Membership, after: Membership
) -> UUID:
    """Keep where it stands now, leave a notice, and announce it; return the notice's number."""
    book, notice_id = Memberships(tx, code=code), new_id()
    await book.keep(after)
    if after.stage not in {Stage.LIVE, Stage.TRIAL}:
        await figures.withdraw(tx, code)
    await book.announce(
        notice_id,
        act,
        (before.stage, after.stage),
        at=after.since or clock.now(),
        words=after.words or _USUAL[act],
    )
    await Outbox(_SERVICE).append(
        tx,
        MembershipChanged(
            subject_id=notice_id,
            act=act.value,
            state_before=before.stage.value,
            state=after.stage.value,
        ),
    )
    return notice_id


async def examined(tx: Transaction, code: str, membership: Membership) -> list[Item]:
    """Return the checklist, from what is there now."""
    book, now, today = Memberships(tx, code=code), clock.now(), clock.today()
    has_directory, has_residents = await book.has()
    contacts, disclosure = await book.papers()
    return checklist(
        Facts(
            today=today,
            has_a_register=keeps_residents(code),
            administrators=len(await administrators(tx, now=now, lasting=now)),
            directory_in_use=has_directory,
            has_residents=has_residents,
            drilled_on=await book.drilled_on(today),
            drill_lasts=await PARAMETERS.lasting(tx, RESTORE_DRILL),
            contacts=frozenset(contacts),
            disclosure=disclosure,
            services=membership.services,
            paper_routes=frozenset(await book.routes()),
        )
    )


def require_ready(items: list[Item]) -> None:
    """Pass where every item is met.

    Raises:
        MembershipNotReady: with every one that is not (409).
    """
    missing = [item for item in items if not item.is_met]
    if missing:
        raise MembershipNotReady(
            missing=[
                {
                    "item": item.name,
                    "title": item.title_en,
                    "title_ja": item.title_ja,
                    "why": item.why_en,
                    "why_ja": item.why_ja,
                    "remedy": item.remedy_en,
                    "remedy_ja": item.remedy_ja,
                }
                for item in missing
            ]
        )
