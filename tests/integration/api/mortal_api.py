"""`python -m tests.integration.api.mortal_api`: the API, which may be killed at the store's failpoints; see
`tests.faults.harm.failpoints`."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from api.__main__ import main
from tests.faults.harm import failpoints

for module, patch in failpoints.patches(Path(os.environ["FAULTS_FOLDER"]), "api"):
    if module.startswith("commerce.eventstore"):
        patch(import_module(module))
main()
