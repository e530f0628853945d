"""${message}."""

from typing import Any

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision: Any = ${repr(down_revision)}
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    """Make the tables as they are from here on."""
    ${upgrades if upgrades else "pass"}
