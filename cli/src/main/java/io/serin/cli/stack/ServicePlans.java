package io.serin.cli.stack;

import io.serin.cli.stack.supervise.ProcessPlan;
import io.serin.cli.stack.supervise.StackException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** How Serin's own services are run. */
final class ServicePlans {

  private final StackOptions options;
  private final DataFolder folder;
  private final ChildJvm jvm;
  private final FreePorts ports;
  private final List<String> connect;

  ServicePlans(
      StackOptions options,
      DataFolder folder,
      ChildJvm jvm,
      FreePorts ports,
      List<String> connect) {
    this.options = options;
    this.folder = folder;
    this.jvm = jvm;
    this.ports = ports;
    this.connect = connect;
  }

  List<ProcessPlan> all() throws StackException {
    List<ProcessPlan> plans = new ArrayList<>();
    if (options.parts().contains(Part.ROUTER)) {
      for (int i = 0; i < options.routers(); i++) {
        plans.add(router(i));
      }
    }
    if (options.parts().contains(Part.ANALYTICS)) {
      plans.add(analytics());
    }
    if (options.parts().contains(Part.WORKER)) {
      plans.add(worker());
    }
    return List.copyOf(plans);
  }

  private ProcessPlan router(int index) throws StackException {
    String name = index == 0 ? "router" : "router-" + (index + 1);
    int port = options.ports().router(index);
    int adminPort = options.ports().routerAdmin(index);
    ports.check(options.host(), port, name, "--port");
    ports.check(options.host(), adminPort, name + "'s health and metrics", "--admin-port");
    return plan(
        name,
        Part.ROUTER,
        "io.serin.router.RouterCommand",
        said ->
            List.of(
                "--name",
                name,
                "--host",
                options.host(),
                "--port",
                portOf(said, "url", port),
                "--admin-port",
                portOf(said, "adminUrl", adminPort),
                "--drain-seconds",
                "8",
                // Shared by all routers of the stack: any of them serves a user alike.
                "--signing-key",
                data("signing-key"),
                "--unit-salt",
                data("unit-salt"),
                "--data",
                data(name)));
  }

  private ProcessPlan analytics() throws StackException {
    int port = options.ports().control();
    ports.check(options.host(), port, "control API", "--control-port");
    return plan(
        "analytics",
        Part.ANALYTICS,
        "io.serin.analytics.AnalyticsCommand",
        said ->
            List.of(
                "--host",
                options.host(),
                "--port",
                portOf(said, "url", port),
                "--data",
                data("analytics")));
  }

  private ProcessPlan worker() throws StackException {
    int port = options.ports().worker();
    ports.check(options.host(), port, "worker's health and metrics", "--worker-port");
    return plan(
        "worker",
        Part.WORKER,
        "io.serin.worker.WorkerCommand",
        said ->
            List.of(
                "--name", "worker", "--host", options.host(), "--port", portOf(said, "url", port)));
  }

  private ProcessPlan plan(
      String name, Part part, String mainClass, Function<Map<String, String>, List<String>> own) {
    return new ProcessPlan(
        name,
        said -> {
          List<String> arguments = new ArrayList<>(connect);
          arguments.addAll(own.apply(said));
          arguments.addAll(options.arguments().getOrDefault(part, List.of()));
          return jvm.serin(part.label(), StackPlan.QUICK, mainClass, arguments);
        },
        Map.of(),
        folder.log(name),
        ReadyLine::serin);
  }

  private String data(String name) {
    Path path = folder.path().resolve(name);
    return path.toString();
  }

  /** The port that a process had before it died, else the wanted one. */
  private static String portOf(Map<String, String> said, String field, int wanted) {
    String url = said.get(field);
    int port = url == null ? -1 : java.net.URI.create(url).getPort();
    return Integer.toString(port > 0 ? port : wanted);
  }
}
