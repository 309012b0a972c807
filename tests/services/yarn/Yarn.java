import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.nodemanager.NodeManager;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;

/**
 * Hadoop's own ResourceManager, with the daemons of HDFS in the same JVM, and one NodeManager: Yarn READY_FILE JAVA...
 *
 * <p>The NodeManager is a JVM of its own, since two such servers cannot share the static filter of their pages; JAVA...
 * is the command that starts it, this class with `node`.
 */
public final class Yarn {
  public static void main(String[] arguments) {
    try {
      DefaultMetricsSystem.setMiniClusterMode(true);
      YarnConfiguration configuration = new YarnConfiguration(new HdfsConfiguration());
      if (arguments[0].equals("node")) {
        node(configuration);
      } else {
        cluster(configuration, arguments);
      }
      Thread.currentThread().join();
    } catch (Throwable error) {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void cluster(YarnConfiguration configuration, String[] arguments) throws Exception {
    Process node = new ProcessBuilder(List.of(arguments).subList(1, arguments.length)).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(node)));
    Hdfs.start(configuration);
    ResourceManager manager = new ResourceManager();
    manager.init(configuration);
    manager.start();
    while (manager.getResourceScheduler().getNumClusterNodes() < 1) {
      if (!node.isAlive()) {
        throw new IllegalStateException("the NodeManager has ended");
      }
      Thread.sleep(50);
    }
    Files.writeString(Path.of(arguments[0]), "ready\n");
  }

  private static void node(YarnConfiguration configuration) {
    NodeManager node = new NodeManager();
    node.init(configuration);
    // So that no container is left behind.
    Runtime.getRuntime().addShutdownHook(new Thread(node::stop));
    node.start();
  }

  private static void end(Process node) {
    node.destroy();
    try {
      node.waitFor(8, TimeUnit.SECONDS);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }
}
