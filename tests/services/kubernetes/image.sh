#!/usr/bin/env bash
# Makes the image of the pods, this machine's Python with Windlass as it is in this checkout: image.sh DIRECTORY ARCHIVE
# DIRECTORY keeps what other packages it needs from one time to the next.
set -euo pipefail
packages=$1 archive=$2
root=$(cd "$(dirname "$0")/../../.." && pwd)
programs=(bash cat cp env gzip id ls mkdir rm sleep tar)

# Models are read by the releases that have written them, so all is as in this workspace.
install_packages() {
  local pins own=()
  for one in core plugins/client "plugins/models[sklearn]" plugins/projects plugins/rest plugins/serving; do own+=("$root/$one"); done
  pins=$(mktemp)
  (cd "$root" && uv export --quiet --frozen --no-hashes --no-emit-workspace --all-packages) |
    grep -iE '^[a-z0-9._-]+==' >"$pins"
  # --no-sources: the workspace would have its members linked, and the pods do not see it.
  UV_LINK_MODE=copy uv pip install --no-config --no-sources --quiet --python "$python" --target "$packages" \
    --constraint "$pins" --reinstall-package windlass-core --reinstall-package windlass-client \
    --reinstall-package windlass-models --reinstall-package windlass-projects --reinstall-package windlass-rest \
    --reinstall-package windlass-serving scikit-learn pandas "${own[@]}" >&2
  rm -f "$pins"
}

# add FILE...: copy files with the libraries that they need to the same paths in the image.
add() {
  local file
  for file in "$@" $(ldd "$@" 2>/dev/null | grep -oE '/[^ ):]+' | sort -u); do
    case "$file" in "$image"*) continue ;; esac
    mkdir -p "$image$(dirname "$file")"
    [ -e "$image$file" ] || cp -L "$file" "$image$file"
  done
}

python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
base=$(python3 -c 'import sys; print(sys.base_prefix)')
version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
mkdir -p "$packages"
install_packages
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
mkdir -p "$image"/{bin,dev,etc,proc,root,run,sys,tmp,usr/bin,usr/local/bin,var/tmp} "$image$base/lib"
chmod 1777 "$image/tmp" "$image/var/tmp"
add "$python"
tar -C "$base/lib" --exclude=test --exclude=__pycache__ --exclude='site-packages/*' --exclude='dist-packages/*' \
  --exclude='config-3*' --exclude=idlelib --exclude=tkinter -cf - "$version" | tar -C "$image$base/lib" -xf -
mkdir -p "$image$base/lib/$version/site-packages"
cp -a "$packages/." "$image$base/lib/$version/site-packages/"
mapfile -t libraries < <(find "$image$base/lib" -name '*.so*' -type f)
for library in "${libraries[@]}"; do
  for file in $(ldd "$library" 2>/dev/null | grep -oE '/[^ ):]+' | grep -E '^/(usr/)?lib' | sort -u); do add "$file"; done
done
for program in "${programs[@]}"; do
  file=$(realpath "$(command -v "$program")")
  add "$file"
  [ -e "$image/usr/bin/$program" ] || ln -s "$file" "$image/usr/bin/$program"
  [ -e "$image/bin/$program" ] || ln -s "$file" "$image/bin/$program"
done
ln -sf /usr/bin/bash "$image/bin/sh"
ln -s "$python" "$image/usr/local/bin/python"
ln -s "$python" "$image/usr/local/bin/python3"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$image/etc/passwd"
printf 'root:x:0:\n' >"$image/etc/group"
tar -C "$image" -cf "$archive" .
