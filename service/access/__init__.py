"""Access: the keys of callers, their rights, and the log of decisions.

Needs neither a server nor a model: the command line imports it as well.
"""

from burnish.errors import AccessError
from burnish.private import new_private

from .audit import AuditLog, OnError
from .caller import KEY_SCOPES, LOCAL, Caller, KeyScope
from .input_hmac import InputHmac
from .keyring import Keyring
from .keys import KeyFile, NewKey, StoredKey, create_key, read_keys, revoke_key
from .problems import HealthProblem
from .rate_limiter import RateLimiter
from .records import Decision, TurnedAway
from .strangers import LATE_S, Strangers, Verdict, network_of
from .verification import Recovery, Verified, verify_files

__all__ = [
    "KEY_SCOPES",
    "LATE_S",
    "LOCAL",
    "AccessError",
    "AuditLog",
    "Caller",
    "Decision",
    "HealthProblem",
    "InputHmac",
    "KeyFile",
    "KeyScope",
    "Keyring",
    "NewKey",
    "OnError",
    "RateLimiter",
    "Recovery",
    "StoredKey",
    "Strangers",
    "TurnedAway",
    "Verdict",
    "Verified",
    "create_key",
    "network_of",
    "new_private",
    "read_keys",
    "revoke_key",
    "verify_files",
]
