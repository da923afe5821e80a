# shellcheck shell=bash disable=SC2034,SC2154 # supervise reads and sets them
#
# The PostgreSQL cluster and the Redis that ./dev up runs; read by supervise,
# which sets `data`, an absolute path, and `redis_port`. Both keep what they
# have been told through a crash: this is not the cluster of the tests.

postgres_dir=$data/postgres
redis_dir=$data/redis
redis_user=praxis
redis_password_file=$data/secrets/redis_password
databases=(members discussions resources)

random_hex() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# make_secret FILE: 64 hex digits, unless it is there.
make_secret() {
  [ -s "$1" ] && return
  (umask 077 && random_hex >"$1.new")
  mv "$1.new" "$1"
}

# --- PostgreSQL -------------------------------------------------------------

# Sets postgres_bin, and postgres_as: what setpriv needs to run the server. It
# refuses to be root, so then it is the user postgres, who need not be let
# through the folders above DATA: a capability lets it pass.
choose_postgres() {
  local version
  if [ -f "$postgres_dir/PG_VERSION" ]; then
    version=$(<"$postgres_dir/PG_VERSION")
  else
    version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' |
      sort -n | tail -n 1)
  fi
  postgres_bin=/usr/lib/postgresql/$version/bin
  [ -x "$postgres_bin/postgres" ] || fail "PostgreSQL $version is not installed"
  # A socket's name has at most 107 bytes.
  [ ${#postgres_dir} -le 88 ] || fail "the path of DATA is too long: $data"
  postgres_as=()
  if [ "$(id -u)" = 0 ]; then
    postgres_as=(--reuid postgres --regid postgres --clear-groups)
    if ! setpriv "${postgres_as[@]}" test -x "$data"; then
      postgres_as+=(--inh-caps '-all,+dac_override' --ambient-caps
        '-all,+dac_override')
    fi
  fi
}

# Makes the cluster when it is not there, whole or not at all. Texts compare by
# their bytes, as the services' keys do, and every letter is known as one.
make_cluster() {
  [ -f "$postgres_dir/PG_VERSION" ] && return
  local new=$postgres_dir.new
  rm -rf "$new"
  mkdir -m 700 "$new"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$new"; fi
  (cd / && setpriv "${postgres_as[@]}" "$postgres_bin/initdb" --pgdata="$new" \
    --auth=trust --username=postgres --encoding=UTF8 --lc-collate=C \
    --lc-ctype=C.UTF-8) >"$data/logs/initdb.log" 2>&1 ||
    fail "initdb failed; see $data/logs/initdb.log"
  mv "$new" "$postgres_dir"
}

# Who may pass the folder of the socket is let in: nothing is on the network.
postgres_command() {
  command=("$postgres_bin/postgres" -D "$postgres_dir" -c listen_addresses=
    -c "unix_socket_directories=$postgres_dir" -c unix_socket_permissions=0700
    -c max_connections=200)
}

postgres_is_ready() {
  "$postgres_bin/pg_isready" -q -h "$postgres_dir" -U postgres
}

# The address of a service's database, as libpq takes it.
conninfo_of() { echo "host=$postgres_dir dbname=$1 user=$1"; }

# A role and a database of its own for each service, which no other may enter.
make_databases() {
  local names
  names=$(printf "'%s'," "${databases[@]}")
  "$postgres_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$postgres_dir" \
    -U postgres -d postgres <<END >/dev/null
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY[${names%,}]) name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('CREATE DATABASE %I OWNER %I', name, name)
  FROM unnest(ARRAY[${names%,}]) name
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name)
  FROM unnest(ARRAY[${names%,}]) name \gexec
END
}

# --- Redis ------------------------------------------------------------------

# One server in both roles. What has a time to live may be evicted, and only
# the cache's entries have one: so the events stay, as noeviction would have it.
make_redis() {
  mkdir -p "$redis_dir"
  chmod 700 "$redis_dir"
  make_secret "$redis_password_file"
  local digest
  digest=$(tr -d '\n' <"$redis_password_file" | sha256sum)
  (
    umask 077
    cat >"$redis_dir/users.acl" <<END
user default off
user $redis_user on #${digest%% *} ~praxis:* resetchannels -@all +@read +@write +@connection +@scripting +time -@dangerous
END
    cat >"$redis_dir/redis.conf" <<END
bind 127.0.0.1
port $redis_port
dir "$redis_dir"
aclfile "$redis_dir/users.acl"
appendonly yes
save ""
maxmemory 256mb
maxmemory-policy volatile-lfu
END
  )
}

redis_command() { command=(redis-server "$redis_dir/redis.conf"); }
