package io.serin.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.control.Waiting;
import io.serin.cli.stack.Stack;
import io.serin.cli.stack.supervise.StackException;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Applies rollout files when a stack starts. A file that was applied before, here or by a person,
 * is not applied again: each application begins a new run, and would bring back what was rolled
 * back.
 */
final class StartRollouts {

  /** How long routers may take to serve what was applied. */
  private static final Duration ADOPTION = Duration.ofSeconds(60);

  private static final String DEMONSTRATION = "/io/serin/cli/up/assistant.yaml";

  private StartRollouts() {}

  /**
   * Reads the files that the options name, before anything is started.
   *
   * @throws StackException names the file, and what is wrong with it
   */
  static void check(UpOptions options) throws StackException {
    for (Path file : options.rollouts()) {
      try {
        RolloutFileReader.read(read(file));
      } catch (RolloutFileException e) {
        throw new StackException("--rollout " + file + ": " + e.getMessage(), e);
      }
    }
  }

  /** Applies the files that the options name, or the demonstration's. */
  static void apply(Stack stack, UpOptions options, StartProgress progress)
      throws StackException, ControlException, InterruptedException {
    if (options.demonstration()) {
      applyDemonstration(stack, progress);
    }
    for (Path file : options.rollouts()) {
      apply(stack, read(file), false, progress);
    }
  }

  /** Applies the rollout "assistant" between the stack's two model servers. */
  static void applyDemonstration(Stack stack, StartProgress progress)
      throws StackException, ControlException, InterruptedException {
    // Its model servers may have other ports than before.
    apply(stack, demonstration(stack.details(UpOptions.MODELS)), true, progress);
  }

  private static void apply(Stack stack, String yaml, boolean restart, StartProgress progress)
      throws StackException, ControlException, InterruptedException {
    Optional<URI> control = stack.controlUrl();
    Path mark = stack.data().resolve("applied").resolve(hash(yaml));
    if (control.isPresent() && !Files.exists(mark)) {
      Target target =
          new Target(new ControlClient(control.get()), stack.routerUrls().size(), ADOPTION);
      if (apply(target, yaml, restart, line -> progress.say("  " + line))) {
        write(mark, yaml);
      }
    }
  }

  /**
   * Where a file is applied.
   *
   * @param routers how many must serve it
   * @param most how long they may take
   */
  record Target(ControlClient client, int routers, Duration most) {}

  /**
   * Applies a file, but replaces no run that has not ended, unless that is allowed. An answer that
   * is still pending in the end stops nothing: the controller acts on it later.
   *
   * @return whether the file is applied
   * @throws StackException where a router cannot serve a part of it
   */
  static boolean apply(Target target, String yaml, boolean restart, Consumer<String> say)
      throws StackException, ControlException, InterruptedException {
    ControlClient client = target.client();
    Waiting waiting = new Waiting(client, target.most(), say);
    JsonNode differs = waiting.change(() -> client.diff(yaml));
    String rollout = differs.path("rollout").asText();
    if (!differs.path("run").isNull() && differs.path("changes").isEmpty()) {
      say.accept("rollout %s continues: this file was applied before".formatted(rollout));
      return true;
    }
    if (differs.hasNonNull("effect") && !restart) {
      say.accept("rollout %s continues with the file that it has".formatted(rollout));
      say.accept(
          differs.path("effect").asText() + "; to do so: serin rollout apply FILE --restart");
      return false;
    }
    ControlClient.Ask ask = ControlClient.Ask.by("serin up", "applied at start");
    ControlClient.Ask repeatable = ask.repeatable(() -> UUID.randomUUID().toString());
    JsonNode answer = waiting.change(() -> client.apply(yaml, repeatable, restart));
    say.accept(
        switch (waiting.served(answer, target.routers())) {
          case Waiting.Served.Everywhere _ ->
              "rollout %s applied, served by every router".formatted(rollout);
          case Waiting.Served.Refused refused ->
              throw new StackException("rollout " + rollout + ": " + refused.why());
          case Waiting.Served.Late _ ->
              "rollout %s is accepted, but not every router serves it after %d s; see: serin rollout get %s"
                  .formatted(rollout, target.most().toSeconds(), rollout);
        });
    return true;
  }

  private static String demonstration(Map<String, String> models) throws StackException {
    try (var in = StartRollouts.class.getResourceAsStream(DEMONSTRATION)) {
      if (in == null) {
        throw new StackException(DEMONSTRATION + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${control}", models.getOrDefault("url", ""))
          .replace("${candidate}", models.getOrDefault("candidateUrl", ""));
    } catch (IOException e) {
      throw new StackException(DEMONSTRATION + " cannot be read", e);
    }
  }

  private static String read(Path file) throws StackException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new StackException(
          "--rollout is \"" + file + "\": it must be a text file that can be read (" + e + ")", e);
    }
  }

  private static void write(Path mark, String yaml) throws StackException {
    try {
      Files.createDirectories(mark.getParent());
      Files.writeString(mark, yaml);
    } catch (IOException e) {
      throw new StackException(mark + " cannot be written (" + e + ")", e);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest) + ".yaml";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
