"""``python -m epochsieve`` is ``epochsieve``."""

from epochsieve.cli import main

if __name__ == "__main__":
    main()
