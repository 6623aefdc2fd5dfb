"""Journey 3: what is said in confidence stays with those who have a role in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from foundation import clock
from foundation.identity import Purpose

from .company import Company, Journey
from .players import Player
from .resident import CODE, HANAKO
from .signin import official
from .stage import Answer

_CASES = "/consultation/v1/cases"
_SCOPES = "consultation:read consultation:write registry:read"
_WORDS = "来所。家賃の支払いが二か月遅れ、子どもの学用品費にも困っていると話した。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The counsellor who leads the case, and a colleague who at first has no part in it."""

    lead: Player
    colleague: Player


async def play(company: Company) -> None:
    """Play the journey; it leaves the case in `stage.records`."""
    began = clock.now()
    desk = Desk(
        lead=await company.player(official("相談員", "counsellor1", CODE, scopes=_SCOPES)),
        colleague=await company.player(
            official("同僚の相談員", "counsellor2", CODE, scopes=_SCOPES)
        ),
    )
    case_id = await _open(desk.lead)
    path = f"{_CASES}/{case_id}"
    record_id = await _write(desk.lead, path)
    await _is_hidden(desk.colleague, path)
    await _admit(desk, path)
    await _read(desk, path, record_id)
    await _who_looked(await company.player(HANAKO), since=began)
    company.stage.records |= {"case_id": case_id, "record_id": record_id}


async def _open(lead: Player) -> str:
    """Find the person in the register and open a case."""
    known = await lead.get(
        "/registry/v1/residents",
        params={"kana": "キタミ ハナコ"},
        headers={"Tamaire-Purpose": Purpose.CONSULTATION.value},
    )
    people = [one for one in known["items"] if one["birth_on"] == "1992-04-15"]
    known.must("該当する住民の数", be=1, found=len(people))
    known.tell(f"相談に来た {people[0]['name_display']} さんを住民情報で確かめました(目的: 相談)")
    asked = {
        "theme": "rent_and_loans",
        "confidentiality": "sensitive",
        "resident_id": people[0]["id"],
    }
    opened = await lead.post(_CASES, asked, expect=HTTPStatus.CREATED)
    opened.must("状態", be="opened", found=opened["state"])
    opened.tell("相談を受け付け、ケースを開きました(主担当は自分、区分は「慎重に扱う」)")
    return str(opened["id"])


async def _write(lead: Player, path: str) -> str:
    happened = clock.now() - timedelta(minutes=30)
    written = await lead.post(
        f"{path}/records",
        {"kind": "office", "occurred_at": happened.isoformat(), "text": _WORDS},
        expect=HTTPStatus.CREATED,
    )
    written.must("応答に本文が出るか", be=False, found=_WORDS in written.response.text)
    written.tell(f"支援経過 {len(_WORDS)} 文字を暗号化して記録しました(応答に本文は出ません)")
    return str(written["id"])


async def _is_hidden(colleague: Player, path: str) -> None:
    """A colleague without a role learns nothing: not the text, not that there is a case."""
    for where in (path, f"{path}/records"):
        refused = await colleague.get(where, expect=HTTPStatus.NOT_FOUND)
        title = refused.must_be_problem("consultation/case-not-found")
        refused.tell(f"担当でない同僚には、存在しないのと同じ答えです: {title}")
    listed = await colleague.get(_CASES, params={"limit": "200"})
    seen = [one["id"] for one in listed["items"] if path.endswith(one["id"])]
    listed.must("一覧に出たケース", be=list[str](), found=seen)
    listed.tell("同僚の一覧にも、このケースは出ません")


async def _admit(desk: Desk, path: str) -> None:
    case = await desk.lead.get(path)
    case.must("担当者の数", be=1, found=len(case["members"]))
    case.tell(f"ケースを確かめました(担当者 1 人、第{case['version']}版)")
    added = await desk.lead.put(
        f"{path}/members/{desk.colleague.subject}",
        {"role": "reader"},
        headers={"If-Match": case.response.headers["etag"]},
    )
    added.must("版", be=case["version"] + 1, found=added["version"])
    added.tell(f"同僚を「閲覧」の役割でケースに加えました(第{added['version']}版)")


async def _read(desk: Desk, path: str, record_id: str) -> None:
    """With a role the colleague reads; a reader still does not write."""
    read = await desk.colleague.get(f"{path}/records/{record_id}")
    read.must("本文が一致するか", be=True, found=read["text"] == _WORDS)
    read.must("記録した職員", be=desk.lead.subject, found=read["recorded_by"])
    read.tell(f"同僚が支援経過を読みました: 「{_WORDS[:14]}…」")
    refused = await desk.colleague.post(
        f"{path}/records",
        {"kind": "phone", "occurred_at": clock.now().isoformat(), "text": "電話で様子を聞いた。"},
        expect=HTTPStatus.FORBIDDEN,
    )
    title = refused.must_be_problem("consultation/case-role-insufficient")
    refused.tell(f"閲覧の役割では書けません: {title}")


async def _who_looked(hanako: Player, *, since: datetime) -> None:
    """The trail shows who opened, wrote and read, to the person it is about."""
    log = await hanako.get("/platform/v1/access-log", params={"limit": "200"})
    entries = [
        entry
        for entry in log["items"]
        if datetime.fromisoformat(entry["at"]) >= since and entry["service"] == "consultation"
    ]
    expected = {
        "consultation.case.open",
        "consultation.case.read",
        "consultation.member.manage",
        "consultation.record.add",
        "consultation.record.read",
    }
    found = {entry["action"] for entry in entries if entry["decision"] == "allowed"}
    log.must("記録にない行為", be=set[str](), found=expected - found)
    log.must("利用の目的", be={"consultation"}, found={entry["purpose"] for entry in entries})
    log.tell(_summary(log, count=len(entries)))


def _summary(log: Answer, *, count: int) -> str:
    latest = log["items"][0]["reference"]
    return (
        f"相談の利用が {count} 件、目的「相談」として本人に見えます"
        f"(問い合わせ番号 …{str(latest)[-8:]})"
    )


JOURNEY = Journey(name="consultation", title="相談を記録し、必要な人だけが読む", play=play)
