import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/** Hadoop's own NameNode and one DataNode in one JVM, configured by the files on the classpath: Hdfs READY_FILE. */
public final class Hdfs {
  public static void main(String[] arguments) {
    try {
      NameNode names = start(new HdfsConfiguration());
      Files.writeString(Path.of(arguments[0]), "ready\n");
      names.join();
    } catch (Throwable error) {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  /** Starts both, and returns when files can be written. */
  static NameNode start(Configuration configuration) throws Exception {
    // Otherwise the second of them finds its metrics registered already.
    DefaultMetricsSystem.setMiniClusterMode(true);
    Path directory = Path.of(java.net.URI.create(configuration.get("dfs.namenode.name.dir")));
    if (!Files.exists(directory.resolve("current"))) {
      NameNode.format(configuration);
    }
    NameNode names = NameNode.createNameNode(new String[0], configuration);
    DataNode.createDataNode(new String[0], configuration);
    while (names.isInSafeMode() || names.getNamesystem().getNumLiveDataNodes() < 1) {
      Thread.sleep(50);
    }
    return names;
  }
}
