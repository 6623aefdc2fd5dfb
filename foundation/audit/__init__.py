"""Who did what with whose data, and why: written with the deed, readable by the person concerned.

An entry is written in the transaction of what it describes, so neither exists without the other.
Entries are sealed in the background into a tree per municipality (RFC 6962), whose signed root
is kept outside the database: who edits the past, the database's own administrator included,
cannot make it fit the seal again.
"""

from .entry import Decision, Entry, Facts
from .note import Checkpoint, NoteRefused, Signer, Verifier
from .sealing import Sealer, SealRefused
from .trail import (
    READ_ENTRIES_ABOUT,
    READ_ENTRIES_OF_TENANT,
    entries_about,
    entries_of_tenant,
    record,
)
from .verify import Fault, FaultKind, Report, verify, verify_tenant
from .witness import Witness

__all__ = [
    "READ_ENTRIES_ABOUT",
    "READ_ENTRIES_OF_TENANT",
    "Checkpoint",
    "Decision",
    "Entry",
    "Facts",
    "Fault",
    "FaultKind",
    "NoteRefused",
    "Report",
    "SealRefused",
    "Sealer",
    "Signer",
    "Verifier",
    "Witness",
    "entries_about",
    "entries_of_tenant",
    "record",
    "verify",
    "verify_tenant",
]
