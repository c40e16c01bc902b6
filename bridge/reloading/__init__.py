"""Taking a changed routing table while the service runs: read again, compared with what runs, refused or taken whole."""
