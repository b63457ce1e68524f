#!/bin/sh
# Builds target/service.jar, its libraries beside it in target/lib, and an archive of their classes. Maven takes seconds to
# find out that nothing has changed; this takes none.
set -eu

inputs() {
  find pom.xml .mvn build.sh jvm.options openapi.yaml src/main -type f -exec sha256sum {} + | LC_ALL=C sort
  readlink -f "$(command -v java)"
}

wanted=$(inputs | sha256sum)
if [ -f target/service.jar ] && [ "$(cat target/inputs 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi
rm -rf target/inputs target/lib target/service.jsa
mvn --quiet -Dmaven.test.skip package

# Makes the beans, starts none of them, and writes down which classes that took: the next starts need half the time.
# Without the archive, or with one of another JVM, the service runs all the same.
grep -v SharedArchiveFile jvm.options >target/training.options
PORT=0 REDIS_URL=redis://127.0.0.1:1 java @target/training.options -XX:ArchiveClassesAtExit=target/service.jsa \
  -Xlog:disable -Dspring.context.exit=onRefresh -jar target/service.jar || echo "build.sh: no archive of classes" >&2
echo "$wanted" >target/inputs
