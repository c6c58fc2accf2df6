"""The pure core: it decides and touches nothing, no clock, no chance, no file, no network."""
