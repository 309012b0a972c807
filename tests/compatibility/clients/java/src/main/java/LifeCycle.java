import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.FileInfo;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowClientException;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.RunsPage;

/**
 * A model's life as an unmodified MLflow client of Java lives it; argument 1 is the server's URL.
 *
 * <p>Prints a JSON object like life_cycle.py does. What fails ends the program with its stack trace.
 */
public class LifeCycle {
  private final MlflowClient client;
  private final String experimentId;
  private final String runId;
  private final List<String> seen = new ArrayList<>();

  private interface Action {
    void run() throws Exception;
  }

  private LifeCycle(MlflowClient client) {
    this.client = client;
    this.experimentId = client.createExperiment("life cycle");
    this.runId = client.createRun(experimentId).getRunId();
  }

  public static void main(String[] arguments) throws Exception {
    try (MlflowClient client = new MlflowClient(arguments[0])) {
      LifeCycle life = new LifeCycle(client);
      life.step("experiments: create, find, tag, search", life::experiments);
      life.step("the fluent API: start, nest and end runs", life::fluent);
      life.step("params and tags", life::paramsAndTags);
      life.step("metrics with history, NaN and infinities", life::metrics);
      life.step("batches", life::batches);
      life.step("files: log, list, fetch", life::files);
      life.lacks("data sets");
      life.step("search of runs: filter, order, pages", life::search);
      life.lacks("models: log, and load from the run");
      life.lacks("logged models");
      life.step("the registry: models, versions, tags, search", life::registry);
      life.step("stages", life::stages);
      life.lacks("aliases");
      life.step("models: load by version and stage", life::loading);
      life.lacks("webhooks");
      life.step("delete and restore", life::bins);
      System.out.println("{" + String.join(", ", life.seen) + "}");
    }
    System.exit(0);
  }

  private void step(String name, Action action) throws Exception {
    action.run();
    seen.add("\"" + name + "\": \"yes\"");
  }

  private void lacks(String name) {
    seen.add("\"" + name + "\": \"-\"");
  }

  private void experiments() {
    check(client.getExperimentByName("life cycle").get().getExperimentId().equals(experimentId));
    check(client.getExperimentByName("none such").equals(Optional.empty()));
    client.setExperimentTag(experimentId, "team", "ships");
    check(client.getExperiment(experimentId).getTags(0).getValue().equals("ships"));
    check(client.searchExperiments("name LIKE 'life%'").getItems().size() == 1);
  }

  private void fluent() {
    MlflowContext context = new MlflowContext(client).setExperimentId(experimentId);
    ActiveRun outer = context.startRun("outer");
    outer.logMetric("score", 5.0, 0);
    ActiveRun inner = context.startRun("inner", outer.getId());
    inner.setTag("depth", "2");
    inner.endRun();
    outer.endRun();
    check(client.getRun(outer.getId()).getInfo().getStatus() == RunStatus.FINISHED);
    check(tag(client.getRun(inner.getId()), "mlflow.parentRunId").equals(outer.getId()));
  }

  private void paramsAndTags() {
    client.logParam(runId, "größe", "ü");
    client.setTag(runId, "note", "with 'quotes' and \"more\"");
    client.setTag(runId, "gone", "x");
    client.deleteTag(runId, "gone");
    Run run = client.getRun(runId);
    check(run.getData().getParams(0).getValue().equals("ü"));
    check(tag(run, "note").equals("with 'quotes' and \"more\""));
    check(tag(run, "gone") == null);
    refused("INVALID_PARAMETER_VALUE", () -> client.logParam(runId, "größe", "other"));
  }

  private void metrics() {
    for (int number = 0; number < 3; number++) {
      client.logMetric(runId, "loss", 1.0 / (number + 1), 1, number);
    }
    client.logMetric(runId, "nan", Double.NaN);
    client.logMetric(runId, "infinite", Double.NEGATIVE_INFINITY);
    check(Double.isNaN(metric(client.getRun(runId), "nan")));
    check(metric(client.getRun(runId), "infinite") == Double.NEGATIVE_INFINITY);
    List<Double> history =
        client.getMetricHistory(runId, "loss").stream().map(Metric::getValue).collect(Collectors.toList());
    check(history.equals(List.of(1.0, 0.5, 1.0 / 3)));
  }

  private void batches() {
    List<Metric> points = new ArrayList<>();
    for (int number = 0; number < 1000; number++) {
      points.add(Metric.newBuilder().setKey("many").setValue(number).setTimestamp(1).setStep(number).build());
    }
    client.logBatch(runId, points, null, null);
    client.logBatch(
        runId,
        null,
        List.of(Param.newBuilder().setKey("p").setValue("1").build()),
        List.of(RunTag.newBuilder().setKey("t").setValue("2").build()));
    check(client.getMetricHistory(runId, "many").size() == 1000);
    check(tag(client.getRun(runId), "t").equals("2"));
  }

