"""Mutations: faults put into the core on purpose, to show that the laws would see them.

`catalogue` lists them; `python -m tests.sim.mutations` plays each until a law breaks.
"""
