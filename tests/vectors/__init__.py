"""Vectors that pin the format of sealed pages; `make.py` writes them anew for a new version."""
