"""``burnish pretrain``: go on with a base's pre-training, on texts without labels."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.cli.extras import needs_extra
from burnish.cli.numbers import inner_share, positive_int
from burnish.cli.terminal import Terminal, shown
from burnish.cli.train import notifier
from burnish.errors import UsageError
from burnish.recipe.recipe import Recipe, load_recipe

if TYPE_CHECKING:
    from burnish.evidence.comparison import Comparison
    from burnish.training.pipeline.pretraining.settings import Pretrained

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish pretrain letters/ -o bases/letters
burnish pretrain texts.jsonl -o bases/letters --held-out others.jsonl --epochs 3
burnish pretrain texts.txt -o bases/letters --for tickets.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "texts",
        type=Path,
        metavar="TEXTS",
        help="texts without labels (.txt: one per line, .jsonl, .csv, .tsv, .xlsx, .parquet), or "
        "a folder of .txt",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="BASE", help="for the new base model"
    )
    parser.add_argument(
        "--base-model", metavar="MODEL", default="minilm", help="the base to begin with (minilm)"
    )
    parser.add_argument("--revision", metavar="COMMIT", help="of a base on the hub")
    parser.add_argument(
        "--held-out",
        type=Path,
        metavar="FILE",
        help="texts to measure the loss on (a twentieth of TEXTS)",
    )
    parser.add_argument("--text", default="text", metavar="NAME", help="the column of the text")
    parser.add_argument("--epochs", type=positive_int, default=3, metavar="N", help="(3)")
    parser.add_argument("--batch-size", type=positive_int, default=16, metavar="N", help="(16)")
    parser.add_argument(
        "--max-length", type=_window, default=128, metavar="N", help="tokens of a window (128)"
    )
    parser.add_argument(
        "--learning-rate", type=inner_share, metavar="RATE", help="(2e-4; less for larger bases)"
    )
    parser.add_argument(
        "--add-tokens",
        type=positive_int,
        default=0,
        metavar="N",
        help="tokens for the N words that the base reads in most pieces (burnish vocabulary)",
    )
    parser.add_argument("--seed", type=int, default=13, metavar="N", help="(13)")
    parser.add_argument("--threads", type=positive_int, metavar="N", help="(all cores)")
    parser.add_argument(
        "--for",
        dest="recipe",
        type=Path,
        metavar="RECIPE",
        help="then say whether the new base is better for this recipe's rows than the old one",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="with --for: tune on both bases, in place of the linear probe",
    )
    parser.add_argument("--replace", action="store_true", help="replace an older base there")
    parser.add_argument(
        "--fresh", action="store_true", help="start again instead of resuming an interrupted run"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Pre-train, print the losses, and what the recipe's rows say of it."""
    if arguments.full and arguments.recipe is None:
        raise UsageError("--full is about a recipe", "name one: --for tickets.yaml --full")
    recipe = None
    if arguments.recipe is not None:
        recipe = load_recipe(arguments.recipe, notify=terminal.note)
    with needs_extra("train"):
        from burnish.training.pipeline.pretraining.judging import judge_bases
        from burnish.training.pipeline.pretraining.pretraining import pretrain
        from burnish.training.pipeline.pretraining.settings import PretrainSettings
    notify = notifier(terminal)
    done = pretrain(
        arguments.texts,
        arguments.output,
        base_model=arguments.base_model,
        revision=arguments.revision,
        held_out=arguments.held_out,
        settings=PretrainSettings(
            epochs=arguments.epochs,
            batch_size=arguments.batch_size,
            max_length=arguments.max_length,
            learning_rate=arguments.learning_rate,
            seed=arguments.seed,
            threads=arguments.threads,
            add_tokens=arguments.add_tokens,
            text=arguments.text,
        ),
        replace=arguments.replace,
        fresh=arguments.fresh,
        notify=notify,
        progress=terminal.is_interactive,
    )
    _print(terminal, done)
    document = done.to_json()
    if recipe is not None:
        bases = (arguments.base_model, str(done.path))
        found = judge_bases(recipe, bases, full=arguments.full, notify=notify)
        _print_judgement(terminal, found, recipe)
        document["judged"] = found.to_json()
    terminal.note(f"next: set base_model: {shown(done.path)} in a recipe")
    terminal.document(document)
    return 0


def _print(terminal: Terminal, done: Pretrained) -> None:
    rows = []
    for name, key in (("held-out texts", "domain"), ("neutral sentences", "neutral")):
        before, after = getattr(done.before, key), getattr(done.after, key)
        change = f"{100 * (after - before) / before:+.1f} %"
        rows.append([name, f"{before:.3f}", f"{after:.3f}", change])
    terminal.table(["masked-token loss", "before", "after", "change"], rows)
    terminal.result()
    terminal.result(
        "on neutral sentences a loss that rises tells what was forgotten"
        + ("; the base had no head, so one was trained alone before" if done.new_head else "")
    )
    terminal.result(f"base: {shown(done.path)}")


def _print_judgement(terminal: Terminal, found: Comparison, recipe: Recipe) -> None:
    (duel,) = found.duels
    scores = [each.metrics[found.metric].value for each in found.standings]
    verdict = {
        "better": "the new base is better for these rows",
        "worse": "the new base is worse for these rows: keep the old one",
        "not told apart": "these rows do not tell the two apart: the texts did not clearly help",
    }[duel.verdict]
    change = duel.difference
    terminal.result()
    terminal.result(
        f"{recipe.output.name}, {len(found.examples)} rows: {found.metric} {scores[0]:.3f} on the "
        f"old base, {scores[1]:.3f} on the new one, {change.value:+.3f} "
        f"[{change.low:+.3f}, {change.high:+.3f}]"
    )
    terminal.result(verdict)


def _window(text: str) -> int:
    """A number of tokens that holds some words beside the special ones."""
    value = positive_int(text)
    if value < 16:
        raise argparse.ArgumentTypeError(f"{text}: a window has 16 tokens or more")
    return value
