"""The pure core: it decides, and touches nothing. It reads no clock, no chance, no file, no network."""
