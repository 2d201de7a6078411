"""What the browser gets: one page, its style sheet and its modules."""
