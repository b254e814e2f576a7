#!/bin/sh
# Finds a Python that can hold the environment and hands over to setup_env.py.
# PYTHON names the one to use; without it the first one that will do is taken.
set -eu
here=$(dirname "$0")

will_do() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    if ! will_do "$PYTHON"; then
        echo "setup: PYTHON=$PYTHON is not a Python 3.10 or newer with the venv module." >&2
        echo "setup: name another one, for example: make setup PYTHON=python3.12" >&2
        exit 1
    fi
    exec "$PYTHON" "$here/setup_env.py" "$@"
fi

for candidate in python3 python3.13 python3.12 python3.11 python3.10 python3.14 python; do
    if will_do "$candidate"; then
        exec "$candidate" "$here/setup_env.py" "$@"
    fi
done

echo "setup: no Python 3.10 or newer with the venv module was found." >&2
echo "setup: Debian and Ubuntu: sudo apt install python3 python3-venv" >&2
echo "setup: macOS: brew install python    Fedora: sudo dnf install python3" >&2
echo "setup: or name one: make setup PYTHON=/path/to/python3" >&2
exit 1
