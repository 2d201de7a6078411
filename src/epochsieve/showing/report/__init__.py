"""Findings -> one HTML file to read, to print, to send to a co-author."""
