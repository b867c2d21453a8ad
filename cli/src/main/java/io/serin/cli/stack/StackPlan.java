package io.serin.cli.stack;

import io.serin.cli.stack.supervise.ProcessPlan;
import io.serin.cli.stack.supervise.StackException;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Which processes a stack runs, in the order they depend on each other.
 *
 * @param waves the processes of a wave start together, once all of the wave before answer
 * @param kafka how to connect to the brokers and registry in use
 * @param caches by which the processes start quicker
 */
record StackPlan(List<List<ProcessPlan>> waves, KafkaConnection kafka, StartCaches caches) {

  private static final String HOME = "127.0.0.1";

  /**
   * The quick compiler only. The optimising one costs a start a quarter of its processor time; who
   * wants its throughput runs a service by itself.
   */
  static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1");

  /** For broker and registry, which hold little. */
  static final List<String> SMALL = List.of("-Xmx192m", "-Xss512k", "-XX:TieredStopAtLevel=1");

  static StackPlan of(StackOptions options, DataFolder folder) throws StackException {
    Installation installation = Installation.locate();
    ChildJvm jvm =
        new ChildJvm(
            installation,
            folder.path(),
            folder.childrenLock(),
            options.extraClassPath(),
            options.caches());
    FreePorts ports = new FreePorts(new SecureRandom());
    Ports wanted = options.ports();

    List<ProcessPlan> ground = new ArrayList<>();
    KafkaConnection kafka = options.kafka();
    if (options.parts().contains(Part.BROKER)) {
      int port = ports.claim(HOME, wanted.kafka(), "broker", "--kafka-port");
      ground.add(broker(jvm, folder, port, ports.any()));
      kafka = with(kafka, HOME + ":" + port, kafka.registryUrl(), Map.of(), kafka.registry());
    }
    if (options.parts().contains(Part.REGISTRY)) {
      int port = ports.claim(HOME, wanted.registry(), "schema registry", "--registry-port");
      ground.add(RegistryPlan.of(jvm, installation.registry(), folder, port, ports.any()));
      String url = "http://" + HOME + ":" + port + "/apis/ccompat/v7";
      kafka = with(kafka, kafka.bootstrap(), url, kafka.client(), Map.of());
    }
    for (Companion companion : options.companions()) {
      ground.add(
          new ProcessPlan(
              companion.name(),
              said ->
                  jvm.serin(
                      companion.name(), List.of(), companion.mainClass(), companion.arguments()),
              Map.of(),
              folder.log(companion.name()),
              ReadyLine::serin));
    }
    List<String> connect = connectArguments(kafka, folder);
    List<ProcessPlan> services = new ServicePlans(options, folder, jvm, ports, connect).all();
    return new StackPlan(List.of(List.copyOf(ground), services), kafka, jvm.caches());
  }

  private static ProcessPlan broker(ChildJvm jvm, DataFolder folder, int port, int controller) {
    List<String> arguments =
        List.of(
            folder.path().resolve("kafka").toString(),
            HOME,
            Integer.toString(port),
            Integer.toString(controller));
    return new ProcessPlan(
        "broker",
        said -> jvm.libraries("broker", SMALL, BrokerMain.class.getName(), arguments),
        Map.of(),
        folder.log("broker"),
        ReadyLine::kafka);
  }

  private static KafkaConnection with(
      KafkaConnection base,
      String bootstrap,
      String registryUrl,
      Map<String, String> client,
      Map<String, String> registry) {
    return new KafkaConnection(
        bootstrap,
        registryUrl,
        client,
        registry,
        base.serializerClass(),
        base.deserializerClass(),
        base.partitions(),
        base.replication());
  }

  /**
   * The options by which a service connects. Settings go through a file that only its owner can
   * read: they hold passwords, and everyone sees command lines.
   */
  private static List<String> connectArguments(KafkaConnection kafka, DataFolder folder)
      throws StackException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--kafka", kafka.bootstrap(), "--registry", kafka.registryUrl()));
    if (!kafka.client().isEmpty() || !kafka.registry().isEmpty()) {
      arguments.addAll(List.of("--kafka-config", writeSettings(kafka, folder).toString()));
    }
    arguments.addAll(
        List.of(
            "--serializer",
            kafka.serializerClass(),
            "--deserializer",
            kafka.deserializerClass(),
            "--unit-partitions",
            Integer.toString(kafka.partitions().unit()),
            "--rollout-partitions",
            Integer.toString(kafka.partitions().rollout()),
            "--replication-factor",
            Short.toString(kafka.replication())));
    return List.copyOf(arguments);
  }

  private static Path writeSettings(KafkaConnection kafka, DataFolder folder)
      throws StackException {
    Properties properties = new Properties();
    properties.putAll(kafka.client());
    properties.putAll(kafka.registry());
    Path file = folder.path().resolve("kafka-client.properties");
    try {
      Files.deleteIfExists(file);
      if (Files.getFileStore(folder.path()).supportsFileAttributeView("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      try (var writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
        properties.store(writer, null);
      }
      return file;
    } catch (IOException e) {
      throw new StackException(file + " cannot be written (" + e + ")", e);
    }
  }
}
