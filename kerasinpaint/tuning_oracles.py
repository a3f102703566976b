"""What keras-tuner needs to be told: a grid, and to begin with S1's choice.

Importing this imports keras-tuner, so it is done when a sweep begins. What
keras-tuner keeps in files is not used: after a kill its grid stops with a
`KeyError`, and what it had just been told may be lost. Here each sweep asks
from the beginning, gets the same answers, and what was trained is not
trained again.
"""

import itertools
import time

import keras_tuner as kt
from keras_tuner.engine.base_tuner import BaseTuner

WAIT = 0.2  # seconds


class Grid(kt.Oracle):
    """Every combination, the defaults of the space first.

    With several processes keras-tuner's own grid lets all of them wait for
    one.

    Args:
        max_epochs: int, how long each trial is.
        **kwargs: as in `keras_tuner.Oracle`.
    """

    def __init__(self, max_epochs, **kwargs):
        super().__init__(**kwargs)
        self.max_epochs = max_epochs

    def populate_space(self, trial_id):
        space = self.get_space()
        names = [parameter.name for parameter in space.space]
        choices = [parameter.values for parameter in space.space]
        points = [
            dict(zip(names, point, strict=True))
            for point in itertools.product(*choices)
        ]
        points.sort(key=lambda point: point != space.values)
        if len(self.trials) == len(points):
            return {"status": "IDLE" if self.ongoing_trials else "STOPPED"}
        values = points[len(self.trials)] | {"tuner/epochs": self.max_epochs}
        return {"status": "RUNNING", "values": values}


class Hyperband(kt.oracles.HyperbandOracle):
    """Hyperband, after one trial of full length with the space's defaults."""

    def populate_space(self, trial_id):
        if self.trials:
            return super().populate_space(trial_id)
        values = self.get_space().values | {"tuner/epochs": self.max_epochs}
        return {"status": "RUNNING", "values": values}


class Sweep(BaseTuner):
    """Runs what an oracle, here or in the chief's process, asks for.

    Args:
        oracle: a `keras_tuner.Oracle`.
        train: function from a dict of hyperparameters to the score.
        fail: function of a dict of hyperparameters and the traceback.
        directory: path of an empty folder for keras-tuner's own files.
    """

    def __init__(self, oracle, train, fail, directory):
        super().__init__(oracle, directory=directory)
        self.train = train
        self.fail = fail

    def pre_create_trial(self):
        # Who must wait for another process asks again, and again.
        time.sleep(WAIT)

    def run_trial(self, trial):
        return self.train(trial.hyperparameters.values)

    def on_trial_end(self, trial):
        # The chief is told that a trial failed, and not why.
        if trial.message:
            self.fail(trial.hyperparameters.values, trial.message)
        super().on_trial_end(trial)
