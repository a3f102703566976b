"""The sources run as notebooks, not on import: keep the doctests out."""

from kerasinpaint.conftest import untraced

__all__ = ["untraced"]

collect_ignore_glob = ["py/*", "solutions/*"]
