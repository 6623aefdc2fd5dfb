"""What can be refused about an import.

Problem
├── ImportNotFound          404
├── UnreadableFile          422
└── Conflict
    ├── ImportStateConflict 409
    └── ImportHasFaults     409
"""

from http import HTTPStatus

from foundation.problems import Conflict, Problem


class ImportNotFound(Problem):
    """No such import in this municipality."""

    slug = "registry/import-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such import."
    title_ja = "該当する取込みがありません。"
    remedy = "Send the file again; its check is quick and changes nothing."
    remedy_ja = "ファイルを送り直してください。確認だけでは何も書き込まれません。"


class UnreadableFile(Problem):
    """The file cannot be read as a register at all, so there are no lines to judge."""

    slug = "registry/unreadable-file"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The file cannot be read as a register."
    title_ja = "ファイルを住民情報として読み取れません。"
    remedy = "Send CSV in the declared character set, with one header line naming every column."
    remedy_ja = "指定した文字コードの CSV で、1行目にすべての列の見出しを入れて送ってください。"


class ImportStateConflict(Conflict):
    """The import is not waiting for a word any more."""

    slug = "registry/import-state-conflict"
    title = "The import has been confirmed or discarded."
    title_ja = "この取込みは、すでに確定または破棄されています。"
    remedy = "Send the file again to import it anew."
    remedy_ja = "もう一度取り込むには、ファイルを送り直してください。"


class ImportHasFaults(Conflict):
    """Lines would be left out, and nobody has said that they may be."""

    slug = "registry/import-has-faults"
    title = "The file has faulty lines."
    title_ja = "ファイルに直すべき行があります。"
    remedy = "Mend the lines, or confirm with accept_faulty_rows = leave_out to import the others."
    remedy_ja = (
        "行を直して送り直すか、accept_faulty_rows を leave_out として残りだけを確定してください。"
    )


class UnreasonableArchive(Problem):
    """What was packed cannot be unpacked, or is no register unpacked."""

    slug = "registry/unreasonable-archive"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The packed file cannot be unpacked to a register."
    title_ja = "圧縮されたファイルを展開できないか、展開後が大きすぎます。"
    remedy = "Send the CSV packed once with gzip, at most 1 GiB unpacked, or send it unpacked."
    remedy_ja = "CSV を gzip で1回だけ圧縮して(展開後 1 GiB まで)、または圧縮せずに送ってください。"


class MissingCannotBeEnded(Conflict):
    """Who is missing from a file can only be said of a whole register without faults."""

    slug = "registry/missing-cannot-be-ended"
    title = "This file cannot tell who is missing."
    title_ja = "このファイルからは、いなくなった人を判断できません。"
    remedy = "Send the whole register with load=full and without faulty lines."
    remedy_ja = "全件のファイルを load=full で、直すべき行がない状態にして送ってください。"


class NothingIsKept(Conflict):
    """The lines of a file are kept only while it waits for a word."""

    slug = "registry/nothing-is-kept"
    title = "The lines of this file are not kept, or not judged yet."
    title_ja = "このファイルの行は、まだ確認中か、すでに保存されていません。"
    remedy = "Wait until it is checked; after its confirmation or disposal, send it again."
    remedy_ja = "確認が終わるまで待ってください。確定・破棄のあとは、送り直してください。"


class LayoutNotFound(Problem):
    """No layout is kept under that name."""

    slug = "registry/import-layout-not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is no layout of that name."
    title_ja = "その名前の見出しの対応は登録されていません。"
    remedy = "List the layouts, or keep one under this name first."
    remedy_ja = "登録ずみの対応の一覧を確かめるか、先にこの名前で登録してください。"
