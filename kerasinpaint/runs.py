"""Training that may be broken off at any moment, and goes on where it was."""

from pathlib import Path

import keras

from kerasinpaint.callbacks import Checkpoint, EpochLog
from kerasinpaint.checkpoint_folder import (
    checkpoint_epoch,
    load_checkpoint,
    remove_checkpoint,
)


def fit(
    model,
    batches,
    epochs,
    output,
    start=0,
    validation=None,
    resume=True,
    wandb=None,
    callbacks=(),
):
    """Trains a model, from the last completed epoch if there is one.

    What was broken off ends with the weights of what was not: weights,
    optimizer and random state are kept after each epoch, and batches depend
    on the epoch alone. The state of other callbacks is not kept.

    Phases are calls with the same `output`, each compiled anew; what is done
    already is passed over:

        model.compile(Adam(2e-4), loss)
        fit(model, batches, 60, output)
        freeze_batch_normalization(model.network)
        model.compile(Adam(5e-5), loss)
        fit(model, batches, 80, output, start=60)

    If the optimizer averages weights (`use_ema=True`), pictures and
    validation show the average, and it is what the model holds in the end.

    With several processes each calls this, after
    `keras.distribution.initialize(...)` and `set_distribution(DataParallel(
    auto_shard_dataset=False))`: `Batches` draws other batches in each. The
    first process writes, and no pictures.

    Args:
        model: compiled and built `keras.Model`, such as an `Inpainter`.
        batches: `keras.utils.PyDataset`, such as `batches.Batches`. Its
            `epoch` is set.
        epochs: int, at which epoch to stop.
        output: path of the run's folder: `checkpoint` and `logs` are in it.
        start: int, the epoch that this phase begins with.
        validation: `keras.utils.PyDataset`, the same in each epoch.
        resume: bool. If False, epochs after `start` are forgotten.
        wandb: string, project of Weights & Biases to log to.
        callbacks: sequence of further `keras.callbacks.Callback`.

    Returns:
        Dict from names of losses and metrics to lists, one value for each
        epoch that was trained now.

    Raises:
        ImportError: if `wandb` is given and not installed.
        ValueError: if the checkpoint is of another model or optimizer, or
            Weights & Biases does not let us in.
    """
    output = Path(output)
    folder = output / "checkpoint"
    if not resume and checkpoint_epoch(folder) > start:
        print(f"Starting afresh: {folder} is removed, as resume=False.")
        remove_checkpoint(folder)
    done = checkpoint_epoch(folder)
    if done > epochs:
        return {}  # a later phase has begun, and its call will load
    if done > start:
        load_checkpoint(folder, model)
        print(f"Going on after epoch {done}, from {folder}.")
        if done == epochs:
            # As Keras does when `fit` ends: averaged weights, if any.
            model.optimizer.finalize_variable_values(model.trainable_variables)
            return {}
    first = max(done, start)
    run = _wandb_run(wandb, output, first) if wandb else None
    history = model.fit(
        batches,
        initial_epoch=first,
        epochs=epochs,
        validation_data=validation,
        shuffle=False,
        callbacks=_callbacks(model, batches, validation, output, callbacks),
    )
    if run:
        run.finish()
    return history.history


def _callbacks(model, batches, validation, output, others):
    def set_epoch(epoch, logs=None):
        batches.epoch = epoch

    def set_validation(logs=None):
        validation.epoch = 0

    own = [keras.callbacks.LambdaCallback(on_epoch_begin=set_epoch)]
    if validation is not None:
        own[0].on_test_begin = set_validation
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if optimizer.use_ema:
        own.append(keras.callbacks.SwapEMAWeights())
    distribution = keras.distribution.distribution()
    alone = distribution is None or distribution.num_processes == 1
    if alone or distribution.data_shard_id == 0:
        shown = None
        if alone and validation is not None:
            validation.epoch = 0
            batch = validation[0]
            shown = batch if _has_holes(*batch) else None
        own.append(EpochLog(output / "logs", shown))
        others = [*others, Checkpoint(output / "checkpoint")]
    return [*own, *others]


def _has_holes(inputs, targets):
    """Whether a batch is of pictures to be filled: only these are shown."""
    return isinstance(inputs, dict) and (
        inputs["images"].shape == targets.shape
    )


def _wandb_run(project, output, first):
    """Begins a run of Weights & Biases, or goes on with this folder's."""
    try:
        import wandb
    except ImportError as error:
        raise ImportError(
            "`wandb` must be installed to log to Weights & Biases: "
            "pip install kerasinpaint[wandb]. "
            f"Received: wandb={project!r}."
        ) from error
    output.mkdir(parents=True, exist_ok=True)
    place = output / "wandb_run.txt"
    known = place.read_text() if first and place.exists() else None
    try:
        run = wandb.init(project=project, dir=output, id=known, resume="allow")
    except wandb.Error as error:
        raise ValueError(
            "`wandb` must be a project that can be logged to: `wandb login`, "
            "or the environment variable WANDB_MODE=offline. "
            f"Received: wandb={project!r}: {error}"
        ) from error
    place.write_text(run.id)
    return run
