"""The values that AWS generates for a new object, in AWS's own forms.

The forms are those of recorded answers of AWS: tests/unit/simulator/recorded.json.
"""

from __future__ import annotations

import base64
import hashlib
import uuid

from simulator.store import Properties


def values(urn: str, number: int) -> Properties:
    """`hex` is cut to fewer digits by a precision, as in `{hex:.16}`. `number` is that of the object in the store."""
    digits = hashlib.sha256(f"{urn} {number}".encode()).hexdigest()
    return {
        "hex": digits[:17],
        "suffix": digits[-6:],
        "uuid": str(uuid.UUID(hex=digits[:32], version=4)),
        "base32": base64.b32encode(bytes.fromhex(digits)).decode()[:26],
        # The provider's own (create.UniqueId): terraform-provider-aws, internal/create/id.go
        "token": f"terraform-{digits[:26]}",
    }
