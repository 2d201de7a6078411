"""From many detectors to one score, a reason and a place."""
