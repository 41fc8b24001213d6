# Sourced by ./try and ./check: sets $python to a Python ≥ 3.11, or says what is missing.
# shellcheck shell=sh

python=
for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done

if [ -z "$python" ]; then
    if command -v python3 >/dev/null 2>&1; then
        found="python3 here is $(python3 -c 'import sys; print(sys.version.split()[0])' 2>&1 | tail -n 1)"
    else
        found="there is no python3 on the PATH"
    fi
    echo "$0 needs Python 3.11 or newer, but $found." >&2
    echo "Install one (Debian 12 and Ubuntu 24.04: apt install python3 python3-venv), or name" >&2
    echo "yours: PYTHON=/path/to/python3.12 $0" >&2
    exit 125
fi
