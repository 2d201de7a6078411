"""Files to series: the only room that opens images."""
