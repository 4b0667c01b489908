"""`python -m shouwang.cli` is `shouwang`."""

from . import main

raise SystemExit(main())
