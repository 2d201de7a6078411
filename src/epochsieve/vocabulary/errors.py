"""What can go wrong, as a tree.

EpochsieveError              anything this package raises on purpose
├── InputError               what the user gave can't be used (exit status 2)
│   ├── NoSeriesError        no cutouts where a series was expected
│   ├── SettingError         an option or setting without a meaning
│   ├── ResultsError         a results folder that can't be read, written or continued
│   └── EmbedderError        a network file that is missing, altered or of another shape
└── ImageError               one file that is no usable image: an epoch's status, never the end of a run
"""


class EpochsieveError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(EpochsieveError):
    """What the user gave can't be used."""


class NoSeriesError(InputError):
    """There are no cutouts where a series was expected."""


class SettingError(InputError):
    """An option or setting has no meaning."""


class ResultsError(InputError):
    """A results folder can't be read, written or continued."""


class ImageError(EpochsieveError):
    """One file is not a usable image; its text becomes that epoch's status."""


class EmbedderError(InputError):
    """A network file is missing, altered or of another shape than asked for."""
