"""From a file on a disk to residents in the register: seen, sent, checked, mended or let in."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operations.voice import Voice

from .door import Door
from .file import RegisterFile
from .refusals import FaultsRemain, NotCsvInside, PlaceTaken
from .showing import bar, show_preview, show_report

_MODE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants done with a file, as far as they have said it beforehand."""

    load: str = "delta"
    layout: str = ""
    faulty_rows: Path | None = None
    leave_out_faulty: bool = False
    end_missing_on: str = ""
    agrees: Callable[[str], bool] = lambda _: False
    """Asked before anything is let into the register; who is not there does not agree."""

    @property
    def parameters(self) -> dict[str, str]:
        return {"load": self.load} | ({"layout": self.layout} if self.layout else {})


async def preview(door: Door, file: RegisterFile, voice: Voice, *, layout: str) -> dict[str, Any]:
    """Show how a file would be read; only its beginning leaves the disk.

    Raises:
        Refused: its header does not name every column, or it is in another character set.
    """
    found = await door.preview(file, layout=layout)
    show_preview(voice, found)
    return found


async def send(door: Door, file: RegisterFile, voice: Voice, wish: Wish) -> dict[str, Any]:
    """Bring a file into the register, with everybody's eyes open.

    Raises:
        PlaceTaken: the lines to mend would be written over something; nothing was sent.
        NotCsvInside: it cannot be read to its end.
        FaultsRemain: it waits, because nobody said that faulty lines may be left out.
        Refused, Unreachable: the house did not do it.
    """
    place = wish.faulty_rows or _place_of(file.path)
    if place.exists():
        raise PlaceTaken(place)
    await preview(door, file, voice, layout=wish.layout)
    with bar(voice, "送信 / upload", total=file.size) as sending:
        received = await door.hand_in(file, wish.parameters, sending.reach)
    report = await _settled(door, str(received["id"]), voice, title="確認 / check")
    show_report(voice, report)
    if report["faults"]:
        await _write_faulty_rows(door, report, place, voice)
        if not wish.leave_out_faulty:
            raise FaultsRemain(str(report["id"]), count=report["rows"] - report["good"])
    return await _confirmed(door, report, voice, wish)


async def confirm(door: Door, import_id: str, voice: Voice, wish: Wish) -> dict[str, Any]:
    """Let in what was checked before.

    Raises:
        FaultsRemain: nobody said that faulty lines may be left out.
        Refused, Unreachable: the house did not do it.
    """
    report = await _settled(door, import_id, voice, title="確認 / check")
    show_report(voice, report)
    if report["faults"] and not wish.leave_out_faulty:
        raise FaultsRemain(import_id, count=report["rows"] - report["good"])
    return await _confirmed(door, report, voice, wish)


async def _confirmed(
    door: Door, report: Mapping[str, Any], voice: Voice, wish: Wish
) -> dict[str, Any]:
    import_id = str(report["id"])
    if not wish.agrees(_question(report, wish)):
        voice.note(
            f"まだ取り込んでいません: ./tamaire imports confirm {import_id}",
            f"nothing was taken in yet: ./tamaire imports confirm {import_id}",
        )
        return dict(report)
    body: dict[str, str] = {"accept_faulty_rows": "leave_out" if wish.leave_out_faulty else "none"}
    if wish.end_missing_on:
        body["end_missing_on"] = wish.end_missing_on
    await door.decide(import_id, "confirmation", body)
    found = await _settled(door, import_id, voice, title="取込み / letting in")
    if found["state"] != "confirmed":
        # The register has changed since the check, and there are faults nobody has seen.
        show_report(voice, found)
        raise FaultsRemain(import_id, count=found["rows"] - found["good"])
    voice.note(
        f"取り込みました: 新しい人 {found['new']:,}、変わった人 {found['changed']:,}",
        f"taken in: {found['new']:,} new, {found['changed']:,} changed",
    )
    return found


async def _settled(door: Door, import_id: str, voice: Voice, *, title: str) -> dict[str, Any]:
    """Follow an import until it rests, and return its report.

    Raises:
        NotCsvInside: it was refused on the way.
    """
    with bar(voice, title, total=None) as going:
        async for heard in door.follow(import_id):
            is_judging = heard["state"] == "received"
            going.reach(heard["lines_judged"], heard["lines"] if is_judging else None)
    found = await door.read(import_id)
    if found["state"] == "refused":
        raise NotCsvInside
    return found


async def _write_faulty_rows(
    door: Door, report: Mapping[str, Any], place: Path, voice: Voice
) -> None:
    """Write the lines to send back where nobody else can read them."""
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(descriptor, "wb") as file:
        async for lines in door.faulty_rows(str(report["id"])):
            file.write(lines)
    voice.note(f"直すべき行を {place} に書き出しました", f"the lines to mend are in {place}")


def _question(report: Mapping[str, Any], wish: Wish) -> str:
    left_out = report["rows"] - report["good"]
    parts = [f"新しい人 {report['new']:,}、変わる人 {report['changed']:,} を取り込みます。"]
    if left_out:
        parts.append(f"直すべき {left_out:,} 行は取り込みません。")
    if wish.end_missing_on:
        parts.append(
            f"載っていない {report['missing']:,} 人を {wish.end_missing_on} 付で消除します。"
        )
    return "".join([*parts, "よろしいですか / let them in?"])


def _place_of(path: Path) -> Path:
    return path.with_name(f"{path.name.removesuffix('.gz').removesuffix('.csv')}.to-mend.csv")
