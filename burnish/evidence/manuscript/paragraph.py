"""The Methods paragraph: the run's record holds every figure in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from burnish.evidence.manuscript.methods import paper_method
from burnish.evidence.report.facts import Facts
from burnish.plural import plural
from burnish.tasks.table import find_task

__all__ = ["methods_paragraph"]


def methods_paragraph(facts: Facts) -> str:
    """Plain English, in the past tense of a Methods section."""
    if facts.record.adopted is not None:
        return " ".join((_adopted(facts), _unseen(facts), _results(facts)))
    return " ".join((_model(facts), _data(facts), _training(facts), _results(facts)))


def _model(facts: Facts) -> str:
    record, base = facts.record, facts.record.base_model
    revision = f", revision {base.revision}" if base.revision else ""
    task = find_task(facts.recipe.task).words.paper
    method = paper_method(record.method).phrase
    return (
        f"We tuned {base.name} ({base.family}{revision}; SHA-256 of the weights "
        f"{base.digest[:16]}…) for {task} by {method} with burnish "
        f"{record.burnish_version}; {record.training.parameters_trained:,} of "
        f"{record.training.parameters:,} parameters were trained."
    )


def _adopted(facts: Facts) -> str:
    """What is known of a model that was trained elsewhere, and what is not."""
    record, adopted = facts.record, facts.record.adopted
    assert adopted is not None  # noqa: S101  asked by the caller
    task = find_task(facts.recipe.task).words.paper
    digests = (sha for name, sha in adopted.files.items() if name.endswith(".safetensors"))
    return (
        f"We took a model for {task} that was trained elsewhere ({record.base_model.family}, "
        f"{record.training.parameters:,} parameters; SHA-256 of its weights "
        f"{next(digests, record.base_model.digest)[:16]}…), and judged and calibrated it with "
        f"burnish {record.burnish_version}. Not known to us: {'; '.join(adopted.unknown)}."
    )


def _unseen(facts: Facts) -> str:
    parts, task = facts.record.data.parts, facts.record.task
    counts = {name: f"{part.rows:,}" for name, part in parts.items()}
    left_out = _left_out(facts)
    excluded = f" We left out {left_out}." if left_out else ""
    return (
        f"We used {counts['validation']} rows for calibration and {counts['test']} for testing; "
        f"we trained on none.{excluded} Texts were read in windows of {task.max_length} tokens "
        f"that overlap by {task.stride}."
    )


def _data(facts: Facts) -> str:
    parts = facts.record.data.parts
    counts = {name: f"{part.rows:,}" for name, part in parts.items()}
    cut = [name for name, part in parts.items() if name != "train" and part.cut_from == "train"]
    how = f" ({' and '.join(cut)} cut from the training file, stratified)" if cut else ""
    test = f", and {counts['test']} for testing" if "test" in counts else ""
    left_out = _left_out(facts)
    excluded = f" We left out {left_out}." if left_out else ""
    return (
        f"We used {counts['train']} rows for training, {counts['validation']} for validation"
        f"{test}{how}.{excluded} Texts were read in windows of {facts.record.task.max_length} "
        f"tokens that overlap by {facts.record.task.stride}."
    )


def _left_out(facts: Facts) -> str:
    """The rows of the files that no part has, by reason; empty where there are none."""
    skipped: Counter[str] = Counter()
    for files in facts.record.data.files.values():
        for file in files:
            skipped.update(file.skipped)
    if outside := facts.metrics.get("out_of_scope"):
        skipped["out of scope: measured, not trained on"] = outside["rows"]
    return ", ".join(
        f"{plural(count, '# [row|rows]')} ({reason})" for reason, count in skipped.items()
    )


def _training(facts: Facts) -> str:
    training, recipe = facts.record.training, facts.recipe.train
    batch = (training.batch_size or 0) * (training.gradient_accumulation or 0)
    return (
        f"The optimizer was AdamW with a learning rate of {training.learning_rate:g} "
        f"({training.head_learning_rate:g} for the head), weight decay {recipe.weight_decay:g}, a "
        f"warm-up over {100 * recipe.warmup_ratio:g} % of the steps, batches of {batch} "
        f"windows and {_seeds(facts)}. {_settings(facts)}Of at most {training.epochs} epochs "
        f"{training.epochs_run} were run; we kept epoch {training.best_epoch}, chosen on "
        f"validation. Training took {training.wall_time_s:.0f} s on {training.threads} threads of "
        f"{facts.record.hardware.processor}."
    )


def _seeds(facts: Facts) -> str:
    training = facts.record.training
    if len(training.seeds) < 2:
        return f"seed {training.seed}"
    listed = ", ".join(map(str, training.seeds))
    if training.seeds_averaged:
        averaged = ", ".join(map(str, training.seeds_averaged))
        which = "" if training.seeds_averaged == training.seeds else f" of the seeds {averaged}"
        return f"seeds {listed}; the weights{which} were averaged (Wortsman et al. 2022)"
    return f"seeds {listed}, of which {training.seed_kept}, the best on validation, was kept"


def _settings(facts: Facts) -> str:
    """A sentence on unusual settings; empty without any."""
    said = list(_unusual(facts))
    return f"We used {'; '.join(said)}. " if said else ""


def _unusual(facts: Facts) -> Iterator[str]:
    train, trials = facts.recipe.train, facts.recipe.search.trials
    if trials:
        yield (
            f"settings that were the best of {trials} trials on validation (a tree-structured "
            "Parzen estimator; Bergstra et al. 2011)"
        )
    if facts.record.taught_by:
        distill = facts.recipe.distill
        yield (
            "knowledge distillation from a larger tuned model (Hinton et al. 2015; temperature "
            f"{distill.temperature:g}, share of the rows' own labels in the loss "
            f"{distill.own_labels:g})"
        )
        if distill.hidden_states:
            yield (
                "its hidden states as further targets (Jiao et al. 2020; squared distance by the "
                f"teacher's squared length, weight {distill.hidden_states:g})"
            )
    practice = train.synthetic_questions
    if isinstance(practice, float | int) and practice > 0:
        yield f"a warm-up on {practice:g} synthetic cloze questions per labelled row"
    if train.schedule not in ("auto", "linear"):
        yield f"a {train.schedule} schedule"
    if isinstance(train.layer_decay, float | int) and train.layer_decay > 1:
        yield f"learning rates divided by {train.layer_decay:g} from each layer to the one below"
    if train.gradual_unfreezing is True:
        yield "gradual unfreezing from the top"
    if train.freeze:
        yield f"the lowest {train.freeze} layers frozen"
    if train.embeddings == "frozen":
        yield "frozen word vectors"
    if train.attention_dropout == "none":
        yield "no dropout in attention"
    if train.regularization != "none":
        name = {"l2": "an L2 penalty towards the pre-trained weights", "mixout": "mixout"}
        yield f"{name[train.regularization]} (strength {train.regularization_strength})"
    if train.class_weights != "none":
        yield "class weights that balance the labels"
    yield from paper_method(facts.record.method).settings(facts.recipe)
    if facts.record.training.precision == "bf16":
        yield "products in bf16"


def _results(facts: Facts) -> str:
    part, judged = list(facts.scores.items())[-1]
    scores = ", ".join(
        f"{name.replace('_', ' ')} {i.value:.3f} (95 % CI {i.low:.3f}–{i.high:.3f})"  # noqa: RUF001
        for name, i in judged.metrics.items()
    )
    rivals = [
        f"{name} {parts[part].metrics[facts.record.task.main_metric].value:.3f}"
        for name, parts in facts.rivals.items()
        if part in parts
    ]
    metric = facts.record.task.main_metric.replace("_", " ")
    beside = (
        f" On the same rows the {metric} of baselines was: {'; '.join(rivals)}." if rivals else ""
    )
    return (
        f"On the {part} set (n = {judged.rows:,}) the model reached {scores}; intervals are "
        f"Wilson's for shares of rows and the macro F1, else percentile bootstraps over rows."
        f"{beside}"
    )
