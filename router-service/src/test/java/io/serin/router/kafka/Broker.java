package io.serin.router.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/**
 * A real broker in this process, on loopback, that keeps its address and its data when it is
 * stopped and started.
 */
final class Broker implements AutoCloseable {

  private final Properties properties = new Properties();
  private final int port;
  private @Nullable KafkaRaftServer server;

  Broker(Path directory) throws IOException {
    port = freePort();
    int controller = freePort();
    String listeners =
        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller);
    properties.put("node.id", "1");
    properties.put("process.roles", "broker,controller");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("listeners", listeners);
    properties.put("log.dirs", directory.resolve("data").toString());
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("auto.create.topics.enable", "false");
    properties.put("log.cleaner.dedupe.buffer.size", "2097152");
    Path file = directory.resolve("server.properties");
    try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      properties.store(out, null);
    }
    String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
    int failed =
        StorageTool.execute(
            format,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    if (failed != 0) {
      throw new IOException("the broker's storage cannot be formatted");
    }
  }

  String bootstrap() {
    return "127.0.0.1:" + port;
  }

  void start() {
    KafkaRaftServer started =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    server = started;
    started.startup();
  }

  void stop() {
    KafkaRaftServer running = server;
    if (running != null) {
      server = null;
      running.shutdown();
      running.awaitShutdown();
    }
  }

  @Override
  public void close() {
    stop();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
