"""Methods that spoil the day of whoever runs them."""

import os
import resource
import signal
import time
from dataclasses import dataclass

import numpy as np

from epochsieve.judging.rows import build_findings


@dataclass(frozen=True)
class Brightest:
    """Scores epochs by their brightest pixel; what happens before, the others say."""

    culprit: str = ""
    seconds: float = 0.02
    name: str = "brightest"

    def describe(self):
        return {"method": self.name}

    def judge(self, series):
        self.misbehave(series.name)
        return build_findings(series, {"score": series.cube.max(axis=(1, 2)), "threshold": 5.0}, self.describe())

    def misbehave(self, name):
        pass


class Slow(Brightest):
    """Takes some time for each object."""

    def misbehave(self, _name):
        time.sleep(self.seconds)


class Killing(Brightest):
    """Kills the process that judges the culprit."""

    def misbehave(self, name):
        if name == self.culprit:
            os.kill(os.getpid(), signal.SIGKILL)


class Hanging(Brightest):
    """Never comes back from the culprit."""

    def misbehave(self, name):
        if name == self.culprit:
            time.sleep(3600)


class Greedy(Brightest):
    """Takes more memory for the culprit than its process may have."""

    def misbehave(self, name):
        if name == self.culprit:
            limits = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (2**32, limits[1]))
            try:
                np.ones(2**33, np.uint8)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, limits)