  private void files() throws Exception {
    Path directory = Files.createTempDirectory("life");
    Path local = Files.writeString(directory.resolve("ünïcode name.txt"), "hello");
    client.logArtifact(runId, local.toFile(), "files");
    Path tree = Files.createDirectories(directory.resolve("deep/er"));
    Files.writeString(tree.resolve("x.txt"), "x");
    client.logArtifacts(runId, directory.resolve("deep").toFile(), "tree");
    List<String> paths =
        client.listArtifacts(runId).stream().map(FileInfo::getPath).collect(Collectors.toList());
    check(paths.equals(List.of("files", "tree")));
    Path fetched = client.downloadArtifacts(runId, "files/ünïcode name.txt").toPath();
    check(Files.readString(fetched).equals("hello"));
  }

  private void search() {
    List<String> ids = List.of(experimentId);
    String filter = "metrics.loss < 0.5 and params.p = '1' and tags.t LIKE '2%'";
    check(client.searchRuns(ids, filter, ViewType.ACTIVE_ONLY, 10).getItems().get(0).getInfo().getRunId().equals(runId));
    RunsPage first = client.searchRuns(ids, "", ViewType.ACTIVE_ONLY, 1, List.of("metrics.score DESC"));
    check(metric(first.getItems().get(0), "score") == 5.0);
    check(first.hasNextPage());
    check(first.getNextPage().getItems().iterator().hasNext());
    refused("INVALID_PARAMETER_VALUE", () -> client.searchRuns(ids, "no such thing", ViewType.ALL, 1));
  }

  private void registry() {
    // This client has typed calls for reading only.
    client.sendPost("registered-models/create", "{\"name\": \"ship\"}");
    String source = client.getRun(runId).getInfo().getArtifactUri() + "/files";
    for (int number = 0; number < 2; number++) {
      client.sendPost(
          "model-versions/create",
          "{\"name\": \"ship\", \"run_id\": \"" + runId + "\", \"source\": \"" + source + "\"}");
    }
    client.sendPost("model-versions/set-tag", "{\"name\":\"ship\",\"version\":\"1\",\"key\":\"k\",\"value\":\"v\"}");
    ModelVersion version = client.getModelVersion("ship", "1");
    check(version.getRunId().equals(runId));
    check(version.getTags(0).getValue().equals("v"));
    check(client.getRegisteredModel("ship").getName().equals("ship"));
    check(client.searchModelVersions("name = 'ship'").getItems().size() == 2);
    refused("RESOURCE_ALREADY_EXISTS", () -> client.sendPost("registered-models/create", "{\"name\": \"ship\"}"));
    refused("RESOURCE_DOES_NOT_EXIST", () -> client.getRegisteredModel("none"));
  }

  private void stages() {
    String move = "{\"name\":\"ship\",\"version\":\"%s\",\"stage\":\"Production\",\"archive_existing_versions\":true}";
    client.sendPost("model-versions/transition-stage", String.format(move, "1"));
    client.sendPost("model-versions/transition-stage", String.format(move, "2"));
    check(client.getModelVersion("ship", "1").getCurrentStage().equals("Archived"));
    List<ModelVersion> latest = client.getLatestVersions("ship", List.of("Production"));
    check(latest.size() == 1 && latest.get(0).getVersion().equals("2"));
  }

  private void loading() throws Exception {
    check(client.getModelVersionDownloadUri("ship", "1").endsWith("/files"));
    Path byVersion = client.downloadModelVersion("ship", "1").toPath();
    check(Files.readString(byVersion.resolve("ünïcode name.txt")).equals("hello"));
    Path byStage = client.downloadLatestModelVersion("ship", "Production").toPath();
    check(Files.exists(byStage.resolve("ünïcode name.txt")));
  }

  private void bins() {
    client.setTerminated(runId);
    client.deleteRun(runId);
    check(client.getRun(runId).getInfo().getLifecycleStage().equals("deleted"));
    refused("INVALID_PARAMETER_VALUE", () -> client.logMetric(runId, "loss", 1.0));
    client.restoreRun(runId);
    client.deleteExperiment(experimentId);
    check(client.getExperiment(experimentId).getLifecycleStage().equals("deleted"));
    client.restoreExperiment(experimentId);
    client.renameExperiment(experimentId, "renamed");
    check(client.getExperiment(experimentId).getName().equals("renamed"));
    check(client.getRun(runId).getInfo().getLifecycleStage().equals("active"));
  }

  private static void refused(String code, Action action) {
    try {
      action.run();
    } catch (MlflowClientException error) {
      check(String.valueOf(error.getMessage()).contains(code));
      return;
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
    throw new IllegalStateException(code + " did not come");
  }

  private static String tag(Run run, String key) {
    return run.getData().getTagsList().stream()
        .filter(one -> one.getKey().equals(key)).map(RunTag::getValue).findFirst().orElse(null);
  }

  private static double metric(Run run, String key) {
    return run.getData().getMetricsList().stream()
        .filter(one -> one.getKey().equals(key)).mapToDouble(Metric::getValue).findFirst().getAsDouble();
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new IllegalStateException("does not hold");
    }
  }
}
