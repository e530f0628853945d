"""Write docs/album.schema.json, the JSON schema of an album.yaml, from the settings' declarations.

python tools/make_album_schema.py docs/album.schema.json
"""

import json
import sys
from pathlib import Path

from burnish.chain.album_sheet import album_schema


def page() -> str:
    return json.dumps(album_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
