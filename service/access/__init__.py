"""Access: the keys of callers, what each may ask for, and the log of what was decided.

Needs neither a server nor a model: the command line imports it as well.
"""

from .audit import AuditLog, OnError
from .caller import LOCAL, SCOPES, Caller, Scope
from .faults import AccessError, Fault
from .keyring import Keyring
from .keys import KeyFile, NewKey, StoredKey, create_key, read_keys, revoke_key
from .private import new_private
from .rates import Rates
from .records import Decision, TurnedAway
from .seal import InputSeal
from .strangers import LATE_S, Strangers, Turn, network_of
from .verification import Recovery, Verified, verify_files

__all__ = [
    "LATE_S",
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
    "Strangers",
    "Turn",
    "TurnedAway",
    "Verified",
    "create_key",
    "network_of",
    "new_private",
    "read_keys",
    "revoke_key",
    "verify_files",
]
