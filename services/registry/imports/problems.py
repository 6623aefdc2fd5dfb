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
