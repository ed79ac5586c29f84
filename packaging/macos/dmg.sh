#!/bin/sh
# Puts Cascade.app into a disk image; signs and notarises where the means are given.
#   dmg.sh APP FOLDER VERSION OUT
# FOLDER is the plain bundle, whose licence files go beside the application.
# CASCADE_MAC_IDENTITY   a "Developer ID Application: …" in the keychain
# CASCADE_NOTARY_PROFILE a profile made with "xcrun notarytool store-credentials"
set -eu
app=$1 folder=$2 version=$3 out=$4
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
image="$out/Cascade-$version-$(uname -m).dmg"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

plutil -lint "$app/Contents/Info.plist"
for file in LICENCES.txt QT-SOURCE.txt sbom.cdx.json; do cp "$folder/$file" "$app/Contents/Resources/$file"; done
if [ -n "${CASCADE_MAC_IDENTITY:-}" ]; then
    codesign --force --deep --timestamp --options runtime --entitlements "$here/entitlements.plist" \
        --sign "$CASCADE_MAC_IDENTITY" "$app"
else
    echo "cascade: no identity (CASCADE_MAC_IDENTITY), so the application is signed for this Mac alone" >&2
    codesign --force --deep --sign - "$app"
fi
codesign --verify --deep --strict "$app"
"$app/Contents/MacOS/cascade" --version

cp -R "$app" "$stage/Cascade.app"
ln -s /Applications "$stage/Applications"
cp "$folder/LICENCES.txt" "$stage/"
rm -f "$image"
hdiutil create -quiet -fs HFS+ -format ULMO -volname "Cascade $version" -srcfolder "$stage" "$image"
if [ -n "${CASCADE_MAC_IDENTITY:-}" ]; then codesign --timestamp --sign "$CASCADE_MAC_IDENTITY" "$image"; fi
if [ -n "${CASCADE_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit --wait --keychain-profile "$CASCADE_NOTARY_PROFILE" "$image"
    xcrun stapler staple "$image"
fi
echo "$image"
