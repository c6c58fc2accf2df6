"""What lies on disk: whole transactions, sealed records, the keys that open them, the audit."""
