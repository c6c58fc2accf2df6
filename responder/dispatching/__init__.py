"""The single writer: what comes in is decided and committed, what is due is looked at."""
