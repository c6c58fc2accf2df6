"""A live screen of a running network for a coordinator's terminal."""
