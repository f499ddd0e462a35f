#!/usr/bin/env bash
# Builds an image of PostgreSQL out of this machine's own Debian packages, for places that can pull none.
# Needs: apt-get install -y --no-install-recommends postgresql-15 busybox-static
# Usage: build_image.sh <tag>. It obeys POSTGRES_PASSWORD and POSTGRES_USER, as the official image does.
set -euo pipefail

tag=${1:?usage: build_image.sh <tag>}
version=$(ls /usr/lib/postgresql 2> /dev/null | sort -n | tail -1)
busybox=$(command -v busybox || true)
if [ -z "$version" ] || [ -z "$busybox" ]; then
  echo "Missing: postgresql and busybox-static. apt-get install -y --no-install-recommends postgresql-15 busybox-static" >&2
  exit 1
fi
home=/usr/lib/postgresql/$version
root=$(mktemp -d)
trap 'rm -rf "$root" "$root.tar"' EXIT

mkdir -p "$root"/{bin,tmp,etc,run/postgresql,var/lib/postgresql/data} "$root$home"/{bin,lib} "$root"/usr/share/postgresql
chmod 0755 "$root" "$root"/{bin,etc,run,run/postgresql}
chmod 1777 "$root/tmp"
chmod 0700 "$root/var/lib/postgresql/data"

cp "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do ln -s busybox "$root/bin/$applet" 2> /dev/null || true; done
cp "$home"/bin/{postgres,initdb,psql,pg_isready} "$root$home/bin/"
cp "$home"/lib/*.so "$root$home/lib/"
# A hundred megabytes that no test needs; without it PostgreSQL compiles no queries, and says nothing.
rm -f "$root$home/lib/llvmjit.so"
cp -r "/usr/share/postgresql/$version" "$root/usr/share/postgresql/"
cp -rL --parents /usr/share/zoneinfo "$root/" 2> /dev/null || true
cp -r --parents /usr/lib/locale/C.utf8 "$root/" 2> /dev/null || true

find "$root$home" -type f | while read -r file; do ldd "$file" 2> /dev/null || true; done |
  grep -oE '/[^ ]+\.so[^ ]*' | sort -u | grep -v "^$root" |
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -Ln "$library" "$root$library"
  done

printf 'root:x:0:0:root:/:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\npostgres:x:999:\n' > "$root/etc/group"
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"

cat > "$root/bin/entrypoint.sh" << 'EOF'
#!/bin/sh
set -e
: "${POSTGRES_USER:=postgres}" "${PGDATA:=/var/lib/postgresql/data}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  umask 077
  printf '%s\n' "${POSTGRES_PASSWORD:?must be set}" > "$PGDATA.pw"
  initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$PGDATA.pw" -A scram-sha-256 --locale=C.UTF-8 -E UTF8 -N > /dev/null
  rm "$PGDATA.pw"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
[ "$1" = postgres ] && shift
exec postgres -D "$PGDATA" -c unix_socket_directories=/run/postgresql "$@"
EOF
chmod +x "$root/bin/entrypoint.sh"

tar -C "$root" --numeric-owner --owner=0 --group=0 --exclude=./var/lib/postgresql --exclude=./run/postgresql -cf "$root.tar" .
tar -C "$root" --numeric-owner --owner=999 --group=999 -rf "$root.tar" ./var/lib/postgresql ./run/postgresql
docker import \
  -c "ENV PATH=$home/bin:/bin PGDATA=/var/lib/postgresql/data LANG=C.UTF-8" \
  -c 'USER 999:999' -c 'EXPOSE 5432' -c 'ENTRYPOINT ["/bin/entrypoint.sh"]' -c 'CMD ["postgres"]' \
  "$root.tar" "$tag" > /dev/null
