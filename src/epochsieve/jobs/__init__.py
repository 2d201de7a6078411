"""The work behind the commands, a file each: what is asked for, and the rooms that do it."""
