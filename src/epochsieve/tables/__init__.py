"""Tables of the field's formats: read, given columns, and written again with everything else as it was."""
