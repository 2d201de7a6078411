"""What each epoch should look like, and how far it is from that."""
