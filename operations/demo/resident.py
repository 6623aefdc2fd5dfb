"""Journey 1: a benefit that needs no application form, from the programme to the money.

The section defines and proposes, the household confirms, the treasury approves: no two of these
are ever the same hand.
"""

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import jpholiday

from foundation import clock
from foundation.identifiers import new_id
from operations.population.generator import AS_OF

from .company import Company, Journey
from .players import Player
from .signin import official, resident
from .signing import sign
from .stage import Answer, Stage
from .zengin import RECORD_BYTES, NotATransferFile, TransferFigures, read

CODE = "012084"
_HANAKO_CARD = "kitami-hanako"
HANAKO = resident("住民 北見 花子", _HANAKO_CARD, CODE)
YOSHIDA = resident("住民 吉田 美智子", "kitami-yoshida", CODE)
AMOUNT_YEN = 30_000

_BENEFITS = "/benefits/v1"
_FIRST_FISCAL_MONTH = 4
_SATURDAY = 5
_SEALED_WITHIN_S = 20.0
_ASK_AGAIN_S = 0.25
_HANAKO_ACCOUNT = {
    "bank_code": "0116",
    "branch_code": "901",
    "account_type": "ordinary",
    "account_number": "0012345",
    "holder_kana": "キタミ ハナコ",
}
_YOSHIDA_ACCOUNT = {
    **_HANAKO_ACCOUNT,
    "bank_code": "0501",
    "branch_code": "451",
    "account_number": "0067890",
    "holder_kana": "ヨシダ ミチコ",
}
_NO_SUCH_BRANCH = "998"
_PAYER = {
    "originator_code": "0000012084",
    "bank_account": {
        **_HANAKO_ACCOUNT,
        "account_number": "0000001",
        "holder_kana": "キタミシ カイケイカンリシヤ",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """The two hands of the town hall: who proposes, and who lets the money go."""

    section: Player
    treasury: Player


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A householder who is signed in, and the application that waits for their word."""

    person: Player
    application_id: str
    account: dict[str, str]

    @property
    def path(self) -> str:
        return f"{_BENEFITS}/applications/{self.application_id}"


async def play(company: Company) -> None:
    """Play the journey; it leaves the ids of what it made in `stage.records`."""
    began = clock.now()
    offices = Offices(
        section=await company.player(
            official("給付係", "benefits1", CODE, scopes="benefits:read benefits:write")
        ),
        treasury=await company.player(
            official("出納", "treasurer1", CODE, scopes="benefits:read benefits:pay")
        ),
    )
    programme_id = await _prepare(offices)
    hanako = await _offered(await company.player(HANAKO), programme_id, _HANAKO_ACCOUNT)
    await _wrong_branch(hanako)
    await _confirm(hanako, signature_id=await _sign(company.stage, hanako))
    yoshida = await _offered(await company.player(YOSHIDA), programme_id, _YOSHIDA_ACCOUNT)
    await _confirm(yoshida)
    for household in (hanako, yoshida):
        await _grant(offices.section, household)
    proposal_id = await _pay(offices, programme_id, payees=2)
    await _paid(hanako)
    await _who_looked(hanako.person, since=began)
    company.stage.records |= {
        "programme_id": programme_id,
        "application_id": hanako.application_id,
        "proposal_id": proposal_id,
    }


async def _prepare(offices: Offices) -> str:
    """Define and publish a programme, see to the paying account, and extract the roster."""
    section = offices.section
    drafted = await section.post(f"{_BENEFITS}/programmes", _terms(), expect=HTTPStatus.CREATED)
    drafted.must("状態", be="draft", found=drafted["state"])
    drafted.tell(
        f"事業「{drafted['name']}」({drafted['code']})を1世帯 {AMOUNT_YEN:,}円で下書きしました"
    )
    programme_id = str(drafted["id"])
    path = f"{_BENEFITS}/programmes/{programme_id}"
    public = await section.post(f"{path}/publication")
    public.must("状態", be="published", found=public["state"])
    public.tell(
        f"事業を公開しました(受付 {public['application_until']} まで。内容はもう変わりません)"
    )
    await _set_payer(offices.treasury)
    roster = await section.post(f"{path}/roster")
    held = roster["held_unknown"] + roster["held_protected"] + roster["held_no_householder"]
    roster.must_hold("2世帯以上が対象", holds=roster["offered"] > 1, found=roster["offered"])
    roster.tell(
        f"対象者リストに {roster['offered']} 世帯を抽出しました"
        f"(要件外 {roster['not_meeting']}、職員の確認待ち {held})"
    )
    await _see_reasons(section, path, offered=int(roster["offered"]))
    return programme_id


def _terms() -> dict[str, Any]:
    today = clock.today()
    reference_on = min(AS_OF, today)
    year = reference_on.year - (reference_on.month < _FIRST_FISCAL_MONTH)
    return {
        # The random end of a fresh id: every play is a programme of its own.
        "code": f"DEMO-{str(new_id())[-8:]}",
        "name": f"{year}年度 物価高騰対応支援給付金(デモ)",
        "legal_ground": f"{year}年度物価高騰対応支援給付金支給要綱",
        "fiscal_year": year,
        "amount_per_household_yen": AMOUNT_YEN,
        "reference_on": reference_on.isoformat(),
        "condition": "household_tax_exempt",
        "application_from": today.isoformat(),
        "application_until": (today + timedelta(days=90)).isoformat(),
        "seizure_ban": True,
        "tax_free": True,
    }


async def _set_payer(treasury: Player) -> None:
    """Enter the town's own account over the version that is there, if one is."""
    path = f"{_BENEFITS}/payer"
    present = await treasury.get(path, also=(HTTPStatus.NOT_FOUND,))
    if present.status == HTTPStatus.NOT_FOUND:
        present.tell(f"振込元の口座はまだありません({present['title_ja']})")
        condition = {"If-None-Match": "*"}
    else:
        present.tell(f"いまの振込元の口座を確かめました(第{present['version']}版)")
        condition = {"If-Match": present.response.headers["etag"]}
    put = await treasury.put(path, _PAYER, headers=condition)
    put.must("口座番号の表示", be="****001", found=put["account_number_masked"])
    put.tell(f"振込元を {put['holder_kana']} {put['account_number_masked']} と定めました")


async def _see_reasons(section: Player, path: str, *, offered: int) -> None:
    listed = await section.get(f"{path}/roster", params={"limit": "1"})
    first = listed["items"][0]
    listed.must("つづきがあるか", be=offered > 1, found=listed["has_more"])
    listed.must_hold("日本語の理由", holds="非課税" in first["reason"], found=first["reason"])
    listed.tell(f"対象の理由の例: {first['reason']}(規則 第{first['rule_version']}版)")


async def _offered(person: Player, programme_id: str, account: dict[str, str]) -> Household:
    """Find the offer of this programme to a householder."""
    offers = await person.get(f"{_BENEFITS}/offers")
    own = [offer for offer in offers["items"] if offer["programme_id"] == programme_id]
    offers.must("この事業のお知らせの数", be=1, found=len(own))
    offer = own[0]
    offers.must("金額", be=AMOUNT_YEN, found=offer["amount_yen"])
    offers.must("状態", be="offered", found=offer["state"])
    good = "基準日" in offer["reason"] and "非課税だったため" in offer["reason"]
    offers.must_hold("日本語の理由", holds=good, found=offer["reason"])
    offers.tell(f"{offer['amount_yen']:,}円を受け取れます。対象の理由: {offer['reason']}")
    return Household(person=person, application_id=offer["application_id"], account=account)


async def _wrong_branch(household: Household) -> None:
    refused = await household.person.post(
        f"{household.path}/confirmation",
        {"bank_account": household.account | {"branch_code": _NO_SUCH_BRANCH}},
        expect=HTTPStatus.UNPROCESSABLE_ENTITY,
    )
    title = refused.must_be_problem("benefits/bank-account-refused")
    faults = {fault["pointer"]: fault["detail_ja"] for fault in refused["errors"]}
    pointer = "/bank_account/branch_code"
    refused.must("誤りの箇所", be=[pointer], found=list(faults))
    refused.tell(f"存在しない支店 {_NO_SUCH_BRANCH} は断られました: {title}{faults[pointer]}")


async def _sign(stage: Stage, household: Household) -> str:
    """Draw up the application with the account it names, and sign exactly that."""
    document = await household.person.post(
        f"{household.path}/document", {"bank_account": household.account}
    )
    document.must_hold(
        "文書に口座が入る",
        holds=household.account["account_number"] in document["document"],
        found="口座のない文書",
    )
    document.tell(f"署名する文書を作りました(SHA-256 {document['digest'][:16]}…)")
    return await sign(stage, household.person, document, card_id=_HANAKO_CARD)


async def _confirm(household: Household, *, signature_id: str | None = None) -> None:
    """Confirm with a real account, send it a second time as a nervous finger would, and look."""
    given: dict[str, Any] = {"bank_account": household.account}
    if signature_id is not None:
        given["signature_id"] = signature_id
    confirmed = await household.person.post(f"{household.path}/confirmation", given)
    _must_be(confirmed, "confirmed")
    signature: dict[str, Any] = confirmed["signature"] or {"signature_id": None}
    confirmed.must("申請に残る電子署名", be=signature_id, found=signature["signature_id"])
    account = confirmed["bank_account"]
    masked = f"****{household.account['account_number'][-3:]}"
    confirmed.must("口座番号の表示", be=masked, found=account["account_number_masked"])
    number = household.account["account_number"]
    confirmed.must("口座番号の全桁が出るか", be=False, found=number in confirmed.response.text)
    bank = f"{account['bank_name']}銀行 {account['branch_name']}支店"
    confirmed.tell(f"{bank} 普通 {masked} で受け取ると確認しました")
    again = await household.person.repeat(confirmed)
    again.tell("二度押しても一度だけ受け付け、同じ応答を返しました(Idempotency-Key)")
    seen = await household.person.get(household.path)
    _must_be(seen, "confirmed")
    seen.tell(f"状況は「確認ずみ」、口座は {masked} とだけ表示されます")


async def _grant(section: Player, household: Household) -> None:
    given = {"decision": "granted", "reason": "要綱第3条の要件を満たすため"}
    decided = await section.post(f"{household.path}/decision", given, expect=HTTPStatus.CREATED)
    decided.must("決定", be="granted", found=decided["decision"])
    decided.tell(f"{household.person.who} への支給を決定しました({decided['reason']})")


async def _pay(offices: Offices, programme_id: str, *, payees: int) -> str:
    """Propose, be refused as the proposer, approve by the other hand, hand over, settle."""
    section, treasury = offices.section, offices.treasury
    day = _next_banking_day(clock.today())
    proposed = await section.post(
        f"{_BENEFITS}/transfer-proposals",
        {"programme_id": programme_id, "transfer_on": day.isoformat()},
        expect=HTTPStatus.CREATED,
    )
    proposed.must("件数", be=payees, found=proposed["line_count"])
    proposed.must("合計", be=payees * AMOUNT_YEN, found=proposed["total_yen"])
    proposed.tell(f"{day} 振込で {payees} 件 {proposed['total_yen']:,}円を起案しました")
    path = f"{_BENEFITS}/transfer-proposals/{proposed['id']}"
    refused = await section.post(f"{path}/approval", expect=HTTPStatus.FORBIDDEN)
    refused.must_be_problem("platform/forbidden")
    refused.tell(f"起案した係は承認できません: {refused['detail_ja']}")
    approved = await treasury.post(f"{path}/approval")
    approved.must_hold(
        "承認ずみ", holds=approved["state"] in {"approved", "sealed"}, found=approved["state"]
    )
    approved.must(
        "承認者は起案者か", be=False, found=approved["approved_by"] == proposed["proposed_by"]
    )
    approved.tell(f"別の職員が {approved['total_yen']:,}円の振込を承認しました")
    sealed = await _sealed(treasury, path)
    await _check_file(treasury, path, sealed)
    settled = await treasury.post(f"{path}/settlement", {"executed_on": day.isoformat()})
    settled.must("状態", be="settled", found=settled["state"])
    settled.tell(
        f"{settled['executed_on']} に銀行が {settled['total_yen']:,}円を振り込むと記録しました"
    )
    return str(proposed["id"])


async def _sealed(treasury: Player, path: str) -> Answer:
    """Wait until the job has made the file."""
    deadline = clock.now() + timedelta(seconds=_SEALED_WITHIN_S)
    while True:
        seen = await treasury.get(path)
        if seen["state"] == "sealed":
            file = seen["file"]
            seen.tell(f"振込データができました({file['record_count']} 件 {file['total_yen']:,}円)")
            return seen
        if clock.now() > deadline:
            raise seen.unexpected(
                f"{_SEALED_WITHIN_S:.0f} 秒以内に振込データができる", seen["state"]
            )
        seen.tell("振込データを作成中です", is_aside=True)
        await asyncio.sleep(_ASK_AGAIN_S)


async def _check_file(treasury: Player, path: str, sealed: Answer) -> None:
    """Read the file as the bank will, and compare it with what was approved."""
    taken = await treasury.get(f"{path}/file")
    content = taken.response.content
    digest = hashlib.sha256(content)
    figures = _figures(taken, content)
    count, total = sealed["line_count"], sealed["total_yen"]
    found = (len(figures.amounts), sum(figures.amounts))
    taken.must("明細の件数と合計", be=(count, total), found=found)
    found = (figures.trailer_count, figures.trailer_total_yen)
    taken.must("トレーラーの件数と合計", be=(count, total), found=found)
    day = date.fromisoformat(sealed["transfer_on"])
    taken.must("ヘッダーの振込日", be=f"{day:%m%d}", found=figures.transfer_day)
    taken.must("SHA-256", be=sealed["file"]["sha256"], found=digest.hexdigest())
    header = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    taken.must("Repr-Digest", be=header, found=taken.response.headers.get("repr-digest"))
    taken.tell(
        f"全銀ファイルは {RECORD_BYTES} バイト × {figures.records} レコード。"
        f"トレーラー {figures.trailer_count} 件 {figures.trailer_total_yen:,}円は承認と一致"
    )


def _figures(taken: Answer, content: bytes) -> TransferFigures:
    try:
        return read(content)
    except (NotATransferFile, ValueError) as error:
        raise taken.unexpected("全銀協の形式", str(error)) from error


async def _paid(household: Household) -> None:
    paid = await household.person.get(household.path)
    _must_be(paid, "paid")
    paid.tell(f"状況は「振込ずみ」、{paid['amount_yen']:,}円を受け取りました")


async def _who_looked(person: Player, *, since: datetime) -> None:
    """Read the log of one's own data, and find the officials' acts of this play in it."""
    log = await person.get("/platform/v1/access-log", params={"limit": "200"})
    entries = [one for one in log["items"] if datetime.fromisoformat(one["at"]) >= since]
    found = {(one["action"], one["purpose"]) for one in entries if one["actor_kind"] == "official"}
    expected = {
        ("benefits.roster.extract", "application"),
        ("benefits.application.decide", "application"),
        ("benefits.transfer.propose", "payment"),
        ("benefits.transfer.approve", "payment"),
        ("benefits.transfer.download", "payment"),
        ("benefits.transfer.settle", "payment"),
    }
    log.must("記録にない職員の行為", be=set[str](), found=expected - found)
    own = sum(bool(one["by_yourself"]) for one in entries)
    log.tell(
        f"自分の情報の利用記録 {len(entries)} 件(自分 {own}、自分以外 {len(entries) - own})。"
        "抽出・決定は申請審査のため、起案・承認・取出しは支払のため、と分かります"
    )


def _must_be(answer: Answer, state: str) -> None:
    answer.must("申請の状態", be=state, found=answer["state"])


def _next_banking_day(today: date) -> date:
    """Return the next day on which banks are open (銀行法施行令 第5条)."""
    day = today + timedelta(days=1)
    while _is_closed(day):
        day += timedelta(days=1)
    return day


def _is_closed(day: date) -> bool:
    year_end = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
    return year_end or day.weekday() >= _SATURDAY or bool(jpholiday.is_holiday(day))


JOURNEY = Journey(name="resident", title="住民がプッシュ型の給付を受け取る", play=play)
