"""BibTeX for what the Methods paragraph names: base model, method, optimizer and software."""

from __future__ import annotations

from importlib import resources

from burnish.evidence.manuscript.methods import paper_method
from burnish.evidence.report.facts import Facts

__all__ = ["bibliography"]

_ALWAYS = ("wolf2020transformers", "paszke2019pytorch", "loshchilov2019adamw")
_BY_FAMILY = {
    "bert": "devlin2019bert",
    "roberta": "liu2019roberta",
    "xlm-roberta": "conneau2020xlmr",
    "distilbert": "sanh2019distilbert",
    "electra": "clark2020electra",
    "deberta-v2": "he2021deberta",
    "albert": "lan2020albert",
    "mpnet": "song2020mpnet",
    "modernbert": "warner2024modernbert",
}


def bibliography(facts: Facts) -> str:
    """The entries, each once, by key."""
    family = _BY_FAMILY.get(facts.record.base_model.family)
    named = (paper_method(facts.record.method).reference, family)
    wanted = {*_ALWAYS, *filter(None, named)}
    if facts.record.base_model.name == "minilm":
        wanted |= {"reimers2019sbert", "wang2020minilm"}
    if facts.record.training.seeds_averaged:
        wanted.add("wortsman2022soups")
    if facts.recipe.search.trials:
        wanted |= {"bergstra2011hyperparameter", "akiba2019optuna"}
    if facts.record.taught_by:
        wanted.add("hinton2015distilling")
        if facts.recipe.distill.hidden_states:
            wanted.add("jiao2020tinybert")
    if facts.recipe.data.subgroups:
        wanted.add("weerts2023fairlearn")
    entries = _entries()
    return "\n".join(entries[key] for key in sorted(wanted))


def _entries() -> dict[str, str]:
    """The packaged entries by key."""
    text = (
        resources.files("burnish.evidence.manuscript")
        .joinpath("references.bib")
        .read_text(encoding="utf-8")
    )
    entries = text.split("\n\n")
    return {entry.partition("{")[2].partition(",")[0]: f"{entry.strip()}\n" for entry in entries}
