"""Light curves and findings joined: which epoch each point is of, and what cleaning does to the scatter."""
