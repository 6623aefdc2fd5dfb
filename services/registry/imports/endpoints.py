"""Imports over HTTP."""

from uuid import UUID

from starlette.requests import Request

from foundation.problems import UnsupportedMediaType
from foundation.web import CurrentWork, OfficeRouter, RawBody
from services.registry import permissions

from . import service
from .problems import ImportHasFaults, ImportNotFound, ImportStateConflict, UnreadableFile
from .schemas import ImportConfirm, ImportRead

router = OfficeRouter(prefix="/imports", tags=["imports"])

_MOST_BYTES = 64 * 1024 * 1024
_SECONDS = 240.0
"""A register of a million residents is read, or written, in one piece."""
_ENCODINGS = {"": "utf-8-sig", "utf-8": "utf-8-sig", "shift_jis": "cp932", "cp932": "cp932"}
_EXAMPLE = (
    "宛名番号,世帯番号,続柄,氏名_正字,氏名,氏名カナ,カナ確認,通称,氏名_英字,生年月日,性別,"
    "郵便番号,住所,国籍区分,住民となった日,住民でなくなった日,課税区分,支援措置\r\n"
    "900001,900001,世帯主,見本　花子,見本　花子,ミホン　ハナコ,1,,,1992-04-15,2,"
    "0900024,北海道北見市北四条東1丁目,japanese,2015-04-01,,exempt,\r\n"
)


@router.post(
    "",
    permission=permissions.IMPORT_REGISTER,
    problems=[UnreadableFile],
    accepts=["text/csv"],
    example=_EXAMPLE,
    max_body_bytes=_MOST_BYTES,
    seconds=_SECONDS,
    status_code=201,
    summary="住民情報のファイルを確認する(まだ書き込まない)",
)
async def check_import(work: CurrentWork, request: Request, raw: RawBody) -> ImportRead:
    """Check a CSV of residents and households: what it would do, and what is wrong with it.

    UTF-8 unless the media type says `charset=shift_jis` (read as CP932). The first line names the
    columns, in English or in Japanese.
    """
    return ImportRead.of(await service.check(work, raw, encoding=_encoding_of(request)))


@router.get(
    "/{import_id}",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound],
    summary="取込みの結果を見る",
)
async def read_import(work: CurrentWork, import_id: UUID) -> ImportRead:
    """Read an import with its report."""
    return ImportRead.of(await service.read(work, import_id))


@router.post(
    "/{import_id}/confirmation",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound, ImportStateConflict, ImportHasFaults],
    seconds=_SECONDS,
    summary="確認ずみのファイルを住民情報に取り込む",
)
async def confirm_import(work: CurrentWork, import_id: UUID, body: ImportConfirm) -> ImportRead:
    """Let the good lines into the register, all or none."""
    leave_out = body.accept_faulty_rows == "leave_out"
    return ImportRead.of(await service.confirm(work, import_id, leave_out_faulty=leave_out))


@router.post(
    "/{import_id}/disposal",
    permission=permissions.IMPORT_REGISTER,
    problems=[ImportNotFound, ImportStateConflict],
    summary="確認したファイルを破棄する",
)
async def discard_import(work: CurrentWork, import_id: UUID) -> ImportRead:
    """Forget the lines of a file; its report stays."""
    return ImportRead.of(await service.discard(work, import_id))


def _encoding_of(request: Request) -> str:
    """Return the character set to read with.

    Raises:
        UnsupportedMediaType: one we do not read (415).
    """
    _, _, parameters = request.headers.get("content-type", "").partition(";")
    name = ""
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            name = value.strip().strip('"').lower()
    if name not in _ENCODINGS:
        raise UnsupportedMediaType(
            "The character set is utf-8 or shift_jis.",
            detail_ja="文字コードは utf-8 か shift_jis です。",
        )
    return _ENCODINGS[name]
