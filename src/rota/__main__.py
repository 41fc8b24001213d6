"""``python -m rota``: the command, where no ``rota`` is on the path."""

from rota.faces.main import main

raise SystemExit(main())
