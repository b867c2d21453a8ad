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

/**
 * Applies rollout files when a stack starts. A file that was applied before, here or by a person,
 * is not applied again: each application begins a new run, and would bring back what was rolled
 * back.
 */
final class Rollouts {

  /** How long routers may take to serve what was applied. */
  private static final Duration ADOPTION = Duration.ofSeconds(60);

  private static final String DEMONSTRATION = "/io/serin/cli/up/assistant.yaml";

  private Rollouts() {}

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
  static void apply(Stack stack, UpOptions options, Progress progress)
      throws StackException, ControlException, InterruptedException {
    if (options.demonstration()) {
      applyDemonstration(stack, progress);
    }
    for (Path file : options.rollouts()) {
      apply(stack, read(file), progress);
    }
  }

  /** Applies the rollout "assistant" between the stack's two model servers. */
  static void applyDemonstration(Stack stack, Progress progress)
      throws StackException, ControlException, InterruptedException {
    apply(stack, demonstration(stack.details(UpOptions.MODELS)), progress);
  }

  private static void apply(Stack stack, String yaml, Progress progress)
      throws StackException, ControlException, InterruptedException {
    Optional<URI> control = stack.controlUrl();
    Path mark = stack.data().resolve("applied").resolve(hash(yaml));
    if (control.isPresent() && !Files.exists(mark)) {
      ControlClient client = new ControlClient(control.get());
      JsonNode differs = client.diff(yaml);
      if (!differs.path("run").isNull() && differs.path("changes").isEmpty()) {
        progress.say(
            "  rollout %s continues: this file was applied before"
                .formatted(differs.path("rollout").asText()));
        write(mark, yaml);
        return;
      }
      ControlClient.Ask ask = ControlClient.Ask.by("serin up", "applied at start");
      ControlClient.Ask repeatable = ask.repeatable(() -> UUID.randomUUID().toString());
      Waiting waiting = new Waiting(client, ADOPTION, line -> progress.say("  " + line));
      JsonNode answer = waiting.change(() -> client.apply(yaml, repeatable));
      String rollout = answer.path("rollout").asText();
      switch (waiting.served(answer, stack.routerUrls().size())) {
        case Waiting.Served.Everywhere _ -> {}
        case Waiting.Served.Refused refused ->
            throw new StackException("rollout " + rollout + ": " + refused.why());
        case Waiting.Served.Late _ ->
            throw new StackException(
                "rollout %s: not every router serves it after %d s"
                    .formatted(rollout, ADOPTION.toSeconds()));
      }
      progress.say("  rollout %s applied, served by every router".formatted(rollout));
      write(mark, yaml);
    }
  }

  private static String demonstration(Map<String, String> models) throws StackException {
    try (var in = Rollouts.class.getResourceAsStream(DEMONSTRATION)) {
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
