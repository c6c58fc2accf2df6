"""A rapid-response alert network that a neighbourhood can host by itself."""

__version__ = "0.1.0"
