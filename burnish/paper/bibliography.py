"""BibTeX for what a run stands on: base model, method, tools."""

from __future__ import annotations

from importlib import resources

from burnish.report.facts import Facts

__all__ = ["bibliography"]

_TOOLS = ("wolf2020transformers", "paszke2019pytorch", "pedregosa2011scikit", "loshchilov2019adamw")
_BY_METHOD = {
    "full": ("howard2018ulmfit", "kumar2022lpft"),
    "lora": ("hu2022lora", "mangrulkar2022peft"),
    "adapters": ("houlsby2019adapters", "pfeiffer2021adapterfusion", "poth2023adapters"),
    "prefix": ("li2021prefix", "liu2022ptuning"),
    "ia3": ("liu2022ia3", "mangrulkar2022peft"),
    "setfit": ("tunstall2022setfit",),
    "head": ("kumar2022lpft",),
}
_BY_FAMILY = {
    "bert": ("devlin2019bert",),
    "roberta": ("liu2019roberta",),
    "xlm-roberta": ("conneau2020xlmr",),
    "distilbert": ("sanh2019distilbert",),
    "electra": ("clark2020electra",),
    "deberta-v2": ("he2021deberta",),
    "albert": ("lan2020albert",),
    "mpnet": ("song2020mpnet",),
    "modernbert": ("warner2024modernbert",),
}
_BY_TASK = {"qa": ("rajpurkar2018squad",), "extraction": ("ramshaw1995bio",)}


def bibliography(facts: Facts) -> str:
    """The entries, each once, by key."""
    wanted = {
        *_TOOLS,
        *_BY_METHOD.get(facts.record.method, ()),
        *_BY_FAMILY.get(facts.record.base_model.family, ()),
        *_BY_TASK.get(facts.recipe.task, ()),
    }
    if facts.record.base_model.name == "minilm":
        wanted |= {"reimers2019sbert", "wang2020minilm"}
    if facts.recipe.data.subgroups:
        wanted.add("weerts2023fairlearn")
    entries = _entries()
    return "\n".join(entries[key] for key in sorted(wanted))


def _entries() -> dict[str, str]:
    """The packaged entries by key."""
    text = resources.files("burnish.paper").joinpath("references.bib").read_text(encoding="utf-8")
    entries = text.split("\n\n")
    return {entry.partition("{")[2].partition(",")[0]: f"{entry.strip()}\n" for entry in entries}
