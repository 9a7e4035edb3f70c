"""The version of the program; that of the knowledge stands in `catalog/knowledge.yaml`."""

__version__ = "0.1.0"
