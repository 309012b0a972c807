# start.sh PACKAGE PLACE DIRECTORY COMMAND...: unpacks the package into the place, and runs a command in a directory of it.
package=$1 place=$2 directory=$3
shift 3
mkdir -p "$place" || exit 126
if command -v tar >/dev/null 2>&1; then
  cat "$package"/files.* | tar -xzof - -C "$place" || exit 126
else
  python3 -c 'import glob, io, sys, tarfile
data = b"".join(open(one, "rb").read() for one in sorted(glob.glob(sys.argv[1] + "/files.*")))
tarfile.open(fileobj=io.BytesIO(data)).extractall(sys.argv[2])' "$package" "$place" || exit 126
fi
cd "$place/$directory" || exit 126
# The system hands no signal to the first process of a container that has not asked for it, so this one passes them on.
"$@" &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM INT
code=0
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
  code=0
  wait "$child" || code=$?
done
exit "$code"
