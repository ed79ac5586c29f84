#!/bin/sh
# Removes what install.sh put here. Journals and settings stay, unless --delete-data is given.
set -eu
data=keep
case "${1:-}" in
    "") ;;
    --delete-data) data=delete ;;
    *) echo "usage: $0 [--delete-data]" >&2; exit 2 ;;
esac
home=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=$(dirname -- "$(dirname -- "$home")")
cd "$prefix"
while read -r file; do rm -f "$file"; done < "$home/files.txt"
for name in cascade cascade-relay; do
    if [ "$(readlink "bin/$name")" = "../lib/cascade/$name" ]; then rm -f "bin/$name"; fi
done
if [ -d share/applications ]; then
    if command -v update-desktop-database >/dev/null; then update-desktop-database -q share/applications || true; fi
    # The database of a folder without applications was ours too.
    if [ "$(ls -A share/applications)" = mimeinfo.cache ]; then rm -f share/applications/mimeinfo.cache; fi
fi
while read -r file; do
    rmdir -p --ignore-fail-on-non-empty "$(dirname "$file")" 2>/dev/null || true
done < "$home/files.txt"
if [ "$data" = delete ]; then rm -rf "${XDG_DATA_HOME:-$HOME/.local/share}/cascade"; fi
rm -rf "$home"
cd /
for folder in "$prefix/lib" "$prefix/bin" "$prefix"; do
    rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || true
done
echo "Cascade is removed."
