#!/bin/sh
# Runs DeepRL4J's command line, building it first where it is missing or older than its sources.
#   RL_JAVA_OPTS   more options for Java, after ours: RL_JAVA_OPTS=-Xmx4g
#   JAVA_HOME      the Java to use, 17 or newer
#   SPARK_HOME     the Apache Spark to use with --on and --rollouts-on; without it the one that rl-spark/home made, if any
#   RL_SPARK_OPTS  options for Spark: RL_SPARK_OPTS="--conf spark.executor.memory=8g"
set -eu

fail() {
  echo "rl: $*" >&2
  exit 1
}

self=$0
while [ -h "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=$(dirname "$self")/$link ;;
  esac
done
root=$(CDPATH='' cd -- "$(dirname "$self")" && pwd -P)
jar=$root/rl-examples/target/rl.jar

# Runs on a cluster: the program then runs on Spark's class path, in a loader of its own, and Spark sends it to the machines.
spark=
for argument; do
  case $argument in --on | --on=* | --rollouts-on | --rollouts-on=*) spark=${SPARK_HOME:-$root/rl-spark/target/home} ;; esac
done
[ -z "$spark" ] || [ -d "$spark/jars" ] || spark=
adapter=$root/rl-spark/target/rl-spark.jar

# Directories count too: a deleted file changes only its directory.
stale() {
  [ ! -f "$jar" ] || { [ -n "$spark" ] && [ ! -f "$adapter" ]; } || [ -n "$(find "$root/pom.xml" "$root"/rl-*/pom.xml "$root"/rl-*/src/main -newer "$jar" 2> /dev/null | head -n 1)" ]
}

build() {
  command -v mvn > /dev/null || fail "$jar must be built, which needs Maven 3.8.4 or newer (mvn) on the PATH"
  echo "rl: building, once; the first time, Maven downloads some 400 MB" >&2
  rm -f "$root/target/rl.failed"
  touch "$root/target/rl.start"
  # The gates belong to 'mvn verify'.
  # Spark is downloaded for those who use it; an adapter that is older than what it adapts must not stay.
  modules=
  [ -n "$spark" ] || { modules='-pl !rl-spark'; rm -f "$adapter"; }
  # shellcheck disable=SC2086 # no word, or two
  { (cd "$root" && mvn -B -Dstyle.color=never -Dquick -Dmaven.test.skip=true $modules package) 2>&1 || touch "$root/target/rl.failed"; } \
    | tee "$root/target/rl.log" | progress >&2
  if [ -f "$root/target/rl.failed" ]; then
    rm "$root/target/rl.failed"
    grep '^\[ERROR\]' "$root/target/rl.log" >&2 || cat "$root/target/rl.log" >&2
    fail "the build failed; its log is $root/target/rl.log"
  fi
  # As old as what it was built from, so that an edit made meanwhile is built next time.
  touch -r "$root/target/rl.start" "$jar"
}

# Of Maven's log, a line for each module and for every 50 MB of downloads.
progress() {
  awk '
    /^\[INFO\] Building .*\[[0-9]+\/[0-9]+\]$/ {
      number = $NF
      sub(/^\[INFO\] Building /, "")
      sub(/ [^ ]+ +\[[0-9]+\/[0-9]+\]$/, "")
      print "rl: " number " " $0
    }
    /Downloaded from / {
      files++
      size = $0
      sub(/.*\(/, "", size)
      split(size, part, " ")
      megabytes += part[1] * (part[2] == "MB" ? 1 : part[2] == "kB" ? 0.001 : part[2] == "GB" ? 1000 : 0.000001)
      if (megabytes >= told + 50) {
        told = megabytes
        printf "rl: downloaded %d files, %d MB\n", files, megabytes
      }
    }
    { fflush() }'
}

if stale; then
  mkdir -p "$root/target"
  # Of several that start at once, one builds; the kernel frees the lock whatever happens to its owner.
  (
    if command -v flock > /dev/null; then flock 9; fi
    if stale; then build; fi
  ) 9> "$root/target/rl.lock"
fi

if [ -n "${JAVA_HOME:-}" ]; then
  java=$JAVA_HOME/bin/java
  [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, but there is no $java"
else
  java=$(command -v java) || fail "Java 17 or newer must be on the PATH, or JAVA_HOME name it"
fi

# Asking the file takes no time; asking Java itself takes as long as the whole start.
release=$(dirname "$(dirname "$(readlink -f "$java" || echo "$java")")")/release
if [ -r "$release" ]; then
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
else
  version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
fi
[ "${version:-0}" -ge 17 ] || fail "Java 17 or newer is needed; $java is ${version:-of an unknown version}"

# What the user chose wins: Java takes one collector only, and of two heaps the last.
chosen=" ${JDK_JAVA_OPTIONS:-} ${RL_JAVA_OPTS:-}"
ours="--enable-native-access=ALL-UNNAMED -Dorg.nd4j.log.initialization=false"
# Java warns of the Vector API as of anything that incubates: it is there where networks run.
case ${1:-} in
  '' | -* | check | compare | describe | export | help | list | plot | trace) ;;
  *) ours="$ours --add-modules jdk.incubator.vector" ;;
esac
[ "$version" -lt 23 ] || ours="$ours --sun-misc-unsafe-memory-access=allow"
case $chosen in *' -XX:+Use'*GC*) ;; *) ours="$ours -XX:+UseSerialGC -XX:MaxNewSize=64m" ;; esac
# What a run needs is mostly its replay buffer, which grows old, hence the small new generation. The heap begins small,
# and grows to half of the machine's memory at most.
case $chosen in *' -Xm'[sx]* | *' -XX:'*RAM* | *' -XX:'*HeapSize*) ;; *) ours="$ours -Xms64m -XX:MaxRAMPercentage=50" ;; esac

# One thread in BLAS and few malloc arenas: the library does its own threading.
OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}
export OMP_NUM_THREADS MALLOC_ARENA_MAX

# Java reads the names of files as the locale encodes them; where there is none, as in many containers, umlauts would be lost.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} in
  C | POSIX)
    if [ -n "${LC_ALL:-}" ]; then LC_ALL=C.UTF-8; export LC_ALL; else LC_CTYPE=C.UTF-8; export LC_CTYPE; fi ;;
esac

if [ -n "$spark" ]; then
  # shellcheck disable=SC2086 # options are words
  exec "$java" "@$root/rl-spark/java-options" $ours "-Dlog4j2.configurationFile=$root/rl-spark/log4j2.properties" ${RL_JAVA_OPTS:-} \
    -cp "${SPARK_CONF_DIR:-$spark/conf}:$spark/jars/*" org.apache.spark.deploy.SparkSubmit \
    --class org.deeprl4j.cli.Main --jars "$adapter" --conf spark.driver.userClassPathFirst=true ${RL_SPARK_OPTS:-} "$jar" "$@"
fi

# shellcheck disable=SC2086 # options are words
exec "$java" $ours ${RL_JAVA_OPTS:-} -jar "$jar" "$@"
