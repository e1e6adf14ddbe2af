"""Clausebook: publish legal policies as code, from clauses in YAML to a bilingual site."""

__version__ = "0.1.0"
