"""Templates of pages: every value is escaped, and one that is missing is an error."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from burnish.plural import plural

__all__ = ["html_templates"]


def html_templates(package: str) -> Environment:
    """The templates of a package's folder ``templates``, with the filter ``plural``."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plural"] = plural
    return environment
