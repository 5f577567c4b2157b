#!/bin/sh
# Installs burnish from this kit into a new virtual environment, without a network.
#
#   ./install.sh DIRECTORY           DIRECTORY must not exist yet
#   ./install.sh DIRECTORY DIGEST    check the digest of SHA256SUMS too, as ./verify does
#
# The variable PYTHON names another interpreter than @PYTHON@.
set -eu

soabi=@SOABI@
glibc=@GLIBC@
python=${PYTHON:-@PYTHON@}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: ./install.sh DIRECTORY [DIGEST]" >&2
    exit 2
fi
target=$1
shift
kit=$(cd "$(dirname "$0")" && pwd)
[ ! -e "$target" ] && [ ! -L "$target" ] || fail "$target exists already: name a new directory"

sh "$kit/verify" "$@"

command -v "$python" >/dev/null ||
    fail "there is no $python: install @PYTHON@, or run PYTHON=/path/to/@PYTHON@ ./install.sh $target"
"$python" -I - "$soabi" "$glibc" <<'PYTHON' || exit 1
import platform
import sys
import sysconfig

soabi, glibc = sys.argv[1:]
mine, libc = sysconfig.get_config_var("SOABI"), platform.libc_ver()[1]
if mine != soabi:
    sys.exit(f"install.sh: this kit is for @PYTHON@ ({soabi}); {sys.executable} is {mine}")
numbers = [int(part) for part in libc.split(".") if part.isdigit()]
if numbers < [int(part) for part in glibc.split(".")]:
    sys.exit(f"install.sh: this kit needs glibc {glibc} or newer; this machine has {libc}")
PYTHON

# No setting of this machine's Python or pip may add a package or a place to take one from.
for name in $(env | sed -n -E 's/^(P(IP|YTHON)[A-Z_]*)=.*/\1/p'); do
    unset "$name"
done
PIP_CONFIG_FILE=/dev/null
PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_CONFIG_FILE PIP_DISABLE_PIP_VERSION_CHECK

# What is half installed is removed again.
trap 'rm -rf "$target"' EXIT
trap 'exit 130' INT TERM
"$python" -I -m venv "$target" ||
    fail "no virtual environment could be made (on Debian and Ubuntu: install @PYTHON@-venv)"
"$target/bin/python" -I -m pip install --quiet --no-index --find-links "$kit/wheelhouse" \
    --only-binary :all: --require-hashes -r "$kit/requirements.txt" ||
    fail "pip refused the wheels; nothing was installed"
trap - EXIT

echo "installed: $("$target/bin/burnish" --version), in $target"
echo "serve the models of this kit: $target/bin/burnish serve $kit/bundles"
