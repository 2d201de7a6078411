"""Parquet tables of cutouts: a row per epoch, or an object a row with its epochs in lists."""
