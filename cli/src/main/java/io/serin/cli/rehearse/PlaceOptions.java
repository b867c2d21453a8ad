package io.serin.cli.rehearse;

import io.serin.cli.control.ControlClient;
import io.serin.cli.control.TokenOption;
import io.serin.cli.stack.Part;
import io.serin.cli.stack.Ports;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackEvent;
import io.serin.cli.stack.supervise.StackException;
import io.serin.schemas.connect.KafkaOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a rehearsal is held: an embedded stack, or a running installation; a picocli mixin. */
final class PlaceOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--routers",
      paramLabel = "N",
      description = "Routers of the embedded stack (default ${DEFAULT-VALUE}).")
  private int routers = 1;

  @Option(
      names = "--router",
      paramLabel = "URL",
      description =
          "A running router to rehearse with, instead of an embedded stack; with --control-api,"
              + " --kafka and --registry. May be given several times.")
  private List<URI> routerUrls = new ArrayList<>();

  @Option(
      names = "--control-api",
      paramLabel = "URL",
      description = "The control API of the running installation.")
  private @Nullable URI controlApi;

  @Mixin private TokenOption token = new TokenOption();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--keep",
      description = "Keeps the embedded stack's data folder and says where it is.")
  private boolean keep;

  /**
   * Whether the options fit together.
   *
   * @throws IllegalArgumentException where they do not
   */
  void check() {
    if (routerUrls.isEmpty() != (controlApi == null)) {
      throw new IllegalArgumentException(
          "--router and --control-api: a running installation needs both");
    }
    if (!routerUrls.isEmpty() && !given("--kafka")) {
      throw new IllegalArgumentException("--kafka: a running installation needs it");
    }
  }

  /** Whether it is a stack of its own. */
  boolean embedded() {
    return routerUrls.isEmpty();
  }

  /** The processes of the embedded stack. */
  List<String> processes() {
    List<String> names = new ArrayList<>();
    if (!given("--kafka")) {
      names.addAll(List.of("broker", "registry"));
    }
    names.addAll(List.of("worker", "analytics"));
    for (int i = 1; i <= routers; i++) {
      names.add(i == 1 ? "router" : "router-" + i);
    }
    return names;
  }

  /**
   * Starts what is to be started.
   *
   * @param events told of the stack's processes
   */
  Place open(Screen screen, Consumer<StackEvent> events)
      throws StackException, IOException, InterruptedException {
    URI api = controlApi;
    if (api != null) {
      return new Place(
          new Surroundings(
              routerUrls, new ControlClient(api, token.token()), kafka.connection(), null),
          null,
          keep,
          screen);
    }
    Path data = Files.createTempDirectory("serin-rehearsal-");
    StackOptions.Builder options = StackOptions.in(data).ports(Ports.ANY).routers(routers);
    if (given("--kafka")) {
      options.parts(EnumSet.of(Part.ROUTER, Part.WORKER, Part.ANALYTICS)).kafka(kafka.connection());
    }
    screen.say("Starting a stack of its own.");
    try {
      Stack stack =
          Stack.start(
              options.build(),
              event -> {
                events.accept(event);
                tell(screen, event);
              });
      URI control =
          stack.controlUrl().orElseThrow(() -> new StackException("the stack has no control API"));
      return new Place(
          new Surroundings(stack.routerUrls(), new ControlClient(control), stack.kafka(), stack),
          data,
          keep,
          screen);
    } catch (StackException | InterruptedException | RuntimeException e) {
      if (!keep) {
        Place.delete(data);
      }
      throw e;
    }
  }

  private static void tell(Screen screen, StackEvent event) {
    switch (event) {
      case StackEvent.Ready ready ->
          screen.say(
              "  %s answers after %.1f s".formatted(ready.name(), ready.took().toMillis() / 1e3));
      case StackEvent.Died died ->
          screen.say("  " + died.name() + " died (exit code " + died.exit() + ")");
      case StackEvent.Back back ->
          screen.say(
              "  %s answers again after %.1f s"
                  .formatted(back.name(), back.after().toMillis() / 1e3));
      case StackEvent.Starting _, StackEvent.Stopped _ -> {}
    }
  }

  private boolean given(String option) {
    CommandSpec known = spec;
    return known != null && known.commandLine().getParseResult().hasMatchedOption(option);
  }
}
