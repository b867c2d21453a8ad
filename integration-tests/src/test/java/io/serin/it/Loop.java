package io.serin.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.stack.Companion;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackEvent;
import io.serin.cli.stack.supervise.StackException;
import io.serin.rehearsal.command.ModelServersCommand;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The whole loop as a user starts it: every part a process of its own, on free ports, with two
 * model servers that answer as recorded and a rollout applied.
 */
final class Loop implements AutoCloseable {

  static final String ROLLOUT = "assistant";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static @Nullable Loop shared;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final Stack stack;
  private long probes;

  private Loop(Stack stack) {
    this.stack = stack;
  }

  /** One loop for all tests that only look; it lives as long as this JVM. */
  static synchronized Loop shared() throws Exception {
    Loop loop = shared;
    if (loop == null) {
      loop = start(Path.of("target", "shared-loop-" + ProcessHandle.current().pid()), b -> b);
      shared = loop;
      loop.apply(rollout(loop, "50%"));
    }
    return loop;
  }

  /** A loop of one's own, without a rollout. */
  static Loop start(Path data, UnaryOperator<StackOptions.Builder> more)
      throws StackException, InterruptedException {
    return start(data, 0, 0, more);
  }

  /** A loop whose model servers listen on given ports, so that an earlier command finds them. */
  static Loop start(
      Path data, int controlPort, int candidatePort, UnaryOperator<StackOptions.Builder> more)
      throws StackException, InterruptedException {
    StackOptions.Builder options =
        StackOptions.in(data)
            .ports(Ports.ANY)
            .companion(
                new Companion(
                    "models",
                    ModelServersCommand.class.getName(),
                    List.of(
                        "--control-port",
                        Integer.toString(controlPort),
                        "--candidate-port",
                        Integer.toString(candidatePort))));
    return new Loop(Stack.start(more.apply(options).build(), Loop::print));
  }

  /** The usual rollout, with the candidate at one share for as long as nobody changes it. */
  static String rollout(Loop loop, String share) {
    return """
    rollout: %s
    unit: [header:x-user-id, body:user]
    variants:
      control:   {url: %s/v1}
      candidate: {url: %s/v1}
    shadow: {sample: 1.0, maxConcurrency: 4}
    stages:
      - {weight: %s}
    """
        .formatted(ROLLOUT, loop.model("url"), loop.model("candidateUrl"), share);
  }

  Stack stack() {
    return stack;
  }

  /** The options by which {@code serin rehearse} finds it. */
  List<String> whereItIs() {
    return List.of(
        "--router",
        stack.routerUrls().getFirst().toString(),
        "--control-api",
        control("/").toString(),
        "--kafka",
        stack.kafka().bootstrap(),
        "--registry",
        stack.kafka().registryUrl());
  }

  /** Base URL for OpenAI's clients. */
  String v1() {
    return stack.routerUrls().getFirst() + "/v1";
  }

  /** Applies a rollout file and waits until the router serves it. */
  void apply(String yaml) throws Exception {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(control("/v1/rollouts?restart=true"))
                .header("x-serin-who", "integration-test")
                .POST(BodyPublishers.ofString(yaml)));
    if (answer.statusCode() != 202) {
      throw new AssertionError("applying answered " + answer.statusCode() + ": " + answer.body());
    }
    until(
        "the router serves " + ROLLOUT,
        () -> {
          int status = chat("hello", "ann", "probe-" + probes).statusCode();
          if (status == 200) {
            probes++;
          } else if (status != 404
              && status != 503) { // which a router says that knows no rollout, and counts nothing
            throw new AssertionError("the router answered " + status);
          }
          return status == 200;
        });
  }

  /** Requests that {@link #apply} sent and the router counted. */
  long probes() {
    return probes;
  }

  /** What the control API says of the rollout. */
  JsonNode rollout() throws Exception {
    return JSON.readTree(send(HttpRequest.newBuilder(control("/v1/rollouts/" + ROLLOUT))).body());
  }

  /** One chat completion that is not streamed. */
  HttpResponse<String> chat(String prompt, String user) throws Exception {
    return chat(prompt, user, UUID.randomUUID().toString());
  }

  /** The same with a request id of the client's own. */
  HttpResponse<String> chat(String prompt, String user, String clientRequestId) throws Exception {
    ObjectNode body = JSON.createObjectNode().put("model", ROLLOUT);
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    return send(
        HttpRequest.newBuilder(URI.create(v1() + "/chat/completions"))
            .header("content-type", "application/json")
            .header("x-user-id", user)
            .header("x-client-request-id", clientRequestId)
            .timeout(Duration.ofSeconds(30))
            .POST(BodyPublishers.ofString(body.toString())));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  URI control(String path) {
    return stack.controlUrl().orElseThrow().resolve(path);
  }

  /** The port of a model server: url is control's, candidateUrl the candidate's. */
  int modelPort(String field) {
    return URI.create(model(field)).getPort();
  }

  private String model(String field) {
    String url = stack.details("models").get(field);
    if (url == null) {
      throw new AssertionError("the model servers did not say their " + field);
    }
    return url;
  }

  /** Waits for a condition; what it throws counts as not yet. */
  static void until(String what, Callable<Boolean> condition) throws InterruptedException {
    until(what, Duration.ofSeconds(60), condition);
  }

  static void until(String what, Duration bound, Callable<Boolean> condition)
      throws InterruptedException {
    Awaitility.await(what)
        .atMost(bound)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .pollInSameThread()
        .ignoreExceptionsMatching(e -> e instanceof IOException || e instanceof RuntimeException)
        .until(condition);
  }

  private static void print(StackEvent event) {
    System.out.println("[stack] " + event);
  }

  @Override
  public void close() {
    stack.close();
  }
}
