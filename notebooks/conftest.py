"""The sources run as notebooks, not on import: keep the doctests out."""

collect_ignore_glob = ["py/*", "solutions/*"]
