"""The words that every room speaks: frozen types, standard library and numpy only."""
