"""The schema registry: what is asked there, kept here, and what becomes of records meanwhile."""
