#!/bin/sh
# Puts Cascade into this user's home; no root, no network. Run by the self-extracting installer.
#   --prefix DIR   another place than ~/.local
set -eu
prefix="$HOME/.local"
while [ $# -gt 0 ]; do
    case "$1" in
        --prefix) prefix="${2:?--prefix needs a folder}"; shift 2 ;;
        --prefix=*) prefix="${1#--prefix=}"; shift ;;
        *) echo "cascade: unknown option $1" >&2; exit 2 ;;
    esac
done
case "$prefix" in /*) ;; *) prefix="$PWD/$prefix" ;; esac
case "$prefix" in *[\"\`\$\\%]*) echo "cascade: a folder named $prefix cannot be used" >&2; exit 2 ;; esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
home="$prefix/lib/cascade"

# A new version takes the place of the old one in one step, so a failed copy leaves the old one whole.
mkdir -p "$prefix/lib" "$prefix/bin"
rm -rf "$home.new" "$home.old"
cp -R "$here/cascade" "$home.new"
cp "$here/uninstall.sh" "$home.new/uninstall.sh"
(cd "$here/around" && find . -type f | sort) > "$home.new/files.txt"
"$home.new/cascade" --version >/dev/null || {
    echo "cascade: it does not run on this system" >&2; rm -rf "$home.new"; exit 1
}
if [ -e "$home" ]; then mv "$home" "$home.old"; fi
mv "$home.new" "$home"
rm -rf "$home.old"

for name in cascade cascade-relay; do ln -sf "../lib/cascade/$name" "$prefix/bin/$name"; done
while read -r file; do
    mkdir -p "$prefix/$(dirname "$file")"
    cp "$here/around/$file" "$prefix/$file"
done < "$home/files.txt"
# The desktop may not have ~/.local/bin on its path.
sed -i -e "s|^Exec=cascade|Exec=\"$home/cascade\"|" -e "s|^TryExec=.*|TryExec=$home/cascade|" \
    "$prefix/share/applications/cascade.desktop"
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
fi
echo "Cascade is installed. Start it from the menu or with $prefix/bin/cascade; remove it with $home/uninstall.sh"
