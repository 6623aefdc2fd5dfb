"""Journey 4: a vendor's system follows what happens, by the API alone, as far as agreed."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from foundation import clock
from foundation.identifiers import new_id
from foundation.identity import SigningKey

from .company import Company, Journey
from .expectation import KeyMissing
from .players import Player
from .resident import AMOUNT_YEN, CODE, JOURNEY as BENEFIT
from .stage import Answer, Call, Stage

CLIENT_ID = "demo-vendor"

_WHO = "事業者システム"
_SCOPE = "benefits:events benefits:read"
_ELSEWHERE = "131016"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFETIME = timedelta(seconds=60)
_EVENTS = "/benefits/v1/events"
_PAGE = 200
_STORY = (
    "benefits.programme.published.v1",
    "benefits.roster.extracted.v1",
    "benefits.application.confirmed.v1",
    "benefits.application.granted.v1",
    "benefits.transfer_proposal.proposed.v1",
    "benefits.transfer_proposal.approved.v1",
    "benefits.transfer_proposal.sealed.v1",
    "benefits.transfer_proposal.settled.v1",
)


async def play(company: Company) -> None:
    """Play the journey; if no benefit has been paid in this play, one is paid first."""
    stage = company.stage
    if "programme_id" not in stage.records:
        await BENEFIT.begin(company)
        stage.begin(JOURNEY.name, JOURNEY.title)
    key = _key(stage.data / "keys" / "clients" / f"{CLIENT_ID}.pem")
    note = _note(stage, key)
    vendor = await _enter(stage, note)
    programme_id = stage.records["programme_id"]
    await _follow(vendor, programme_id)
    await _progress(vendor, programme_id)
    await _refusals(vendor, stage.records)
    await _note_again(stage, note)
    await _elsewhere(stage, key, vendor)


def _key(path: Path) -> SigningKey:
    try:
        return SigningKey.load(path)
    except OSError as error:
        raise KeyMissing(path) from error


def _note(stage: Stage, key: SigningKey) -> str:
    """Sign a note of who we are, good for a minute and for once (RFC 7523 §3)."""
    now = clock.now()
    return key.sign(
        {
            "iss": CLIENT_ID,
            "sub": CLIENT_ID,
            "aud": f"{stage.base_url}/oauth/token",
            "jti": str(new_id()),
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
        },
        typ="client-authentication+jwt",
    )


async def _ask_token(
    stage: Stage, note: str, *, municipality: str, scope: str = _SCOPE, expect: int = 200
) -> Answer:
    return await stage.make(
        Call(
            who=_WHO,
            method="POST",
            url="/oauth/token",
            expect=expect,
            headers={"Tamaire-Municipality": municipality},
            form={
                "grant_type": "client_credentials",
                "scope": scope,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": note,
            },
        )
    )


async def _enter(stage: Stage, note: str) -> Player:
    given = await _ask_token(stage, note, municipality=CODE)
    given.must("権限", be=set(_SCOPE.split()), found=set(str(given["scope"]).split()))
    given.must("更新トークンがあるか", be=False, found="refresh_token" in given.document)
    given.tell(f"秘密鍵の署名で名乗り、{CODE} のトークンを得ました({given['expires_in']} 秒)")
    return Player(stage, _WHO, municipality=CODE, token=str(given["access_token"]))


async def _follow(vendor: Player, programme_id: str) -> None:
    """Read the feed to its end by cursor, and find in it what was just done, in its order."""
    events: list[dict[str, Any]] = []
    params = {"limit": str(_PAGE)}
    while True:
        page = await vendor.get(_EVENTS, params=params)
        events += page["items"]
        page.tell(f"出来事を {len(page['items'])} 件読みました(つづき: {_yes(page['has_more'])})")
        if not page["has_more"]:
            break
        params = {"limit": str(_PAGE), "cursor": page["next_cursor"]}
    known = {event["id"] for event in events}
    page.must("重複した出来事", be=0, found=len(events) - len(known))
    own = [event for event in events if programme_id in _named(event)]
    kinds = [event["type"] for event in own]
    first = [kinds.index(kind) if kind in kinds else -1 for kind in _STORY]
    page.must_hold("この事業の出来事が順に並ぶ", holds=-1 not in first, found=sorted(set(kinds)))
    page.must("順序", be=sorted(first), found=first)
    again = await vendor.get(_EVENTS, params={"limit": "1", "cursor": page["next_cursor"]})
    repeated = [event["type"] for event in again["items"] if event["id"] in known]
    again.must("続きに重なる出来事", be=list[Any](), found=repeated)
    again.tell(
        f"続きのカーソルから先に重なりはありません。この事業の出来事 {len(own)} 件を"
        "公開から振込まで順に受け取りました"
    )


def _named(event: dict[str, Any]) -> tuple[str, ...]:
    return (str(event["subject_id"]), str(event["data"].get("programme_id")))


async def _progress(vendor: Player, programme_id: str) -> None:
    seen = await vendor.get(f"/benefits/v1/programmes/{programme_id}/progress")
    paid = {one["state"]: one for one in seen["standings"]}.get("paid", {})
    seen.must("振込ずみの件数", be=2, found=paid.get("count"))
    seen.must("振込ずみの金額", be=2 * AMOUNT_YEN, found=paid.get("amount_yen"))
    total = sum(one["count"] for one in seen["standings"])
    seen.must("内訳の合計", be=seen["total_count"], found=total)
    seen.tell(
        f"進み具合: 対象 {seen['total_count']} 世帯のうち {paid['count']} 世帯に "
        f"{paid['amount_yen']:,}円を振込ずみ(個人は一人も出ません)"
    )


async def _refusals(vendor: Player, records: dict[str, str]) -> None:
    """What was not agreed is refused, whichever way it is tried."""
    for path, why in (
        (f"/benefits/v1/applications/{records['application_id']}", "個人の申請は読めません"),
        ("/registry/v1/residents?kana=キタミ", "住民情報は探せません"),
        ("/window-dx/v1/events", "契約にない業務の出来事は読めません"),
    ):
        refused = await vendor.get(path, expect=HTTPStatus.FORBIDDEN)
        refused.must_be_problem("platform/forbidden")
        refused.tell(f"{why}: {refused['detail_ja']}")


async def _note_again(stage: Stage, note: str) -> None:
    refused = await _ask_token(stage, note, municipality=CODE, expect=HTTPStatus.UNAUTHORIZED)
    refused.must("理由", be="invalid_client", found=refused["error"])
    refused.tell(f"使った署名の使い回しは断られました({refused['error']})")


async def _elsewhere(stage: Stage, key: SigningKey, vendor: Player) -> None:
    """Another municipality gave no leave, and the token of this one opens nothing there."""
    refused = await _ask_token(
        stage, _note(stage, key), municipality=_ELSEWHERE, expect=HTTPStatus.BAD_REQUEST
    )
    refused.must("理由", be="unauthorized_client", found=refused["error"])
    refused.tell(f"許可のない {_ELSEWHERE} のトークンは出ません({refused['error']})")
    mismatch = await vendor.get(
        _EVENTS,
        headers={"Tamaire-Municipality": _ELSEWHERE},
        expect=HTTPStatus.FORBIDDEN,
    )
    title = mismatch.must_be_problem("platform/tenant-mismatch")
    mismatch.tell(f"{CODE} のトークンで {_ELSEWHERE} を名指ししても断られます: {title}")


def _yes(flag: object) -> str:
    return "あり" if flag else "なし"


JOURNEY = Journey(name="vendor", title="事業者のシステムが連携する", play=play)
