# shellcheck shell=bash
# For the suites to source. `need command:package ...` installs the Debian packages of the commands that are not there.
need() {
    local missing=() pair
    for pair in "$@"; do
        command -v "${pair%%:*}" > /dev/null || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" > /dev/null
}
