"""Findings for other people's tools: tables with all that is known of them, regions, masks, and messages to TOPCAT."""
