#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guided tour (`./dev demo`): starts a registry in a temporary folder; publishes, resolves, walks and
# compares the example plugins; stores a snapshot and reads it from Python. Every step prints the command and
# its output, and checks them. Afterwards the registry stays up until Ctrl-C. With --once it stops at the end,
# and the exit code says whether all steps succeeded.
set -uo pipefail
cd "$(dirname "$0")/../.."

once=no
case "$*" in
'') ;;
--once) once=yes ;;
*) echo "Usage: demo [--once]" >&2; exit 2 ;;
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
  export COLUMNS # the tables pass through a variable but must fit the terminal
fi

stop_everything() {
  trap '' INT TERM HUP
  if [ -n "$daemon" ] && kill -TERM "$daemon" 2>/dev/null; then
    wait "$daemon" 2>/dev/null
    echo "The registry has stopped, and its temporary folder was removed."
  fi
  rm -rf "$home"
}
trap stop_everything EXIT
trap 'echo; exit 0' INT TERM HUP

say() { # HEADING SENTENCE
  steps=$((steps + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$steps" "$1" "$plain"
  fold -s -w "${COLUMNS:-80}" <<<"$2"
}

complain() {
  failed=$((failed + 1))
  echo "demo: $*" >&2
}

run() { # EXIT-CODE COMMAND...: prints the command and its output; another exit code is a failure
  local wanted=$1 code
  shift
  printf '%s$ %s%s\n' "$dim" "$*" "$plain"
  output=$("$@" 2>&1)
  code=$?
  [ -z "$output" ] || printf '%s\n' "$output"
  [ "$code" -eq "$wanted" ] || complain "'$*' ended with exit code $code instead of $wanted"
}

expect() { # TEXT...: each must be in the last output
  local text
  for text in "$@"; do
    grep -qF -- "$text" <<<"$output" || complain "the output does not contain '$text'"
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
  echo "demo: registryd did not start. Its log:" >&2
  cat "$log" >&2
  exit 1
}

walk_roots=(install=install/plugins data=data/plugins)

say "Start a registry" \
  "registryd stores everything in PostgreSQL and runs a private server in its data directory."
start_registry
export REGISTRYD_URL=http://$address
REGISTRYD_TOKEN=$(cat "$home/data/admin.token")
export REGISTRYD_TOKEN
REGISTRYD_TOKEN=$(registryctl token create me --grant --format token)
cat <<END
It listens on $REGISTRYD_URL. Publishing requires a token. Use the administrator's token, which was
created at the first start, to create a token that may publish:
${dim}\$ export REGISTRYD_URL=$REGISTRYD_URL REGISTRYD_TOKEN=\$(cat $home/data/admin.token)
\$ export REGISTRYD_TOKEN=\$(registryctl token create me --grant --format token)${plain}
END
run 0 curl -s "$REGISTRYD_URL/v1"
expect '"epoch"'

printf '\n%s$ cd docs/examples%s\n' "$dim" "$plain"
say "Check before publishing" \
  "check reads a plugin as publish would, and imports nothing. This manifest is broken on purpose:"
run 1 registryctl check data/plugins/helpdesk
expect plugin.yaml:7

say "Publish" \
  "Publish two plugin directories and two projects with a pyproject.toml."
run 0 registryctl publish install/plugins/_demo install/plugins/finance \
  packages/honeyframe-crm packages/honeyframe-analytics
expect finance honeyframe-crm honeyframe-analytics

say "Publish again" \
  "A release is immutable: the same content again changes nothing, other content is refused."
run 0 registryctl publish packages/honeyframe-crm
expect unchanged
mkdir "$home/edited"
run 0 cp -r install/plugins/finance "$home/edited"
run 0 sed -i s/Finance/Money/ "$home/edited/finance/plugin.yaml"
run 3 registryctl publish "$home/edited/finance"

say "List the groups" \
  "A group is the name under which a host looks for its plugins."
run 0 registryctl groups
expect honeyframe.plugins honeyframe.connectors console_scripts

say "Resolve" \
  "A host asks: which plugins exist for my group?"
run 0 registryctl resolve honeyframe.plugins
expect _demo finance plugins.crm:manifest plugins.analytics:manifest

say "Resolve for this Python" \
  "analytics requires Python 3.11, so a host on 3.10 does not get it."
run 0 registryctl resolve honeyframe.plugins --python 3.10
if grep -q analytics <<<"$output"; then complain "analytics was offered to Python 3.10"; fi

say "Show a package" "The package with its entry points and releases."
run 0 registryctl show honeyframe-crm
expect 0.4.0 crm-import

say "Walk" \
  "Find plugins in two directories. The first root wins; a broken plugin does not hide the others."
run 0 registryctl walk "${walk_roots[@]}"
expect _demo crm finance warehouse helpdesk

say "Compare" \
  "Is it safe to switch from directories to the registry? Exit code 1: not yet, for these reasons."
run 1 registryctl compare honeyframe.plugins "${walk_roots[@]}"
expect warehouse analytics 0.3.0 0.4.0 helpdesk

say "Close a gap" \
  "warehouse was only in a directory. Once it is published, both sides are equal."
run 0 registryctl publish data/plugins/warehouse
run 1 registryctl compare honeyframe.plugins "${walk_roots[@]}"

say "Use the HTTP API" \
  "Every language can send the requests that registryctl sends."
run 0 curl -s "$REGISTRYD_URL/v1/resolve?group=honeyframe.connectors"
expect plugins.analytics.connectors:CsvConnector

say "Store a snapshot" \
  "A host stores the answer in a file and reads it without the registry; here from Python."
export REGISTRYD_CACHE_DIR=$home/cache
run 0 registryctl snapshot pull
expect "7 records" .snapshot
export PYTHONPATH=$bin/../python
run 0 "${PYTHON:-/usr/bin/python3}" -c \
  "import registryclient; print(registryclient.entry_points(group='honeyframe.plugins')['crm'])"
expect plugins.crm:manifest

say "Quarantine a plugin" \
  "crm turns out to be harmful. This host still walks its directories; before the quarantine it loads crm:"
roots=(--root install=install/plugins --root data=data/plugins)
run 0 registryctl discover honeyframe.plugins "${roots[@]}"
expect crm
printf '%s$ REGISTRYD_TOKEN=$(cat %s/data/admin.token) registryctl quarantine honeyframe-crm --reason "%s"%s\n' \
  "$dim" "$home" "It sends customers to a stranger" "$plain"
REGISTRYD_TOKEN=$(cat "$home/data/admin.token") registryctl quarantine honeyframe-crm \
  --reason "It sends customers to a stranger" || complain "the quarantine failed"
echo "And after it, although the directory is still there:"
run 0 registryctl discover honeyframe.plugins "${roots[@]}"
expect Withheld quarantined "It sends customers to a stranger" "registryctl quarantine honeyframe-crm --undo"
if grep -q "plugins.crm:manifest" <<<"$output"; then complain "the host still gets crm"; fi

say "Obey without the registry" \
  "The snapshot has the quarantine too, so a registry that is away does not bring the plugin back."
run 0 registryctl snapshot pull
run 0 registryctl snapshot show
expect quarantined
kill -STOP "$daemon"
run 0 registryctl discover honeyframe.plugins "${roots[@]}"
expect Withheld registry-fallback
if grep -q "plugins.crm:manifest" <<<"$output"; then complain "the host still gets crm"; fi
kill -CONT "$daemon"

say "Install on another machine" \
  "The registry is a package index, too. A fresh Python environment stands for the other machine."
run 0 /usr/bin/python3 -m venv "$home/host"
run 0 "$home/host/bin/pip" install -q --disable-pip-version-check --index-url "$REGISTRYD_URL/simple/" --no-deps finance
run 0 "$home/host/bin/python" -c "import plugins.finance; print(*plugins.finance.__path__)"
expect host/lib plugins/finance

say "Open the web pages" "Search, packages, groups, environments and the transition, in a browser."
run 0 curl -s -o "$home/page.html" -w '%{http_code} %{content_type}\n' "$REGISTRYD_URL/"
expect "200 text/html"

echo
if [ "$failed" -gt 0 ]; then
  echo "demo: $failed checks failed" >&2
  exit 1
fi
if [ "$once" = yes ]; then
  echo "All $steps steps succeeded."
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
echo "demo: registryd ended unexpectedly. Its log:" >&2
tail -n 20 "$log" >&2
daemon=
exit 1
