"""Runs notebooks one after the other in this one process: chain.py papermill|nbclient KERNEL OUT NOTEBOOK...

Prints its own peak memory in bytes, kernels apart.
"""

import resource
import sys
from pathlib import Path

tool, kernel, out, *notebooks = sys.argv[1:]

if tool == "papermill":
    import papermill

    for notebook in notebooks:
        target = str(Path(out) / Path(notebook).name)
        papermill.execute_notebook(notebook, target, kernel_name=kernel, progress_bar=False)
else:
    import nbformat
    from nbclient import NotebookClient

    for notebook in notebooks:
        document = nbformat.read(notebook, as_version=4)
        NotebookClient(document, kernel_name=kernel).execute()
        nbformat.write(document, str(Path(out) / Path(notebook).name))

print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
