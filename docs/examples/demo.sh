#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guided tour (`./dev demo`): a registry of its own in a temporary folder, the example plugins
# published, resolved, walked and compared, kept as a file and read from Python. Every step shows what one types and what comes back, and
# is checked. Afterwards the registry stays up until Ctrl-C; with --once it stops at the end, and the
# exit code says whether every step did what it should.
set -uo pipefail
cd "$(dirname "$0")/../.."

once=no
case "$*" in
'') ;;
--once) once=yes ;;
*) echo "usage: demo [--once]" >&2; exit 2 ;;
esac

bin=${REGISTRYD_BUILD_DIR:-$PWD/build}/bin
export PATH=$bin:$PATH
cd docs/examples
home=$(mktemp -d /tmp/registryd-demo.XXXXXX)
chmod 755 "$home" # started as root, registryd becomes another user and must get in
log=$home/registryd.log
daemon= output= steps=0 failed=0
bold= dim= plain=
if [ -t 1 ]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
  COLUMNS=$(tput cols) || COLUMNS=80
  export COLUMNS # the tables go through a variable, and are to fit all the same
fi

stop_everything() {
  trap '' INT TERM HUP
  if [ -n "$daemon" ] && kill -TERM "$daemon" 2>/dev/null; then
    wait "$daemon" 2>/dev/null
    echo "The registry has stopped and its temporary folder is gone."
  fi
  rm -rf "$home"
}
trap stop_everything EXIT
trap 'echo; exit 0' INT TERM HUP

