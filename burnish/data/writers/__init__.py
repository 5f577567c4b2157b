"""Writers: one file per labelling tool. Each writes rows in the form that the tool imports.

A row is a text with its marks: labels with their scores, or spans in code points. A prediction
gives its own (:attr:`burnish.tasks.predictions.Prediction.marks`). Rows are written as they come,
in constant memory, and the file has its name only once it is whole::

    form = check_form("label-studio", model.task)  # refuses what the form cannot hold, before work
    project = Project(
        shape=find_task(model.task).rows.shape, labels=class_names, several=multi_label,
        model=f"{bundle.name} {digest}",
    )
    rows = (NotedRow(id=id, text=text, marks=answer.marks) for id, text, answer in answered)
    count = form.write(rows, Path("tasks" + form.suffix), project=project)

:func:`check_output` refuses a path that does not fit, before there is any work.
``form.is_directory`` (brat) says that ``path`` is a directory, which must be new or empty; a file
that exists is replaced. ``Project(gold=True)`` writes marks that a person made as annotations,
where a tool tells these from predictions. A row that a form cannot hold raises a DataError that
names the row (``error.row``), and nothing is written.
"""

from __future__ import annotations

from burnish.data.writers.forms import WRITERS, Form, Writer, check_form, check_output
from burnish.data.writers.rows import NotedRow, Project

__all__ = ["WRITERS", "Form", "NotedRow", "Project", "Writer", "check_form", "check_output"]
