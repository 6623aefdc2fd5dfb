"""How the embedded database is configured: reachable by one socket, silent about people's data."""

from collections.abc import Mapping
from pathlib import Path

# One line per way in. There is no TCP listener; were one opened by mistake, nothing would match.
HBA = "local all all scram-sha-256\nlocal replication postgres scram-sha-256\n"

INCLUDE = "include 'tamaire.conf'"

_COMMON = {
    "listen_addresses": "''",
    "port": "5432",  # names the socket file; nothing listens on it
    "unix_socket_permissions": "0600",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    # DETAIL quotes the offending row and the statement may quote a literal: both are residents'.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

# A crash may lose a test's data: there is none worth keeping.
_FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1min",
    "max_wal_size": "256MB",
    "min_wal_size": "80MB",
}


def settings(*, socket: Path, for_tests: bool, besides: Mapping[str, str]) -> str:
    """Return the text of `tamaire.conf`, rewritten at every start so that it never drifts."""
    chosen = _COMMON | (_FOR_TESTS if for_tests else {}) | dict(besides)
    quoted = str(socket).replace("'", "''")
    lines = [f"{name} = {value}" for name, value in chosen.items()]
    return "\n".join([*lines, f"unix_socket_directories = '{quoted}'", ""])
