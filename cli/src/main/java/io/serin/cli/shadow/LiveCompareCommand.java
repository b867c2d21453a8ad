package io.serin.cli.shadow;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.cli.compare.CompareJson;
import io.serin.cli.compare.Compared;
import io.serin.cli.compare.ReportOptions;
import io.serin.comparison.ComparisonSettings;
import io.serin.modelcalls.Credentials;
import io.serin.schemas.Command;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.connect.KafkaOptions;
import io.serin.schemas.topics.Topics;
import io.serin.worker.ExampleTexts;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code serin shadow compare}. */
@picocli.CommandLine.Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compares a rollout's candidate with control over what was replayed: by metric and segment,"
          + " with intervals,",
      "and the pairs that tell most, redacted, by their request ids. One look at what there is:"
          + " what decides about",
      "the rollout is the shadow gate, whose verdicts stay valid at every look (serin rollout get)."
    },
    footer = {
      "",
      "Where payloads are sealed, examples are shown where the key can be read from here (env: or"
          + " file:).",
      "Exit codes: 0 done, 1 there are no pairs (the message says why), 2 wrong usage, 3 nothing"
          + " answers.",
      "",
      "Examples:",
      "  serin shadow compare assistant",
      "  serin shadow compare assistant --html report.html",
      "  serin shadow compare assistant --against served --json",
      "  serin shadow compare assistant --backfill try-2"
    })
final class LiveCompareCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private Terminal terminal = new Terminal();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Parameters(paramLabel = "ROLLOUT", description = "The rollout's name.")
  private String rollout = "";

  @Option(names = "--run", paramLabel = "RUN", description = "The run (default: the newest).")
  private @Nullable String run;

  @Option(
      names = "--backfill",
      paramLabel = "NAME",
      description = "The pairs of a backfill instead of the live ones.")
  private @Nullable String backfill;

  @Option(
      names = "--candidate",
      paramLabel = "VARIANT",
      description = "The candidate, where the rollout has several.")
  private @Nullable String candidate;

  @Option(
      names = "--against",
      paramLabel = "SIDE",
      description = {
        "control: replayed beside the candidate (default); served: what clients got, for every"
            + " pair, but at another",
        "time and load."
      })
  private String against = "control";

  @Mixin private ReportOptions report = new ReportOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description =
          "Most pairs that are held in memory, drawn evenly by request id (default"
              + " ${DEFAULT-VALUE}).")
  private int limit = 50_000;

  @Override
  public Integer call() throws IOException {
    LivePairs.Against side = side();
    ComparisonSettings settings = settings();
    PrintWriter err = terminal.err();
    try {
      KafkaConnection connection = kafka.connection();
      Command command = command(connection, err);
      if (command == null) {
        err.println("serin: rollout \"" + rollout + "\" not found");
        return 1;
      }
      String wanted = run == null ? command.getRun() : run;
      LivePairs pairs =
          new LivePairs(new LivePairs.Wanted(rollout, wanted, side, candidate, backfill, limit));
      CommittedRecords.<ShadowResult>read(connection, Topics.SHADOW_RESULTS, err, pairs::add);
      texts(connection, pairs, command.getShadow(), err);
      Compared compared = pairs.compare(settings);
      report.tell(compared, found -> json(found, wanted, pairs));
      return 0;
    } catch (LivePairs.NoPairsException e) {
      err.println("serin: " + e.getMessage());
      return 1;
    } catch (KafkaException e) {
      err.println("serin: Kafka does not answer: " + e.getMessage());
      return 3;
    }
  }

  private @Nullable Command command(KafkaConnection connection, PrintWriter err) {
    AtomicReference<@Nullable Command> newest = new AtomicReference<>();
    CommittedRecords.<Command>read(
        connection,
        Topics.COMMANDS,
        err,
        each -> {
          Command known = newest.get();
          if (each.getRollout().equals(rollout)
              && (known == null || each.getRevision() > known.getRevision())) {
            newest.set(each);
          }
        });
    return newest.get();
  }

  private static void texts(
      KafkaConnection connection, LivePairs pairs, @Nullable ShadowPlan plan, PrintWriter err) {
    Map<String, String> keys = plan == null ? Map.of() : plan.getSealKeys();
    ExampleTexts opener = new ExampleTexts(Credentials.ofProcess());
    Map<String, Long> unopened = new TreeMap<>();
    Set<String> held = pairs.held();
    CommittedRecords.<ShadowExample>read(
        connection,
        Topics.SHADOW_EXAMPLES,
        err,
        each -> {
          if (held.contains(each.getRequestId())) {
            try {
              pairs.add(opener.open(each, keys), held);
            } catch (GeneralSecurityException e) {
              unopened.merge(String.valueOf(e.getMessage()), 1L, Long::sum);
            }
          }
        });
    unopened.forEach(
        (why, count) ->
            err.println("serin: the texts of " + count + " pairs are not shown: " + why));
  }

  private String json(Compared compared, String wanted, LivePairs pairs) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("rollout", rollout);
    if (backfill == null) {
      root.put("run", wanted);
    } else {
      root.put("backfill", backfill);
    }
    root.put("against", against.toLowerCase(Locale.ROOT));
    root.put("results", pairs.results());
    ObjectNode skipped = root.putObject("skipped");
    pairs.skipped().forEach(skipped::put);
    CompareJson.add(compared, root);
    return JSON.writeValueAsString(root);
  }

  private LivePairs.Against side() {
    return switch (against) {
      case "control" -> LivePairs.Against.CONTROL;
      case "served" -> LivePairs.Against.SERVED;
      default ->
          throw terminal.wrong("--against is \"" + against + "\": it must be control or served");
    };
  }

  private ComparisonSettings settings() {
    if (limit < 1) {
      throw terminal.wrong("--limit is " + limit + ": it must be at least 1");
    }
    return report.settings();
  }
}
