"""`bridge send`: one real call through the normal way, marked as a test."""
