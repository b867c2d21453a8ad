package io.serin.cli.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.supervise.StackProcess;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Tells where a stack listens, once it does. */
final class Readiness {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Readiness() {}

  /** For programs: one line. */
  static String json(Stack stack) {
    ObjectNode node = JSON.createObjectNode();
    node.put("ready", true);
    node.put("pid", ProcessHandle.current().pid());
    node.put("data", stack.data().toString());
    strings(node, "routers", stack.routerUrls());
    strings(node, "routerAdmins", stack.routerAdminUrls());
    stack.controlUrl().ifPresent(url -> node.put("control", url.toString()));
    stack.workerUrl().ifPresent(url -> node.put("worker", url.toString()));
    node.put("kafka", stack.kafka().bootstrap());
    node.put("registry", stack.registryUrl().toString());
    ObjectNode processes = node.putObject("processes");
    for (StackProcess process : stack.processes()) {
      ObjectNode each = processes.putObject(process.name());
      each.put("pid", process.pid());
      each.put("log", process.log().toString());
    }
    return node.toString();
  }

  private static void strings(ObjectNode node, String field, List<URI> urls) {
    var array = node.putArray(field);
    urls.forEach(url -> array.add(url.toString()));
  }

  /** For people. */
  static void print(Stack stack, UpOptions options, PrintWriter out, long tookNanos) {
    out.println();
    out.println("serin answers after " + StartProgress.seconds(Duration.ofNanos(tookNanos)) + ":");
    for (int i = 0; i < stack.routerUrls().size(); i++) {
      line(out, "requests", stack.routerUrls().get(i) + "/v1");
      line(out, "  metrics", stack.routerAdminUrls().get(i) + "/metrics");
    }
    stack.controlUrl().ifPresent(url -> line(out, "console", url + "/"));
    stack.controlUrl().ifPresent(url -> line(out, "control API", url + "/v1/rollouts"));
    line(out, "Kafka", stack.kafka().bootstrap());
    line(out, "registry", stack.registryUrl().toString());
    line(out, "logs", stack.data().resolve("logs") + "/");
    if (options.demonstration() && !stack.routerUrls().isEmpty()) {
      out.println();
      out.println("Try it, in another terminal:");
      out.println("  curl -N " + stack.routerUrls().getFirst() + "/v1/chat/completions \\");
      out.println("    -H 'content-type: application/json' -H 'x-user-id: ann' \\");
      out.println(
          "    -d '{\"model\": \"assistant\", \"stream\": true, \"messages\": [{\"role\": \"user\","
              + " \"content\": \"How do I boil an egg?\"}]}'");
    }
    out.println();
    out.println("Ctrl-C stops it; the data stays.");
    out.flush();
  }

  private static void line(PrintWriter out, String what, String where) {
    out.println("  %-12s %s".formatted(what, where));
  }
}
