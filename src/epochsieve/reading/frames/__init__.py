"""Frames with a WCS, and a catalogue -> cutouts of every object, an epoch per frame."""
