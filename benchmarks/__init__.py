"""What is measured rather than asserted: speed, memory, start-up. `README.md` says how."""
