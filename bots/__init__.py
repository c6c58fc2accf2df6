"""The bots: each speaks one platform's language and knows `responder.ports` and nothing else."""
