"""Where files are: folders of this machine, and object stores and archives behind an address. One seam, `Place`."""
