#!/bin/sh
# The peers and two judges, in an environment of their own: .venv-peers (ignored by git). Nothing of burnish goes in it.
# Does nothing where it already stands with these versions; exit 1 when it cannot be made (no network).
set -eu
cd "$(dirname "$0")/.."
peers="matchering==2.0.6 libsonare==1.9.1 pedalboard==0.9.26 pyloudnorm==0.2.0 ffmpeg-normalize==1.43.0"
# noisereduce mends; it is held against burnish restore.
peers="$peers noisereduce==3.0.3"
# Judges of sound that is not burnish's own; they stand with the peers.
peers="$peers visqol-python==3.8.0 zimtohrli==0.2.1.post1"
stamp=.venv-peers/peers.txt
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$peers" ]; then exit 0; fi
python=${PYTHON:-python3}
"$python" -m venv .venv-peers
# shellcheck disable=SC2086  # one word a package
.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check $peers
printf '%s\n' "$peers" > "$stamp"
