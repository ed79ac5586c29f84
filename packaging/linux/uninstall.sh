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
while read -r file; do
    rm -f "$prefix/$file"
    rmdir -p --ignore-fail-on-non-empty "$prefix/$(dirname "$file")" 2>/dev/null || true
done < "$home/files.txt"
for name in cascade cascade-relay; do
    if [ "$(readlink "$prefix/bin/$name")" = "../lib/cascade/$name" ]; then rm -f "$prefix/bin/$name"; fi
done
if [ -d "$prefix/share/applications" ] && command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
fi
if [ "$data" = delete ]; then rm -rf "${XDG_DATA_HOME:-$HOME/.local/share}/cascade"; fi
rm -rf "$home"
rmdir --ignore-fail-on-non-empty "$prefix/lib" "$prefix/bin" 2>/dev/null || true
echo "Cascade is removed."
