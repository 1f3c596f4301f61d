"""Executes a notebook with nbclient, and writes what came of it beside it. Prints the error that ended it, if one did."""

import json
import sys

import nbformat
from nbclient import NotebookClient

source, target, options = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
client = NotebookClient(notebook, kernel_name="steplab", **json.loads(options))
error = None
try:
    client.execute()
except Exception as raised:
    error = {"type": type(raised).__name__, "text": str(raised)}
nbformat.write(notebook, target)
nbformat.validate(notebook)
print(json.dumps({"error": error}))
