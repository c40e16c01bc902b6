"""Lists the jars of a Kafka version, as bridge/demo/kafka-jars.txt has them: `python tools/kafka_jars.py > FILE`.

Change KAFKA_VERSION in bridge/demo/jars.py first. Resolves the dependencies from Maven Central, in pure Python.
"""

import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from jgo.maven import MavenContext

from bridge.demo.jars import KAFKA_VERSION, MAVEN_CENTRAL, Jar

# Without a binding for SLF4J Kafka is silent when it can't start. 1.7 is what Kafka is compiled against.
ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")


def resolve() -> list[Jar]:
    """Every jar that the roots need at run time."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), remote_repos={"central": MAVEN_CENTRAL})
        inputs, transitive = context.resolver.resolve([context.create_dependency(root) for root in ROOTS])
        return [
            Jar(
                f"{needed.groupId}:{needed.artifactId}:{needed.version}",
                sha256(needed.artifact.resolve().read_bytes()).hexdigest(),
            )
            for needed in (*inputs, *transitive)
        ]


if __name__ == "__main__":
    for jar in resolve():
        sys.stdout.write(f"{jar.coordinates} {jar.digest}\n")
