#!/usr/bin/env bash
# One lab's worth of ssh; run.sh starts it inside the lab.
set -euo pipefail

proxy=${INTERMESH_LAB_PROXY#http://}
publisher=imp1.emea.example.com
second=imp2.emea.example.com

# Through the lab's proxy; only keys of the lab's file are trusted. The old algorithms are added to OpenSSH's own
# because a node may offer nothing else.
options=(-F none -l "$INTERMESH_LAB_USERNAME" -o "ProxyCommand=nc -X connect -x $proxy %h %p"
    -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o PubkeyAuthentication=no
    -o NumberOfPasswordPrompts=1 -o LogLevel=ERROR -o KexAlgorithms=+diffie-hellman-group14-sha1
    -o Ciphers=+aes256-cbc -o MACs=+hmac-sha1 -o HostKeyAlgorithms=+ssh-rsa)

# connect PASSWORD KNOWN_HOSTS ARGUMENT...: ssh, with its own arguments at the end.
connect() {
    local password=$1 known_hosts=$2
    shift 2
    SSHPASS=$password timeout 20 sshpass -e ssh "${options[@]}" -o UserKnownHostsFile="$known_hosts" "$@"
}

# cli HOST LINE...: types lines on a terminal, as a person does, and prints what the terminal shows.
cli() {
    local host=$1
    shift
    printf '%s\r' "$@" | connect "$INTERMESH_LAB_PASSWORD" "$INTERMESH_LAB_KNOWN_HOSTS" -tt "$host" | tr -d '\r'
}

# single HOST COMMAND: one command, without a terminal.
single() {
    connect "$INTERMESH_LAB_PASSWORD" "$INTERMESH_LAB_KNOWN_HOSTS" "$1" "$2" < /dev/null
}

checks=0

# expect WHAT TEXT PATTERN: a line of the text matches.
expect() {
    checks=$((checks + 1))
    grep -Eq -- "$3" <<< "$2" || {
        printf 'openssh: %s: no line matches %s in:\n%s\n' "$1" "$3" "$2" >&2
        exit 1
    }
}

# refuse WHAT TEXT PATTERN: no line of the text matches.
refuse() {
    checks=$((checks + 1))
    if grep -Eq -- "$3" <<< "$2"; then
        printf 'openssh: %s: a line matches %s in:\n%s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
}

# holds WHAT TEST...: a test of `[` is true.
holds() {
    checks=$((checks + 1))
    local what=$1
    shift
    [ "$@" ] || { printf 'openssh: %s: not true: %s\n' "$what" "$*" >&2; exit 1; }
}

# rejected WHAT PASSWORD KNOWN_HOSTS: nobody gets in like this.
rejected() {
    checks=$((checks + 1))
    if connect "$2" "$3" "$publisher" 'show network cluster' < /dev/null 2> /dev/null; then
        printf 'openssh: %s was taken\n' "$1" >&2
        exit 1
    fi
}

failed_logins() {
    local counters
    counters=$("$INTERMESH" lab counters --json)
    grep -c "\"$INTERMESH_LAB_USERNAME\": 1" <<< "$counters" || true
}

# A terminal: echo, backspace, the prompt, a question, and the end. The answer ends with its line; where the seed
# takes it at the key, the rest of the line is an empty command.
text=$(cli "$second" 'show network clustre'$'\177\177\177''ter' 'utils network connectivity' 'y' 'exit')
expect 'the prompt' "$text" '^admin:show network cluster|^admin:show network clust'
expect 'show network cluster' "$text" "^[0-9.]+ $publisher imp1 Subscriber cups DBPub authenticated using TCP since "
expect 'show network cluster' "$text" "^[0-9.]+ $second imp2 Subscriber cups DBSub authenticated$"
expect 'the question' "$text" '^Continue \(y/n\)\?y'
expect 'connectivity' "$text" '^Network connectivity test with [0-9.]+ completed successfully \.$'

text=$(cli "$second" 'utils network connectivity' 'n' 'quit')
refuse 'a no' "$text" 'Running test'

# By exec.
text=$(single "$publisher" "utils network host $second")
expect 'host' "$text" '^Local Resolution:'
expect 'host' "$text" '^External Resolution:'
text=$(single "$publisher" "run sql select name, mac from processnode where tkprocessnoderole = 2")
expect 'sql' "$text" '^name +mac$'
expect 'sql' "$text" '^=+ ====$'
expect 'sql' "$text" "^$publisher +NULL$"
text=$(single "$publisher" 'utils service list')
expect 'services' "$text" '^Cisco Intercluster Sync Agent\[(STARTED|RUNNING)\]$'
text=$(single 10.40.0.11 'show network cluster')
expect 'a node known by its address' "$text" '^10\.40\.0\.11 10\.40\.0\.11 .* Subscriber cups DBPub authenticated$'

# A restart is one write, and is watched to its end. Where it asks first, the answer is there.
text=$(printf 'y\n' | connect "$INTERMESH_LAB_PASSWORD" "$INTERMESH_LAB_KNOWN_HOSTS" "$publisher" \
    'utils service restart Cisco Intercluster Sync Agent')
expect 'restart' "$text" '^Cisco Intercluster Sync Agent\[(STARTED|RUNNING)\]$'
expect 'the restart as a write' "$("$INTERMESH" lab show)" '"what": "restart Cisco Intercluster Sync Agent"'

# A firewall shows in the port form, whatever its words.
port="utils network connectivity 10.40.0.11 8443"
open=$(printf 'y\n' | connect "$INTERMESH_LAB_PASSWORD" "$INTERMESH_LAB_KNOWN_HOSTS" "$publisher" "$port")
"$INTERMESH" lab fault block-port emea apac 8443
blocked=$(printf 'y\n' | connect "$INTERMESH_LAB_PASSWORD" "$INTERMESH_LAB_KNOWN_HOSTS" "$publisher" "$port")
holds 'a blocked port looks different' "$open" != "$blocked"

# A wrong password is refused, once, and counted.
holds 'no login has failed yet' "$(failed_logins)" = 0
rejected 'a wrong password' wrong "$INTERMESH_LAB_KNOWN_HOSTS"
holds 'the failed login is counted' "$(failed_logins)" = 1

# An unknown host key is not trusted.
rejected 'an unknown host key' "$INTERMESH_LAB_PASSWORD" /dev/null
echo "$checks" >> "$CHECKS"
