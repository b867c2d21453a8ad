package io.serin.cli.shadow;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.schemas.connect.KafkaOptions;
import io.serin.worker.Backfill;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code serin shadow backfill}. */
@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    description = {
      "Replays captured requests of the past on a rollout's candidates, with the rollout's own plan"
          + " and budget.",
      "Each request has exactly one result per backfill name, however often the backfill is started."
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 refused (the message says why), 2 wrong usage, 3 nothing answers.",
      "",
      "Examples:",
      "  serin shadow backfill assistant --from -24h --dry-run   how many, and what they may cost",
      "  serin shadow backfill assistant --from -24h --limit 500 --name try-2",
      "  serin shadow backfill assistant --from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z"
          + " --json"
    })
final class BackfillCommand implements Callable<Integer> {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Mixin private Terminal terminal = new Terminal();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Parameters(paramLabel = "ROLLOUT", description = "The rollout's name.")
  private String rollout = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "MOMENT",
      description = "Earliest capture: -24h, -30m, or 2026-03-01T12:00:00Z.")
  private String from = "";

  @Option(
      names = "--to",
      paramLabel = "MOMENT",
      description = "Latest capture, exclusive (default ${DEFAULT-VALUE}).")
  private String to = "now";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description =
          "Most requests, drawn evenly over the time; 0 is all (default ${DEFAULT-VALUE}).")
  private long limit;

  @Option(
      names = "--candidate",
      paramLabel = "VARIANT",
      description = "The only candidate that is called (default: all).")
  private @Nullable String candidate;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The backfill's name; an existing one is resumed (default: the time).")
  private @Nullable String name;

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description = "Attempts of one model, the first included (default ${DEFAULT-VALUE}).")
  private int attempts = 3;

  @Option(
      names = "--dry-run",
      description = "Tells how many requests there are and what they may cost; asks no model.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints one JSON object at the end.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Backfill.Request request = request();
    try (Backfill backfill = new Backfill(kafka.connection(), request, attempts)) {
      return dryRun ? estimate(backfill) : replay(backfill, request.name());
    } catch (Backfill.BackfillException e) {
      terminal.fail(e.getMessage());
      return 1;
    } catch (KafkaException e) {
      terminal.say("serin: Kafka does not answer: " + e.getMessage());
      return 3;
    }
  }

  private Backfill.Request request() {
    Instant now = Instant.now();
    try {
      return new Backfill.Request(
          name == null ? NAME.format(now) : name,
          rollout,
          Moments.parse("from", from, now),
          Moments.parse("to", to, now),
          limit,
          candidate);
    } catch (IllegalArgumentException e) {
      throw terminal.wrong("--" + e.getMessage());
    }
  }

  private int estimate(Backfill backfill) throws Backfill.BackfillException, InterruptedException {
    Backfill.Estimate estimate = backfill.estimate();
    if (json) {
      ObjectNode node = new ObjectMapper().createObjectNode();
      node.put("rollout", rollout);
      node.put("captured", estimate.captured());
      node.put("requests", estimate.requests());
      node.put("withoutTexts", estimate.withoutTexts());
      node.put("calls", estimate.calls());
      node.put("promptTokens", estimate.promptTokens());
      node.put("completionTokens", estimate.completionTokens());
      node.put("cost", estimate.cost());
      terminal.print(node.toString());
      return 0;
    }
    Double cost = estimate.cost();
    terminal.print(
        String.format(
            Locale.ROOT,
            "%d requests were captured in that time, %d of them would be replayed%s: %d calls,"
                + " about %d prompt and %d completion tokens%s.",
            estimate.captured(),
            estimate.requests(),
            estimate.withoutTexts() == 0
                ? ""
                : " (" + estimate.withoutTexts() + " have no texts and would be skipped)",
            estimate.calls(),
            estimate.promptTokens(),
            estimate.completionTokens(),
            cost == null
                ? "; what they cost is not known: shadow.budget.prices has not all variants"
                : String.format(Locale.ROOT, ", %.4f in the currency of the prices", cost)));
    return 0;
  }

  private int replay(Backfill backfill, String named)
      throws Backfill.BackfillException, InterruptedException {
    if (!json) {
      terminal.print(
          "Backfill "
              + named
              + (backfill.begunBefore() ? " resumes." : " of " + rollout + " begins.")
              + " Stop it with Ctrl-C; --name "
              + named
              + " resumes.");
    }
    Backfill.Progress end = backfill.run(this::show);
    if (json) {
      ObjectNode node = new ObjectMapper().createObjectNode();
      node.put("rollout", rollout);
      node.put("backfill", named);
      node.put("done", end.done());
      counts(node.putObject("outcomes"), end.outcomes());
      counts(node.putObject("skipped"), end.skipped());
      node.put("calls", end.calls());
      node.put("tokens", end.tokens());
      node.put("cost", end.cost());
      terminal.print(node.toString());
    } else {
      terminal.print(
          String.format(
              Locale.ROOT,
              "Done: %d results on serin.shadow-results. Measured %s; skipped %s; %d calls, %d"
                  + " tokens, cost %.4f.",
              end.done(),
              end.outcomes(),
              end.skipped(),
              end.calls(),
              end.tokens(),
              end.cost()));
    }
    return 0;
  }

  private void show(Backfill.Progress progress) {
    String of = progress.of() == 0 ? "" : " of " + progress.of();
    terminal
        .err()
        .println(
            progress.done()
                + of
                + " done, "
                + progress.state()
                + (progress.cause() == null ? "" : " (" + progress.cause() + ")"));
  }

  private static void counts(ObjectNode node, Map<String, Long> counts) {
    counts.forEach(node::put);
  }
}