say() { # a heading and a sentence for somebody who sees this for the first time
  steps=$((steps + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$steps" "$1" "$plain"
  fold -s -w "${COLUMNS:-80}" <<<"$2"
}

complain() {
  failed=$((failed + 1))
  echo "demo: $*" >&2
}

run() { # EXIT-CODE COMMAND...: shows the command and its answer; another exit code is a failure
  local wanted=$1 code
  shift
  printf '%s$ %s%s\n' "$dim" "$*" "$plain"
  # on a terminal registryctl prints tables by itself; here it writes to a variable
  if [ "$1" = registryctl ]; then set -- registryctl --format table "${@:2}"; fi
  output=$("$@" 2>&1)
  code=$?
  [ -z "$output" ] || printf '%s\n' "$output"
  [ "$code" -eq "$wanted" ] || complain "'$*' ended with $code, not with $wanted"
}

expect() { # TEXT...: each must be in the last answer
  local text
  for text in "$@"; do
    grep -qF -- "$text" <<<"$output" || complain "the answer does not say '$text'"
  done
}

port_is_free() {
  ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start_registry() {
  local port=7621 try
  port_is_free "$port" || port=0 # 0: any free one
  printf '%s$ registryd --data-dir %s --listen 127.0.0.1:%s%s\n' "$dim" "$home/data" "$port" "$plain"
  setsid registryd --data-dir "$home/data" --listen "127.0.0.1:$port" </dev/null >"$log" 2>&1 &
  daemon=$!
  for try in {1..300}; do
    address=$(sed -n 's/.*event=listening address=\([^ ]*\).*/\1/p' "$log" | tail -n 1)
    [ -n "$address" ] && curl -sf -o /dev/null "http://$address/readyz" && return 0
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
  done
  echo "demo: registryd did not start; it says:" >&2
  cat "$log" >&2
  exit 1
}

walk_roots=(install=install/plugins data=data/plugins)

say "A registry of our own" \
  "registryd keeps everything in PostgreSQL and runs a private one in its data directory."
start_registry
export REGISTRYD_URL=http://$address
REGISTRYD_TOKEN=$(cat "$home/data/admin.token")
export REGISTRYD_TOKEN
REGISTRYD_TOKEN=$(registryctl token create me --grant --format token)
cat <<END
It listens on $REGISTRYD_URL. Writing needs a token. The one made at the first start is for
administration, and makes one that publishes:
${dim}\$ export REGISTRYD_URL=$REGISTRYD_URL REGISTRYD_TOKEN=\$(cat $home/data/admin.token)
\$ export REGISTRYD_TOKEN=\$(registryctl token create me --grant --format token)${plain}
END
run 0 curl -s "$REGISTRYD_URL/v1"
expect '"epoch"'

printf '\n%s$ cd docs/examples%s\n' "$dim" "$plain"
say "A look before publishing" \
  "check reads a plugin as publish would, and imports nothing. This manifest is broken on purpose:"
run 1 registryctl check data/plugins/helpdesk
expect plugin.yaml:7

say "Publish" \
  "Two plugin directories as they are, and two projects with a pyproject.toml."
run 0 registryctl publish install/plugins/_demo install/plugins/finance \
  packages/honeyframe-crm packages/honeyframe-analytics
expect finance honeyframe-crm honeyframe-analytics

say "Publish again" \
  "A release never changes: the same content again is fine, other content under its version is not."
run 0 registryctl publish packages/honeyframe-crm
expect unchanged
mkdir "$home/edited"
run 0 cp -r install/plugins/finance "$home/edited"
run 0 sed -i s/Finance/Money/ "$home/edited/finance/plugin.yaml"
run 3 registryctl publish "$home/edited/finance"

say "Which groups are there?" \
  "A group is the name under which a host looks for its plugins."
run 0 registryctl groups
expect honeyframe.plugins honeyframe.connectors console_scripts

say "Resolve" \
  "The question a host asks: which plugins are there for my group?"
run 0 registryctl resolve honeyframe.plugins
expect _demo finance plugins.crm:manifest plugins.analytics:manifest

say "Resolve for this Python" \
  "analytics needs Python 3.11; a host on 3.10 is not offered it."
run 0 registryctl resolve honeyframe.plugins --python 3.10
if grep -q analytics <<<"$output"; then complain "analytics was offered to Python 3.10"; fi

say "One package" "What the registry knows about it, by its name."
run 0 registryctl show honeyframe-crm
expect 0.4.0 crm-import

say "Walk" \
  "The same records from two plugin directories. The first root wins; a broken plugin hides no other."
run 0 registryctl walk "${walk_roots[@]}"
expect _demo crm finance warehouse helpdesk

say "Compare" \
  "Is it safe to switch from walking to the registry? Exit code 1: not yet, and this is why."
run 1 registryctl compare honeyframe.plugins "${walk_roots[@]}"
expect warehouse analytics 0.3.0 0.4.0 helpdesk

say "Close a gap" \
  "warehouse was only in a directory. Published, it is the same on both sides."
run 0 registryctl publish data/plugins/warehouse
run 1 registryctl compare honeyframe.plugins "${walk_roots[@]}"

say "The same over HTTP" \
  "What registryctl and the C library ask, any language can ask."
run 0 curl -s "$REGISTRYD_URL/v1/resolve?group=honeyframe.connectors"
expect plugins.analytics.connectors:CsvConnector

say "A file that answers with the registry away" \
  "A host keeps the last answer it got, and a Python host reads it in place of its own directories."
export REGISTRYD_CACHE_DIR=$home/cache
run 0 registryctl snapshot pull
expect "7 records" .snapshot
export PYTHONPATH=$bin/../python
run 0 "${PYTHON:-/usr/bin/python3}" -c \
  "import registryclient; print(registryclient.entry_points(group='honeyframe.plugins')['crm'])"
expect plugins.crm:manifest

say "For people" "The same as pages: search, packages, groups, environments, the transition."
run 0 curl -s -o "$home/page.html" -w '%{http_code} %{content_type}\n' "$REGISTRYD_URL/"
expect "200 text/html"

echo
if [ "$failed" -gt 0 ]; then
  echo "demo: $failed of the answers were not what they should be" >&2
  exit 1
fi
if [ "$once" = yes ]; then
  echo "All $steps steps did what they should."
  exit 0
fi
cat <<END
${bold}The registry is up at $REGISTRYD_URL${plain} until you press Ctrl-C. In another terminal:
  export PATH=$bin:\$PATH REGISTRYD_URL=$REGISTRYD_URL
  export REGISTRYD_TOKEN=\$(cat $home/data/admin.token)     # to administer
  export REGISTRYD_TOKEN=\$(registryctl token create you --grant --format token)   # to publish
  registryctl --help
END
wait "$daemon"
echo "demo: registryd ended by itself; it says:" >&2
tail -n 20 "$log" >&2
daemon=
exit 1
