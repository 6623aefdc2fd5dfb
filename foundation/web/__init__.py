"""The counter: how a request is received, judged, worked on once, and answered."""

from .application import create_application
from .background import Background
from .dependencies import CurrentWork, CursorText, Limit, RawBody, SpooledBody
from .documents import LIST_BODY_BYTES, PROSE_BODY_BYTES
from .etags import IfMatch, etag
from .event_stream import Audience, News
from .retirement import Retirement
from .route import OfficeRoute, OfficeRouter, Unaudited
from .spool import Spool
from .state import AppState, Refusal
from .wire import (
    AccountNumber,
    BankCode,
    BranchCode,
    Kana,
    Line,
    Listing,
    MunicipalityCodeField,
    PositiveYen,
    Prose,
    Version,
    Wire,
    Yen,
)

__all__ = [
    "LIST_BODY_BYTES",
    "PROSE_BODY_BYTES",
    "AccountNumber",
    "AppState",
    "Audience",
    "Background",
    "BankCode",
    "BranchCode",
    "CurrentWork",
    "CursorText",
    "IfMatch",
    "Kana",
    "Limit",
    "Line",
    "Listing",
    "MunicipalityCodeField",
    "News",
    "OfficeRoute",
    "OfficeRouter",
    "PositiveYen",
    "Prose",
    "RawBody",
    "Refusal",
    "Retirement",
    "Spool",
    "SpooledBody",
    "Unaudited",
    "Version",
    "Wire",
    "Yen",
    "create_application",
    "etag",
]
