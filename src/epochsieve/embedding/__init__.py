"""Images to features: the only room that runs networks."""
