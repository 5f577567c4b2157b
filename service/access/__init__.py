"""Access: the keys of callers, what each may ask for, and the log of what was decided.

Needs neither a server nor a model: the command line imports it as well.
"""

from .audit import AuditLog, OnError
from .caller import LOCAL, SCOPES, Caller, Scope
from .faults import AccessError, Fault
from .keyring import Keyring
from .keys import KeyFile, NewKey, StoredKey, create_key, read_keys, revoke_key
from .rates import Rates
from .records import Decision
from .seal import InputSeal
from .verification import Recovery, Verified, verify_files

__all__ = [
    "LOCAL",
    "SCOPES",
    "AccessError",
    "AuditLog",
    "Caller",
    "Decision",
    "Fault",
    "InputSeal",
    "KeyFile",
    "Keyring",
    "NewKey",
    "OnError",
    "Rates",
    "Recovery",
    "Scope",
    "StoredKey",
    "Verified",
    "create_key",
    "read_keys",
    "revoke_key",
    "verify_files",
]
