package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.command.AuditOptions;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.control.Waiting;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that changes a rollout and can wait until every live router serves the change. */
abstract class ChangeCommand extends ControlCall {

  @Mixin private AuditOptions audit = new AuditOptions();

  @Option(
      names = "--expected-revision",
      paramLabel = "N",
      description = "Refuses the change if the rollout has another revision by now.")
  private @Nullable Long expectedRevision;

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "A second call with the same key changes nothing; for pipelines that retry.")
  private @Nullable String key;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = {
        "Waits at most this long until every live router serves the change (exit code 4 if not), and retries while the",
        "control API is unavailable. Fails with the reason as soon as a router refuses a part of it."
      })
  private String wait = "";

  /** Sends the change once. */
  abstract JsonNode send(ControlClient client, ControlClient.Ask ask)
      throws ControlException, InterruptedException;

  /** The API's answer in one or a few lines. */
  abstract String text(JsonNode answer);

  @Override
  final int call(ControlClient client) throws ControlException, InterruptedException {
    ControlClient.Ask ask =
        new ControlClient.Ask(audit.by(), audit.reason(), key, expectedRevision);
    if (wait.isEmpty()) {
      JsonNode answer = send(client, ask);
      print(answer, text(answer));
      return 0;
    }
    Duration most = duration("--wait", wait);
    ControlClient.Ask repeatable = ask.repeatable(() -> UUID.randomUUID().toString());
    Waiting waiting = new Waiting(client, most, this::say);
    JsonNode answer = waiting.change(() -> send(client, repeatable));
    Waiting.Served served = waiting.served(answer, 1);
    return switch (served) {
      case Waiting.Served.Everywhere _ -> {
        print(answer, text(answer) + ", served by every router");
        yield 0;
      }
      case Waiting.Served.Refused refused -> {
        print(answer, text(answer));
        fail(refused.why());
        yield 1;
      }
      case Waiting.Served.Late _ -> {
        print(answer, text(answer));
        fail(
            "not every router serves the change after %s; see: serin rollout get %s"
                .formatted(wait, answer.path("rollout").asText()));
        yield TIMED_OUT;
      }
    };
  }
}
