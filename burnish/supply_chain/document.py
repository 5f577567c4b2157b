"""A CycloneDX 1.6 document as the text of its file, the same for the same content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from burnish import __version__

__all__ = ["SBOM", "VEX", "Document", "new_bom", "render_document", "validate_document"]

SBOM = "sbom.cdx.json"
VEX = "vex.cdx.json"
_SERIALS = "https://cyclonedx.org/"
"""What the serial numbers' digests begin with."""
_UNSET = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is ready to be written."""

    text: str
    serial: UUID

    def link(self, reference: str) -> str:
        """Return the address of one of its components, for another document (BOM-Link).

        https://cyclonedx.org/capabilities/bomlink/
        """
        return f"urn:cdx:{self.serial}/1#{reference}"

    def write(self, path: Path) -> None:
        """Write the text as UTF-8."""
        path.write_text(self.text, encoding="utf-8")


def new_bom(subject: Component, *, made: datetime | None) -> Bom:
    """Begin a document about a component.

    Args:
        subject: what the document is about.
        made: its date; None: it has none.
    """
    bom = Bom(serial_number=_UNSET)
    bom.metadata.component = subject
    if made is not None:
        bom.metadata.timestamp = made
    tool = Component(type=ComponentType.APPLICATION, name="burnish", version=__version__)
    bom.metadata.tools.components.add(tool)
    return bom


def render_document(
    bom: Bom, *, made: datetime | None, amend: Callable[[dict[str, Any]], None] | None = None
) -> Document:
    """Render a document with a serial number that its content determines.

    Args:
        bom: what `new_bom` began.
        made: as there.
        amend: adds what the library has no model for (the model card) to the parsed JSON.
    """
    content: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    if made is None:
        del content["metadata"]["timestamp"]
    if amend is not None:
        amend(content)
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False)
    serial = uuid5(NAMESPACE_URL, _SERIALS + hashlib.sha256(plain.encode()).hexdigest())
    content["serialNumber"] = f"urn:uuid:{serial}"
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return Document(text, serial)


def validate_document(document: Document) -> None:
    """Check a document against the schema, which comes with the library: seconds for 100 addresses.

    Raises:
        ValueError: it is not valid CycloneDX, which is a defect of burnish.
    """
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(document.text):
        raise ValueError(f"not a valid CycloneDX 1.6 document: {error}")
