package io.serin.cli.stack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/** The embedded broker's process: formats its folder once, then runs Kafka until it is ended. */
public final class BrokerMain {

  private BrokerMain() {}

  /**
   * @param args data folder, host, port of clients, port of the controller; neither port may be 0
   */
  public static void main(String[] args) throws IOException {
    Path data = Path.of(args[0]);
    String host = args[1];
    int port = Integer.parseInt(args[2]);
    int controllerPort = Integer.parseInt(args[3]);
    Files.createDirectories(data);
    Properties properties = BrokerSettings.of(data.resolve("log"), host, port, controllerPort);
    Path file = data.resolve("server.properties");
    try (var writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      properties.store(writer, "Written at each start; changes here are lost.");
    }
    if (!Files.exists(data.resolve("log/meta.properties"))) {
      format(file);
    }
    Kafka.main(new String[] {file.toString()});
  }

  private static void format(Path file) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exit =
        StorageTool.execute(
            new String[] {
              "format",
              "--ignore-formatted",
              "--cluster-id",
              Uuid.randomUuid().toString(),
              "--config",
              file.toString()
            },
            new PrintStream(said, true, StandardCharsets.UTF_8));
    if (exit != 0) {
      throw new IllegalStateException(
          "the broker's folder could not be formatted: " + said.toString(StandardCharsets.UTF_8));
    }
  }
}
