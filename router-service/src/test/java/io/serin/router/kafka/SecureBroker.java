package io.serin.router.kafka;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.serdes.AvroDeserializer;
import io.serin.schemas.serdes.AvroSerializer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A real broker in this process that speaks SASL_SSL only and obeys ACLs. */
final class SecureBroker implements AutoCloseable {

  private static final String SECRET = "secret-of-";
  private static final List<String> USERS = List.of("admin", "router", "worker", "analytics");

  private final int port = freePort();
  private final String certificate;
  private final KafkaRaftServer server;

  SecureBroker(Path directory) throws IOException, InterruptedException {
    Path keys = directory.resolve("broker.p12");
    keytool(
        "-genkeypair",
        "-keyalg",
        "EC",
        "-alias",
        "broker",
        "-dname",
        "CN=broker",
        "-ext",
        "SAN=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-keystore",
        keys.toString(),
        "-storepass",
        "changeit",
        "-validity",
        "2");
    Path exported = directory.resolve("broker.pem");
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "broker",
        "-keystore",
        keys.toString(),
        "-storepass",
        "changeit",
        "-file",
        exported.toString());
    certificate = Files.readString(exported);
    Properties p = new Properties();
    int controller = freePort();
    p.put("node.id", "1");
    p.put("process.roles", "broker,controller");
    p.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    p.put("controller.listener.names", "CONTROLLER");
    p.put(
        "listeners", "SECURE://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller));
    p.put("listener.security.protocol.map", "SECURE:SASL_SSL,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "SECURE");
    p.put("sasl.enabled.mechanisms", "PLAIN");
    p.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    p.put(
        "listener.name.secure.plain.sasl.jaas.config",
        login("admin").replace(";", "")
            + USERS.stream()
                .map(user -> " user_" + user + "=\"" + SECRET + user + "\"")
                .collect(Collectors.joining())
            + ";");
    p.put("ssl.keystore.location", keys.toString());
    p.put("ssl.keystore.type", "PKCS12");
    p.put("ssl.keystore.password", "changeit");
    p.put("ssl.truststore.type", "PEM");
    p.put("ssl.truststore.certificates", certificate);
    p.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    p.put("super.users", "User:admin;User:ANONYMOUS");
    p.put("log.dirs", directory.resolve("data").toString());
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "1");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.num.partitions", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("auto.create.topics.enable", "false");
    p.put("log.cleaner.dedupe.buffer.size", "2097152");
    Path file = directory.resolve("server.properties");
    try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      p.store(out, null);
    }
    String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
    if (StorageTool.execute(
            format, new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        != 0) {
      throw new IOException("the broker's storage cannot be formatted");
    }
    server = new KafkaRaftServer(KafkaConfig.fromProps(p, false), Time.SYSTEM);
    server.startup();
  }

  /** A connection of one of the users, with a registry of this process. */
  KafkaConnection as(String user) {
    return with(user, login(user));
  }

  /** The same with a wrong password. */
  KafkaConnection withWrongPassword(String user) {
    return with(user, login(user).replace(SECRET, "not-the-"));
  }

  private KafkaConnection with(String user, String login) {
    Map<String, String> client = new HashMap<>();
    client.put("client.id", user);
    client.put("security.protocol", "SASL_SSL");
    client.put("sasl.mechanism", "PLAIN");
    client.put("sasl.jaas.config", login);
    client.put("ssl.truststore.type", "PEM");
    client.put("ssl.truststore.certificates", certificate);
    return new KafkaConnection(
        "127.0.0.1:" + port,
        "mock://secure",
        client,
        Map.of(),
        AvroSerializer.class.getName(),
        AvroDeserializer.class.getName(),
        KafkaConnection.DEFAULT_PARTITIONS,
        (short) 1);
  }

  private static String login(String user) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s%s\";"
        .formatted(user, SECRET, user);
  }

  private static void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool failed: " + said);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
